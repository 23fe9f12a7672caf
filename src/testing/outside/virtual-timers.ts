// The host's timer functions on a simulation's virtual time, for what is not lowered.

import { HostTimers, type TimerCallback } from "../../promises/host-timers.ts";
import type { EventLoop } from "../../runtime/event-loop.ts";
import type { Handle } from "../../runtime/handle.ts";

/** A deadline in seconds. Rounded to nanoseconds, so that 100 and 200 ms end when 300 ms do. */
function deadlineIn(loop: EventLoop, ms: number): number {
  return Math.round(loop.time() * 1e9 + ms * 1e6) / 1e9;
}

/** The timers of one run. */
export class VirtualTimers extends HostTimers {
  readonly #loop: EventLoop;

  constructor(loop: EventLoop) {
    super();
    this.#loop = loop;
  }

  /** A signal that is aborted after `ms` milliseconds, as by AbortSignal.timeout. */
  abortAfter(ms: unknown): AbortSignal {
    const limit = Math.trunc(Number(ms));
    if (!(limit >= 0 && limit <= Number.MAX_SAFE_INTEGER))
      throw new TypeError(`Invalid timeout: expected whole milliseconds from 0 on, got ${String(ms)}`);
    const controller = new AbortController();
    const abort = (): void => {
      controller.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
    };
    Object.defineProperty(abort, "name", { value: "AbortSignal.timeout" });
    this.arm(Math.max(1, limit), abort, []);
    return controller.signal;
  }

  protected override arm(ms: number, callback: TimerCallback, args: unknown[]): Handle {
    return this.#loop.callAt(deadlineIn(this.#loop, ms), callback, ...args);
  }

  protected override armImmediate(callback: TimerCallback, args: unknown[]): Handle {
    return this.#loop.callSoon(callback, ...args);
  }
}

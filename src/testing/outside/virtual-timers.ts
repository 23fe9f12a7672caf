// The host's timer functions on a loop's virtual time. Delays are whole milliseconds, as hosts have them.

import { NONE } from "../../core/abi.ts";
import type { EventLoop } from "../../runtime/event-loop.ts";
import { nameOf } from "../../support/format.ts";
import type { Handle } from "../../runtime/handle.ts";
import { checkFunction } from "../../support/checks.ts";

type TimerCallback = (...args: unknown[]) => unknown;

/** Longest delay of the hosts' timers: a longer one, or none at all, is one millisecond. */
const LONGEST_MS = 0x7fffffff;

/** Number of the first timer that is asked for it: the numbers of a host's own timers stay below. */
const FIRST_NUMBER = 1e12;

/** Milliseconds that a host waits for what a program gave as a delay. */
function millisecondsOf(delay: unknown): number {
  const ms = Math.trunc(Number(delay));
  return ms >= 1 && ms <= LONGEST_MS ? ms : 1;
}

/** A deadline in seconds. Rounded to nanoseconds, so that 100 and 200 ms end when 300 ms do. */
function deadlineIn(loop: EventLoop, ms: number): number {
  return Math.round(loop.time() * 1e9 + ms * 1e6) / 1e9;
}

/**
 * What `setTimeout`, `setInterval` and `setImmediate` give in a simulation. An object on every host, with the methods
 * of Node's: a program runs the same way everywhere. Its number, which a program gets by `+timer`, is as good for
 * clearing it.
 */
export class VirtualTimer {
  readonly #timers: VirtualTimers;
  readonly #schedule: () => Handle;
  #handle: Handle | null = null;
  #id = 0;
  #isReferenced = true;

  /** @param schedule puts its callback into the loop */
  constructor(timers: VirtualTimers, schedule: (timer: VirtualTimer) => Handle) {
    this.#timers = timers;
    this.#schedule = () => schedule(this);
    this.refresh();
  }

  /** Starts it again from now on, also when it has fired. */
  refresh(): this {
    this.close();
    this.#handle = this.#schedule();
    return this;
  }

  /** Clears it. */
  close(): this {
    if (this.#handle !== null && this.#handle.id !== NONE) this.#handle.cancel(); // one that runs keeps its name
    this.#handle = null;
    return this;
  }

  /** Whether an interval goes on: it was not cleared. */
  get isOpen(): boolean {
    return this.#handle !== null;
  }

  // A simulation ends with its main task: what is referenced changes nothing but the answer.

  ref(): this {
    this.#isReferenced = true;
    return this;
  }

  unref(): this {
    this.#isReferenced = false;
    return this;
  }

  hasRef(): boolean {
    return this.#isReferenced;
  }

  [Symbol.toPrimitive](): number {
    if (this.#id === 0) this.#id = this.#timers.number(this);
    return this.#id;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The timers of one run. */
export class VirtualTimers {
  readonly #loop: EventLoop;
  /** Timers whose number somebody has asked for. */
  readonly #numbered: VirtualTimer[] = [];

  constructor(loop: EventLoop) {
    this.#loop = loop;
  }

  /** Numbers a timer. */
  number(timer: VirtualTimer): number {
    return FIRST_NUMBER + this.#numbered.push(timer) - 1;
  }

  setTimeout(callback: TimerCallback, delay: unknown, args: unknown[]): VirtualTimer {
    checkFunction(callback, "callback");
    const ms = millisecondsOf(delay);
    return new VirtualTimer(this, () => this.#arm(ms, callback, args));
  }

  setInterval(callback: TimerCallback, delay: unknown, args: unknown[]): VirtualTimer {
    checkFunction(callback, "callback");
    const ms = millisecondsOf(delay);
    return new VirtualTimer(this, (timer) => {
      const fire = (): void => {
        try {
          callback(...args);
        } finally {
          if (timer.isOpen) timer.refresh();
        }
      };
      Object.defineProperty(fire, "name", { value: nameOf(callback) }); // what logs and reports call it
      return this.#arm(ms, fire, []);
    });
  }

  setImmediate(callback: TimerCallback, args: unknown[]): VirtualTimer {
    checkFunction(callback, "callback");
    return new VirtualTimer(this, () => this.#loop.callSoon(callback, ...args));
  }

  /** Clears a timer, given as itself or by its number. Returns false when it is none of these. */
  clear(timer: unknown): boolean {
    const found = timer instanceof VirtualTimer ? timer : this.#numbered[Number(timer) - FIRST_NUMBER];
    found?.close();
    return found !== undefined;
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
    this.#arm(Math.max(1, limit), abort, []);
    return controller.signal;
  }

  #arm(ms: number, callback: TimerCallback, args: unknown[]): Handle {
    return this.#loop.callAt(deadlineIn(this.#loop, ms), callback, ...args);
  }
}

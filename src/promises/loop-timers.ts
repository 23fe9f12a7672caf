// Timers of lowered modules: on the running loop, where one runs, else the host's own.
//
// In JavaScript, of timers that are due at the same instant each has its microtasks run before the next. Timers of a
// loop that are due together enter its ready queue together, as asyncio's do. So in virtual time, where many are due at
// the very same instant, those of promise code are a tenth of a microsecond apart.

import type { Handle } from "../runtime/handle.ts";
import { type Loop, runningLoop } from "../runtime/loop.ts";
import { nameOf } from "../support/format.ts";
import { HostTimer, HostTimers, type TimerCallback } from "./host-timers.ts";
import { TimerLifetime } from "./timer-lifetime.ts";

/** Seconds between timers that are due at the same instant. */
const APART = 1e-7;

/** Instants that are known at first; then as many as are yet to come, twice. */
const FEW = 64;

class PromiseTimers extends HostTimers {
  readonly #loop: Loop;
  /** The latest deadline that stands for an instant, by the instant in seconds. */
  readonly #instants = new Map<number, number>();
  #room = FEW;
  /** The deadline that has come last, and the instant that it stands for. */
  #deadline = NaN;
  #instant = NaN;

  constructor(loop: Loop) {
    super(loop.host.virtual === true ? null : new TimerLifetime(loop));
    this.#loop = loop;
  }

  protected override arm(ms: number, callback: TimerCallback, args: unknown[]): Handle {
    const loop = this.#loop;
    if (loop.host.virtual !== true) return loop.callLater(ms / 1000, callback, ...args);
    const now = loop.time();
    const from = now === this.#deadline ? this.#instant : now;
    const instant = Math.round(from * 1e9 + ms * 1e6) / 1e9; // so that 100 and 200 ms end when 300 ms do
    const deadline = this.#deadlineFor(instant, now);
    const fire = (): void => {
      this.#deadline = deadline;
      this.#instant = instant;
      callback(...args);
    };
    Object.defineProperty(fire, "name", { value: nameOf(callback) }); // what logs and reports call it
    const handle = loop.callAt(deadline, fire);
    loop.core.simulation.mayBeLate(handle.id, deadline);
    return handle;
  }

  protected override armImmediate(callback: TimerCallback, args: unknown[]): Handle {
    return this.arm(0, callback, args);
  }

  /** A deadline behind `now` and behind all that stand for the same instant. */
  #deadlineFor(instant: number, now: number): number {
    const latest = this.#instants.get(instant);
    const deadline = Math.max(latest === undefined ? instant : latest + APART, instant > now ? 0 : now + APART);
    if (this.#instants.size >= this.#room) this.#forget(now);
    this.#instants.set(instant, deadline);
    return deadline;
  }

  #forget(now: number): void {
    for (const [instant, deadline] of this.#instants) if (deadline < now) this.#instants.delete(instant);
    this.#room = Math.max(FEW, 2 * this.#instants.size);
  }
}

type Start = (callback: TimerCallback, ...args: unknown[]) => unknown;
type Stop = (timer: unknown) => void;

interface TimerFunctions {
  readonly setTimeout: Start;
  readonly setInterval: Start;
  readonly setImmediate: Start;
  readonly clearTimeout: Stop;
  readonly clearInterval: Stop;
  readonly clearImmediate: Stop;
}

/** The host's own, typed as all hosts have them. */
export const host = globalThis as unknown as TimerFunctions;

/** Those that it had at first, whatever a test puts in their place later. */
export const first: TimerFunctions = /* @__PURE__ */ (() => {
  const { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate } = host;
  return { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate };
})();

const timersOfLoops = new WeakMap<Loop, PromiseTimers>();

/** The timers of the running loop, or null. */
function runningTimers(): PromiseTimers | null {
  const loop = runningLoop();
  if (loop === null) return null;
  let timers = timersOfLoops.get(loop);
  if (timers === undefined) timersOfLoops.set(loop, (timers = new PromiseTimers(loop)));
  return timers;
}

// Browsers refuse their timers as methods.

export function startTimeout(callback: TimerCallback, delay: unknown, args: unknown[]): unknown {
  const { setTimeout } = first;
  return runningTimers()?.setTimeout(callback, delay, args) ?? setTimeout(callback, delay, ...args);
}

export function startInterval(callback: TimerCallback, delay: unknown, args: unknown[]): unknown {
  const { setInterval } = first;
  return runningTimers()?.setInterval(callback, delay, args) ?? setInterval(callback, delay, ...args);
}

export function startImmediate(callback: TimerCallback, args: unknown[]): unknown {
  const { setImmediate } = first;
  return runningTimers()?.setImmediate(callback, args) ?? setImmediate(callback, ...args);
}

/** Clears a timer of any kind: of a loop, or of the host's. */
function stop(timer: unknown, stopOfHost: Stop): void {
  if (timer instanceof HostTimer) timer.close();
  else if (runningTimers()?.clear(timer) !== true) stopOfHost(timer);
}

export const stopTimeout: Stop = (timer) => stop(timer, first.clearTimeout);
export const stopInterval: Stop = (timer) => stop(timer, first.clearInterval);
export const stopImmediate: Stop = (timer) => stop(timer, first.clearImmediate);

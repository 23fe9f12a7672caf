// Sleeping: the timer and the waiting task are the core's; no future and no handle is made.

import { shown } from "../support/shown.ts";
import { type Delay, secondsOf } from "../support/delay.ts";
import { RuntimeError } from "../errors/base.ts";
import { operation } from "../waiting/operation.ts";
import { runningTask } from "../runtime/loop.ts";
import { type Awaiter, OVER, refuseReuse } from "../runtime/reuse.ts";
import { getRunningLoop } from "../runtime/running.ts";
import { type Coroutine, GIVES_WAY, PARKS, RETURNS, type Suspension } from "../runtime/suspension.ts";

/**
 * Waits for a delay, then gives `result`. Mirrors asyncio.sleep.
 * @param delay seconds, or a duration in parts; 0 or less lets everything else that is ready run first
 * @throws TypeError, at the call, for what is not a delay
 *
 * @example
 * yield* sleep(0.5);
 * yield* sleep({ milliseconds: 20 });
 */
export function sleep(delay: Delay): Coroutine<void>;
export function sleep<T>(delay: Delay, result: T): Coroutine<T>;
export function sleep<T>(delay: Delay, result?: T): Coroutine<T | undefined> {
  return operation("sleep", new ShownSleep(secondsOf(delay), result));
}

/** The coroutine of `sleep`: hand-written, because it costs a fraction of a generator. */
class Sleep<T> implements Iterator<Suspension, T, unknown> {
  /** Seconds to sleep, before the first step; then the task that sleeps, or null outside of any. */
  #sleeper: number | Awaiter | null | typeof OVER;
  readonly #result: T;

  constructor(seconds: number, result: T) {
    this.#sleeper = seconds;
    this.#result = result;
  }

  next(): IteratorResult<Suspension, T> {
    const sleeper = this.#sleeper;
    if (typeof sleeper !== "number") {
      const task = runningTask();
      if (task !== sleeper) return refuseReuse(sleeper, task);
      this.#sleeper = OVER;
      const value = this.#result;
      return value === undefined ? (RETURNS as IteratorReturnResult<T>) : { done: true, value };
    }
    const loop = getRunningLoop();
    const task = (this.#sleeper = loop.currentTask);
    if (sleeper <= 0) {
      loop.noteSuspension();
      return GIVES_WAY;
    }
    if (task === null) throw new RuntimeError("Cannot sleep: no task is running");
    task.sleep(loop.time() + sleeper);
    return PARKS;
  }

  throw(error: unknown): never {
    this.#sleeper = OVER;
    throw error;
  }

  return(value: T): IteratorResult<Suspension, T> {
    this.#sleeper = OVER;
    return { done: true, value };
  }

  [Symbol.iterator](): this {
    return this;
  }

  toString(): string {
    return "<coroutine sleep>";
  }
}

const ShownSleep = /* @__PURE__ */ shown(Sleep);

// Sleeping: the timer and the waiting task are the core's; no future and no handle is made.

import { type Delay, secondsOf } from "../runtime/delay.ts";
import { RuntimeError } from "../errors.ts";
import { operation } from "../runtime/operation.ts";
import { getRunningLoop } from "../runtime/running.ts";
import { type Coroutine, GIVE_WAY, type Suspension } from "../runtime/suspension.ts";

/**
 * Waits for a delay, then gives `result`: asyncio.sleep. A delay of 0 or less lets everything else that is ready run first.
 * Throws TypeError, at the call, for what is not a delay.
 * @example
 * yield* sleep(0.5);
 * yield* sleep({ milliseconds: 20 });
 */
export function sleep(delay: Delay): Coroutine<void>;
export function sleep<T>(delay: Delay, result: T): Coroutine<T>;
export function sleep<T>(delay: Delay, result?: T): Coroutine<T | undefined> {
  return operation("sleep", new Sleep(secondsOf(delay), result) as unknown as Coroutine<T | undefined>);
}

/** The coroutine of `sleep`: hand-written, because it costs a fraction of a generator. */
class Sleep<T> implements Iterator<Suspension, T, unknown> {
  readonly #seconds: number;
  readonly #result: T;
  #asleep = false;
  #done = false;

  constructor(seconds: number, result: T) {
    this.#seconds = seconds;
    this.#result = result;
  }

  next(): IteratorResult<Suspension, T> {
    if (this.#done) return { done: true, value: undefined as T };
    if (this.#asleep) {
      this.#done = true;
      return { done: true, value: this.#result };
    }
    this.#asleep = true;
    return { done: false, value: this.#seconds <= 0 ? this.#giveWay() : this.#park() };
  }

  throw(error: unknown): never {
    this.#done = true;
    throw error;
  }

  return(value: T): IteratorResult<Suspension, T> {
    this.#done = true;
    return { done: true, value };
  }

  [Symbol.iterator](): this {
    return this;
  }

  toString(): string {
    return "<coroutine sleep>";
  }

  #giveWay(): Suspension {
    getRunningLoop().noteSuspension();
    return GIVE_WAY;
  }

  #park(): Suspension {
    const loop = getRunningLoop();
    if (loop.currentTask === null) throw new RuntimeError("Cannot sleep: no task is running");
    return loop.currentTask.sleep(loop.time() + this.#seconds);
  }
}

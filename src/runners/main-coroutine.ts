// A program as a coroutine: what `run` is given may be a function, or anything else that can be awaited.

import { ensureFuture } from "../runtime/ensure-future.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import { type Coroutine, type Suspension, isCoroutine, isCoroutineFunction } from "../runtime/suspension.ts";

/** A program: a coroutine, a function that makes one, or anything else that can be awaited. */
export type Main<T> = Awaitable<T> | (() => Awaitable<T>);

/**
 * The coroutine of a program. A function that is no `function*` is called in the first step, inside the loop; of a
 * `function*` only default values of parameters are evaluated here.
 */
export function mainCoroutine<T>(main: Main<T>): Coroutine<T> {
  if (isCoroutine(main)) return main;
  if (isCoroutineFunction(main)) return main() as Coroutine<T>; // its body runs in the first step anyway
  return new MainCoroutine(main) as Iterator<Suspension, T, unknown> as Coroutine<T>;
}

/**
 * Awaits what a program is, or what its function gives, which is called inside the loop: passes every step on to that,
 * as `yield*` does. A generator here would cost each of its steps.
 */
class MainCoroutine<T> implements Iterator<Suspension, T, unknown> {
  readonly #main: Main<T>;
  #inner: Iterator<Suspension, T, unknown> | null = null;

  constructor(main: Main<T>) {
    this.#main = main;
  }

  next(value?: unknown): IteratorResult<Suspension, T> {
    this.#inner ??= this.#begin();
    return this.#inner.next(value);
  }

  throw(error: unknown): IteratorResult<Suspension, T> {
    if (this.#inner?.throw === undefined) throw error;
    return this.#inner.throw(error);
  }

  return(value: T): IteratorResult<Suspension, T> {
    return this.#inner?.return?.(value) ?? { done: true, value };
  }

  [Symbol.iterator](): this {
    return this;
  }

  #begin(): Iterator<Suspension, T, unknown> {
    const main = this.#main;
    const awaitable = typeof main === "function" ? main() : main;
    return (isCoroutine(awaitable) ? awaitable : ensureFuture(awaitable))[Symbol.iterator]();
  }
}

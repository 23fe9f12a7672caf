// A manager that manages nothing: for where one is asked for, and there is nothing to do.

import type { Awaitable } from "../runtime/awaitable.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { type AsyncContextManager, withManager } from "../waiting/async-with.ts";

/** What `nullContext` returns. */
export class NullContext<T> implements AsyncContextManager<T, void> {
  /** @internal */
  static readonly name: string = "NullContext";
  readonly #value: T;

  /** @internal */
  constructor(value: T) {
    this.#value = value;
  }

  /** Gives the value. */
  *aenter(): Coroutine<T> {
    return this.#value;
  }

  /** Does nothing. */
  *aexit(): Coroutine<void> {}

  /** Runs a block with the value, and returns what it returns: Python's `async with`. */
  with<R>(body: (value: T) => Awaitable<R>): Coroutine<R> {
    return withManager<T, R>(this, body);
  }
}

/**
 * A manager that gives `value` and does nothing. Mirrors contextlib.nullcontext.
 *
 * @example
 * const limit = polite ? semaphore : nullContext();
 * yield* limit.with(() => download(url));
 */
export function nullContext(): NullContext<undefined>;
export function nullContext<T>(value: T): NullContext<T>;
export function nullContext(value?: unknown): NullContext<unknown> {
  return new NullContext(value);
}

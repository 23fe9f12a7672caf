// What can be awaited, and what it gives.

import { type Future, isFuture } from "./future.ts";
import { type Coroutine, isCoroutine, isThenable } from "./suspension.ts";

/** What can be awaited for a `T`: a coroutine, a future or task, or a promise of the outside world. */
export type Awaitable<T> = Coroutine<T> | Future<T> | PromiseLike<T>;

/** What an awaitable gives when it is awaited. */
export type Result<A> =
  A extends Generator<unknown, infer T, unknown>
    ? T
    : A extends Future<infer T>
      ? T
      : A extends PromiseLike<unknown>
        ? Awaited<A>
        : never;

/** Whether `value` can be awaited: a future, a coroutine or a promise. */
export function isAwaitable(value: unknown): value is Awaitable<unknown> {
  return isFuture(value) || isCoroutine(value) || isThenable(value);
}

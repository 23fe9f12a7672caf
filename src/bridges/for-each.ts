// Python's `async for`.

import { format } from "../runtime/format.ts";
import { getRunningLoop } from "../runtime/running.ts";
import { type Coroutine, isCoroutine } from "../runtime/suspension.ts";
import { wrapFuture } from "../runtime/wrap-future.ts";

/** An async iterator of coroutines: Python's `__anext__`, which says that it is done as JavaScript's iterators do. */
export interface CoroutineIterator<T> {
  anext(): Coroutine<IteratorResult<T, unknown>>;
  /** Ends the iteration early: Python's `aclose`. */
  aclose?(): Coroutine<void>;
}

/**
 * Calls `body` with each value of an async iterable, one after the other, and waits for what it returns: Python's `async for`.
 * Takes JavaScript's async iterables (streams, async generators) and objects with `anext`. `body` ends the iteration early by
 * returning false. However it ends, the iterator is closed. Throws TypeError for what is not iterable in this way.
 * @example
 * yield* forEach(response.body, function* (chunk) {
 *   yield* queue.put(chunk);
 * });
 */
export function forEach<T>(
  iterable: AsyncIterable<T> | CoroutineIterator<T>,
  body: (value: T) => Coroutine<unknown> | void | boolean,
): Coroutine<void> {
  if (typeof body !== "function")
    throw new TypeError(`Cannot iterate: expected a function for the body, got ${format(body)}`);
  return iterate(iteratorOf(iterable), body);
}

function* iterate<T>(
  iterator: CoroutineIterator<T>,
  body: (value: T) => Coroutine<unknown> | void | boolean,
): Coroutine<void> {
  let exhausted = false;
  try {
    for (;;) {
      const { done, value } = yield* iterator.anext();
      if (done === true) {
        exhausted = true;
        return;
      }
      const outcome = body(value);
      const verdict = isCoroutine(outcome) ? yield* outcome : outcome;
      if (verdict === false) return;
    }
  } finally {
    if (!exhausted && iterator.aclose !== undefined) yield* iterator.aclose();
  }
}

function iteratorOf<T>(iterable: AsyncIterable<T> | CoroutineIterator<T>): CoroutineIterator<T> {
  if (typeof (iterable as CoroutineIterator<T> | undefined)?.anext === "function")
    return iterable as CoroutineIterator<T>;
  const make = (iterable as AsyncIterable<T> | undefined)?.[Symbol.asyncIterator];
  if (typeof make !== "function")
    throw new TypeError(`Cannot iterate: expected an async iterable, got ${format(iterable)}`);
  return new PromiseIterator(make.call(iterable));
}

/** A JavaScript async iterator, whose promises are awaited. */
class PromiseIterator<T> implements CoroutineIterator<T> {
  readonly #iterator: AsyncIterator<T>;
  #isWaiting = false;

  constructor(iterator: AsyncIterator<T>) {
    this.#iterator = iterator;
  }

  *anext(): Coroutine<IteratorResult<T, unknown>> {
    const { asyncIterators } = getRunningLoop();
    asyncIterators.add(this.#iterator);
    this.#isWaiting = true;
    const result = yield* wrapFuture(this.#iterator.next());
    this.#isWaiting = false;
    if (result.done === true) asyncIterators.delete(this.#iterator);
    return result;
  }

  *aclose(): Coroutine<void> {
    getRunningLoop().asyncIterators.delete(this.#iterator);
    const closing = this.#iterator.return?.();
    if (closing === undefined) return;
    const closed = wrapFuture(closing);
    // Cancelled in the middle of a value: an async generator closes only when that one has come, which may be never.
    if (!this.#isWaiting) yield* closed;
  }
}

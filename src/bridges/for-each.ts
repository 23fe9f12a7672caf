// Python's `async for`.

import { CancelledError } from "../errors/asyncio.ts";
import { awaitedOf } from "../waiting/async-with.ts";
import { closeAsyncIterator } from "../runtime/async-iterators.ts";
import { format } from "../support/format.ts";
import type { Future } from "../runtime/future.ts";
import { operation } from "../waiting/operation.ts";
import { getRunningLoop } from "../runtime/running.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import { type Coroutine, isCoroutine, isThenable } from "../runtime/suspension.ts";
import { wrapFuture } from "../runtime/wrap-future.ts";

/**
 * An async iterator of coroutines, which says that it is done as JavaScript's iterators do. Mirrors Python's async
 * iterators.
 */
export interface CoroutineIterator<T> {
  anext(): Coroutine<IteratorResult<T, unknown>>;
  /** Ends the iteration early. Mirrors Python's `aclose`. */
  aclose?(): Coroutine<void>;
}

/**
 * Calls `body` with each value of an async iterable, one after the other, and waits for what it returns. Mirrors
 * Python's `async for`.
 *
 * Takes JavaScript's async iterables (streams, async generators) and objects with `anext`. What has not ended by itself
 * is closed, as `for await` does; also while it waits for a value: then a web stream is cancelled and a Node stream
 * destroyed at once, and others are asked to return, which async generators do when that value has come.
 * @param body returns false to end the iteration early
 * @throws TypeError for what is not iterable in this way, and when `body` is not a function
 *
 * @example
 * yield* forEach(response.body, function* (chunk) {
 *   yield* queue.put(chunk);
 * });
 */
export function forEach<T>(
  iterable: AsyncIterable<T> | CoroutineIterator<T>,
  body: (value: T) => Awaitable<unknown> | void | boolean,
): Coroutine<void> {
  if (typeof body !== "function")
    throw new TypeError(`Cannot iterate: expected a function for the body, got ${format(body)}`);
  return operation("forEach", iterate(iteratorOf(iterable), body));
}

function* iterate<T>(
  iterator: CoroutineIterator<T>,
  body: (value: T) => Awaitable<unknown> | void | boolean,
): Coroutine<void> {
  try {
    for (;;) {
      const { done, value } = checkResult<T>(yield* awaitedOf(iterator.anext(), "anext"));
      if (done === true) return;
      const outcome = body(value);
      const verdict = isCoroutine(outcome)
        ? yield* outcome
        : isThenable(outcome)
          ? yield* wrapFuture(outcome)
          : outcome;
      if (verdict === false) break;
    }
  } catch (error) {
    yield* closeAfter(error, iterator);
    throw error;
  }
  if (iterator.aclose !== undefined) yield* iterator.aclose();
}

/**
 * Closes an iterator after an error, which counts for more than another one that closing throws; a cancellation counts
 * most.
 */
function* closeAfter<T>(error: unknown, iterator: CoroutineIterator<T>): Coroutine<void> {
  if (iterator.aclose === undefined) return;
  try {
    yield* iterator.aclose();
  } catch (closing) {
    if (closing instanceof CancelledError && !(error instanceof CancelledError)) throw closing;
  }
}

function iteratorOf<T>(iterable: AsyncIterable<T> | CoroutineIterator<T>): CoroutineIterator<T> {
  if (typeof (iterable as CoroutineIterator<T> | undefined)?.anext === "function")
    return iterable as CoroutineIterator<T>;
  const { getReader, destroy } = (iterable ?? {}) as Partial<ReadableStream<T> & NodeStream>;
  if (typeof getReader === "function")
    return new PromiseIterator(new StreamIterator<T>((iterable as unknown as ReadableStream<T>).getReader()));
  const make = (iterable as AsyncIterable<T> | undefined)?.[Symbol.asyncIterator];
  if (typeof make !== "function")
    throw new TypeError(`Cannot iterate: expected an async iterable, got ${format(iterable)}`);
  const iterator = make.call(iterable);
  if (typeof (iterator as Partial<typeof iterator> | undefined)?.next !== "function")
    throw new TypeError(`Cannot iterate: expected an async iterator of the iterable, got ${format(iterator)}`);
  const letGo = typeof destroy === "function" ? () => destroy.call(iterable) : null;
  return new PromiseIterator(iterator, letGo);
}

/** What is needed of a Node stream. */
interface NodeStream {
  destroy(): void;
}

/** Iterates a web stream by its reader: the stream's own iterator does not close while it waits for a chunk. */
class StreamIterator<T> implements AsyncIterator<T, undefined> {
  readonly #reader: ReadableStreamDefaultReader<T>;

  constructor(reader: ReadableStreamDefaultReader<T>) {
    this.#reader = reader;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    const { done, value } = await this.#reader.read();
    if (!done) return { done, value };
    this.#reader.releaseLock();
    return { done, value: undefined };
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    const cancelled = this.#reader.cancel();
    this.#reader.releaseLock();
    await cancelled;
    return { done: true, value: undefined };
  }
}

function checkResult<T>(result: unknown): IteratorResult<T, unknown> {
  if (typeof result === "object" && result !== null) return result as IteratorResult<T, unknown>;
  throw new TypeError(`Cannot iterate: expected an iterator result, got ${format(result)}`);
}

/** A JavaScript async iterator, whose promises are awaited. */
class PromiseIterator<T> implements CoroutineIterator<T> {
  readonly #iterator: AsyncIterator<T>;
  /** Lets its source go, which ends it while it waits for a value; null: only the iterator itself can do that. */
  readonly #letGo: (() => void) | null;
  #state: "idle" | "waiting" | "ended" = "idle";

  constructor(iterator: AsyncIterator<T>, letGo: (() => void) | null = null) {
    this.#iterator = iterator;
    this.#letGo = letGo;
  }

  *anext(): Coroutine<IteratorResult<T, unknown>> {
    const { asyncIterators } = getRunningLoop();
    asyncIterators.add(this.#iterator);
    let next: Future<unknown> | null = null;
    try {
      next = wrapFuture(Promise.resolve<unknown>(this.#iterator.next()));
      const result = yield* next;
      if (checkResult<T>(result).done === true) this.#state = "ended";
      return result as IteratorResult<T, unknown>;
    } catch (error) {
      // Cancelled, the iterator goes on with its value. Else it has failed, and so has ended.
      if (next?.cancelled() === true) this.#state = "waiting";
      else if (next?.failed !== false) this.#state = "ended";
      throw error;
    } finally {
      if (this.#state === "ended") asyncIterators.delete(this.#iterator);
    }
  }

  *aclose(): Coroutine<void> {
    if (this.#state === "ended") return;
    getRunningLoop().asyncIterators.delete(this.#iterator);
    if (this.#state === "waiting" && this.#letGo !== null) return this.#letGo();
    const closed = wrapFuture(closeAsyncIterator(this.#iterator));
    // In the middle of a value an async generator closes only when that one has come, which may be never.
    if (this.#state === "idle") yield* closed;
  }
}

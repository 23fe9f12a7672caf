// mapConcurrently: a function for each of many items, for so many at once. As many tasks as run at once take the items
// one after the other: a million items are no million tasks.

import { CancelledError } from "../errors/asyncio.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { checkFunction, checkNames } from "../support/checks.ts";
import { format } from "../support/format.ts";
import { awaitedOf } from "../waiting/async-with.ts";
import { operation } from "../waiting/operation.ts";
import { TaskGroup } from "./task-group.ts";

/** Options of `mapConcurrently`. */
export interface MapConcurrentlyOptions {
  /** Items that are worked on at once, at most: a whole number from 1. */
  limit: number;
}

/** The names of MapConcurrentlyOptions. */
const OPTIONS: readonly (keyof MapConcurrentlyOptions)[] = ["limit"];

/**
 * Calls a function for each item, for `limit` of them at once, and gives what it gives, in the order of the items. An
 * item is taken when there is room for it, so the items may be a generator's that never ends by itself. asyncio has
 * none.
 *
 * When one fails the others are cancelled and waited for, as in a TaskGroup; so they are when one is cancelled, or all
 * of it. An iterator that is left before its end is closed.
 * @param fn called with an item and its number, from 0; gives a coroutine or anything else that can be awaited
 * @returns the results, in the order of the items
 * @throws ExceptionGroup of what `fn` or the iterator threw
 * @throws CancelledError when `fn` did for an item, and nothing failed
 * @throws TypeError or RangeError, at the call, for arguments of the wrong kind
 *
 * @example
 * const pages = yield* mapConcurrently(download, urls, { limit: 10 });
 */
export function mapConcurrently<A, B>(
  fn: (item: A, index: number) => Awaitable<B>,
  items: Iterable<A>,
  options: MapConcurrentlyOptions,
): Coroutine<B[]> {
  checkFunction(fn, "fn");
  if (typeof (items as Partial<Iterable<A>> | null)?.[Symbol.iterator] !== "function")
    throw new TypeError(`Invalid items: expected an iterable, got ${format(items)}`);
  const { limit } = checkNames(options, OPTIONS);
  if (typeof limit !== "number") throw new TypeError(`Invalid limit: expected a whole number, got ${format(limit)}`);
  if (!Number.isInteger(limit) || limit < 1)
    throw new RangeError(`Invalid limit: expected a whole number from 1, got ${limit}`);
  return operation("mapConcurrently", map(fn, items, limit));
}

function* map<A, B>(fn: (item: A, index: number) => Awaitable<B>, items: Iterable<A>, limit: number): Coroutine<B[]> {
  const results: B[] = [];
  const iterator = items[Symbol.iterator]();
  let count = 0;
  let done = 0;
  let isOver = false;
  /** What ended an item that was cancelled alone, by something that `fn` awaits for instance. */
  let cancellation: CancelledError | null = null;
  const group = new TaskGroup();
  function take(): { readonly item: A; readonly index: number } | null {
    if (isOver) return null;
    isOver = true; // an iterator that throws is over, too
    const next = iterator.next();
    if (next.done === true) return null;
    isOver = false;
    return { item: next.value, index: count++ };
  }
  function* work(first: ReturnType<typeof take>): Coroutine<void> {
    try {
      for (let taken = first; taken !== null; taken = take()) {
        results[taken.index] = yield* awaitedOf(fn(taken.item, taken.index), "fn");
        done++;
      }
    } catch (error) {
      if (error instanceof CancelledError) {
        cancellation ??= error;
        group.cancel();
      }
      throw error;
    }
  }
  try {
    yield* group.with(function* () {
      for (let workers = 0; workers < limit; workers++) {
        const first = take();
        if (first === null) break;
        group.createTask(work(first));
      }
    });
  } finally {
    if (!isOver) iterator.return?.();
  }
  if (done < count) throw cancellation ?? new CancelledError(); // there is no result for some
  return results;
}

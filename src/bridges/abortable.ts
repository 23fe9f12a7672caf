// Work of the outside world that can be aborted.

import type { Signal } from "../runtime/abort.ts";
import { format } from "../support/format.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { operation } from "../waiting/operation.ts";
import { wrapFuture } from "../runtime/wrap-future.ts";

/**
 * Calls `fn` with an AbortSignal and waits for its promise. When the task is cancelled meanwhile, the signal is
 * aborted, with the CancelledError as its reason, and the task goes on unwinding at once: what the promise does then no
 * longer matters. What has come already is not aborted: of a fetch, read the body inside `fn`.
 * @throws TypeError when `fn` is not a function, or gives no promise
 *
 * @example
 * const page = yield* abortable(async (signal) => (await fetch(url, { signal })).text());
 */
export function abortable<T>(fn: (signal: Signal) => PromiseLike<T>): Coroutine<Awaited<T>> {
  if (typeof fn !== "function") throw new TypeError(`Cannot call abortable: expected a function, got ${format(fn)}`);
  return operation("abortable", awaitAborting(fn));
}

function* awaitAborting<T>(fn: (signal: AbortSignal) => PromiseLike<T>): Coroutine<Awaited<T>> {
  const controller = new AbortController();
  const future = wrapFuture(fn(controller.signal));
  try {
    return yield* future;
  } catch (error) {
    // Cancelled: the future is, and its promise has not settled. A rejection of the promise needs no abort.
    if (future.cancelled()) controller.abort(error);
    throw error;
  }
}

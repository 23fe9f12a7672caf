// Promises come in: the outside world's futures as ours.

import { type Loop, loopOption } from "./loop.ts";
import { format } from "../support/format.ts";
import { Future, isFuture, revealed } from "./future.ts";
import { NO_OPTIONS } from "../support/checks.ts";
import { isThenable } from "./suspension.ts";

/**
 * A future that follows a promise, also one that a thenable gives; a Future is returned as it is. Mirrors
 * asyncio.wrap_future.
 *
 * Cancelling the future leaves the promise alone; `abortable` is for work that can be aborted. The promise counts as
 * handled, also when it rejects later.
 * @param options.loop the loop of the future; default: the current one
 * @throws TypeError for what is neither a future nor a promise
 *
 * @example
 * const text = yield* wrapFuture(readFile("config.json", "utf8"));
 */
export function wrapFuture<T>(promise: PromiseLike<T>, options: { loop?: Loop } = NO_OPTIONS): Future<Awaited<T>> {
  const loop = loopOption(options);
  if (isFuture(promise)) return revealed(promise as Future<Awaited<T>>);
  if (!isThenable(promise)) throw new TypeError(`Cannot wrap future: expected a promise, got ${format(promise)}`);
  const future = new Future<Awaited<T>>(loop?.own);
  future.loop.arrivals.follow(promise, future);
  return future;
}

// Anything that can be awaited, as a future.

import { format } from "../support/format.ts";
import { type Future, isFuture, revealed } from "./future.ts";
import { NO_OPTIONS } from "../support/checks.ts";
import { type Loop, loopOption, requireLoop } from "./loop.ts";
import type { Awaitable } from "./awaitable.ts";
import { isCoroutine, isGenerator, isThenable } from "./suspension.ts";
import { wrapFuture } from "./wrap-future.ts";

/**
 * The awaitable as a future: a future or task as it is, a coroutine as a new task, a promise wrapped. Mirrors
 * asyncio.ensure_future.
 * @param options.loop the loop of a new task; default: the current one
 * @throws TypeError for what cannot be awaited
 * @throws RangeError for a future of another loop than the given one
 */
export function ensureFuture<T>(awaitable: Awaitable<T>, options: { loop?: Loop } = NO_OPTIONS): Future<T> {
  const loop = loopOption(options);
  if (!isGenerator(awaitable) && isFuture(awaitable)) {
    if (loop !== null && loop !== awaitable.getLoop()) {
      throw new RangeError("The future belongs to a different loop than the one specified as the loop argument");
    }
    return revealed(awaitable);
  }
  if (isCoroutine(awaitable)) return (loop ?? requireLoop()).createTask(awaitable);
  if (isThenable(awaitable)) return wrapFuture(awaitable, options);
  throw new TypeError(`A Future, a coroutine or an awaitable is required, got ${format(awaitable)}`);
}

// waitFor: one awaitable with a deadline.

import { CancelledError } from "../errors/asyncio.ts";
import { type Delay, secondsOf } from "../support/delay.ts";
import { ensureFuture } from "../runtime/ensure-future.ts";
import type { Future } from "../runtime/future.ts";
import { DerivedFuture } from "../runtime/derived-future.ts";
import { operation } from "../waiting/operation.ts";
import { noteAwaited } from "../runtime/reuse.ts";
import { getRunningLoop } from "../runtime/running.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import { type Coroutine, isCoroutine } from "../runtime/suspension.ts";
import { Timeout } from "./timeout.ts";
import { timeoutError } from "./timeout-error.ts";

/**
 * Awaits something for so long at most. At the deadline it is cancelled, and when it has ended TimeoutError is thrown;
 * `shield` keeps it running. A coroutine runs inside the calling task. Mirrors asyncio.wait_for.
 * @param timeout seconds, or a duration in parts; null for ever
 * @throws TypeError, at the call, for what is not a delay
 * @throws TimeoutError when the deadline has passed
 *
 * @example
 * const reply = yield* waitFor(queue.get(), 0.5);
 */
export function waitFor<T>(awaitable: Awaitable<T>, timeout: Delay | null): Coroutine<T> {
  const seconds = timeout === null ? null : secondsOf(timeout, "timeout");
  return operation("waitFor", seconds !== null && seconds <= 0 ? poll(awaitable) : awaitWithin(awaitable, seconds));
}

function* awaitWithin<T>(awaitable: Awaitable<T>, seconds: number | null): Coroutine<T> {
  const loop = getRunningLoop();
  if (loop.getDebug() && isCoroutine(awaitable)) noteAwaited(awaitable);
  const now = seconds === null ? 0 : loop.time();
  const scope = new Timeout(seconds === null ? null : now + seconds, seconds).enterAt(now);
  try {
    return yield* isCoroutine(awaitable) ? awaitable : ensureFuture(awaitable);
  } catch (error) {
    throw scope.fail(error);
  } finally {
    scope.exit();
  }
}

/** No time at all: what is done counts, anything else is cancelled before it begins. */
function* poll<T>(awaitable: Awaitable<T>): Coroutine<T> {
  const future = ensureFuture(awaitable);
  if (future.done()) return future.result();
  yield* cancelAndWait(future);
  try {
    return future.result();
  } catch (error) {
    throw error instanceof CancelledError ? timeoutError({ delay: 0 }, error) : error;
  }
}

/** Cancels a future and waits until it is done, in a way that can be cancelled itself. */
function* cancelAndWait(future: Future<unknown>): Coroutine<void> {
  const waiter = new DerivedFuture<void>(getRunningLoop(), "waitFor", [future]);
  const release = (): void => {
    if (!waiter.done()) waiter.setResult();
  };
  future.addDoneCallback(release);
  try {
    future.cancel();
    yield* waiter;
  } finally {
    future.removeDoneCallback(release);
  }
}

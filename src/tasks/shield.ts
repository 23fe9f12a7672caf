// shield: what is awaited goes on when the awaiting task is cancelled.

import { DerivedFuture } from "../runtime/derived-future.ts";
import { ensureFuture } from "../runtime/ensure-future.ts";
import type { Future } from "../runtime/future.ts";
import type { Awaitable } from "../runtime/awaitable.ts";

/**
 * A future with the outcome of an awaitable, whose cancellation leaves that awaitable alone. Mirrors asyncio.shield. A
 * coroutine becomes a task at the call. What is done already is returned as it is.
 * @throws TypeError for what cannot be awaited
 *
 * @example
 * const receipt = yield* waitFor(shield(payment), 2); // the payment goes on after the deadline
 */
export function shield<T>(awaitable: Awaitable<T>): Future<T> {
  const inner = ensureFuture(awaitable);
  if (inner.done()) return inner;
  const outer = new DerivedFuture<T>(inner.getLoop(), "shield", [inner]);

  const onInnerDone = (): void => {
    if (outer.cancelled()) return;
    if (inner.cancelled()) outer.cancel();
    else if (inner.failed) outer.fail(inner.takeError());
    else outer.setResult(inner.result());
  };
  const onOuterDone = (): void => {
    if (!inner.done()) inner.removeDoneCallback(onInnerDone);
  };
  inner.whenDone(onInnerDone, inner.getLoop().currentTask ?? outer);
  outer.whenDone(onOuterDone, null);
  return outer;
}

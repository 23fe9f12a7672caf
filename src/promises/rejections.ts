// Rejections that nobody handles. As in the language, a promise has until nothing is ready any more to get a reaction;
// then a loop without an exception handler has the host do what it does about such promises: Node ends the process.

import type { Future } from "../runtime/future.ts";
import type { Loop } from "../runtime/loop.ts";
import { originOf } from "../support/origins.ts";

const HostPromise = Promise;

/** What takes in the rejections of a loop. Returns what takes one back. */
type Watch = (promise: Future<unknown>, error: unknown) => () => void;

const watches = new WeakMap<Loop, Watch>();

/** What a pending promise keeps in the place of its outcome when it has a reaction. */
const EXPECTED = {};

/** A failure of a future, also one that is yet to come, is somebody's. */
export function expectFailure(future: Future<unknown>): void {
  if (future.isDone) future.retrieved();
  else future["_futureOutcome"] = EXPECTED;
}

/** A promise is rejected: nobody has looked at that. Returns what takes it back; null where somebody is going to. */
export function watchRejection(promise: Future<unknown>, error: unknown): (() => void) | null {
  if (promise["_futureOutcome"] === EXPECTED) return null;
  const { loop } = promise;
  let watch = watches.get(loop);
  if (watch === undefined) watches.set(loop, (watch = watchIn(loop)));
  return watch(promise, error);
}

function watchIn(loop: Loop): Watch {
  const errors = new Map<Future<unknown>, unknown>();
  /** Promises of the host's, rejected in the place of ours: native code that was given ours may yet handle it. */
  const told = new WeakMap<Future<unknown>, Promise<never>>();
  /** A simulation tells at its end: its queue has in it what the program has put there, and nothing else. */
  let isWaiting = loop.host.virtual === true;
  const look = (): void => {
    isWaiting = false;
    if (loop.core.nextDeadline() > -Infinity) tell();
    else if (errors.size > 0) wait(); // something else is ready
  };
  const wait = (): void => {
    if (isWaiting || loop.isClosed()) return;
    loop.callSoon(look);
    isWaiting = true;
  };
  const tell = (): void => {
    for (const [future, exception] of errors) {
      if (loop.host.virtual !== true && loop.service === null && loop.getExceptionHandler() === null) {
        errors.delete(future);
        told.set(future, HostPromise.reject(exception));
        continue;
      }
      future.retrieved();
      loop.callExceptionHandler({
        message: "Promise exception was never retrieved",
        exception,
        future,
        sourceTraceback: originOf(future),
      });
    }
  };
  loop.arrivals.listen(tell);
  return (promise, error) => {
    errors.set(promise, error);
    wait();
    return () => {
      if (!errors.delete(promise)) told.get(promise)?.catch(() => {});
    };
  };
}

// What a lock, a condition and a semaphore have in common: to be acquired before a body and released after it.

import { Shown } from "../support/shown.ts";
import { type AsyncContextManager, type Ways, checkBody, enterAndLeave } from "../waiting/async-with.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import type { Hold } from "./hold.ts";

const BY_ACQUISITION: Ways<Acquirable> = {
  enter: (acquirable) => acquirable.acquire(),
  gives: false,
  leave(acquirable) {
    acquirable.release();
    return null;
  },
  close: (acquirable) => acquirable.release(),
};

/** Something to acquire and release. Base of Lock, Condition and Semaphore. */
export abstract class Acquirable extends Shown implements AsyncContextManager<void, void> {
  /** Waits for its turn and acquires. */
  abstract acquire(): Coroutine<Hold>;

  /** Releases. */
  abstract release(): void;

  /** Acquires: the beginning of an `async with`. Mirrors Python's __aenter__. */
  *aenter(): Coroutine<void> {
    yield* this.acquire();
  }

  /** Releases: the end of an `async with`. Mirrors Python's __aexit__. */
  *aexit(): Coroutine<void> {
    this.release();
  }

  /**
   * Acquires, runs `body`, and releases whatever happens. Mirrors Python's `async with`.
   * @returns what the body returns
   * @throws what the body throws; CancelledError when the wait is cancelled, and the body does not run
   *
   * @example
   * const total = yield* lock.with(function* () {
   *   const sum = yield* readSum();
   *   yield* writeSum(sum + 1);
   *   return sum + 1;
   * });
   */
  with<R>(body: () => Awaitable<R>): Coroutine<R> {
    checkBody(body);
    return enterAndLeave(BY_ACQUISITION, this, body);
  }
}

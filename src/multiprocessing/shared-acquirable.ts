// What locks and semaphores between threads have in common: tasks wait for them, and threads without a loop block.

import { type Delay, secondsOf } from "../support/delay.ts";
import { checkFunction } from "../support/checks.ts";
import { Acquirable } from "../sync/acquirable.ts";
import { Hold } from "../sync/hold.ts";

/** Something to acquire and release, in tasks and in threads that have no loop. */
export abstract class SharedAcquirable extends Acquirable {
  /**
   * Acquires, and blocks the thread meanwhile: in a job that is a plain function, for `using`.
   * @returns a hold, which releases
   * @throws RuntimeError when it would have to block a running loop
   */
  acquireSync(): Hold;
  /**
   * As above, but null when that takes too long.
   * @param timeout longest time, or null for ever; 0: tries it once, which is no blocking
   */
  acquireSync(timeout: Delay | null): Hold | null;
  acquireSync(timeout: Delay | null = null): Hold | null {
    const seconds = timeout === null ? null : secondsOf(timeout, "timeout");
    return this.enterSync(seconds) ? new Hold(this) : null;
  }

  /** @internal Acquires without a hold. Returns false when that takes too long. */
  abstract enterSync(timeout: Delay | null): boolean;

  /** @internal */
  releaseHold(): void {
    this.release();
  }

  /**
   * Acquires, calls a function, and releases whatever happens, blocking the thread. Mirrors Python's `with`.
   * @returns what the function returns
   * @throws what it throws; RuntimeError when it would have to block a running loop
   *
   * @example
   * counter.withSync(() => counter.value++);
   */
  withSync<R>(body: () => R): R {
    checkFunction(body, "body");
    this.enterSync(null);
    try {
      return body();
    } finally {
      this.release();
    }
  }
}

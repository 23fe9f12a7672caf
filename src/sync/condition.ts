// Conditions: tasks that hold a lock wait for what another holder of it says.

import { CancelledError } from "../errors/asyncio.ts";
import { RuntimeError } from "../errors/base.ts";
import { format } from "../support/format.ts";
import { operation } from "../waiting/operation.ts";
import { checkFunction } from "../support/checks.ts";
import { runningTask } from "../runtime/loop.ts";
import { refuseReuse } from "../runtime/reuse.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { LoopBinding, WaiterList } from "../waiting/waiter-list.ts";
import { Acquirable } from "./acquirable.ts";
import { describe } from "./describe.ts";
import type { Hold } from "./hold.ts";
import { Lock } from "./lock.ts";

/**
 * A condition that tasks wait for under a lock. Mirrors asyncio.Condition.
 *
 * Whoever changes what the others wait for acquires the condition, makes the change, and notifies. A wake-up may be
 * spurious: look again after `wait`, or use `waitFor`.
 *
 * @example
 * const condition = new Condition();
 * const stock: string[] = [];
 * const item = yield* condition.with(function* () {
 *   yield* condition.waitFor(() => stock.length > 0);
 *   return stock.pop();
 * });
 */
export class Condition extends Acquirable {
  /** @internal */
  static override readonly name: string = "Condition";
  readonly #lock: Lock;
  readonly #binding = new LoopBinding(this);
  readonly #waiters = new WaiterList(this.#binding, "Condition.wait");

  /**
   * @param lock the lock to use, which may be shared; default: one of its own
   * @throws TypeError when `lock` is not a Lock
   */
  constructor(lock: Lock | null = null) {
    super();
    if (lock !== null && !(lock instanceof Lock))
      throw new TypeError(`Invalid lock: expected a Lock, got ${format(lock)}`);
    this.#lock = lock ?? new Lock();
  }

  /** Whether somebody holds the lock. Mirrors Condition.locked. */
  locked(): boolean {
    return this.#lock.locked();
  }

  /** Acquires the lock: see `Lock.acquire`. The hold lasts through `wait`. Mirrors Condition.acquire. */
  acquire(): Coroutine<Hold> {
    return this.#lock.acquire();
  }

  /** Releases the lock: see `Lock.release`. Mirrors Condition.release. */
  release(): void {
    this.#lock.release();
  }

  /**
   * Releases the lock, waits until it is notified, and acquires the lock again; also when the wait is cancelled, for as
   * long as that takes. Mirrors Condition.wait.
   * @returns true
   * @throws RuntimeError when the lock is not acquired, or in another loop than before
   * @throws CancelledError when the task is cancelled, with the lock held; a notification that it got goes to another
   *   waiter
   *
   * @example
   * yield* condition.with(function* () {
   *   while (!isReady()) yield* condition.wait();
   * });
   */
  wait(): Coroutine<true> {
    return operation("Condition.wait", this.#wait());
  }

  *#wait(): Coroutine<true> {
    const lock = this.#lock;
    if (!lock.locked()) throw new RuntimeError("cannot wait on un-acquired lock");
    this.#binding.bind();
    const hold = lock.currentHold;
    lock.release();
    try {
      let failure: { readonly error: unknown } | null = null;
      try {
        const parked = this.#waiters.park();
        const waiter = runningTask();
        try {
          yield parked;
          while (runningTask() !== waiter) yield refuseReuse(waiter, runningTask()).value;
        } finally {
          this.#waiters.leave();
        }
      } catch (error) {
        failure = { error };
      }
      // The lock has to be held after `wait`, come what may; the latest cancellation is the one that is thrown.
      let isRefused = false;
      for (;;) {
        try {
          yield* lock.acquire();
          break;
        } catch (error) {
          // Nothing else comes from a lock, but from one that another loop has; and from who throws into this
          // coroutine.
          if (!(error instanceof CancelledError)) {
            if (isRefused) throw error;
            isRefused = true;
          }
          failure = { error };
        }
      }
      lock.currentHold = hold;
      if (failure !== null) throw failure.error;
      return true;
    } catch (error) {
      // A notification may have come for this task, which cannot act on it: somebody else must be able to.
      this.#waiters.wake(1);
      throw error;
    }
  }

  /**
   * Waits until `predicate()` is truthy, which is asked at once and after each wake-up, with the lock held. Mirrors
   * Condition.wait_for.
   * @returns what the predicate returned last
   * @throws what `wait` and the predicate throw; TypeError, at the call, when it is not a function
   *
   * @example
   * const job = yield* condition.waitFor(() => jobs.shift());
   */
  waitFor<T>(predicate: () => T): Coroutine<T> {
    return operation("Condition.waitFor", this.#waitFor(checkFunction(predicate, "predicate")));
  }

  *#waitFor<T>(predicate: () => T): Coroutine<T> {
    let result = predicate();
    while (!result) {
      yield* this.wait();
      result = predicate();
    }
    return result;
  }

  /**
   * Wakes the `n` waiters that wait longest, or all when there are fewer; each goes on as soon as it gets the lock.
   * Mirrors Condition.notify.
   * @param n how many; default: 1, none when it is not positive
   * @throws RuntimeError when the lock is not acquired
   * @throws TypeError when `n` is not a number, or NaN
   */
  notify(n = 1): void {
    if (typeof n !== "number" || Number.isNaN(n)) throw new TypeError(`Invalid n: expected a number, got ${format(n)}`);
    if (!this.locked()) throw new RuntimeError("cannot notify on un-acquired lock");
    this.#waiters.wake(Math.ceil(n));
  }

  /**
   * Wakes all waiters. Mirrors Condition.notify_all.
   * @throws RuntimeError when the lock is not acquired
   */
  notifyAll(): void {
    this.notify(Infinity);
  }

  /** "<Condition [locked, waiters:1]>". */
  override toString(): string {
    return describe(this, this.locked() ? "locked" : "unlocked", this.#waiters.length);
  }
}

// Locks. A release only wakes the first waiter: the lock is free until that task runs, and still nobody can overtake
// it, because a newcomer queues as long as anybody waits who was not cancelled.

import { RuntimeError } from "../errors/base.ts";
import { currentLedger } from "../waiting/ledger.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import type { Task } from "../runtime/task.ts";
import { LoopBinding, WaiterList } from "../waiting/waiter-list.ts";
import { MUST_WAIT, type Steps, waiting } from "../waiting/waiting.ts";
import { Acquirable } from "./acquirable.ts";
import { describe } from "./describe.ts";
import { Hold } from "./hold.ts";

/**
 * A lock that one task at a time holds; waiters get it in order of arrival. Mirrors asyncio.Lock.
 *
 * Nobody owns it: any code may release it. A task that acquires it twice waits for itself.
 *
 * @example
 * const lock = new Lock();
 * yield* lock.acquire();
 * try {
 *   yield* updateAccount();
 * } finally {
 *   lock.release();
 * }
 */
export class Lock extends Acquirable {
  /** @internal */
  static override readonly name: string = "Lock";
  /** @internal The latest hold while the lock is held: releasing an older one does nothing. */
  currentHold: Hold | null = null;
  #locked = false;
  readonly #waiters = new WaiterList(new LoopBinding(this), "Lock.acquire");

  /** Whether somebody holds it. Mirrors Lock.locked. */
  locked(): boolean {
    return this.#locked;
  }

  /**
   * Waits until the lock is free and it is this task's turn, then locks it; does not suspend when nobody holds it or
   * waits. Mirrors Lock.acquire, which gives True.
   * @returns a hold: `release` unlocks the lock, and so does the hold, by `using` or by its own `release`; each lock is
   *   released once
   * @throws CancelledError when the task is cancelled; the lock goes to the next waiter
   * @throws RuntimeError when it has to wait outside a task, or in another loop than before
   *
   * @example
   * using hold = yield* lock.acquire();
   * yield* updateAccount();
   */
  acquire(): Coroutine<Hold> {
    return waiting(this.#waiters, Lock.#acquire, this);
  }

  static readonly #acquire: Steps<Lock, Hold> = {
    begin(lock) {
      return lock.#locked || lock.#waiters.live > 0 ? MUST_WAIT : lock.#lock();
    },
    resume(lock) {
      return lock.#lock();
    },
    abandon(lock) {
      // The wake-up may have been this task's: the lock is free, so whoever is first now has to run.
      if (!lock.#locked) lock.#waiters.wakeFirst();
    },
  };

  #lock(): Hold {
    this.#locked = true;
    const hold = (this.currentHold = new Hold(this));
    if (currentLedger !== null) currentLedger.acquired(this.#waiters, hold);
    return hold;
  }

  /**
   * Unlocks, and wakes the first waiter: it locks when it runs, in the next iteration. Mirrors Lock.release.
   * @throws RuntimeError when it is not locked
   */
  release(): void {
    if (!this.#locked) throw new RuntimeError("Lock is not acquired.");
    this.#locked = false;
    this.currentHold = null;
    if (currentLedger !== null) currentLedger.released(this.#waiters);
    this.#waiters.wakeFirst();
  }

  /** @internal */
  releaseHold(hold: Hold): void {
    if (hold === this.currentHold) this.release();
  }

  /** @internal The task that acquired it, while it is held; null when that is not known. */
  get holder(): Task<unknown> | null {
    return this.currentHold?.task ?? null;
  }

  /** @internal 1 while somebody holds it. */
  get outstanding(): number {
    return this.#locked ? 1 : 0;
  }

  /** "<Lock [locked, waiters:1]>". */
  override toString(): string {
    return describe(this, this.#locked ? "locked" : "unlocked", this.#waiters.length);
  }
}

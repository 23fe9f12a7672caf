// Semaphores. A permit goes to the first waiter as soon as it is released, before that task runs: nobody can take it in
// between.

import { format } from "../support/format.ts";
import { currentLedger } from "../waiting/ledger.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { LoopBinding, WaiterList } from "../waiting/waiter-list.ts";
import { MUST_WAIT, type Steps, waiting } from "../waiting/waiting.ts";
import { Acquirable } from "./acquirable.ts";
import { describe } from "./describe.ts";
import { Hold } from "./hold.ts";

/**
 * A number of permits; who finds none waits, in order of arrival. Mirrors asyncio.Semaphore.
 *
 * @example
 * const slots = new Semaphore(10); // at most ten downloads at a time
 * yield* slots.with(() => download(url));
 */
export class Semaphore extends Acquirable {
  /** @internal */
  static override readonly name: string = "Semaphore";
  readonly #initial: number;
  #value: number;
  readonly #waiters = new WaiterList(new LoopBinding(this), "Semaphore.acquire");

  /**
   * @param value permits at the beginning, a whole number from 0 or Infinity; default: 1
   * @throws TypeError when `value` is not a number, or NaN
   * @throws RangeError when it is negative, or not whole
   */
  constructor(value = 1) {
    super();
    if (typeof value !== "number" || Number.isNaN(value)) {
      throw new TypeError(`Invalid value: expected a number of permits, got ${format(value)}`);
    }
    if (value < 0) throw new RangeError("Semaphore initial value must be >= 0");
    if (value % 1 !== 0 && value !== Infinity)
      throw new RangeError(`Semaphore initial value must be whole, got ${value}`);
    this.#initial = value;
    this.#value = value;
  }

  /** Whether `acquire` would have to wait: no permit is left, or others wait already. Mirrors Semaphore.locked. */
  locked(): boolean {
    return this.#value === 0 || this.#waiters.live > 0;
  }

  /**
   * Takes a permit, and waits for one where there is none; does not suspend otherwise. Mirrors Semaphore.acquire, which
   * gives True.
   * @returns a hold, which gives the permit back once: by `using`, or by its own `release`. Call either that or the
   *   semaphore's `release`, not both: the semaphore cannot know whose permit the latter gives back
   * @throws CancelledError when the task is cancelled; a permit that it was given goes to the next waiter
   * @throws RuntimeError when it has to wait outside a task, or in another loop than before
   *
   * @example
   * using hold = yield* slots.acquire();
   * yield* download(url);
   */
  acquire(): Coroutine<Hold> {
    return waiting(this.#waiters, Semaphore.#acquire, this);
  }

  static readonly #acquire: Steps<Semaphore, Hold> = {
    begin(semaphore) {
      if (semaphore.locked()) return MUST_WAIT;
      semaphore.#value--;
      return semaphore.#newHold();
    },
    resume(semaphore) {
      semaphore.#wakeAll();
      return semaphore.#newHold();
    },
    abandon(semaphore, woken) {
      if (woken) semaphore.#value++;
      semaphore.#wakeAll();
    },
  };

  /** Adds a permit, and gives it to the first waiter, who goes on in the next iteration. Mirrors Semaphore.release. */
  release(): void {
    this.#value++;
    if (currentLedger !== null) currentLedger.released(this.#waiters);
    this.#wakeNext();
  }

  /** @internal */
  releaseHold(hold: Hold): void {
    if (currentLedger !== null) currentLedger.passed(this.#waiters, hold);
    this.release();
  }

  /** @internal Permits that are out: so many fewer are free than at the beginning. */
  get outstanding(): number {
    return this.#initial === Infinity ? 0 : Math.max(0, this.#initial - this.#value);
  }

  /** "<Semaphore [unlocked, value:2]>", "<Semaphore [locked, waiters:1]>". */
  override toString(): string {
    return describe(this, this.locked() ? "locked" : `unlocked, value:${this.#value}`, this.#waiters.length);
  }

  /** Permits that nobody has. */
  protected get value(): number {
    return this.#value;
  }

  /** The hold of a task that has its permit. */
  #newHold(): Hold {
    const hold = new Hold(this);
    if (currentLedger !== null) currentLedger.acquired(this.#waiters, hold);
    return hold;
  }

  /** Gives away the permits that came while somebody was first in line, and could not be taken past them. */
  #wakeAll(): void {
    while (this.#value > 0 && this.#wakeNext());
  }

  /** Gives a permit to the first waiter that still waits. Returns whether there was one. */
  #wakeNext(): boolean {
    if (this.#waiters.wake(1) === 0) return false;
    this.#value--;
    return true;
  }
}

/**
 * A semaphore that never has more permits than at the beginning. Mirrors asyncio.BoundedSemaphore.
 *
 * @example
 * const slots = new BoundedSemaphore(10);
 * yield* slots.with(() => download(url));
 * slots.release(); // RangeError: a bug in this program
 */
export class BoundedSemaphore extends Semaphore {
  /** @internal */
  static override readonly name: string = "BoundedSemaphore";
  readonly #bound: number;

  /** See Semaphore. */
  constructor(value = 1) {
    super(value);
    this.#bound = value;
  }

  /**
   * Adds a permit, and gives it to the first waiter. Mirrors BoundedSemaphore.release.
   * @throws RangeError when all permits are there already
   */
  override release(): void {
    if (this.value >= this.#bound) throw new RangeError("BoundedSemaphore released too many times");
    super.release();
  }
}

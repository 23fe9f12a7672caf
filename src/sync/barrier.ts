// Barriers: a number of tasks that wait for each other.
//
// A condition guards the state and wakes everybody when it changes. Tasks fill the barrier; the last one starts
// draining; the last to leave starts the next filling, and until then newcomers wait outside.

import { Shown } from "../support/shown.ts";
import { BrokenBarrierError } from "../errors/asyncio.ts";
import { type AsyncContextManager, withManager } from "../waiting/async-with.ts";
import { format } from "../support/format.ts";
import { currentLedger } from "../waiting/ledger.ts";
import { operation } from "../waiting/operation.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { Condition } from "./condition.ts";

/**
 * - filling: tasks arrive and wait
 * - draining: all have arrived, and leave
 * - resetting: `reset` found tasks inside, which leave with an error
 * - broken: `abort` was called, and `reset` not yet
 */
type BarrierState = "filling" | "draining" | "resetting" | "broken";

/**
 * A place where tasks wait until a number of them have arrived, again and again. Mirrors asyncio.Barrier.
 *
 * @example
 * const barrier = new Barrier(3);
 * function* runner() {
 *   yield* prepare();
 *   const index = yield* barrier.wait(); // all three go on together
 *   if (index === 0) console.log("go");
 * }
 */
export class Barrier extends Shown implements AsyncContextManager<number, void> {
  /** @internal */
  static override readonly name: string = "Barrier";
  readonly #condition = new Condition();
  readonly #parties: number;
  #state: BarrierState = "filling";
  /** Tasks inside. */
  #count = 0;

  /**
   * @param parties how many tasks have to arrive, a whole number from 1
   * @throws TypeError when `parties` is not a number, or NaN
   * @throws RangeError when it is below 1, or not whole
   */
  constructor(parties: number) {
    super();
    if (typeof parties !== "number" || Number.isNaN(parties)) {
      throw new TypeError(`Invalid parties: expected a number of tasks, got ${format(parties)}`);
    }
    if (parties < 1) throw new RangeError("parties must be >= 1");
    if (!Number.isInteger(parties)) throw new RangeError(`parties must be whole, got ${parties}`);
    this.#parties = parties;
  }

  /** How many tasks have to arrive. Mirrors Barrier.parties. */
  get parties(): number {
    return this.#parties;
  }

  /** How many have arrived and wait for the others; 0 while they leave. Mirrors Barrier.n_waiting. */
  get nWaiting(): number {
    return this.#state === "filling" ? this.#count : 0;
  }

  /** Whether it was aborted. Mirrors Barrier.broken. */
  get broken(): boolean {
    return this.#state === "broken";
  }

  /**
   * Waits until all parties have arrived; before that, until those of the last time have left. A task that is cancelled
   * here just leaves. Mirrors Barrier.wait.
   * @returns the number of those that had arrived before: 0 for the first, `parties - 1` for the last, which does not
   *   wait
   * @throws BrokenBarrierError when the barrier is or becomes broken, or is reset
   * @throws CancelledError when the task is cancelled
   *
   * @example
   * const index = yield* barrier.wait();
   */
  wait(): Coroutine<number> {
    return operation("Barrier.wait", this.#wait());
  }

  *#wait(): Coroutine<number> {
    const condition = this.#condition;
    if (currentLedger !== null) currentLedger.isPartOf(condition, this, "Barrier.wait");
    yield* condition.acquire();
    try {
      while (this.#is("draining") || this.#is("resetting")) yield* condition.wait();
      if (this.#is("broken")) throw new BrokenBarrierError("Barrier aborted");
      const index = this.#count++;
      try {
        if (index + 1 === this.#parties) {
          this.#state = "draining";
          condition.notifyAll();
        } else {
          while (this.#is("filling")) yield* condition.wait();
          if (!this.#is("draining")) throw new BrokenBarrierError("Abort or reset of barrier");
        }
        return index;
      } finally {
        this.#leave();
      }
    } finally {
      condition.release();
    }
  }

  /** Waits, as `wait`: the beginning of an `async with`, which gives the index. Mirrors Python's __aenter__. */
  aenter(): Coroutine<number> {
    return this.wait();
  }

  /** Does nothing: the end of an `async with`. Mirrors Python's __aexit__. */
  *aexit(): Coroutine<void> {}

  /**
   * Waits for the others and runs `body` with the index. Mirrors Python's `async with`.
   * @returns what the body returns
   * @throws what `wait` and the body throw
   *
   * @example
   * yield* barrier.with(function* (index) {
   *   console.log(`started as number ${index}`);
   * });
   */
  with<R>(body: (index: number) => Awaitable<R>): Coroutine<R> {
    return withManager<number, R>(this, body);
  }

  /** Empties the barrier: tasks that wait get a BrokenBarrierError, and it can be used again. Mirrors Barrier.reset. */
  reset(): Coroutine<void> {
    return operation("Barrier.reset", this.#reset());
  }

  *#reset(): Coroutine<void> {
    const condition = this.#condition;
    yield* condition.acquire();
    this.#state = this.#count > 0 ? "resetting" : "filling";
    condition.notifyAll();
    condition.release();
  }

  /**
   * Breaks the barrier: tasks that wait, now or later, get a BrokenBarrierError until it is reset. Mirrors
   * Barrier.abort.
   */
  abort(): Coroutine<void> {
    return operation("Barrier.abort", this.#abort());
  }

  *#abort(): Coroutine<void> {
    const condition = this.#condition;
    yield* condition.acquire();
    this.#state = "broken";
    condition.notifyAll();
    condition.release();
  }

  /** "<Barrier [filling, waiters:1/3]>", "<Barrier [broken]>". */
  override toString(): string {
    const waiters = this.broken ? "" : `, waiters:${this.nWaiting}/${this.#parties}`;
    return `<${this.constructor.name} [${this.#state}${waiters}]>`;
  }

  /** A method, because the compiler takes it that a field keeps its value across `yield*`. */
  #is(state: BarrierState): boolean {
    return this.#state === state;
  }

  /** The last one to leave lets those in who wait outside. */
  #leave(): void {
    this.#count--;
    if (this.#count > 0) return;
    if (this.#is("resetting") || this.#is("draining")) this.#state = "filling";
    this.#condition.notifyAll();
  }
}

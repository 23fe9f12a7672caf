// A condition between threads. Who waits has a ticket, and is woken when so many were served: so exactly those are told
// that had begun to wait, in order, however their threads are scheduled. All words but the one that is waited for are
// changed by who holds the lock.

import { RuntimeError } from "../errors/base.ts";
import { checkFunction } from "../support/checks.ts";
import { type Delay, secondsOf } from "../support/delay.ts";
import { format } from "../support/format.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { describe } from "../sync/describe.ts";
import type { Hold } from "../sync/hold.ts";
import { shielded } from "../tasks/shielded.ts";
import { operation } from "../waiting/operation.ts";
import { findShared, makeShareable } from "./shareable.ts";
import { Lock } from "./lock.ts";
import { sharedWords } from "./memory.ts";
import { RLock } from "./rlock.ts";
import { SharedAcquirable } from "./shared-acquirable.ts";
import { type Attempt, Word, checkMayBlock } from "./word.ts";

// [ served | next ticket | how many have left | their tickets ]
const SERVED = 0;
const NEXT = 1;
const LEFT = 2;
const TICKETS = 3;
/** Most that may leave before they are served, and not be woken too often. */
const MOST_LEFT = 32;

/**
 * A lock, and a way to wait until somebody who holds it says that something has changed. Mirrors
 * multiprocessing.Condition.
 *
 * @example
 * const filled = new Condition();
 * yield* filled.with(function* () {
 *   yield* filled.waitFor(() => count.value > 0);
 *   count.value--;
 * });
 */
export class Condition extends SharedAcquirable {
  /** @internal */
  static override readonly name: string = "Condition";
  readonly #lock: Lock | RLock;
  readonly #words: Int32Array;
  readonly #served: Word;

  /**
   * @param lock a lock of this door; default: an RLock of its own
   * @throws TypeError for what is none
   */
  constructor(lock?: Lock | RLock);
  /** @internal */
  constructor(lock: Lock | RLock, memory: SharedArrayBuffer);
  constructor(lock: Lock | RLock = new RLock(), memory: SharedArrayBuffer = sharedWords(TICKETS + MOST_LEFT)) {
    super();
    if (!(lock instanceof Lock) && !(lock instanceof RLock))
      throw new TypeError(`Invalid lock: expected a Lock or RLock of wasyncio/multiprocessing, got ${format(lock)}`);
    this.#lock = lock;
    this.#words = new Int32Array(memory);
    this.#served = new Word(memory, SERVED);
    makeShareable(this, Condition.name, () => ({ lock, memory }));
  }

  /** @internal */
  static find(): void {
    type Data = { readonly lock: Lock | RLock; readonly memory: SharedArrayBuffer };
    findShared(Condition.name, ({ lock, memory }: Data) => new Condition(lock, memory));
  }

  /** Whether somebody holds its lock. */
  locked(): boolean {
    return this.#lock.locked();
  }

  /** Acquires its lock, as a task. Mirrors Condition.acquire. */
  acquire(): Coroutine<Hold> {
    return this.#lock.acquire();
  }

  enterSync(timeout: Delay | null): boolean {
    return this.#lock.enterSync(timeout);
  }

  /** Releases its lock. Mirrors Condition.release. */
  release(): void {
    this.#lock.release();
  }

  /**
   * Releases the lock, waits as a task until it is told, and acquires the lock again. Mirrors Condition.wait.
   * @returns true
   * @throws RuntimeError when the lock is not held
   * @throws CancelledError when the task is cancelled, with the lock acquired again
   */
  wait(): Coroutine<true> {
    return operation("Condition.wait", this.#wait());
  }

  *#wait(): Coroutine<true> {
    const { ticket, attempt } = this.#enqueue();
    const depth = this.#releaseAll();
    let isTold = false;
    try {
      yield* this.#served.until(attempt);
      isTold = true;
    } finally {
      yield* shielded(() => this.#lock.acquire());
      this.#restore(depth);
      if (!isTold) this.#leave(ticket, true);
    }
    return true;
  }

  /**
   * As `wait`, but blocks the thread. Mirrors Condition.wait.
   * @param timeout longest time, or null for ever; default: null
   * @returns false when that takes too long
   * @throws RuntimeError when the lock is not held, and when it would have to block a running loop
   */
  waitSync(timeout: Delay | null = null): boolean {
    checkMayBlock();
    const { ticket, attempt } = this.#enqueue();
    const depth = this.#releaseAll();
    let isTold = false;
    try {
      isTold = this.#served.untilSync(attempt, timeout);
    } finally {
      this.#lock.enterSync(null);
      this.#restore(depth);
      if (!isTold) isTold = this.#leave(ticket, false);
    }
    return isTold;
  }

  /**
   * Waits as a task, each time that it is told, until a predicate holds. Mirrors Condition.wait_for.
   * @returns what the predicate gave
   */
  waitFor<T>(predicate: () => T): Coroutine<T> {
    checkFunction(predicate, "predicate");
    return operation("Condition.waitFor", this.#waitFor(predicate));
  }

  *#waitFor<T>(predicate: () => T): Coroutine<T> {
    for (;;) {
      const result = predicate();
      if (result) return result;
      yield* this.wait();
    }
  }

  /**
   * As `waitFor`, but blocks the thread. Mirrors Condition.wait_for.
   * @param timeout longest time, or null for ever; default: null
   * @returns what the predicate gave last
   */
  waitForSync<T>(predicate: () => T, timeout: Delay | null = null): T {
    checkFunction(predicate, "predicate");
    const deadline = timeout === null ? null : performance.now() + 1e3 * secondsOf(timeout, "timeout");
    let result = predicate();
    while (!result && this.waitSync(deadline === null ? null : Math.max(0, (deadline - performance.now()) / 1e3)))
      result = predicate();
    return result;
  }

  /**
   * Tells the `n` that have waited longest. Mirrors Condition.notify.
   * @param n a whole number from 0; default: 1
   * @throws RuntimeError when the lock is not held
   */
  notify(n = 1): void {
    this.#checkHeld("notify");
    if (typeof n !== "number" || Number.isNaN(n)) throw new TypeError(`Invalid n: expected a number, got ${format(n)}`);
    const words = this.#words;
    let served = words[SERVED];
    for (let told = 0; told < n && served !== words[NEXT]; served = (served + 1) | 0) if (!this.#forget(served)) told++;
    while (served !== words[NEXT] && this.#forget(served)) served = (served + 1) | 0;
    this.#serve(served);
  }

  /** Tells all that wait. Mirrors Condition.notify_all. */
  notifyAll(): void {
    this.notify(Infinity);
  }

  #enqueue(): { readonly ticket: number; readonly attempt: Attempt } {
    this.#checkHeld("wait");
    const ticket = this.#words[NEXT];
    this.#words[NEXT] = (ticket + 1) | 0;
    return { ticket, attempt: () => (this.#isServed(ticket) ? null : this.#served.value) };
  }

  #isServed(ticket: number): boolean {
    return ((this.#served.value - ticket) | 0) > 0;
  }

  /**
   * It does not wait any more. Returns whether it was told meanwhile: then the next one is told in its place if
   * `passesOn`.
   */
  #leave(ticket: number, passesOn: boolean): boolean {
    if (this.#isServed(ticket)) {
      if (passesOn) this.notify();
      return true;
    }
    const words = this.#words;
    if (words[LEFT] === MOST_LEFT) {
      this.#serve((ticket + 1) | 0); // those before it are told for nothing
      const left = words.slice(TICKETS).filter((each) => !this.#isServed(each));
      words.set(left, TICKETS);
      words[LEFT] = left.length;
    } else {
      words[TICKETS + words[LEFT]++] = ticket;
    }
    return false;
  }

  /** Forgets that a ticket's owner has left. Returns whether he had. */
  #forget(ticket: number): boolean {
    const words = this.#words;
    const last = words[LEFT] - 1;
    const at = words.subarray(TICKETS, TICKETS + last + 1).indexOf(ticket);
    if (at < 0) return false;
    words[TICKETS + at] = words[TICKETS + last];
    words[LEFT] = last;
    return true;
  }

  #serve(served: number): void {
    this.#served.value = served;
    this.#served.wake();
  }

  #releaseAll(): number {
    if (this.#lock instanceof RLock) return this.#lock.releaseAll();
    this.#lock.release();
    return 1;
  }

  #restore(depth: number): void {
    if (this.#lock instanceof RLock) this.#lock.restore(depth);
  }

  #checkHeld(what: string): void {
    const isHeld = this.#lock instanceof RLock ? this.#lock.isOwned() : this.#lock.locked();
    if (!isHeld) throw new RuntimeError(`cannot ${what} on un-acquired lock`);
  }

  /** "<Condition [locked]>". */
  override toString(): string {
    return describe(this, this.locked() ? "locked" : "unlocked", 0);
  }
}

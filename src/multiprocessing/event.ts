// An event between threads: a word that is odd while it is set. It counts on, so that nobody misses one that was set
// and cleared at once.

import { Shown } from "../support/shown.ts";
import type { Delay } from "../support/delay.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { describe } from "../sync/describe.ts";
import { operation } from "../waiting/operation.ts";
import { findShared, makeShareable } from "./shareable.ts";
import { sharedWords } from "./memory.ts";
import { type Attempt, Word } from "./word.ts";

/**
 * A flag that tasks and threads wait for. Mirrors multiprocessing.Event.
 *
 * @example
 * const ready = new Event();
 * yield* ready.wait(); // in a task
 * ready.waitSync(10); // in a job that is a plain function: whether it was set in time
 */
export class Event extends Shown {
  /** @internal */
  static override readonly name: string = "Event";
  readonly #word: Word;

  constructor();
  /** @internal */
  constructor(memory: SharedArrayBuffer);
  constructor(memory: SharedArrayBuffer = sharedWords(1)) {
    super();
    this.#word = new Word(memory, 0);
    makeShareable(this, Event.name, () => memory);
  }

  /** @internal */
  static find(): void {
    findShared(Event.name, (memory: SharedArrayBuffer) => new Event(memory));
  }

  /** Whether it is set. Mirrors Event.is_set. */
  isSet(): boolean {
    return isOdd(this.#word.value);
  }

  /** Sets it, and wakes all that wait. Mirrors Event.set. */
  set(): void {
    const { value } = this.#word;
    if (isOdd(value)) return;
    if (this.#word.replace(value, value + 1)) this.#word.wake();
    else this.set();
  }

  /** Clears it: `wait` waits from now on. Mirrors Event.clear. */
  clear(): void {
    const { value } = this.#word;
    if (isOdd(value) && !this.#word.replace(value, value + 1)) this.clear();
  }

  /**
   * Waits as a task until it is set. Mirrors Event.wait.
   * @returns true
   * @throws CancelledError when the task is cancelled, which leaves nothing behind
   */
  wait(): Coroutine<true> {
    return operation("Event.wait", this.#wait());
  }

  *#wait(): Coroutine<true> {
    yield* this.#word.until(this.#attempt());
    return true;
  }

  /**
   * Blocks the thread until it is set. Mirrors Event.wait.
   * @param timeout longest time, or null for ever; default: null
   * @returns false when that takes too long
   * @throws TypeError for what is no delay; RuntimeError when it would have to block a running loop
   */
  waitSync(timeout: Delay | null = null): boolean {
    return this.#word.untilSync(this.#attempt(), timeout);
  }

  /** What was cleared has been set before. */
  #attempt(): Attempt {
    const { value: first } = this.#word;
    return () => (isOdd(first) || this.#word.value !== first ? null : first);
  }

  /** "<Event [set]>". */
  override toString(): string {
    return describe(this, this.isSet() ? "set" : "unset", 0);
  }
}

const isOdd = (value: number): boolean => (value & 1) === 1;

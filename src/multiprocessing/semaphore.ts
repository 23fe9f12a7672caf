// Semaphores between threads: a word that counts permits.

import type { Delay } from "../support/delay.ts";
import { format } from "../support/format.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { describe } from "../sync/describe.ts";
import { Hold } from "../sync/hold.ts";
import { operation } from "../waiting/operation.ts";
import { findShared, makeShareable } from "./shareable.ts";
import { sharedWords } from "./memory.ts";
import { SharedAcquirable } from "./shared-acquirable.ts";
import { Word } from "./word.ts";

/** Most permits. */
const MOST = 2 ** 31 - 1;

/**
 * A number of permits, each of which one task or thread at a time has, of all that it was sent to. Mirrors
 * multiprocessing.Semaphore.
 *
 * @example
 * const places = new Semaphore(2);
 * yield* places.with(() => download(url)); // in a task
 * places.withSync(() => resize(image)); // in a job that is a plain function
 */
export class Semaphore extends SharedAcquirable {
  /** @internal */
  static override readonly name: string = "Semaphore";
  readonly #word: Word;
  /** Most permits that there may be. */
  readonly #most: number;

  /**
   * @param value how many permits there are at first, from 0; default: 1
   * @throws TypeError for what is no number; RangeError for one that is negative, not whole, or above 2^31 - 1
   */
  constructor(value?: number);
  /** @internal */
  constructor(value: number, memory: SharedArrayBuffer | null, most: number);
  constructor(value = 1, memory: SharedArrayBuffer | null = null, most = MOST) {
    super();
    if (typeof value !== "number") throw new TypeError(`Invalid value: expected a number, got ${format(value)}`);
    if (!Number.isInteger(value) || value < 0 || value > MOST)
      throw new RangeError(`Semaphore initial value must be >= 0, whole and at most ${MOST}: got ${format(value)}`);
    const words = memory ?? sharedWords(1);
    this.#word = new Word(words, 0);
    this.#most = most;
    if (memory === null) this.#word.value = value;
    makeShareable(this, Semaphore.name, () => ({ words, most, isBounded: this instanceof BoundedSemaphore }));
  }

  /** @internal */
  static find(): void {
    type Data = { readonly words: SharedArrayBuffer; readonly most: number; readonly isBounded: boolean };
    findShared(Semaphore.name, ({ words, most, isBounded }: Data) =>
      isBounded ? new BoundedSemaphore(most, words) : new Semaphore(0, words, most),
    );
  }

  /** How many permits there are now. Mirrors multiprocessing's Semaphore.get_value. */
  getValue(): number {
    return this.#word.value;
  }

  /** Whether there is none. */
  locked(): boolean {
    return this.#word.value === 0;
  }

  /**
   * Waits as a task until there is a permit, and takes it. Mirrors Semaphore.acquire.
   * @returns a hold, which releases: for `using`
   * @throws CancelledError when the task is cancelled, which leaves nothing behind
   */
  acquire(): Coroutine<Hold> {
    return operation("Semaphore.acquire", this.#acquire());
  }

  *#acquire(): Coroutine<Hold> {
    yield* this.#word.until(this.#attempt);
    return new Hold(this);
  }

  enterSync(timeout: Delay | null): boolean {
    return this.#word.untilSync(this.#attempt, timeout);
  }

  readonly #attempt = (): number | null => {
    for (;;) {
      const { value } = this.#word;
      if (value === 0) return 0;
      if (this.#word.replace(value, value - 1)) return null;
    }
  };

  /**
   * Gives a permit back, and wakes who has waited longest. Mirrors Semaphore.release.
   * @throws RangeError when there would be too many
   */
  release(): void {
    for (;;) {
      const { value } = this.#word;
      if (value >= this.#most) throw new RangeError("semaphore or lock released too many times");
      if (this.#word.replace(value, value + 1)) break;
    }
    this.#word.wake(1);
  }

  /** "<Semaphore [unlocked, value:2]>". */
  override toString(): string {
    return describe(this, this.locked() ? "locked" : `unlocked, value:${this.getValue()}`, 0);
  }
}

/** A semaphore that cannot be released more often than it was acquired. Mirrors multiprocessing.BoundedSemaphore. */
export class BoundedSemaphore extends Semaphore {
  /** @internal */
  static override readonly name: string = "BoundedSemaphore";

  /**
   * @param value how many permits there are; default: 1
   * @throws what the constructor of Semaphore throws
   */
  constructor(value?: number);
  /** @internal */
  constructor(value: number, memory: SharedArrayBuffer);
  constructor(value = 1, memory: SharedArrayBuffer | null = null) {
    super(value, memory, value);
  }
}

// A lock between threads: Drepper's mutex. Its word says whether anybody waits, so that nobody is told in vain.
//
// A release frees it, and wakes whoever has waited longest. Who comes in between may overtake.

import type { Delay } from "../support/delay.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { describe } from "../sync/describe.ts";
import { Hold } from "../sync/hold.ts";
import { operation } from "../waiting/operation.ts";
import { findShared, makeShareable } from "./shareable.ts";
import { sharedWords } from "./memory.ts";
import { SharedAcquirable } from "./shared-acquirable.ts";
import { Word } from "./word.ts";

const FREE = 0;
const HELD = 1;
const WAITED_FOR = 2;

/** How often a thread looks before it blocks: most locks are held for less time than that takes. */
const SPINS = 200;

/**
 * A lock that one task or thread at a time holds, of all that it was sent to. Mirrors multiprocessing.Lock.
 *
 * Nobody owns it: any code may release it. Who is ended while he holds it, as by `terminate`, never releases it, as in
 * Python.
 *
 * @example
 * const lock = new Lock();
 * yield* lock.with(() => sleep(1)); // in a task
 * using hold = lock.acquireSync(); // in a job that is a plain function
 */
export class Lock extends SharedAcquirable {
  /** @internal */
  static override readonly name: string = "Lock";
  readonly #word: Word;

  constructor();
  /** @internal */
  constructor(memory: SharedArrayBuffer);
  constructor(memory: SharedArrayBuffer = sharedWords(1)) {
    super();
    this.#word = new Word(memory, 0);
    makeShareable(this, Lock.name, () => memory);
  }

  /** @internal */
  static find(): void {
    findShared(Lock.name, (memory: SharedArrayBuffer) => new Lock(memory));
  }

  /** Whether somebody holds it. Mirrors Lock.locked. */
  locked(): boolean {
    return this.#word.value !== FREE;
  }

  /**
   * Waits as a task until it is free, and locks it. Mirrors Lock.acquire.
   * @returns a hold, which releases: for `using`
   * @throws CancelledError when the task is cancelled, which leaves nothing behind
   *
   * @example
   * using hold = yield* lock.acquire();
   */
  acquire(): Coroutine<Hold> {
    return operation("Lock.acquire", this.#acquire());
  }

  *#acquire(): Coroutine<Hold> {
    if (!this.#word.replace(FREE, HELD)) yield* this.#word.until(this.#attempt);
    return new Hold(this);
  }

  enterSync(timeout: Delay | null): boolean {
    let isMine = this.#word.replace(FREE, HELD);
    for (let i = 0; !isMine && i < SPINS; i++) isMine = this.#word.value === FREE && this.#word.replace(FREE, HELD);
    return isMine || this.#word.untilSync(this.#attempt, timeout);
  }

  readonly #attempt = (): number | null => (this.#word.exchange(WAITED_FOR) === FREE ? null : WAITED_FOR);

  /**
   * Unlocks it, and wakes who has waited longest. Mirrors Lock.release.
   * @throws RangeError when it is not locked
   */
  release(): void {
    const state = this.#word.exchange(FREE);
    if (state === FREE) throw new RangeError("semaphore or lock released too many times");
    if (state === WAITED_FOR) this.#word.wake(1);
  }

  /** "<Lock [locked]>". */
  override toString(): string {
    return describe(this, this.locked() ? "locked" : "unlocked", 0);
  }
}

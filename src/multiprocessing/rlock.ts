// A lock that its owner may lock again.

import { RuntimeError } from "../errors/base.ts";
import type { Delay } from "../support/delay.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { runningLoop } from "../runtime/loop.ts";
import { describe } from "../sync/describe.ts";
import { Hold } from "../sync/hold.ts";
import { operation } from "../waiting/operation.ts";
import { findShared, makeShareable } from "./shareable.ts";
import { Lock } from "./lock.ts";
import { sharedWords } from "./memory.ts";
import { realmWords } from "./realm.ts";
import { SharedAcquirable } from "./shared-acquirable.ts";

// [ lock | realm, 2 words | task | depth ]: who does not hold it may read some of each owner, but none that is himself
const REALM = 1;
const TASK = 3;
const DEPTH = 4;

/** Numbers of the tasks of this realm that have asked for one. */
const tasks = new WeakMap<object, number>();
let numbered = 0;

/** The number of the task that asks; 0 where there is none. */
function currentTask(): number {
  const task = runningLoop()?.currentTask ?? null;
  if (task === null) return 0;
  let number = tasks.get(task);
  if (number === undefined) tasks.set(task, (number = ++numbered));
  return number;
}

/**
 * A lock that its owner may acquire again, and has to release as often. Mirrors multiprocessing.RLock. The owner is a
 * task, or a thread without a loop: two tasks of one thread keep each other out.
 *
 * @example
 * const lock = new RLock();
 * function sum(values: number[]): number {
 *   return lock.withSync(() => (values.length === 0 ? 0 : values[0] + sum(values.slice(1))));
 * }
 */
export class RLock extends SharedAcquirable {
  /** @internal */
  static override readonly name: string = "RLock";
  readonly #lock: Lock;
  readonly #words: Int32Array;

  constructor();
  /** @internal */
  constructor(memory: SharedArrayBuffer);
  constructor(memory: SharedArrayBuffer = sharedWords(5)) {
    super();
    this.#lock = new Lock(memory);
    this.#words = new Int32Array(memory);
    makeShareable(this, RLock.name, () => memory);
  }

  /** @internal */
  static find(): void {
    findShared(RLock.name, (memory: SharedArrayBuffer) => new RLock(memory));
  }

  /** Whether somebody holds it. Mirrors RLock.locked. */
  locked(): boolean {
    return this.#lock.locked();
  }

  /** @internal Whether who asks holds it. */
  isOwned(): boolean {
    const words = this.#words;
    if (Atomics.load(words, DEPTH) === 0 || Atomics.load(words, TASK) !== currentTask()) return false;
    const [high, low] = realmWords();
    return Atomics.load(words, REALM) === high && Atomics.load(words, REALM + 1) === low;
  }

  /**
   * Waits as a task until it is free or one's own, and locks it once more. Mirrors RLock.acquire.
   * @returns a hold, which releases once: for `using`
   * @throws CancelledError when the task is cancelled, which leaves nothing behind
   */
  acquire(): Coroutine<Hold> {
    return operation("RLock.acquire", this.#acquire());
  }

  *#acquire(): Coroutine<Hold> {
    if (!this.isOwned()) yield* this.#lock.acquire();
    this.#entered();
    return new Hold(this);
  }

  enterSync(timeout: Delay | null): boolean {
    if (!this.isOwned() && !this.#lock.enterSync(timeout)) return false;
    this.#entered();
    return true;
  }

  /**
   * Takes one acquisition back; the last one unlocks it. Mirrors RLock.release.
   * @throws RuntimeError when the task or thread does not hold it
   */
  release(): void {
    this.#checkOwned();
    const depth = this.#depth - 1;
    Atomics.store(this.#words, DEPTH, depth);
    if (depth === 0) this.#lock.release();
  }

  /** @internal Unlocks it however often it was acquired, and says how often. */
  releaseAll(): number {
    this.#checkOwned();
    const depth = this.#depth;
    Atomics.store(this.#words, DEPTH, 0);
    this.#lock.release();
    return depth;
  }

  /** @internal Has it acquired so often, once it is acquired. */
  restore(depth: number): void {
    Atomics.store(this.#words, DEPTH, depth);
  }

  get #depth(): number {
    return Atomics.load(this.#words, DEPTH);
  }

  #entered(): void {
    const [high, low] = realmWords();
    Atomics.store(this.#words, REALM, high);
    Atomics.store(this.#words, REALM + 1, low);
    Atomics.store(this.#words, TASK, currentTask());
    Atomics.add(this.#words, DEPTH, 1);
  }

  #checkOwned(): void {
    if (!this.isOwned()) throw new RuntimeError("Cannot release a recursive lock: this task or thread does not own it");
  }

  /** "<RLock [locked]>". */
  override toString(): string {
    return describe(this, this.locked() ? "locked" : "unlocked", 0);
  }
}

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

// [ lock | realm, 2 words | task | depth ]
const OWNER = 1;
const DEPTH = 4;

/** Numbers of the tasks of this realm that have asked for one. */
const tasks = new WeakMap<object, number>();
let numbered = 0;

/** Who asks: the realm, and the task; 0 where there is none. */
function self(): readonly [number, number, number] {
  const task = runningLoop()?.currentTask ?? null;
  let number = task === null ? 0 : tasks.get(task);
  if (number === undefined) tasks.set(task as object, (number = ++numbered));
  return [...realmWords(), number];
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
    return this.#depth > 0 && self().every((word, index) => Atomics.load(this.#words, OWNER + index) === word);
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
    return this.#enter();
  }

  acquireSync(): Hold;
  acquireSync(timeout: Delay | null): Hold | null;
  acquireSync(timeout: Delay | null = null): Hold | null {
    return this.isOwned() || this.#lock.acquireSync(timeout) !== null ? this.#enter() : null;
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

  /** @internal */
  releaseHold(): void {
    this.release();
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

  #enter(): Hold {
    self().forEach((word, index) => Atomics.store(this.#words, OWNER + index, word));
    Atomics.add(this.#words, DEPTH, 1);
    return new Hold(this);
  }

  #checkOwned(): void {
    if (!this.isOwned()) throw new RuntimeError("Cannot release a recursive lock: this task or thread does not own it");
  }

  /** "<RLock [locked]>". */
  override toString(): string {
    return describe(this, this.locked() ? "locked" : "unlocked", 0);
  }
}

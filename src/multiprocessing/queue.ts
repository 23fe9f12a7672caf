// Queues between threads. How many items and places there are is shared memory, so that to wait for one is as for any
// semaphore; the items are kept by the thread that has made the queue, because only messages carry what is cloned.

import { QueueEmpty, QueueFull } from "../errors/asyncio.ts";
import { RuntimeError } from "../errors/base.ts";
import { type Delay, secondsOf } from "../support/delay.ts";
import { format } from "../support/format.ts";
import { Shown } from "../support/shown.ts";
import { runningLoop } from "../runtime/loop.ts";
import { getRunningLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { describe } from "../sync/describe.ts";
import { operation } from "../waiting/operation.ts";
import { copyWithin, findShared, makeShareable, pack } from "./shareable.ts";
import {
  type Address,
  type Answer,
  BlockingAnswer,
  type Outcome,
  isHere,
  leaveAddress,
  question,
  resultOf,
  serveAt,
} from "./asking.ts";
import { Semaphore } from "./semaphore.ts";

interface Data {
  readonly address: Address;
  readonly items: Semaphore;
  /** null: there is always one. */
  readonly places: Semaphore | null;
}

/** Those of this realm that were sent somewhere, by their address. */
const kept = new Map<number, Queue<unknown>>();

/**
 * A queue between tasks and threads: first in, first out. Mirrors multiprocessing.Queue. Items are copied as arguments
 * of jobs are. The thread that has made it keeps them: while that computes and does not give way, others get none.
 *
 * @example
 * const results = new Queue<number>();
 * const producer = new Process(produce, { args: [results] });
 * producer.start();
 * console.log(yield* results.get());
 */
export class Queue<T> extends Shown {
  /** @internal */
  static override readonly name: string = "Queue";
  readonly #items: Semaphore;
  readonly #places: Semaphore | null;
  /** Where others find it; null: it was not sent yet. */
  #address: Address | null;
  /** Its items, in the thread that keeps them; else null. */
  readonly #kept: unknown[] | null;
  #isClosed = false;

  /**
   * @param maxsize most items that it holds; not positive, as by default: any number
   * @throws TypeError when `maxsize` is no whole number
   */
  constructor(maxsize?: number);
  /** @internal */
  constructor(maxsize: number, found: Data);
  constructor(maxsize = 0, found: Data | null = null) {
    super();
    if (!Number.isInteger(maxsize))
      throw new TypeError(`Invalid maxsize: expected a whole number, got ${format(maxsize)}`);
    this.#items = found?.items ?? new Semaphore(0);
    this.#places = found === null ? (maxsize > 0 ? new Semaphore(maxsize) : null) : found.places;
    this.#address = found?.address ?? null;
    this.#kept = found === null ? [] : null;
    makeShareable(this, Queue.name, (): Data => {
      const { id } = (this.#address ??= serveAt((method, args, answer) => this.#serve(method, args, answer)));
      if (this.#kept !== null) kept.set(id, this);
      return { address: this.#address, items: this.#items, places: this.#places };
    });
  }

  /** @internal */
  static find(): void {
    findShared(Queue.name, (data: Data) => {
      const own = isHere(data.address) ? kept.get(data.address.id) : undefined;
      return own ?? new Queue(0, data);
    });
  }

  /** How many items there are; those that are on their way are not. Mirrors Queue.qsize. */
  qsize(): number {
    return this.#items.getValue();
  }

  /** Whether there is none. Mirrors Queue.empty. */
  empty(): boolean {
    return this.qsize() === 0;
  }

  /** Whether there is no place for another one. Mirrors Queue.full. */
  full(): boolean {
    return this.#places?.locked() ?? false;
  }

  /**
   * Waits as a task until there is a place, and puts an item in. Mirrors Queue.put.
   * @throws CancelledError when the task is cancelled, and nothing is put; DataCloneError for what cannot be copied;
   *   RangeError when it is closed
   */
  put(item: T): Coroutine<void> {
    return operation("Queue.put", this.#putAsTask(item));
  }

  *#putAsTask(item: T): Coroutine<void> {
    this.#checkOpen();
    if (this.#places !== null) yield* this.#places.acquire();
    this.#put(item);
  }

  /**
   * As `put`, but blocks the thread. Mirrors Queue.put.
   * @param timeout longest time, or null for ever; default: null
   * @throws QueueFull when that takes too long; RuntimeError when it would have to block a running loop
   */
  putSync(item: T, timeout: Delay | null = null): void {
    this.#checkOpen();
    const seconds = timeout === null ? null : secondsOf(timeout, "timeout");
    if (this.#places !== null && !this.#places.enterSync(seconds)) throw new QueueFull();
    this.#put(item);
  }

  /**
   * Puts an item in if there is a place. Mirrors Queue.put_nowait.
   * @throws QueueFull when there is none; DataCloneError for what cannot be copied
   */
  putNowait(item: T): void {
    this.putSync(item, 0);
  }

  /**
   * Waits as a task until there is an item, and takes it. Mirrors Queue.get.
   * @throws CancelledError when the task is cancelled, and nothing is taken; RangeError when it is closed
   */
  get(): Coroutine<T> {
    return operation("Queue.get", this.#getAsTask());
  }

  *#getAsTask(): Coroutine<T> {
    this.#checkOpen();
    yield* this.#items.acquire();
    if (this.#kept !== null) return this.#taken(this.#kept.shift()) as T;
    const loop = getRunningLoop();
    const answered = loop.createExternalFuture<Outcome>();
    question(this.#address as Address, "take", [], (outcome) =>
      loop.arrivals.deliver("answer", () => {
        if (answered.done()) this.#giveBack(outcome);
        else answered.setResult(outcome);
      }),
    );
    try {
      return this.#taken(resultOf((yield* answered) as Taken)) as T;
    } catch (error) {
      if (answered.done() && !answered.cancelled()) this.#giveBack(answered.result()); // it was cancelled meanwhile
      throw error;
    }
  }

  /**
   * As `get`, but blocks the thread. Mirrors Queue.get.
   * @param timeout longest time, or null for ever; default: null
   * @throws QueueEmpty when that takes too long; RuntimeError when it would have to block a running loop
   */
  getSync(timeout: Delay | null = null): T {
    this.#checkOpen();
    if (this.#kept === null && runningLoop() !== null)
      throw new RuntimeError("Cannot get at once: another thread keeps the items; await get()");
    if (!this.#items.enterSync(timeout)) throw new QueueEmpty();
    if (this.#kept !== null) return this.#taken(this.#kept.shift()) as T;
    const outcome = new BlockingAnswer(this.#address as Address, "take", []).wait(null);
    return this.#taken(resultOf(outcome as Taken)) as T;
  }

  /**
   * Takes an item if there is one. Mirrors Queue.get_nowait. In the loop of a worker that has not made the queue, it
   * would have to wait for whoever keeps the items: there `get` is awaited.
   * @throws QueueEmpty when there is none; RuntimeError in such a loop
   */
  getNowait(): T {
    return this.getSync(0);
  }

  /** Lets it go: nothing is put or taken any more. Mirrors Queue.close. */
  close(): void {
    this.#isClosed = true;
    if (this.#address === null || this.#kept === null) return;
    kept.delete(this.#address.id);
    leaveAddress(this.#address);
  }

  /** There is a place for it. */
  #put(item: T): void {
    try {
      if (this.#kept === null) question(this.#address as Address, "put", [item], ignore);
      else this.#keep(copyWithin(item));
    } catch (error) {
      this.#places?.release();
      throw error;
    }
  }

  #keep(item: unknown): void {
    (this.#kept as unknown[]).push(item);
    this.#items.release();
  }

  /** It is taken for good, and its place is free. */
  #taken(item: unknown): unknown {
    this.#places?.release();
    return item;
  }

  #giveBack(outcome: Outcome): void {
    if ("value" in outcome) question(this.#address as Address, "giveBack", [resultOf(outcome)], ignore);
  }

  /** What other threads ask of who keeps the items. */
  #serve(method: string, [item]: readonly unknown[], answer: Answer): null {
    if (method === "put") this.#keep(item);
    if (method === "giveBack") {
      (this.#kept as unknown[]).unshift(item);
      this.#items.release();
    }
    answer({ value: pack(method === "take" ? (this.#kept as unknown[]).shift() : undefined) });
    return null;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new RangeError(`${String(this)} is closed`);
  }

  /** "<Queue [2 items]>". */
  override toString(): string {
    return describe(this, `${this.qsize()} items`, 0);
  }
}

type Taken = Exclude<Outcome, { cancelled: true }>;

function ignore(): void {}

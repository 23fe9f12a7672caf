// Queues. Waking is not reserving: a task that waits for an item is only told that there is one, and looks again when
// it runs; whoever runs before may take it, and then the task queues up again, at the end.

import { Shown } from "../support/shown.ts";
import { CONTAINER_FIFO } from "../core/abi.ts";
import { Container } from "../core/container.ts";
import { QueueEmpty, QueueFull, QueueShutDown } from "../errors/asyncio.ts";
import { format } from "../support/format.ts";
import { currentLedger } from "../waiting/ledger.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { LoopBinding, WaiterList } from "../waiting/waiter-list.ts";
import { MUST_WAIT, type Steps, waiting } from "../waiting/waiting.ts";

/**
 * A queue between tasks: first in, first out. Mirrors asyncio.Queue.
 *
 * A subclass that keeps its items in its own way overrides `_put`, `_get` and `qsize`, which are asyncio's extension
 * points. There is no `_init`: in JavaScript it would run before the subclass has its fields.
 *
 * @example
 * const queue = new Queue<string>(100);
 * function* worker() {
 *   for (;;) {
 *     const url = yield* queue.get();
 *     yield* download(url);
 *     queue.taskDone();
 *   }
 * }
 * yield* queue.put("https://example.org/");
 * yield* queue.join(); // until all are downloaded
 */
export class Queue<T> extends Shown {
  /** @internal */
  static override readonly name: string = "Queue";
  readonly #maxsize: number;
  readonly #items: Container<T>;
  readonly #getters: WaiterList;
  readonly #putters: WaiterList;
  readonly #joiners: WaiterList;
  /** Items for which `taskDone` was not called. */
  #unfinished = 0;
  #isShutDown = false;

  /**
   * @param maxsize most items that it holds; not positive, as by default, or Infinity: any number
   * @throws TypeError when `maxsize` is not a number, or NaN
   */
  constructor(maxsize?: number);
  /** @internal @param makeItems makes what keeps the items */
  constructor(maxsize: number, makeItems: (bound: number) => Container<T>);
  constructor(maxsize = 0, makeItems?: (bound: number) => Container<T>) {
    super();
    if (typeof maxsize !== "number" || Number.isNaN(maxsize)) {
      throw new TypeError(`Invalid maxsize: expected a number of items, got ${format(maxsize)}`);
    }
    this.#maxsize = maxsize;
    this.#items = makeItems?.(maxsize) ?? new Container(CONTAINER_FIFO, maxsize);
    const binding = new LoopBinding(this);
    this.#getters = new WaiterList(binding, "Queue.get");
    this.#putters = new WaiterList(binding, "Queue.put");
    this.#joiners = new WaiterList(binding, "Queue.join");
  }

  /** Most items that it holds, as it was given; any number when it is not positive. Mirrors Queue.maxsize. */
  get maxsize(): number {
    return this.#maxsize;
  }

  /** Number of items. Mirrors Queue.qsize. */
  qsize(): number {
    return this.#items.count;
  }

  /** Whether it holds nothing. Mirrors Queue.empty. */
  empty(): boolean {
    return this.qsize() === 0;
  }

  /** Whether it holds as much as it may. Mirrors Queue.full. */
  full(): boolean {
    return this.#maxsize > 0 && this.qsize() >= this.#maxsize;
  }

  /**
   * Puts an item, and waits for room before when the queue is full; does not suspend otherwise. Mirrors Queue.put.
   * @throws QueueShutDown when the queue is shut down, now or while it waits; the item is not put
   * @throws CancelledError when the task is cancelled; the item is not put
   * @throws RuntimeError when it has to wait outside a task, or in another loop than before
   * @throws TypeError when it is a PriorityQueue that cannot order the item
   *
   * @example
   * yield* queue.put(item);
   */
  put(item: T): Coroutine<void> {
    return waiting(this.#putters, Queue.#put as Steps<Queue<T>, void, T>, this, item);
  }

  static readonly #put: Steps<Queue<unknown>, void, unknown> = {
    begin(queue, item) {
      if (!queue.full()) return queue.putNowait(item);
      if (queue.#isShutDown) throw new QueueShutDown();
      return MUST_WAIT;
    },
    resume: (queue, item) => Queue.#put.begin(queue, item),
    abandon(queue, woken) {
      // The room that this task was told of is for the next one.
      if (woken && !queue.full()) queue.#putters.wakeAndRemove();
    },
  };

  /**
   * Puts an item, and wakes the task that waits longest for one. Mirrors Queue.put_nowait.
   * @throws QueueShutDown when the queue is shut down
   * @throws QueueFull when it is full
   * @throws TypeError when it is a PriorityQueue that cannot order the item; what its comparison throws
   */
  putNowait(item: T): void {
    if (this.#isShutDown) throw new QueueShutDown();
    if (this.full()) throw new QueueFull();
    this._put(item);
    this.#unfinished++;
    if (currentLedger !== null) currentLedger.changed(this.#joiners);
    this.#getters.wakeAndRemove();
  }

  /**
   * Takes the next item, and waits for one when there is none; does not suspend otherwise. Mirrors Queue.get.
   * @returns the item
   * @throws QueueShutDown when the queue is shut down and empty, now or while it waits
   * @throws CancelledError when the task is cancelled; no item is taken
   * @throws RuntimeError when it has to wait outside a task, or in another loop than before
   *
   * @example
   * const item = yield* queue.get();
   */
  get(): Coroutine<T> {
    return waiting(this.#getters, Queue.#get as Steps<Queue<T>, T>, this);
  }

  static readonly #get: Steps<Queue<unknown>, unknown> = {
    begin(queue) {
      if (!queue.empty()) return queue.getNowait();
      if (queue.#isShutDown) throw new QueueShutDown();
      return MUST_WAIT;
    },
    resume: (queue) => Queue.#get.begin(queue, undefined),
    abandon(queue, woken) {
      // The item that this task was told of is for the next one.
      if (woken && !queue.empty()) queue.#getters.wakeAndRemove();
    },
  };

  /**
   * Takes the next item, and wakes the task that waits longest for room. Mirrors Queue.get_nowait.
   * @returns the item
   * @throws QueueEmpty when there is none
   * @throws QueueShutDown when there is none and the queue is shut down
   */
  getNowait(): T {
    if (this.empty()) throw this.#isShutDown ? new QueueShutDown() : new QueueEmpty();
    const item = this._get();
    if (currentLedger !== null) currentLedger.acquired(this.#joiners, null);
    this.#putters.wakeAndRemove();
    return item;
  }

  /**
   * Says that the work on an item that was taken is done. Mirrors Queue.task_done.
   * @throws RangeError when it is called more often than items were put
   */
  taskDone(): void {
    if (this.#unfinished <= 0) throw new RangeError("taskDone() called too many times");
    this.#unfinished--;
    if (currentLedger !== null) currentLedger.released(this.#joiners);
    this.#checkFinished();
  }

  /**
   * Waits until `taskDone` was called for each item that was put; does not suspend when it was. Mirrors Queue.join.
   * @throws CancelledError when the task is cancelled
   * @throws RuntimeError when it has to wait outside a task, or in another loop than before
   *
   * @example
   * yield* queue.join();
   */
  join(): Coroutine<void> {
    return waiting(this.#joiners, Queue.#join as Steps<Queue<T>, void>, this);
  }

  static readonly #join: Steps<Queue<unknown>, void> = {
    begin: (queue) => (queue.#unfinished === 0 ? undefined : MUST_WAIT),
    resume() {},
    abandon() {},
  };

  /**
   * Shuts the queue down, for good: `put` throws QueueShutDown from now on, `get` as soon as the queue is empty; tasks
   * that wait in them find out. Mirrors Queue.shutdown.
   * @param immediate whether to drop the items that it holds; they count as done. Default: false
   */
  shutdown(immediate = false): void {
    const count = this.qsize();
    if (immediate) this.#items.clear(); // first, because a priority queue that is comparing refuses
    this.#isShutDown = true;
    if (immediate) {
      this.#unfinished = Math.max(0, this.#unfinished - count);
      while (!this.empty()) this._get(); // a subclass that keeps its items elsewhere
      if (currentLedger !== null) currentLedger.changed(this.#joiners);
      this.#checkFinished();
    }
    while (this.#getters.wakeAndRemove());
    while (this.#putters.wakeAndRemove());
  }

  /** @internal Items that were taken and for which `taskDone` was not called. */
  get outstanding(): number {
    return Math.max(0, this.#unfinished - this.qsize());
  }

  /** "<Queue maxsize=2 queue=[1] getters[1] putters[1] tasks=1 shutdown>", without what there is none of. */
  override toString(): string {
    const items = this.#items.list();
    const parts = [this.constructor.name, `maxsize=${this.#maxsize}`];
    if (items.length > 0) parts.push(`queue=${format(items)}`);
    if (this.#getters.length > 0) parts.push(`getters[${this.#getters.length}]`);
    if (this.#putters.length > 0) parts.push(`putters[${this.#putters.length}]`);
    if (this.#unfinished > 0) parts.push(`tasks=${this.#unfinished}`);
    if (this.#isShutDown) parts.push("shutdown");
    return `<${parts.join(" ")}>`;
  }

  /** Keeps an item: there is room. For subclasses to override, with `_get` and `qsize`. */
  protected _put(item: T): void {
    this.#items.put(item);
  }

  /**
   * Takes off and returns the item whose turn it is: there is one. For subclasses to override, with `_put` and `qsize`.
   */
  protected _get(): T {
    return this.#items.take();
  }

  #checkFinished(): void {
    if (this.#unfinished === 0) this.#joiners.wake(Infinity);
  }
}

// Containers: the items of a queue. Their order, bound and number are the core's; the values stay here, in the cells that it names.
//
// A queue can be made and filled outside any loop, so containers live in one core of their own, for all loops: their numbers enter
// no digest. That core is made when the first item is put, not before: some hosts forbid compiling while a module is loaded.

import { QueueEmpty, QueueFull, RuntimeError } from "../errors.ts";
import { CONTAINER_COMPARED, CONTAINER_PRIORITY, E_COMPARE, E_EMPTY, E_FULL, NONE } from "./abi.ts";
import { check } from "./codes.ts";
import { type Core, createCore } from "./core.ts";

let core: Core | null = null;
/** Gives back the containers of queues that were collected. Hosts without it keep them. */
let collected: FinalizationRegistry<number> | null = null;
/** The container whose items are being compared. */
let comparing: PriorityContainer<unknown> | null = null;

function containerCore(): Core {
  if (core !== null) return core;
  core = createCore({ compare: (left, right) => (comparing as PriorityContainer<unknown>).compareCells(left, right) });
  if (typeof FinalizationRegistry === "function") {
    const { destroyContainer } = core;
    collected = new FinalizationRegistry((number) => void destroyContainer(number));
  }
  return core;
}

/** First in, first out, or last in, first out. */
export class Container<T> {
  protected readonly kind: number;
  readonly #bound: number;
  /** Its number in the core, NONE while it was never used. */
  #number = NONE;
  protected readonly values: (T | undefined)[] = [];

  /**
   * @param kind CONTAINER_FIFO or CONTAINER_LIFO
   * @param bound most items that it holds; not positive: any number
   */
  constructor(kind: number, bound: number) {
    this.kind = kind;
    // What the core cannot count to is as good as unbounded.
    this.#bound = bound <= 0x7fffffff ? Math.ceil(bound) : 0;
  }

  /** Number of items. */
  get count(): number {
    return this.#number === NONE ? 0 : check((core as Core).containerCount(this.#number));
  }

  /** Puts an item in its place. Throws QueueFull, or MemoryError. */
  put(value: T): void {
    const { put } = core ?? containerCore();
    const cell = put(this.number, 0);
    if (cell < 0) throw refused(cell);
    this.values[cell] = value;
  }

  /** Takes the item whose turn it is. Throws QueueEmpty. */
  take(): T {
    if (this.#number === NONE) throw new QueueEmpty();
    const cell = (core as Core).take(this.#number);
    if (cell < 0) throw refused(cell);
    const value = this.values[cell] as T;
    this.values[cell] = undefined;
    return value;
  }

  /** Removes all items. */
  clear(): void {
    if (this.#number === NONE) return;
    collected?.unregister(this);
    check((core as Core).destroyContainer(this.#number));
    this.#number = NONE;
    this.values.length = 0;
  }

  /** The items in the order of storage. */
  list(): T[] {
    return Array.from({ length: this.count }, (_, index) => {
      return this.values[check((core as Core).cellAt(this.#number, index))] as T;
    });
  }

  /** Its number in the core, which it gets now if it has none. */
  protected get number(): number {
    if (this.#number === NONE) {
      this.#number = check(containerCore().createContainer(this.kind, this.#bound));
      collected?.register(this, this.#number, this);
    }
    return this.#number;
  }
}

/** Whether an item of priority `left` comes before one of priority `right`. May throw: then nothing is changed. */
export type Precedes = (left: unknown, right: unknown) => boolean;

/** Smallest priority first; equal ones as Python's heapq has them. */
export class PriorityContainer<T> extends Container<T> {
  /** Priorities by cell. */
  readonly #keys: unknown[] = [];
  readonly #precedes: Precedes;
  /** Whether items are ordered by `#precedes`; before that all priorities are numbers, which the core compares itself. */
  #compared = false;
  #failure: { readonly error: unknown } | null = null;
  /** Whether a comparison is going on. */
  #busy = false;

  constructor(bound: number, precedes: Precedes) {
    super(CONTAINER_PRIORITY, bound);
    this.#precedes = precedes;
  }

  /** Puts an item in its place. Throws QueueFull, MemoryError, or what a comparison throws, and has changed nothing then. */
  override put(value: T, key: unknown = value): void {
    if (!this.#compared && typeof key === "number") {
      const cell = containerCore().put(this.number, key);
      if (cell < 0) throw refused(cell);
      this.values[cell] = value;
      this.#keys[cell] = key;
      return;
    }
    const { compareContainer, reserveCell, put } = containerCore();
    this.#checkIdle();
    const { number } = this;
    if (!this.#compared) check(compareContainer(number));
    this.#compared = true;
    // The comparisons of `put` look at the cell, so it is filled before.
    const cell = reserveCell(number);
    if (cell < 0) throw refused(cell);
    this.values[cell] = value;
    this.#keys[cell] = key;
    const outcome = this.#compare(() => put(number, 0));
    if (outcome >= 0) return;
    this.values[cell] = undefined;
    this.#keys[cell] = undefined;
    throw this.#errorOf(outcome);
  }

  override take(): T {
    const { length } = this.#keys;
    if (!this.#compared || length === 0) return super.take();
    this.#checkIdle();
    throw new Error();
  }
}

/** The error for a call that the core refused. */
function refused(code: number): Error {
  if (code === E_FULL) return new QueueFull();
  if (code === E_EMPTY) return new QueueEmpty();
  try {
    check(code);
  } catch (error) {
    return error as Error;
  }
}

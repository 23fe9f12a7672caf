// Containers: the items of a queue. Their order, bound and number are the core's; the values stay here, in the cells
// that it names.
//
// A queue can be made and filled outside any loop, so containers live in a core of their own, one for all loops: their
// numbers enter no digest. It is made when the first item is put, not before: some hosts forbid compiling while modules
// are loaded.

import { QueueEmpty, QueueFull } from "../errors/asyncio.ts";
import { E_EMPTY, E_FULL, NONE } from "./abi.ts";
import { check, errorOf } from "./codes.ts";
import { type CompareCells, type Core, createCore } from "./core.ts";

let shared: Core | null = null;
/** Gives back the containers of queues that were collected. A host without it keeps them. */
let registry: FinalizationRegistry<number> | null = null;
/** Compares the items of the container that is being worked on. */
let comparing: CompareCells = () => -1;

/** The core of all containers. */
export function containerCore(): Core {
  if (shared !== null) return shared;
  const core = createCore({ compare: (left, right) => comparing(left, right) });
  if (typeof FinalizationRegistry === "function") {
    registry = new FinalizationRegistry((number) => void core.destroyContainer(number));
  }
  shared = core;
  return core;
}

/**
 * Makes `compare` the order of the container that is about to be worked on. Returns what was before, to be set again.
 */
export function enterComparison(compare: CompareCells): CompareCells {
  const outer = comparing;
  comparing = compare;
  return outer;
}

/** Returns a cell, or throws the error that stands in its place. */
export function checkCell(cell: number): number {
  if (cell >= 0) return cell;
  throw cell === E_FULL ? new QueueFull() : cell === E_EMPTY ? new QueueEmpty() : errorOf(cell);
}

/** The items of a queue, in the order that the core keeps for it. */
export class Container<T> {
  readonly #kind: number;
  readonly #bound: number;
  /** Its number in the core, NONE while it holds nothing there. */
  #number = NONE;
  /** What the core counts, so that asking for it needs no call. */
  #count = 0;
  /** Items by cell. */
  readonly #values: (T | undefined)[] = [];

  /**
   * @param kind the order, a CONTAINER_ constant
   * @param bound most items that it holds, rounded up; any number of them when it is not positive
   */
  constructor(kind: number, bound: number) {
    this.#kind = kind;
    this.#bound = bound <= 0x7fffffff ? Math.ceil(bound) : 0; // what the core cannot count to is as good as no bound
  }

  /** Number of items. */
  get count(): number {
    return this.#count;
  }

  /** Puts an item in its place. Throws QueueFull or MemoryError, and has changed nothing then. */
  put(value: T): void {
    this.keep(checkCell(containerCore().put(this.open(), 0)), value);
  }

  /** Takes the item whose turn it is. Throws QueueEmpty. */
  take(): T {
    return this.remove(checkCell(containerCore().take(this.open())));
  }

  /** Removes all items. */
  clear(): void {
    if (this.#number === NONE) return;
    registry?.unregister(this);
    check(containerCore().destroyContainer(this.#number));
    this.#number = NONE;
    this.#count = 0;
    this.#values.length = 0;
  }

  /** The items in the order of storage. */
  list(): T[] {
    if (this.#number === NONE) return [];
    const core = containerCore();
    return Array.from({ length: this.count }, (_, index) => this.#values[check(core.cellAt(this.#number, index))] as T);
  }

  /** Its number in the core: it gets one now if it has none. */
  protected open(): number {
    if (this.#number !== NONE) return this.#number;
    this.#number = check(containerCore().createContainer(this.#kind, this.#bound));
    registry?.register(this, this.#number, this);
    return this.#number;
  }

  /** Writes an item into the cell that the core has put in its place. */
  protected keep(cell: number, value: T): void {
    this.#values[cell] = value;
    this.#count++;
  }

  /** Empties a cell that the core has taken off, and returns its item. */
  protected remove(cell: number): T {
    const value = this.#values[cell] as T;
    this.#values[cell] = undefined;
    this.#count--;
    return value;
  }
}

// Containers: the order of a queue's items, as in assembly/containers.ts: a ring, a stack, or a heap that moves as
// heapq does.

import {
  CONTAINER_COMPARED,
  CONTAINER_FIFO,
  CONTAINER_LIFO,
  E_COMPARE,
  E_EMPTY,
  E_FULL,
  E_KIND,
  E_NOT_A_NUMBER,
  E_STALE,
} from "../../src/core/abi.ts";
import type { CompareCells } from "../../src/core/core.ts";

class Container {
  kind: number;
  readonly bound: number;
  count = 0;
  /** Place of the first cell in a ring. */
  first = 0;
  /** Goes up whenever what a comparison relies on changes. */
  changes = 0;
  /** Cells: a ring whose size is a power of two, a stack, a heap. */
  order = new Int32Array(8);
  /** Cells by number of cells in use: those from `count` on are free. */
  readonly free: number[] = [];
  /** By cell. */
  readonly priorities: number[] = [];

  constructor(kind: number, bound: number) {
    this.kind = kind;
    this.bound = bound;
  }

  place(index: number): number {
    return this.kind === CONTAINER_FIFO ? (this.first + index) & (this.order.length - 1) : index;
  }

  grow(): void {
    const { order, first } = this;
    this.order = new Int32Array(2 * order.length);
    this.order.set(order.subarray(first));
    this.order.set(order.subarray(0, first), order.length - first);
    this.first = 0;
  }
}

export class Containers {
  readonly #all: (Container | null)[] = [];
  readonly #free: number[] = [];
  readonly #compare: CompareCells;

  constructor(compare: CompareCells) {
    this.#compare = compare;
  }

  create(kind: number, bound: number): number {
    if (kind < CONTAINER_FIFO || kind > CONTAINER_COMPARED) return E_KIND;
    const number = this.#free.pop() ?? this.#all.length;
    this.#all[number] = new Container(kind, bound);
    return number;
  }

  destroy(number: number): number {
    const container = this.#all[number];
    if (!container) return E_STALE;
    container.changes++;
    this.#all[number] = null;
    this.#free.push(number);
    return 0;
  }

  compareFromHereOn(number: number): number {
    const container = this.#all[number];
    if (!container) return E_STALE;
    if (container.kind <= CONTAINER_LIFO) return E_KIND;
    container.kind = CONTAINER_COMPARED;
    return 0;
  }

  reserveCell(number: number): number {
    const container = this.#all[number];
    if (!container) return E_STALE;
    const { bound, count, free } = container;
    if (bound > 0 && count >= bound) return E_FULL;
    if (count === free.length) free.push(count);
    return free[count];
  }

  put(number: number, priority: number): number {
    if (Number.isNaN(priority)) return E_NOT_A_NUMBER;
    const cell = this.reserveCell(number);
    if (cell < 0) return cell;
    const container = this.#all[number] as Container;
    if (container.kind > CONTAINER_LIFO) {
      container.priorities[cell] = priority;
      const place = this.#placeFromLeaf(container, cell);
      if (place < 0) return place;
      if (container.count === container.order.length) container.grow();
      raise(container.order, container.count, place, cell);
      container.changes++;
    } else {
      if (container.count === container.order.length) container.grow();
      container.order[container.place(container.count)] = cell;
    }
    container.count++;
    return cell;
  }

  take(number: number): number {
    const container = this.#all[number];
    if (!container) return E_STALE;
    const count = container.count - 1;
    if (count < 0) return E_EMPTY;
    const { order, kind } = container;
    let cell: number;
    if (kind === CONTAINER_FIFO) {
      cell = order[container.first];
      container.first = container.place(1);
    } else if (kind === CONTAINER_LIFO) {
      cell = order[count];
    } else {
      cell = order[0];
      if (count > 0) {
        const last = order[count];
        const leaf = this.#descend(container, count);
        if (leaf < 0) return leaf;
        const place = this.#placeOnPath(container, leaf, last);
        if (place < 0) return place;
        lower(order, place, last);
      }
      container.changes++;
    }
    container.count = count;
    container.free[count] = cell;
    return cell;
  }

  cellAt(number: number, index: number): number {
    const container = this.#all[number];
    if (!container) return E_STALE;
    return index >= 0 && index < container.count ? container.order[container.place(index)] : E_EMPTY;
  }

  // ── The heap, as heapq moves it: comparisons first, moves after them ───────────────────────────────────────────

  /** Whether the value in `left` comes before the one in `right`: 1, 0, or E_COMPARE. */
  #precedes(container: Container, left: number, right: number): number {
    if (container.kind !== CONTAINER_COMPARED) {
      return container.priorities[left] < container.priorities[right] ? 1 : 0;
    }
    const { changes } = container;
    const before = this.#compare(left, right);
    return before < 0 || container.changes !== changes ? E_COMPARE : before;
  }

  /** Where `cell`, added behind the last leaf, rises to. */
  #placeFromLeaf(container: Container, cell: number): number {
    let place = container.count;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const before = this.#precedes(container, cell, container.order[parent]);
      if (before < 0) return before;
      if (before === 0) break;
      place = parent;
    }
    return place;
  }

  /** The leaf that a hole at the root sinks to, in a heap of `count` cells. */
  #descend(container: Container, count: number): number {
    let place = 0;
    for (let child = 1; child < count; child = 2 * place + 1) {
      const right = child + 1;
      if (right < count) {
        const before = this.#precedes(container, container.order[child], container.order[right]);
        if (before < 0) return before;
        if (before === 0) child = right;
      }
      place = child;
    }
    return place;
  }

  /** Where `cell` goes on the path from the root to `leaf`, once the cells on it have moved up by one. */
  #placeOnPath(container: Container, leaf: number, cell: number): number {
    let place = leaf;
    while (place > 0) {
      const before = this.#precedes(container, cell, container.order[place]);
      if (before < 0) return before;
      if (before === 0) break;
      place = (place - 1) >> 1;
    }
    return place;
  }
}

/** Moves the cells between `place` and the leaf `from` down by one and puts `cell` at `place`. */
function raise(order: Int32Array, from: number, place: number, cell: number): void {
  while (from > place) {
    const parent = (from - 1) >> 1;
    order[from] = order[parent];
    from = parent;
  }
  order[place] = cell;
}

/** Puts `cell` at `place` and moves the cells from there to the root up by one; the root's drops out. */
function lower(order: Int32Array, place: number, cell: number): void {
  for (;;) {
    const above = order[place];
    order[place] = cell;
    if (place === 0) return;
    cell = above;
    place = (place - 1) >> 1;
  }
}

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
} from "../../../src/core/abi.ts";
import type { CompareCells } from "../../../src/core/core.ts";

class Container {
  kind: number;
  count = 0;
  /** Goes up whenever what a comparison relies on changes. */
  changes = 0;
  readonly #bound: number;
  readonly #compare: CompareCells;
  /** Place of the first cell in a ring. */
  #first = 0;
  /** Cells: a ring whose size is a power of two, a stack, a heap. */
  #order = new Int32Array(8);
  /** Cells by number of cells in use: those from `count` on are free. */
  readonly #free: number[] = [];
  /** By cell. */
  readonly #priorities: number[] = [];

  constructor(kind: number, bound: number, compare: CompareCells) {
    this.kind = kind;
    this.#bound = bound;
    this.#compare = compare;
  }

  reserveCell(): number {
    const { count } = this;
    if (this.#bound > 0 && count >= this.#bound) return E_FULL;
    if (count === this.#free.length) this.#free.push(count);
    return this.#free[count];
  }

  put(priority: number): number {
    const cell = this.reserveCell();
    if (cell < 0) return cell;
    if (this.kind > CONTAINER_LIFO) {
      this.#priorities[cell] = priority;
      const place = this.#placeFromLeaf(cell);
      if (place < 0) return place;
      if (this.count === this.#order.length) this.#grow();
      raise(this.#order, this.count, place, cell);
      this.changes++;
    } else {
      if (this.count === this.#order.length) this.#grow();
      this.#order[this.#place(this.count)] = cell;
    }
    this.count++;
    return cell;
  }

  take(): number {
    const count = this.count - 1;
    if (count < 0) return E_EMPTY;
    const order = this.#order;
    let cell: number;
    if (this.kind === CONTAINER_FIFO) {
      cell = order[this.#first];
      this.#first = this.#place(1);
    } else if (this.kind === CONTAINER_LIFO) {
      cell = order[count];
    } else {
      cell = order[0];
      if (count > 0) {
        const last = order[count];
        const leaf = this.#descend(count);
        if (leaf < 0) return leaf;
        const place = this.#placeOnPath(leaf, last);
        if (place < 0) return place;
        lower(order, place, last);
      }
      this.changes++;
    }
    this.count = count;
    this.#free[count] = cell;
    return cell;
  }

  cellAt(index: number): number {
    return index >= 0 && index < this.count ? this.#order[this.#place(index)] : E_EMPTY;
  }

  #place(index: number): number {
    return this.kind === CONTAINER_FIFO ? (this.#first + index) & (this.#order.length - 1) : index;
  }

  #grow(): void {
    const old = this.#order;
    this.#order = new Int32Array(2 * old.length);
    this.#order.set(old.subarray(this.#first));
    this.#order.set(old.subarray(0, this.#first), old.length - this.#first);
    this.#first = 0;
  }

  // ── The heap, as heapq moves it: comparisons first, moves after them ───────────────────────────────────────────

  /** Whether the value in `left` comes before the one in `right`: 1, 0, or E_COMPARE. */
  #precedes(left: number, right: number): number {
    if (this.kind !== CONTAINER_COMPARED) return this.#priorities[left] < this.#priorities[right] ? 1 : 0;
    const { changes } = this;
    const before = this.#compare(left, right);
    return before < 0 || this.changes !== changes ? E_COMPARE : before;
  }

  /** Where `cell`, added behind the last leaf, rises to. */
  #placeFromLeaf(cell: number): number {
    let place = this.count;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const before = this.#precedes(cell, this.#order[parent]);
      if (before < 0) return before;
      if (before === 0) break;
      place = parent;
    }
    return place;
  }

  /** The leaf that a hole at the root sinks to, in a heap of `count` cells. */
  #descend(count: number): number {
    let place = 0;
    for (let child = 1; child < count; child = 2 * place + 1) {
      const right = child + 1;
      if (right < count) {
        const before = this.#precedes(this.#order[child], this.#order[right]);
        if (before < 0) return before;
        if (before === 0) child = right;
      }
      place = child;
    }
    return place;
  }

  /** Where `cell` goes on the path from the root to `leaf`, once the cells on it have moved up by one. */
  #placeOnPath(leaf: number, cell: number): number {
    let place = leaf;
    while (place > 0) {
      const before = this.#precedes(cell, this.#order[place]);
      if (before < 0) return before;
      if (before === 0) break;
      place = (place - 1) >> 1;
    }
    return place;
  }
}

export function containersOf(compare: CompareCells) {
  const all: (Container | null)[] = [];
  /** Numbers of destroyed containers, the last one last. */
  const free: number[] = [];
  return {
    createContainer(kind: number, bound: number): number {
      if (kind < CONTAINER_FIFO || kind > CONTAINER_COMPARED) return E_KIND;
      const number = free.pop() ?? all.length;
      all[number] = new Container(kind, bound, compare);
      return number;
    },

    destroyContainer(number: number): number {
      const container = all[number];
      if (!container) return E_STALE;
      container.changes++;
      all[number] = null;
      free.push(number);
      return 0;
    },

    compareContainer(number: number): number {
      const container = all[number];
      if (!container) return E_STALE;
      if (container.kind <= CONTAINER_LIFO) return E_KIND;
      container.kind = CONTAINER_COMPARED;
      return 0;
    },

    put(number: number, priority: number): number {
      if (Number.isNaN(priority)) return E_NOT_A_NUMBER;
      return all[number]?.put(priority) ?? E_STALE;
    },

    reserveCell: (number: number): number => all[number]?.reserveCell() ?? E_STALE,
    take: (number: number): number => all[number]?.take() ?? E_STALE,
    cellAt: (number: number, index: number): number => all[number]?.cellAt(index) ?? E_STALE,
  };
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

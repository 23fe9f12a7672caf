// The containers of the model: arrays, and CPython's heapq for priorities.

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
import { heappop, heappush } from "./heapq.ts";

interface Container {
  kind: number;
  readonly bound: number;
  /** Cells in the order of storage: a heap's for priorities. */
  order: number[];
  /** Cells that were given back, last one last. */
  readonly freed: number[];
  /** Cells that were in use at least once. */
  cellCount: number;
  /** Priorities by cell. */
  readonly priorities: number[];
  /** Goes up when the container changes. */
  changes: number;
}

export class ContainersModel {
  readonly #containers: (Container | null)[] = [];
  /** Numbers of destroyed containers, last one last. */
  readonly #free: number[] = [];
  readonly #compare: CompareCells;

  constructor(compare: CompareCells) {
    this.#compare = compare;
  }

  createContainer(kind: number, bound: number): number {
    if (kind < CONTAINER_FIFO || kind > CONTAINER_COMPARED) return E_KIND;
    const number = this.#free.pop() ?? this.#containers.length;
    this.#containers[number] = { kind, bound, order: [], freed: [], cellCount: 0, priorities: [], changes: 0 };
    return number;
  }

  destroyContainer(number: number): number {
    const container = this.#containers[number];
    if (!container) return E_STALE;
    container.changes++;
    this.#containers[number] = null;
    this.#free.push(number);
    return 0;
  }

  compareContainer(number: number): number {
    const container = this.#containers[number];
    if (!container) return E_STALE;
    if (container.kind <= CONTAINER_LIFO) return E_KIND;
    container.kind = CONTAINER_COMPARED;
    return 0;
  }

  reserveCell(number: number): number {
    const container = this.#containers[number];
    if (!container) return E_STALE;
    if (container.bound > 0 && container.order.length >= container.bound) return E_FULL;
    return container.freed.at(-1) ?? container.cellCount;
  }

  put(number: number, priority: number): number {
    if (Number.isNaN(priority)) return E_NOT_A_NUMBER;
    const cell = this.reserveCell(number);
    const container = this.#containers[number];
    if (cell < 0 || !container) return cell;
    container.priorities[cell] = priority;
    const order = [...container.order, cell];
    if (container.kind > CONTAINER_LIFO && !this.#compares(container, (precedes) => heappush(order, precedes))) {
      return E_COMPARE;
    }
    container.order = order;
    container.changes++;
    if (container.freed.pop() === undefined) container.cellCount++;
    return cell;
  }

  take(number: number): number {
    const container = this.#containers[number];
    if (!container) return E_STALE;
    if (container.order.length === 0) return E_EMPTY;
    const order = [...container.order];
    let cell: number | undefined;
    if (container.kind === CONTAINER_FIFO) cell = order.shift();
    else if (container.kind === CONTAINER_LIFO) cell = order.pop();
    else if (!this.#compares(container, (precedes) => (cell = heappop(order, precedes)))) return E_COMPARE;
    container.order = order;
    container.changes++;
    container.freed.push(cell as number);
    return cell as number;
  }

  cellAt(number: number, index: number): number {
    const container = this.#containers[number];
    return container ? (container.order[index] ?? E_EMPTY) : E_STALE;
  }

  /** Lets `work` compare cells of a container. Returns false when a comparison failed. */
  #compares(container: Container, work: (precedes: (left: number, right: number) => boolean) => void): boolean {
    const { priorities, changes } = container;
    const failure = new Error("comparison failed");
    try {
      work((left, right) => {
        if (container.kind !== CONTAINER_COMPARED) return priorities[left] < priorities[right];
        const before = this.#compare(left, right);
        if (before < 0 || container.changes !== changes) throw failure;
        return before !== 0;
      });
      return true;
    } catch (error) {
      if (error !== failure) throw error;
      return false;
    }
  }
}

// Priority containers: smallest first, equal ones as Python's heapq has them.
//
// As long as all priorities are numbers the core compares them itself. The first one that is not makes it ask here from
// then on; numbers have the same order there, so that nothing has to be moved.

import { InternalError, RuntimeError } from "../errors/base.ts";
import { CONTAINER_PRIORITY, E_COMPARE } from "./abi.ts";
import { check } from "./codes.ts";
import type { CompareCells } from "./core.ts";
import { Container, checkCell, containerCore, enterComparison } from "./container.ts";

/** An order of items. What it throws comes out of `put` and `take`, which have changed nothing then. */
export interface Order<T> {
  /** Whether numbers come in their own order, which the core knows. */
  readonly numeric: boolean;
  /** The priority of an item. Throws TypeError for what can never be ordered: NaN above all. */
  priorityOf(item: T): unknown;
  /** Whether an item of priority `left` comes before one of priority `right`. */
  precedes(left: unknown, right: unknown): boolean;
}

/** The items of a priority queue. */
export class PriorityContainer<T> extends Container<T> {
  readonly #order: Order<T>;
  /** Priorities by cell. */
  readonly #priorities: unknown[] = [];
  /** Whether the core asks here how to order: a priority came that is not a number. */
  #compared = false;
  /** Whether a comparison is going on. */
  #comparing = false;
  #failure: { readonly error: unknown } | null = null;
  /** What the core asks: 1 when the item in cell `left` comes first, 0 when not, -1 when that cannot be said. */
  readonly #compare: CompareCells = (left, right) => {
    try {
      return this.#order.precedes(this.#priorities[left], this.#priorities[right]) ? 1 : 0;
    } catch (error) {
      this.#failure = { error }; // thrown when the core has returned: nothing may be thrown through it
      return -1;
    }
  };

  /**
   * @param bound most items that it holds, rounded up; any number of them when it is not positive
   * @param order their order
   */
  constructor(bound: number, order: Order<T>) {
    super(CONTAINER_PRIORITY, bound);
    this.#order = order;
  }

  /** Puts an item in its place. Throws what the order throws, too. */
  override put(item: T): void {
    const priority = this.#order.priorityOf(item);
    this.#checkIdle();
    const core = containerCore();
    let cell: number;
    if (!this.#compared && this.#order.numeric && typeof priority === "number") {
      cell = checkCell(core.put(this.open(), priority));
      this.#priorities[cell] = priority;
    } else {
      const number = this.open();
      cell = checkCell(core.reserveCell(number));
      if (!this.#compared) check(core.compareContainer(number));
      this.#compared = true;
      // A reserved cell is nobody's: what a refused item leaves in it is overwritten by the next one.
      this.#priorities[cell] = priority;
      this.#ordered(core.put, number);
    }
    this.keep(cell, item);
  }

  /** Takes the first item. Throws QueueEmpty, and what the order throws. */
  override take(): T {
    this.#checkIdle();
    const cell = this.#compared
      ? this.#ordered(containerCore().take, this.open())
      : checkCell(containerCore().take(this.open()));
    this.#priorities[cell] = undefined;
    return this.remove(cell);
  }

  override clear(): void {
    this.#checkIdle();
    super.clear();
    this.#priorities.length = 0;
    this.#compared = false;
  }

  /** Makes a call to the core that may ask for comparisons. Returns the cell. */
  #ordered(call: (number: number, priority: number) => number, number: number): number {
    const outer = enterComparison(this.#compare);
    this.#comparing = true;
    let outcome: number;
    try {
      outcome = call(number, 0);
    } finally {
      this.#comparing = false;
      enterComparison(outer);
    }
    if (outcome !== E_COMPARE) return checkCell(outcome);
    const failure = this.#failure;
    this.#failure = null;
    if (failure === null) throw new InternalError("Cannot order: the core refused a comparison");
    throw failure.error;
  }

  #checkIdle(): void {
    if (this.#comparing) throw new RuntimeError("Cannot change the queue: its items are being compared");
  }
}

// What comes first in a priority queue: Python's `<` for numbers, strings and sequences of them, or what the program
// says.

import type { Order } from "../core/priority-container.ts";
import { format } from "../support/format.ts";
import { checkNames } from "../support/checks.ts";

/** What can be ordered as it is. Arrays are compared element by element, as Python compares tuples. */
export type Priority = number | bigint | boolean | string | readonly unknown[];

/** How a priority queue orders its items; at most one of the two. */
export interface PriorityQueueOptions<T> {
  /** The priority of an item, asked for once, when it is put. Default: the item itself. */
  key?: (item: T) => Priority;
  /** Negative when `left` comes first, positive when `right` does, 0 when they are equal; as for Array's `sort`. */
  compare?: (left: T, right: T) => number;
}

/** The order that options ask for. Throws TypeError when they are not what they should be. */
export function orderOf<T>(options: PriorityQueueOptions<T>): Order<T> {
  const { key, compare } = checkNames(options, ["key", "compare"]);
  if (key !== undefined && typeof key !== "function")
    throw new TypeError(`Invalid key: expected a function, got ${format(key)}`);
  if (compare === undefined) {
    return {
      numeric: true,
      priorityOf: (item) => checkPriority(key === undefined ? item : key(item)),
      precedes,
    };
  }
  if (typeof compare !== "function")
    throw new TypeError(`Invalid compare: expected a function, got ${format(compare)}`);
  if (key !== undefined) throw new TypeError("Cannot order by both key and compare");
  return {
    numeric: false,
    priorityOf: (item) => item,
    precedes: (left, right) => {
      const order: unknown = compare(left as T, right as T);
      if (typeof order === "number" && !Number.isNaN(order)) return order < 0;
      throw new TypeError(`Cannot order items: compare returned ${format(order)} instead of a number`);
    },
  };
}

/** Returns a priority. Throws TypeError for NaN, also inside arrays, and for what can never be ordered. */
function checkPriority(priority: unknown): unknown {
  if (familyOf(priority) === null) {
    throw new TypeError(
      `Cannot order ${format(priority)}: expected a number, a string or an array; or give the queue a key or compare`,
    );
  }
  checkNumbers(priority);
  return priority;
}

function checkNumbers(value: unknown): void {
  if (Number.isNaN(value)) throw new TypeError("Cannot order NaN");
  if (Array.isArray(value)) value.forEach(checkNumbers);
}

/** Python's `left < right`. Throws TypeError for what cannot be compared. */
function precedes(left: unknown, right: unknown): boolean {
  const family = familyOf(left);
  if (family === null || family !== familyOf(right))
    throw new TypeError(`Cannot order ${format(left)} and ${format(right)}`);
  if (family !== "array") return (left as number) < (right as number);
  const lefts = left as unknown[];
  const rights = right as unknown[];
  const length = Math.min(lefts.length, rights.length);
  for (let index = 0; index < length; index++) {
    const inLeft = lefts[index];
    const inRight = rights[index];
    if (inLeft === inRight) continue;
    // Nearly all arrays differ in a number, and NaN is not among them.
    if (typeof inLeft === "number" && typeof inRight === "number") return inLeft < inRight;
    if (!equal(inLeft, inRight)) return precedes(inLeft, inRight);
  }
  return lefts.length < rights.length;
}

/** Python's `left == right`, for what can be ordered; the rest is equal to itself alone. */
function equal(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  const family = familyOf(left);
  if (family === null || family !== familyOf(right)) return false;
  if (family !== "array") return !((left as number) < (right as number)) && !((left as number) > (right as number));
  const lefts = left as unknown[];
  const rights = right as unknown[];
  return lefts.length === rights.length && lefts.every((item, index) => equal(item, rights[index]));
}

/** Values of one family can be ordered: Python's bool and int are numbers, too. Null for what cannot. */
function familyOf(value: unknown): "number" | "string" | "array" | null {
  switch (typeof value) {
    case "number":
    case "bigint":
    case "boolean":
      return "number";
    case "string":
      return "string";
    default:
      return Array.isArray(value) ? "array" : null;
  }
}

// The core returns codes; this file turns them into errors.

import { InternalError, MemoryError, RuntimeError } from "../errors/base.ts";
import {
  E_COMPARE,
  E_EMPTY,
  E_FULL,
  E_KIND,
  E_NO_MEMORY,
  E_NO_TASK,
  E_NOT_A_NUMBER,
  E_STALE,
  E_TRANSITION,
} from "./abi.ts";

const internal = new Map<number, string>([
  [E_STALE, "the slot was freed before"],
  [E_KIND, "the slot is of another kind"],
  [E_COMPARE, "the comparison failed"],
  [E_FULL, "the container is full"],
  [E_EMPTY, "the container is empty"],
]);

/** Returns a core result that is not negative, or throws the error that it stands for. */
export function check(result: number): number {
  if (result < 0) throw errorOf(result);
  return result;
}

/** The error that a negative core result stands for. */
export function errorOf(code: number): Error {
  switch (code) {
    case E_NO_MEMORY:
      return new MemoryError("Cannot schedule: the scheduler's memory is used up");
    case E_NOT_A_NUMBER:
      return new TypeError("Cannot schedule: the deadline or priority is NaN");
    case E_NO_TASK:
      return new RuntimeError("Cannot wait: no task is running");
    case E_TRANSITION:
      return new RuntimeError("Cannot wait: the task waits for something else already");
    default:
      return new InternalError(`Cannot go on: ${internal.get(code) ?? `the core returned ${code}`}`);
  }
}

// Progress: what a simulation asks between two steps, in plain numbers.

import { KIND_TASK } from "./abi";
import { digest } from "./digest";
import { readyCount } from "./ready";
import { decisions, iterations } from "./scheduler";
import { recordOf, slotCount, slotOf } from "./slots";
import { deadlineOf, keyAt, timerAt, timerCount } from "./timers";

/** Iterations that were begun. */
export function iterationCount(): f64 {
  return <f64>iterations;
}

/** Entries that were taken from the ready queue. */
export function decisionCount(): f64 {
  return <f64>decisions;
}

/** Upper half of the digest of every decision so far. */
export function digestHigh(): i32 {
  return <i32>(digest >> 32);
}

/** Lower half of the digest of every decision so far. */
export function digestLow(): i32 {
  return <i32>digest;
}

/** Entries in the ready queue; `readyAt` gives them, first to run first. */
export function readyLength(): i32 {
  return readyCount;
}

/** Slots in use: tasks, handles, done-callbacks, awaited futures, waiter lists, joins and sources. */
export function usedSlots(): i32 {
  return slotCount;
}

/** Pages of memory, of 64 KiB each. */
export function pageCount(): i32 {
  return memory.size();
}

/** Whether a task sleeps. */
export function isSleeping(id: i32): bool {
  const slot = slotOf(id, KIND_TASK);
  return slot >= 0 && recordOf(slot).timer != 0;
}

/**
 * When a sleeping task is woken, in seconds; NaN when it does not sleep. Looks through all timers, from the last
 * on.
 */
export function wakeTime(id: i32): f64 {
  const slot = slotOf(id, KIND_TASK);
  const timer = slot < 0 ? 0 : recordOf(slot).timer;
  if (timer == 0) return NaN;
  for (let index = timerCount - 1; index >= 0; index--) {
    if (timerAt(index) == timer) return deadlineOf(keyAt(index));
  }
  return NaN;
}

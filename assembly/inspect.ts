// Inspection: what the core holds, in strings and typed arrays. The cold surface, carried by as-bind.
//
// Lists are given in pages, so that a call allocates little whatever the core holds: the host asks again from where the last
// page ended.

import {
  KIND_CALLBACK,
  KIND_DONE_CALLBACK,
  KIND_FREE,
  KIND_FUTURE,
  KIND_JOIN,
  KIND_LIST,
  KIND_TASK,
  KIND_TIMER,
  STATE_ARMED,
  STATE_AWAITING,
  STATE_DROPPED,
  STATE_FREE,
  STATE_PENDING,
  STATE_QUEUED,
  STATE_READY,
  STATE_RUNNING,
  STATE_SLEEPING,
  STATE_SUBSCRIBED,
  STATE_WAITING,
} from "./abi";
import { digest } from "./digest";
import { memoryBytes } from "./memory";
import { readyAt, readyCount } from "./ready";
import { decisions, iterations } from "./scheduler";
import { cancellingOf, freshSlot, idOf, kindOf, ownerOf, slotCapacity, slotCount, stateOf } from "./slots";
import { deadTimerCount, deadlineOf, isDead, keyAt, slotOfTimer, timerAt, timerCount } from "./timers";

/** Rows of a page. */
const PAGE_ROWS: i32 = 256;

/** Name of a slot kind, or "unknown". */
export function kindName(kind: i32): string {
  if (kind == KIND_FREE) return "free";
  if (kind == KIND_TASK) return "task";
  if (kind == KIND_CALLBACK) return "callback";
  if (kind == KIND_TIMER) return "timer";
  if (kind == KIND_DONE_CALLBACK) return "done-callback";
  if (kind == KIND_FUTURE) return "future";
  if (kind == KIND_LIST) return "waiter list";
  if (kind == KIND_JOIN) return "join";
  return "unknown";
}

/** Name of a state, or "unknown". */
export function stateName(state: i32): string {
  if (state == STATE_FREE) return "free";
  if (state == STATE_READY) return "ready";
  if (state == STATE_RUNNING) return "running";
  if (state == STATE_WAITING) return "waiting";
  if (state == STATE_AWAITING) return "awaiting";
  if (state == STATE_SLEEPING) return "sleeping";
  if (state == STATE_QUEUED) return "queued";
  if (state == STATE_SUBSCRIBED) return "subscribed";
  if (state == STATE_ARMED) return "armed";
  if (state == STATE_DROPPED) return "dropped";
  if (state == STATE_PENDING) return "pending";
  return "unknown";
}

/** The digest of all decisions so far, as 16 hexadecimal digits. */
export function digestText(): string {
  let text = "";
  for (let shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef".charAt(<i32>((digest >> shift) & 15));
  return text;
}

/** Iterations, decisions, slots in use, slots that exist, ready entries, timers, cancelled timers among them, bytes of memory. */
export function counters(): Float64Array {
  const row = new Float64Array(8);
  row[0] = <f64>iterations;
  row[1] = <f64>decisions;
  row[2] = slotCount;
  row[3] = slotCapacity;
  row[4] = readyCount;
  row[5] = timerCount;
  row[6] = deadTimerCount;
  row[7] = <f64>memoryBytes();
  return row;
}

/** Ready entries from index `from` on, first to run first; a page. */
export function dumpReady(from: i32): Int32Array {
  from = max(from, 0);
  const count = min(max(readyCount - from, 0), PAGE_ROWS);
  const page = new Int32Array(count);
  for (let row = 0; row < count; row++) page[row] = readyAt(from + row);
  return page;
}

/** Pending timers from heap index `from` on, in heap order: deadline and slot (-1 for a cancelled one), two numbers a timer; a page. */
export function dumpTimers(from: i32): Float64Array {
  from = max(from, 0);
  const count = min(max(timerCount - from, 0), PAGE_ROWS);
  const page = new Float64Array(2 * count);
  for (let row = 0; row < count; row++) {
    const timer = timerAt(from + row);
    page[2 * row] = deadlineOf(keyAt(from + row));
    page[2 * row + 1] = isDead(timer) ? -1 : slotOfTimer(timer);
  }
  return page;
}

/** Slots in use from slot `from` on: id, kind, state, owner, cancel requests (waiters for a list), five numbers a slot; a page. */
export function dumpSlots(from: i32): Int32Array {
  const page = new StaticArray<i32>(5 * PAGE_ROWS);
  let length = 0;
  for (let slot = max(from, 0); slot < freshSlot && length < 5 * PAGE_ROWS; slot++) {
    if (stateOf(slot) == STATE_FREE) continue;
    page[length++] = idOf(slot);
    page[length++] = kindOf(slot);
    page[length++] = stateOf(slot);
    page[length++] = ownerOf(slot);
    page[length++] = cancellingOf(slot);
  }
  const result = new Int32Array(length);
  for (let index = 0; index < length; index++) result[index] = page[index];
  return result;
}

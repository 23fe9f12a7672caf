// Inspection: what the core holds, in strings and typed arrays. The cold surface, carried by as-bind.
//
// Lists are given in pages, so that what a call makes fits into the heap, whatever the core holds: the host asks again
// from where the last page ended. Nothing is ever freed. Instead each call empties the heap first: what the last one
// returned is read by then.

import { STATE_FREE } from "./abi";
import { digest } from "./digest";
import { memoryBytes } from "./memory";
import { readyAt, readyCount } from "./ready";
import { decisions, iterations, todo } from "./scheduler";
import { freshSlot, recordOf, slotCapacity, slotCount } from "./slots";
import { deadTimerCount, deadlineOf, isDead, keyAt, slotOfTimer, timerAt, timerCount } from "./timers";

/** Rows of a page. */
const PAGE_ROWS: i32 = 256;

/** Room for the text of a digest. */
const text = memory.data(32);

/** The digest of all decisions so far, as 16 hexadecimal digits. */
export function digestText(): string {
  heap.reset();
  for (let place = 0; place < 16; place++) {
    const digit = <u16>(digest >> (60 - 4 * place)) & 15;
    store<u16>(text + (place << 1), digit + (digit < 10 ? 48 : 87)); // "0" and "a"
  }
  return String.UTF16.decodeUnsafe(text, 32);
}

/**
 * Iterations, decisions, slots in use, slots that exist, ready entries, timers, cancelled timers among them, bytes of
 * memory, entries of the current iteration that have not run.
 */
export function counters(): Float64Array {
  heap.reset();
  const row = new Float64Array(9);
  row[0] = <f64>iterations;
  row[1] = <f64>decisions;
  row[2] = slotCount;
  row[3] = slotCapacity;
  row[4] = readyCount;
  row[5] = timerCount;
  row[6] = deadTimerCount;
  row[7] = <f64>memoryBytes();
  row[8] = todo;
  return row;
}

/** Ready entries from index `from` on, first to run first; a page. */
export function dumpReady(from: i32): Int32Array {
  heap.reset();
  from = max(from, 0);
  const count = min(max(readyCount - from, 0), PAGE_ROWS);
  const page = new Int32Array(count);
  for (let row = 0; row < count; row++) page[row] = readyAt(from + row);
  return page;
}

/**
 * Pending timers from index `from` on, in the order of storage: deadline and slot (-1 for a cancelled one), two
 * numbers a timer; a page.
 */
export function dumpTimers(from: i32): Float64Array {
  heap.reset();
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

/** Slots in use from slot `from` on: id, kind, state, owner, count (see slots.ts), five numbers a slot; a page. */
export function dumpSlots(from: i32): Int32Array {
  heap.reset();
  let rows = 0;
  for (let slot = max(from, 0); slot < freshSlot && rows < PAGE_ROWS; slot++)
    rows += i32(recordOf(slot).state != STATE_FREE);
  const page = new Int32Array(5 * rows);
  for (let slot = max(from, 0), cell = 0; cell < 5 * rows; slot++) {
    const record = recordOf(slot);
    if (record.state == STATE_FREE) continue;
    page[cell++] = record.id;
    page[cell++] = record.kind;
    page[cell++] = record.state;
    page[cell++] = record.owner;
    page[cell++] = record.count;
  }
  return page;
}

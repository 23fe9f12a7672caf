// The timer heap: a binary heap ordered by (deadline, sequence), so that equal deadlines fire in the order they were
// made.
//
// Two parallel arrays: the deadline as a u64 that compares as the f64 does, and sequence << SLOT_BITS | slot. The
// second is also the timer's identity: it stands in the slot's record while the timer is live. Cancelling only clears
// it there, O(1); the dead entry is dropped when it comes to the head, or by compaction when more than half of over 100
// are dead.

import { SLOT_BITS, SLOT_MASK } from "./abi";
import { TABLE_DEADLINES, TABLE_TIMERS, deadlinesBase, growTable, timersBase } from "./memory";
import { resting, wakeHost } from "./ready";
import { recordOf } from "./slots";

const FIRST_CAPACITY: i32 = 256;
const DOUBLING_LIMIT: i32 = 262144;
/** asyncio's _MIN_SCHEDULED_TIMER_HANDLES: smaller heaps are not compacted. */
const COMPACTION_MINIMUM: i32 = 100;
/** Sequences take the bits above the slot. */
const SEQUENCE_LIMIT: u64 = (<u64>1) << (64 - SLOT_BITS);
const SIGN: u64 = (<u64>1) << 63;

/** Entries in the heap, dead ones too. */
export let timerCount: i32 = 0;
/** Dead entries in the heap. */
export let deadTimerCount: i32 = 0;
/** Timers that both tables have room for. */
let capacity: i32 = 0;
/** Timers that the table of deadlines has room for. */
let deadlineCapacity: i32 = 0;
let nextSequence: u64 = 1;

export function initializeTimers(firstSequence: u64): void {
  timerCount = 0;
  deadTimerCount = 0;
  nextSequence = firstSequence;
}

/** The u64 that orders as `deadline` does. */
export function keyOf(deadline: f64): u64 {
  const bits = reinterpret<u64>(deadline + 0.0); // -0 becomes 0
  return bits & SIGN ? ~bits : bits | SIGN;
}

/** The deadline behind a key. */
export function deadlineOf(key: u64): f64 {
  return reinterpret<f64>(key & SIGN ? key ^ SIGN : ~key);
}

export function keyAt(index: i32): u64 {
  return load<u64>(deadlinesBase + ((<usize>index) << 3));
}

export function timerAt(index: i32): u64 {
  return load<u64>(timersBase + ((<usize>index) << 3));
}

export function slotOfTimer(timer: u64): i32 {
  return <i32>timer & SLOT_MASK;
}

/** Makes room for one more timer. Returns false when memory is refused; then there is room for as many as before. */
export function reserveTimer(): bool {
  if (timerCount < capacity) return true;
  const added = capacity == 0 ? FIRST_CAPACITY : capacity < DOUBLING_LIMIT ? capacity : capacity >> 2;
  // The first table keeps its growth when the second is refused: it is asked for again only beyond that.
  if (deadlineCapacity < capacity + added) {
    if (!growTable(TABLE_DEADLINES, (<usize>(capacity + added - deadlineCapacity)) << 3)) return false;
    deadlineCapacity = capacity + added;
  }
  if (!growTable(TABLE_TIMERS, (<usize>added) << 3)) return false;
  capacity += added;
  return true;
}

/** Adds a timer for a slot that has none. `reserveTimer` must have made room. */
export function pushTimer(slot: i32, deadline: f64): void {
  if (nextSequence >= SEQUENCE_LIMIT) renumber();
  const timer = (nextSequence++ << SLOT_BITS) | <u64>slot;
  recordOf(slot).timer = timer;
  siftUp(timerCount++, keyOf(deadline), timer);
  if (resting) wakeHost();
}

/** Marks a slot's timer as dead, if it has one in the heap. */
export function cancelTimer(slot: i32): void {
  const record = recordOf(slot);
  if (record.timer == 0) return;
  record.timer = 0;
  deadTimerCount++;
}

/** Drops dead timers: all of them when they are the greater part of a large heap, else those at the head. */
export function pruneTimers(): void {
  if (timerCount > COMPACTION_MINIMUM && 2 * deadTimerCount > timerCount) {
    compact();
    return;
  }
  while (deadTimerCount > 0 && timerCount > 0 && isDead(timerAt(0))) {
    deadTimerCount--;
    removeFirst();
  }
}

/** Takes the first timer off the heap and off its slot. The heap must not be empty. Returns its identity. */
export function popTimer(): u64 {
  const timer = timerAt(0);
  removeFirst();
  if (isDead(timer)) {
    deadTimerCount--;
    return 0;
  }
  recordOf(slotOfTimer(timer)).timer = 0;
  return timer;
}

/** Timers that are made from now on are no smaller. */
export function nextTimer(): u64 {
  return nextSequence << SLOT_BITS;
}

export function isDead(timer: u64): bool {
  return recordOf(slotOfTimer(timer)).timer != timer;
}

function place(index: i32, key: u64, timer: u64): void {
  store<u64>(deadlinesBase + ((<usize>index) << 3), key);
  store<u64>(timersBase + ((<usize>index) << 3), timer);
}

function siftUp(hole: i32, key: u64, timer: u64): void {
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    const parentKey = keyAt(parent);
    if (parentKey < key || (parentKey == key && timerAt(parent) < timer)) break;
    place(hole, parentKey, timerAt(parent));
    hole = parent;
  }
  place(hole, key, timer);
}

/** Moves the hole at `hole` down to a leaf along the smaller children, and the given timer up from there. */
function siftDown(hole: i32, key: u64, timer: u64): void {
  let child = 2 * hole + 1;
  const start = hole;
  while (child < timerCount) {
    let childKey = keyAt(child);
    const right = child + 1;
    if (right < timerCount) {
      const rightKey = keyAt(right);
      if (rightKey < childKey || (rightKey == childKey && timerAt(right) < timerAt(child))) {
        child = right;
        childKey = rightKey;
      }
    }
    place(hole, childKey, timerAt(child));
    hole = child;
    child = 2 * hole + 1;
  }
  while (hole > start) {
    const parent = (hole - 1) >> 1;
    const parentKey = keyAt(parent);
    if (parentKey < key || (parentKey == key && timerAt(parent) < timer)) break;
    place(hole, parentKey, timerAt(parent));
    hole = parent;
  }
  place(hole, key, timer);
}

function removeFirst(): void {
  timerCount--;
  if (timerCount > 0) siftDown(0, keyAt(timerCount), timerAt(timerCount));
}

function compact(): void {
  let live = 0;
  for (let index = 0; index < timerCount; index++) {
    const timer = timerAt(index);
    if (!isDead(timer)) place(live++, keyAt(index), timer);
  }
  timerCount = live;
  deadTimerCount = 0;
  heapify();
}

function heapify(): void {
  for (let index = (timerCount >> 1) - 1; index >= 0; index--) siftDown(index, keyAt(index), timerAt(index));
}

/** Gives the timers new sequences from 1 on, in their order: once in 2^40 timers. */
function renumber(): void {
  compact();
  const count = timerCount;
  // Heap sort, in place: the first goes behind the shrinking heap, which leaves the timers in falling order.
  while (timerCount > 0) {
    const key = keyAt(0);
    const timer = timerAt(0);
    removeFirst();
    place(timerCount, key, timer);
  }
  nextSequence = 1;
  for (let low = 0, high = count - 1; low <= high; low++, high--) {
    const key = keyAt(low);
    const timer = timerAt(low);
    place(low, keyAt(high), timerAt(high));
    place(high, key, timer);
  }
  for (let index = 0; index < count; index++) {
    const slot = slotOfTimer(timerAt(index));
    const timer = (nextSequence++ << SLOT_BITS) | <u64>slot;
    place(index, keyAt(index), timer);
    recordOf(slot).timer = timer;
  }
  timerCount = count; // rising order is a heap
}

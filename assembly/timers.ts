// Timers in order of (deadline, sequence), so that equal deadlines fire in the order they were made.
//
// Most deadlines are armed in rising order, as timeouts of one length are, or many between two looks at the earliest.
// So there are two places: a sorted run, and a heap of what came out of order. What belongs behind the run's last goes
// there, O(1). Others wait behind the heap; when the earliest is asked for, they become part of it, or, where they are
// many beside the run, all of it is sorted and merged into the run.
//
// The identity of a timer stands in the slot's record while it is live. Cancelling only clears it there, O(1); the dead
// entry is dropped when it comes to the head, or by compaction when more than half of over 100 are dead.

import { SLOT_BITS, SLOT_MASK } from "./abi";
import { TABLE_HEAP, TABLE_RUN, growTable, heapBase, runBase } from "./memory";
import { resting, wakeHost } from "./ready";
import { recordOf } from "./slots";
import { ENTRY_SIZE, isBefore, keyIn, place, timerIn } from "./timer-entries";
import { addToHeap, emptyHeap, heapCount, keepOfHeap, orderHeap, orderedCount, removeFirstOfHeap } from "./timer-heap";
import { addToRun, emptyRun, keepOfRun, mergeIntoRun, removeFirstOfRun, runEnd, runFirst, shiftRun } from "./timer-run";
import { sortEntries } from "./timer-sort";

const FIRST_CAPACITY: i32 = 256;
const DOUBLING_LIMIT: i32 = 262144;
/** A heap of no more than this is never merged into the run: its order costs less. */
const SMALL_HEAP: i32 = 512;
/** One that has less than this part of the run's entries is not, either: merging moves the run. */
const PART_OF_RUN: i32 = 8;
/** asyncio's _MIN_SCHEDULED_TIMER_HANDLES: so few timers are not compacted. */
const COMPACTION_MINIMUM: i32 = 100;
/** Sequences take the bits above the slot. */
const SEQUENCE_LIMIT: u64 = (<u64>1) << (64 - SLOT_BITS);
const SIGN: u64 = (<u64>1) << 63;

/** Entries in both places, dead ones too. */
export let timerCount: i32 = 0;
/** Dead entries in both places. */
export let deadTimerCount: i32 = 0;
/** Entries that the tables have room for. */
let runCapacity: i32 = 0;
let heapCapacity: i32 = 0;
let nextSequence: u64 = 1;

export function initializeTimers(firstSequence: u64): void {
  timerCount = 0;
  deadTimerCount = 0;
  emptyRun();
  emptyHeap();
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

/** How many timers stand in the run: the first ones, in order. Those behind them are a heap after `orderTimers`. */
export function runLength(): i32 {
  return runEnd - runFirst;
}

export function keyAt(index: i32): u64 {
  const length = runLength();
  return index < length ? keyIn(runBase, runFirst + index) : keyIn(heapBase, index - length);
}

export function timerAt(index: i32): u64 {
  const length = runLength();
  return index < length ? timerIn(runBase, runFirst + index) : timerIn(heapBase, index - length);
}

export function slotOfTimer(timer: u64): i32 {
  return <i32>timer & SLOT_MASK;
}

/** Makes room for one more timer. Returns false when memory is refused; then there is room for as many as before. */
export function reserveTimer(): bool {
  // All of the heap may have to go to the end of the run.
  if (runEnd + heapCount >= runCapacity && !makeRoomInRun()) return false;
  if (heapCount < heapCapacity) return true;
  const added = growthOf(heapCapacity);
  if (!growTable(TABLE_HEAP, <usize>added * ENTRY_SIZE)) return false;
  heapCapacity += added;
  return true;
}

/** Uses the room of what has fired, where that is the greater part or there is no other; else the table grows. */
function makeRoomInRun(): bool {
  if (2 * runFirst <= runCapacity) {
    const added = growthOf(runCapacity);
    if (growTable(TABLE_RUN, <usize>added * ENTRY_SIZE)) {
      runCapacity += added;
      return true;
    }
    if (runFirst == 0) return false;
  }
  shiftRun();
  return true;
}

function growthOf(capacity: i32): i32 {
  return capacity == 0 ? FIRST_CAPACITY : capacity < DOUBLING_LIMIT ? capacity : capacity >> 2;
}

/** Adds a timer for a slot that has none. `reserveTimer` must have made room. */
export function pushTimer(slot: i32, deadline: f64): void {
  if (nextSequence >= SEQUENCE_LIMIT) renumber();
  const timer = (nextSequence++ << SLOT_BITS) | <u64>slot;
  recordOf(slot).timer = timer;
  timerCount++;
  add(keyOf(deadline), timer);
  if (resting) wakeHost();
}

function add(key: u64, timer: u64): void {
  if (runFirst == runEnd) {
    emptyRun();
    if (heapCount > 0) return addToHeap(key, timer);
  } else if (key < keyIn(runBase, runEnd - 1)) {
    return addToHeap(key, timer);
  }
  addToRun(key, timer);
}

/** Marks a slot's timer as dead, if it has one. */
export function cancelTimer(slot: i32): void {
  const record = recordOf(slot);
  if (record.timer == 0) return;
  record.timer = 0;
  deadTimerCount++;
}

/** Drops dead timers: all of them when they are the greater part of many, else those at the head. */
export function pruneTimers(): void {
  if (timerCount > COMPACTION_MINIMUM && 2 * deadTimerCount > timerCount) {
    compact();
    return;
  }
  while (deadTimerCount > 0 && timerCount > 0) {
    const inHeap = isHeadInHeap();
    if (!isDead(headTimer(inHeap))) return;
    deadTimerCount--;
    removeHead(inHeap);
  }
}

/** Key of the first timer. There must be one. */
export function headKey(): u64 {
  return isHeadInHeap() ? keyIn(heapBase, 0) : keyIn(runBase, runFirst);
}

/** Takes the first timer off, and off its slot. There must be one. Returns its identity, or 0 when it is dead. */
export function popTimer(): u64 {
  const inHeap = isHeadInHeap();
  const timer = headTimer(inHeap);
  removeHead(inHeap);
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

/** Brings those into an order that are in none. */
export function orderTimers(): void {
  if (orderedCount == heapCount) return;
  if (heapCount > SMALL_HEAP && heapCount > runLength() / PART_OF_RUN) mergeHeap();
  else orderHeap();
}

function isHeadInHeap(): bool {
  orderTimers();
  if (heapCount == 0) return false;
  return runFirst == runEnd || !isBefore(runBase, runFirst, keyIn(heapBase, 0), timerIn(heapBase, 0));
}

function headTimer(inHeap: bool): u64 {
  return inHeap ? timerIn(heapBase, 0) : timerIn(runBase, runFirst);
}

function removeHead(inHeap: bool): void {
  timerCount--;
  if (inHeap) removeFirstOfHeap();
  else removeFirstOfRun();
}

/** Puts all of the heap into the run. */
function mergeHeap(): void {
  if (runFirst > 0) shiftRun();
  sortEntries(heapBase, heapCount, runBase + <usize>runEnd * ENTRY_SIZE, orderedCount);
  mergeIntoRun(heapBase, heapCount);
  emptyHeap();
}

function compact(): void {
  keepOfRun(moveLive(runBase, runFirst, runEnd));
  keepOfHeap(moveLive(heapBase, 0, heapCount));
  timerCount = runEnd + heapCount;
  deadTimerCount = 0;
}

/** Moves the live entries of a table to its beginning, in their order. Returns how many they are. */
function moveLive(table: usize, first: i32, end: i32): i32 {
  let live = 0;
  for (let index = first; index < end; index++) {
    const timer = timerIn(table, index);
    if (!isDead(timer)) place(table, live++, keyIn(table, index), timer);
  }
  return live;
}

/** Gives the timers new sequences from 1 on, in their order: once in 2^40 timers. */
function renumber(): void {
  compact();
  mergeHeap();
  nextSequence = 1;
  for (let index = 0; index < runEnd; index++) {
    const slot = slotOfTimer(timerIn(runBase, index));
    const timer = (nextSequence++ << SLOT_BITS) | <u64>slot;
    place(runBase, index, keyIn(runBase, index), timer);
    recordOf(slot).timer = timer;
  }
}

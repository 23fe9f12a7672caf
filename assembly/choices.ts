// Choices: where more than one thing could run next, a host that searches schedules may say which.
//
// Candidates are, in this order, the ready entries from the head on, and the timers that are due within the window, earliest
// first. Candidate 0 is what runs when nobody chooses, so that "always 0" is the run without choices.
//
// Passive entries are no candidates: what only passes a wake-up on. They run where they stand as long as nothing is chosen past them,
// and before the chosen entry when one is: so no choice can hold up a wake-up that is on its way.

import {
  DONE_CALLBACK,
  ENTRY_KIND,
  ENTRY_SHIFT,
  EVENT_QUEUE,
  EVENT_WAKE,
  KIND_TASK,
  NONE,
  ORDERS_ANY,
  ORDERS_FIXED,
  STATE_DROPPED,
  STEP,
  TIMER,
  WAIT_CANCELLED,
} from "./abi";
import { pushReady, pullReady, readyAt, readyCount } from "./ready";
import { flagsOf, kindOf, move, stateOf } from "./slots";
import { BOOKKEEPING } from "./state";
import { cancelTimer, deadlineOf, isDead, keyAt, keyOf, slotOfTimer, timerAt, timerCount } from "./timers";

/** Ready entries that can be candidates at one point. */
const MOST_READY: i32 = 256;
/** Timers that can be candidates at one point. */
const MOST_TIMERS: i32 = 32;

/** Entries of the ready candidates. */
const readyCandidates = memory.data(MOST_READY * 4);
/** Heap indexes of the timer candidates. */
const timerCandidates = memory.data(MOST_TIMERS * 4);

let readyCandidateCount: i32 = 0;
let timerCandidateCount: i32 = 0;
let orders: i32 = ORDERS_FIXED;
/** Seconds by which a timer may come early, against what is ready. */
let window: f64 = 0;
/** Keys of timers within the window are below this one; 0: none is. */
let windowEnd: u64 = 0;
let asksAlways: bool = false;

export function initializeChoices(): void {
  orders = ORDERS_FIXED;
  window = 0;
  windowEnd = 0;
  asksAlways = false;
}

/**
 * Has `next` return CHOICE wherever more than one thing could run. ORDERS_ANY: any ready entry; ORDERS_TIMERS: the first, or a
 * timer. Timers are candidates up to `seconds` before they are due. `always`: also where there is one candidate.
 */
export function offerChoices(among: i32, seconds: f64, always: bool): void {
  orders = among;
  window = seconds;
  asksAlways = always;
}

/** Whether choices are offered at all. */
export function offersChoices(): bool {
  return orders != ORDERS_FIXED;
}

/** Nothing was ready: the window opens at `time`, the earliest deadline, so that no timer is later than the window is long. */
export function openWindow(time: f64): void {
  windowEnd = window > 0 ? keyOf(time + window) : 0;
}

/** Whether the ready entries, of which there must be one, leave a choice. */
export function mustAsk(): bool {
  if (isPassive(readyAt(0))) return false;
  collect();
  return asksAlways || readyCandidateCount + timerCandidateCount > 1;
}

/** Candidates at the point at which `next` returned CHOICE. */
export function candidateCount(): i32 {
  return readyCandidateCount + timerCandidateCount;
}

/** Candidate `index` as an entry: slot, and STEP, CALLBACK, DONE_CALLBACK or TIMER; NONE when there is no such candidate. */
export function candidateAt(index: i32): i32 {
  if (<u32>index >= <u32>(readyCandidateCount + timerCandidateCount)) return NONE;
  if (index < readyCandidateCount) return readyCandidateAt(index);
  const slot = slotOfTimer(timerAt(timerCandidateAt(index - readyCandidateCount)));
  return (slot << ENTRY_SHIFT) | (kindOf(slot) == KIND_TASK ? STEP : TIMER);
}

/** Brings the passive entries to the front, in their order. Returns how many of them were not among the first `todo`. */
export function bringPassiveForward(todo: i32): i32 {
  const count = readyCount;
  let place = 0;
  let added = 0;
  for (let index = 0; index < count; index++) {
    if (!isPassive(readyAt(index))) continue;
    if (index >= todo) added++;
    pullReady(index, place++);
  }
  return added;
}

/** Passive entries at the front. */
export function leadingPassive(): i32 {
  let count = 0;
  while (count < readyCount && isPassive(readyAt(count))) count++;
  return count;
}

/** Brings a ready candidate to `place`. Returns whether it was not among the first `todo`. */
export function bringForward(candidate: i32, place: i32, todo: i32): bool {
  const entry = readyCandidateAt(candidate);
  let index = place;
  while (readyAt(index) != entry) index++;
  pullReady(index, place);
  return index >= todo;
}

export function isTimerCandidate(index: i32): bool {
  return index >= readyCandidateCount;
}

/** Key of a timer candidate. */
export function timerCandidateKey(index: i32): u64 {
  return keyAt(timerCandidateAt(index - readyCandidateCount));
}

/** Fires a timer candidate: what it is for becomes ready at `place`. Returns its deadline. */
export function fireEarly(candidate: i32, place: i32): f64 {
  const index = timerCandidateAt(candidate - readyCandidateCount);
  const deadline = deadlineOf(keyAt(index));
  const slot = slotOfTimer(timerAt(index));
  cancelTimer(slot);
  if (kindOf(slot) == KIND_TASK) {
    move(slot, EVENT_WAKE);
    pushReady((slot << ENTRY_SHIFT) | STEP);
  } else {
    move(slot, EVENT_QUEUE);
    pushReady((slot << ENTRY_SHIFT) | TIMER);
  }
  pullReady(readyCount - 1, place);
  return deadline;
}

/** Whether an entry only passes a wake-up on: a sleeper whose timer is due, a callback of the library's own, a cancelled handle. */
function isPassive(entry: i32): bool {
  const kind = entry & ENTRY_KIND;
  if (kind == STEP) return false;
  if (kind == WAIT_CANCELLED) return true; // a sleeper, while it is in the ring
  const slot = entry >> ENTRY_SHIFT;
  return (kind == DONE_CALLBACK && (flagsOf(slot) & BOOKKEEPING) != 0) || stateOf(slot) == STATE_DROPPED;
}

function collect(): void {
  readyCandidateCount = 0;
  timerCandidateCount = 0;
  const entries = orders == ORDERS_ANY ? readyCount : 1;
  for (let index = 0; index < entries && readyCandidateCount < MOST_READY; index++) {
    const entry = readyAt(index);
    if (isPassive(entry)) continue;
    store<i32>(readyCandidates + ((<usize>readyCandidateCount) << 2), entry);
    readyCandidateCount++;
  }
  if (windowEnd != 0) collectTimers(0);
}

/** Collects the timers within the window from heap index `index` on, in order. */
function collectTimers(index: i32): void {
  if (index >= timerCount || keyAt(index) > windowEnd) return;
  if (!isDead(timerAt(index))) insertTimer(index);
  collectTimers(2 * index + 1);
  collectTimers(2 * index + 2);
}

function insertTimer(index: i32): void {
  let place = timerCandidateCount;
  if (place == MOST_TIMERS) {
    if (!firesBefore(index, timerCandidateAt(--place))) return;
  } else {
    timerCandidateCount++;
  }
  for (; place > 0 && firesBefore(index, timerCandidateAt(place - 1)); place--) {
    store<i32>(timerCandidates + ((<usize>place) << 2), timerCandidateAt(place - 1));
  }
  store<i32>(timerCandidates + ((<usize>place) << 2), index);
}

function firesBefore(left: i32, right: i32): bool {
  return keyAt(left) != keyAt(right) ? keyAt(left) < keyAt(right) : timerAt(left) < timerAt(right);
}

function readyCandidateAt(index: i32): i32 {
  return load<i32>(readyCandidates + ((<usize>index) << 2));
}

function timerCandidateAt(index: i32): i32 {
  return load<i32>(timerCandidates + ((<usize>index) << 2));
}

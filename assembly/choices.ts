// Choices: where more than one thing could run next, a host that searches schedules may say which.
//
// Candidates are, in this order, the ready entries from the head on, the wake-ups, and the timers that are due within
// the window, earliest first. Candidate 0 is what runs when nobody chooses, so that "always 0" is the run without
// choices.
//
// Wake-ups are entries that only pass a wake-up on: a sleeper whose timer is due, a callback of the library's own. They
// run where they stand as long as nothing is chosen past them, and before the chosen entry when one is, so that no
// choice can hold up who is woken. All of them together are one candidate: chosen, they run, and then one of those that
// they woke. So each order of the other entries can be reached, and none of them in two ways.

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
  ORDERS_TIMERS,
  STATE_DROPPED,
  STATE_QUEUED,
  STATE_SLEEPING,
  STEP,
  TIMER,
  WAIT_CANCELLED,
} from "./abi";
import { pushReady, pullReady, readyAt, readyCount } from "./ready";
import { move, recordOf } from "./slots";
import { BOOKKEEPING } from "./state";
import { cancelTimer, deadlineOf, isDead, keyAt, keyOf, slotOfTimer, timerAt, timerCount } from "./timers";

/** Actions that `prepareChoice` returns. */
export const GO_ON: i32 = 0;
export const ASK: i32 = 1;
export const NOTHING_WOKEN: i32 = 2;

/** Ready entries that can be candidates at one point; others are left out. */
const MOST_READY: i32 = 256;
/** Timers that can be candidates at one point; later ones are left out. */
const MOST_TIMERS: i32 = 32;

/** Entries of the ready candidates. */
const readyCandidates = memory.data(MOST_READY * 4);
/** Heap indexes of the timer candidates. */
const timerCandidates = memory.data(MOST_TIMERS * 4);

let readyCandidateCount: i32 = 0;
let timerCandidateCount: i32 = 0;
/** Whether the wake-ups are a candidate. */
let wakeUpCandidate: bool = false;
/** Wake-ups were chosen: entries from this index on are those that they woke; -1: they were not. */
let wokenFrom: i32 = -1;
/** Entries from the head on that were no wake-ups, when `takenThen` entries had been taken: what wakes comes behind. */
let lookedAt: i32 = 0;
let takenThen: u32 = 0;
/** Entries that the last call has brought into the iteration. */
export let joined: i32 = 0;
/** Entries behind the head that the last call has decided on. */
export let following: i32 = 0;
let orders: i32 = ORDERS_FIXED;
/** Seconds by which a timer may come early, against what is ready. */
let window: f64 = 0;
/** Keys of timers within the window are below this one; 0: none is. */
let windowEnd: u64 = 0;
let asksAlways: bool = false;
let prunes: bool = false;
let leftOut: bool = false;

export function initializeChoices(): void {
  orders = ORDERS_FIXED;
  window = 0;
  windowEnd = 0;
  asksAlways = false;
  prunes = false;
  leftOut = false;
  wokenFrom = -1;
  lookedAt = 0;
  takenThen = 0;
}

/** Entries have left the ready ring from among the others. */
export function lookAgain(): void {
  lookedAt = 0;
}

/**
 * Has `next` return CHOICE wherever more than one thing could run. ORDERS_ANY: any ready entry; ORDERS_TIMERS: the
 * first, or a timer. Timers are candidates up to `seconds` before they are due. `always`: also where there is one
 * candidate. `redundant`: have it return REDUNDANT where wake-ups were chosen, and woke nobody.
 */
export function offerChoices(among: i32, seconds: f64, always: bool, redundant: bool): void {
  orders = among;
  window = seconds;
  asksAlways = always;
  prunes = redundant;
}

/**
 * Where a timer comes in that is chosen while the order is kept: before a timer that is due, which is late then; else
 * behind the `todo` entries of this iteration. -1: the order is not kept.
 */
export function placeInOrder(todo: i32): i32 {
  if (orders != ORDERS_TIMERS) return -1;
  return headIsDueTimer() ? 0 : todo;
}

/** Whether the order is kept, and the first ready entry is what a timer fired for. */
function headIsDueTimer(): bool {
  if (orders != ORDERS_TIMERS) return false;
  const entry = readyAt(0);
  const kind = entry & ENTRY_KIND;
  const state = recordOf(entry >> ENTRY_SHIFT).state;
  return (kind == TIMER && state == STATE_QUEUED) || (kind == WAIT_CANCELLED && state == STATE_SLEEPING);
}

/** Whether choices are offered at all. */
export function offersChoices(): bool {
  return orders != ORDERS_FIXED;
}

/**
 * Nothing was ready: the window opens at `time`, the earliest deadline, so that no timer is later than the window is
 * long.
 */
export function openWindow(time: f64): void {
  windowEnd = window > 0 ? keyOf(time + window) : 0;
}

/**
 * Looks at the ready entries, of which there must be one; `todo` of them are of this iteration. `taken` counts those
 * that were taken until now. Says what `next` is to do.
 */
export function prepareChoice(todo: i32, taken: u32): i32 {
  joined = 0;
  following = 0;
  if (wokenFrom >= 0) {
    const count = pullWakeUps(wokenFrom, todo, taken); // they woke wake-ups: those go first, too
    if (count > 0) {
      following = count - 1;
      return GO_ON;
    }
    collect(wokenFrom);
    wokenFrom = -1;
    if (readyCandidateCount == 1 && !asksAlways) bringForward(0, 0, todo);
    if (readyCandidateCount > 0) return readyCandidateCount > 1 || asksAlways ? ASK : GO_ON;
    if (prunes) return NOTHING_WOKEN;
  }
  if (isWakeUp(readyAt(0)) && !headIsDueTimer()) return GO_ON;
  collect(0);
  return asksAlways || candidateCount() > 1 ? ASK : GO_ON;
}

/** Candidates at the point at which `next` returned CHOICE. */
export function candidateCount(): i32 {
  return readyCandidateCount + i32(wakeUpCandidate) + timerCandidateCount;
}

/** Whether there ever was more to choose from than there can be candidates. */
export function candidatesLeftOut(): bool {
  return leftOut;
}

/**
 * Candidate `index` as an entry: slot, and STEP, CALLBACK, DONE_CALLBACK or TIMER; NONE for the wake-ups, and when
 * there is no such candidate.
 */
export function candidateAt(index: i32): i32 {
  if (<u32>index >= <u32>candidateCount() || isWakeUpCandidate(index)) return NONE;
  if (index < readyCandidateCount) return readyCandidateAt(index);
  const slot = slotOfTimer(timerAt(timerIndexOf(index)));
  return (slot << ENTRY_SHIFT) | (recordOf(slot).kind == KIND_TASK ? STEP : TIMER);
}

/** Brings the wake-ups to the front, and has what they wake go before all else. Returns how many there are. */
export function chooseWakeUps(todo: i32, taken: u32): i32 {
  const count = pullWakeUps(0, todo, taken);
  wokenFrom = readyCount - count;
  return count;
}

/**
 * Brings the wake-ups from index `from` on to the front, in their order; handles that were cancelled wake nobody, and
 * stay. Returns how many there are.
 */
export function pullWakeUps(from: i32, todo: i32, taken: u32): i32 {
  joined = 0;
  let count = 0;
  const looked = lookedAt - <i32>(taken - takenThen);
  for (let index = max(from, looked); index < readyCount; index++) {
    const entry = readyAt(index);
    if (!isWakeUp(entry) || isDropped(entry)) continue;
    if (index >= todo + joined) joined++;
    pullReady(index, count++);
  }
  if (from <= looked || from == 0) {
    lookedAt = readyCount;
    takenThen = taken;
  }
  return count;
}

/** Brings a ready candidate to `place`. */
export function bringForward(candidate: i32, place: i32, todo: i32): void {
  const entry = readyCandidateAt(candidate);
  let index = place;
  while (readyAt(index) != entry) index++;
  joined = i32(index >= todo);
  pullReady(index, place);
}

export function isWakeUpCandidate(index: i32): bool {
  return wakeUpCandidate && index == readyCandidateCount;
}

export function isReadyCandidate(index: i32): bool {
  return index < readyCandidateCount;
}

/** Key of a timer candidate. */
export function timerCandidateKey(index: i32): u64 {
  return keyAt(timerIndexOf(index));
}

/**
 * Fires a timer candidate: what it is for becomes ready at `place`; with `wakeUp` a sleeper is to be woken there first,
 * as it is by a timer that is due. Returns its deadline.
 */
export function fireEarly(candidate: i32, place: i32, wakeUp: bool): f64 {
  const index = timerIndexOf(candidate);
  const deadline = deadlineOf(keyAt(index));
  const slot = slotOfTimer(timerAt(index));
  cancelTimer(slot);
  if (recordOf(slot).kind == KIND_TASK) {
    if (!wakeUp) move(slot, EVENT_WAKE);
    pushReady((slot << ENTRY_SHIFT) | (wakeUp ? WAIT_CANCELLED : STEP));
  } else {
    move(slot, EVENT_QUEUE);
    pushReady((slot << ENTRY_SHIFT) | TIMER);
  }
  pullReady(readyCount - 1, place);
  return deadline;
}

/** Whether an entry only passes a wake-up on, or, as a cancelled handle, does nothing at all. */
function isWakeUp(entry: i32): bool {
  const kind = entry & ENTRY_KIND;
  if (kind == STEP) return false;
  if (kind == WAIT_CANCELLED) return true; // a sleeper, while it is in the ring
  return (kind == DONE_CALLBACK && (recordOf(entry >> ENTRY_SHIFT).flags & BOOKKEEPING) != 0) || isDropped(entry);
}

/** Whether an entry is a handle that was cancelled. */
function isDropped(entry: i32): bool {
  return recordOf(entry >> ENTRY_SHIFT).state == STATE_DROPPED;
}

/** Collects the candidates among the ready entries from index `from` on; when that is the head, the others too. */
function collect(from: i32): void {
  readyCandidateCount = 0;
  timerCandidateCount = 0;
  wakeUpCandidate = false;
  const entries = orders == ORDERS_ANY ? readyCount : 1;
  for (let index = from; index < entries; index++) {
    if (readyCandidateCount == MOST_READY) {
      leftOut = true;
      break;
    }
    const entry = readyAt(index);
    if (isWakeUp(entry) && !headIsDueTimer()) {
      if (!isDropped(entry)) wakeUpCandidate = true;
      continue;
    }
    store<i32>(readyCandidates + ((<usize>readyCandidateCount) << 2), entry);
    readyCandidateCount++;
  }
  if (from == 0 && windowEnd != 0) collectTimers(0);
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
    leftOut = true;
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

/** Heap index of a candidate that is a timer. */
function timerIndexOf(candidate: i32): i32 {
  return timerCandidateAt(candidate - readyCandidateCount - i32(wakeUpCandidate));
}

function timerCandidateAt(index: i32): i32 {
  return load<i32>(timerCandidates + ((<usize>index) << 2));
}

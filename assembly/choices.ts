// Choices: where more than one thing could run next, a host that searches schedules may say which.
//
// Candidates are, in this order, the ready entries from the head on, the wake-ups, and the timers that are due within
// the window, earliest first. Candidate 0 is what runs when nobody chooses, so that "always 0" is the run without
// choices.
//
// Timers come early within a window of one length, or as far as what is ahead of them may be late. That is a share of
// how long each delay is, and the delays before it in the same chain: so such a run is one in which delays take longer.
// A deadline without a delay is never late; and what is made at a time does not come before what else is done at it.
// Nor does a timer come before what is late only by delays that it has waited for itself: it was made that much later.
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
  KIND_TIMER,
  MOST_READY,
  NONE,
  ORDERS_ANY,
  ORDERS_FIXED,
  ORDERS_JAVASCRIPT,
  STATE_DROPPED,
  STATE_QUEUED,
  STATE_SLEEPING,
  STEP,
  TIMER,
  WAIT_CANCELLED,
} from "./abi";
import { pushReady, pullReady, readyAt, readyCount } from "./ready";
import { move, recordOf, slotOf } from "./slots";
import { BOOKKEEPING } from "./state";
import {
  cancelTimer,
  deadlineOf,
  isDead,
  keyAt,
  keyOf,
  nextTimer,
  orderTimers,
  runLength,
  slotOfTimer,
  timerAt,
  timerCount,
} from "./timers";

/** Actions that `prepareChoice` returns. */
export const GO_ON: i32 = 0;
export const ASK: i32 = 1;
export const NOTHING_WOKEN: i32 = 2;

/** Timers that can be candidates at one point; later ones are left out. */
const MOST_TIMERS: i32 = 32;

/** Shorter delays may be as late as this one, in seconds: for so long a process or a network may well stand still. */
const LEAST_DELAY: f64 = 0.01;

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
/** Share of its length by which a delay may be late; 0: there is a window instead. */
let lateness: f64 = 0;
/** The time in this iteration. */
let time: f64 = 0;
/** Timers from this one on were made since the window has opened. */
let firstInWindow: u64 = 0;
/** Keys of timers within the window are below this one; 0: none is. */
let windowEnd: u64 = 0;
/** The time that it may really be, when all that led here is late. */
let slackEnd: f64 = 0;
/** Of the timers that have fired in the window: the earliest deadline, and the shortest that one may take. */
let firstLate: f64 = 0;
let shortestLate: f64 = 0;
let asksAlways: bool = false;
let prunes: bool = false;
let leftOut: bool = false;

export function initializeChoices(): void {
  orders = ORDERS_FIXED;
  window = 0;
  lateness = 0;
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
 * first, or a timer; ORDERS_JAVASCRIPT: a timer, where nothing but timers is ready. Timers are candidates up to
 * `seconds` before they are due; with a `share`, as long as all delays that they come before are late by less than that
 * share of their length. `always`: also where there is one candidate. `redundant`: have it return REDUNDANT where
 * wake-ups were chosen, and woke nobody.
 */
export function offerChoices(among: i32, seconds: f64, share: f64, always: bool, redundant: bool): void {
  orders = among;
  window = seconds;
  lateness = share;
  asksAlways = always;
  prunes = redundant;
}

/**
 * Where a timer comes in that is chosen while the order is kept: before a timer that is due, which is late then; else
 * behind the `todo` entries of this iteration. -1: the order is not kept.
 */
export function placeInOrder(todo: i32): i32 {
  if (orders == ORDERS_ANY) return -1;
  return headIsDueTimer() ? 0 : todo;
}

/** Whether the order is kept, and the first ready entry is what a timer fired for. */
function headIsDueTimer(): bool {
  return orders != ORDERS_ANY && isDueTimer(readyAt(0));
}

/** Whether a ready entry is what a timer fired for. */
function isDueTimer(entry: i32): bool {
  const kind = entry & ENTRY_KIND;
  const state = recordOf(entry >> ENTRY_SHIFT).state;
  return (kind == TIMER && state == STATE_QUEUED) || (kind == WAIT_CANCELLED && state == STATE_SLEEPING);
}

/** Whether the first ready entry has to wait for others: it is what a timer fired for, and there are jobs. */
export function headHasToWait(): bool {
  if (orders != ORDERS_JAVASCRIPT || !isDueTimer(readyAt(0))) return false;
  for (let index = 1; index < readyCount; index++) if (!isDueTimer(readyAt(index))) return true;
  return false;
}

/** Whether choices are offered at all. */
export function offersChoices(): bool {
  return orders != ORDERS_FIXED;
}

/**
 * An iteration begins at the time `now`. When nothing is ready, the window opens at the earliest deadline, `start`, so
 * that no timer is later than the window is long.
 */
export function openWindow(now: f64, start: f64): void {
  time = now;
  firstInWindow = nextTimer();
  slackEnd = lateness > 0 && readyCount == 0 ? Infinity : 0;
  firstLate = shortestLate = Infinity;
  windowEnd = slackEnd > 0 ? keyOf(Infinity) : window > 0 ? keyOf(start + window) : 0;
}

/**
 * A timer is made. Says how late it may be, if it ends a sleep or a callback's delay: what comes before that may have
 * been late, too.
 */
export function noteTimer(slot: i32, deadline: f64, isDelay: bool): void {
  const delay = deadline - time;
  const record = recordOf(slot);
  record.delay = <f32>delay;
  if (isDelay && lateness > 0) record.slack = <f32>(max(slackEnd - time, 0.0) + lateness * delay);
}

/** The callback of a timer has a delay until a deadline: it may be late. Returns 0, E_STALE or E_KIND. */
export function mayBeLate(id: i32, deadline: f64): i32 {
  const slot = slotOf(id, KIND_TIMER);
  if (slot < 0) return slot;
  noteTimer(slot, deadline, true);
  return 0;
}

/** The first of what is ready runs now: it is late no more. */
export function endLateness(): void {
  if (lateness > 0 && (readyAt(0) & ENTRY_KIND) == STEP) recordOf(readyAt(0) >> ENTRY_SHIFT).slack = 0;
}

/** A timer fires: what is in the window is no later than all may be that have fired in it. */
export function keepWindowFor(slot: i32, deadline: f64): void {
  slackEnd = min(slackEnd, deadline + recordOf(slot).slack);
  if (lateness == 0) return;
  windowEnd = min(windowEnd, keyOf(latestOf(slot, deadline)));
  firstLate = min(firstLate, deadline);
  shortestLate = min(shortestLate, longestOf(slot));
}

/** Time until which a timer may be late. */
function latestOf(slot: i32, deadline: f64): f64 {
  const slack: f64 = recordOf(slot).slack;
  return slack > 0 ? deadline + max(slack, lateness * LEAST_DELAY) : deadline;
}

/** How long a timer may take, if it may be late at all. */
function longestOf(slot: i32): f64 {
  const delay: f64 = recordOf(slot).delay;
  return delay + lateness * max(delay, LEAST_DELAY);
}

/**
 * Time until which a timer may be late for another one that was made at the time `made`, and not before the delays that
 * led there: these do not count. `longest` is how long it may take.
 */
function latestFor(made: f64, deadline: f64, longest: f64): f64 {
  return max(deadline + lateness * (deadline - made), made + longest);
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

/** Deadline of a candidate that is a timer; -Infinity of one that is ready, and when there is no such candidate. */
export function candidateDeadline(index: i32): f64 {
  const isTimer = index < candidateCount() && index >= candidateCount() - timerCandidateCount;
  return isTimer ? deadlineOf(timerCandidateKey(index)) : -Infinity;
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
  time = max(time, deadline);
  const slot = slotOfTimer(timerAt(index));
  keepWindowFor(slot, deadline);
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
  if (from != 0 || windowEnd == 0) return;
  if (orders == ORDERS_JAVASCRIPT && !headIsDueTimer()) return;
  collectTimers();
  if (lateness > 0) leaveOutImplausible();
}

/**
 * Leaves out timers that would have others be later than they may, and those that were made since the window has
 * opened: these may come before what is late, but not before what made them.
 */
function leaveOutImplausible(): void {
  const overtakesLateOnly = isAllLate();
  for (let candidate = timerCandidateCount - 1; candidate >= 0; candidate--) {
    const isNew = timerAt(timerCandidateAt(candidate)) >= firstInWindow;
    if ((overtakesLateOnly || !isNew) && mayOvertake(candidate)) continue;
    timerCandidateCount--;
    for (let place = candidate; place < timerCandidateCount; place++)
      store<i32>(timerCandidates + ((<usize>place) << 2), timerCandidateAt(place + 1));
  }
}

/** Whether all may be late for a timer candidate that are due before it. */
function mayOvertake(candidate: i32): bool {
  const index = timerCandidateAt(candidate);
  const deadline = deadlineOf(keyAt(index));
  const made = deadline - recordOf(slotOfTimer(timerAt(index))).delay;
  let latest = latestFor(made, firstLate, shortestLate);
  for (let other = 0; other < candidate; other++) {
    const before = timerCandidateAt(other);
    const due = deadlineOf(keyAt(before));
    const slot = slotOfTimer(timerAt(before));
    latest = min(latest, min(latestOf(slot, due), latestFor(made, due, longestOf(slot))));
  }
  return keyAt(index) < windowEnd && deadline < latest;
}

/** Whether nothing is ready but what may be late. */
function isAllLate(): bool {
  for (let index = 0; index < readyCount; index++) {
    const entry = readyAt(index);
    const record = recordOf(entry >> ENTRY_SHIFT);
    if (!isDropped(entry) && (record.slack == 0 || record.flags != 0)) return false;
  }
  return true;
}

/** Collects the timers up to the end of the window, in order. */
function collectTimers(): void {
  orderTimers();
  const length = runLength();
  for (let index = 0; index < length && keyAt(index) <= windowEnd; index++) collectTimer(index);
  collectHeap(length, 0);
}

/** Collects those of the heap, which begins behind the run of `length`, from heap index `index` on. */
function collectHeap(length: i32, index: i32): void {
  if (length + index >= timerCount || keyAt(length + index) > windowEnd) return;
  collectTimer(length + index);
  collectHeap(length, 2 * index + 1);
  collectHeap(length, 2 * index + 2);
}

function collectTimer(index: i32): void {
  if (!isDead(timerAt(index))) insertTimer(index);
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

/** Index of a candidate that is a timer. */
function timerIndexOf(candidate: i32): i32 {
  return timerCandidateAt(candidate - readyCandidateCount - i32(wakeUpCandidate));
}

function timerCandidateAt(index: i32): i32 {
  return load<i32>(timerCandidates + ((<usize>index) << 2));
}

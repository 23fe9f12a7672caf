// The scheduler: what runs next. One iteration is asyncio's: drop cancelled timers, move due timers behind what is
// ready, then run exactly the entries that are in the ready queue at that moment; what is scheduled meanwhile waits for
// the next.
//
// The host drives it with `advance` (begin an iteration at this time) and `next` (take the next entry). Entries that
// need no JavaScript are executed here and never surface. As long as no timer is pending, or the clock stands still,
// `next` goes from one iteration to the next by itself: a task that gives way costs one call.

import {
  BOUNDARY,
  BUDGET_SPENT,
  CHOICE,
  DONE_CALLBACK,
  ENTRY_KIND,
  ENTRY_SHIFT,
  EVENT_FINISH,
  EVENT_QUEUE,
  EVENT_RUN,
  EVENT_STEP,
  EVENT_WAKE,
  EVENT_YIELD,
  KIND_TASK,
  NONE,
  OP_FINISH,
  OP_NONE,
  REDUNDANT,
  STATE_AWAITING,
  STATE_DROPPED,
  STATE_FREE,
  STATE_RUNNING,
  STATE_SLEEPING,
  STEP,
  STEP_CANCELLED,
  TIMER,
  WAIT_CANCELLED,
  WAKE,
} from "./abi";
import {
  ASK,
  NOTHING_WOKEN,
  bringForward,
  candidateCount,
  chooseWakeUps,
  endLateness,
  fireEarly,
  headHasToWait,
  isReadyCandidate,
  following,
  isWakeUpCandidate,
  joined,
  keepWindowFor,
  lookAgain,
  offersChoices,
  openWindow,
  placeInOrder,
  prepareChoice,
  pullWakeUps,
  timerCandidateKey,
} from "./choices";
import { mix } from "./digest";
import { countDown } from "./joins";
import { appendReady, dropReady, endRest, readyCount, resting, shiftReady, wakeHost } from "./ready";
import { move, recordOf, releaseSlot } from "./slots";
import { BY_FUTURE, MUST_CANCEL, WAIT_WAS_CANCELLED } from "./state";
import { cancelTimer, deadlineOf, headKey, keyOf, popTimer, pruneTimers, slotOfTimer, timerCount } from "./timers";
import { delist, settleWaiters, unlink } from "./waiters";

/**
 * Entry kind inside the ring only: a sleeper whose timer is due. It shares its number with a kind that only surfaces.
 */
const SLEEPER: i32 = WAIT_CANCELLED;

/** Iterations that were begun. */
export let iterations: u64 = 0;
/** Entries that were taken from the ready queue. */
export let decisions: u64 = 0;
/** Slot of the running task, or NONE. */
let running: i32 = NONE;
/** Entries of the current iteration that have not run. */
export let todo: i32 = 0;
/** Entries that `next` may still take before it returns BUDGET_SPENT. */
let budget: i32 = 0;
/** Timers whose key is below this one are due. */
let dueBelow: u64 = 0;
/** Whether the host's clock stands still between calls of `advance`. */
let clockStands: bool = false;
/** Whether `next` must return at the end of the iteration, whatever is ready. */
let interrupted: bool = false;
/** Entries at the front that were decided on: no choice is offered for them. */
let decided: i32 = 0;

export function initializeScheduler(clockStandsStill: bool): void {
  iterations = 0;
  decisions = 0;
  running = NONE;
  todo = 0;
  budget = 0;
  dueBelow = 0;
  interrupted = false;
  decided = 0;
  clockStands = clockStandsStill;
}

// ── Driving ────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Begins an iteration at the time `now`: timers whose deadline is less than `resolution` away are due. Both in seconds.
 * At NaN nothing is due.
 */
export function advance(now: f64, resolution: f64): void {
  // Late in the clock's life its resolution may be too small to make a difference: what is due now is due all the same.
  const due = now + resolution;
  dueBelow = isNaN(due) ? 0 : max(keyOf(due), keyOf(now) + 1);
  interrupted = false;
  endRest();
  if (offersChoices()) openWindow(now, readyCount > 0 ? now : min(now, nextDeadline()));
  beginIteration();
}

/** Makes `next` return BOUNDARY at the end of the current iteration. */
export function interrupt(): void {
  interrupted = true;
}

/** Sets how many entries `next` may take before it returns BUDGET_SPENT. */
export function setBudget(entries: i32): void {
  budget = entries;
}

/** When there is something to run: -Infinity if now, +Infinity if never, else the earliest deadline in seconds. */
export function nextDeadline(): f64 {
  if (readyCount > 0) return -Infinity;
  pruneTimers();
  return timerCount > 0 ? deadlineOf(headKey()) : Infinity;
}

/**
 * Does the follow-up of the entry handed out last, and hands out the next one, or BOUNDARY, BUDGET_SPENT, CHOICE or
 * REDUNDANT.
 */
export function next(op: i32): i32 {
  if (running != NONE) follow(op);
  while (true) {
    if (todo == 0) {
      if (interrupted || readyCount == 0 || (timerCount > 0 && !clockStands)) return BOUNDARY;
      beginIteration();
    }
    if (budget == 0) return BUDGET_SPENT;
    if (offersChoices()) {
      if (decided > 0) {
        decided--;
      } else if (!interrupted) {
        if (headHasToWait()) {
          appendReady(shiftReady());
          lookAgain();
          todo--;
          continue;
        }
        const action = prepareChoice(todo, <u32>decisions);
        todo += joined;
        decided = following;
        if (action == ASK) return CHOICE;
        if (action == NOTHING_WOKEN) return REDUNDANT;
      }
      endLateness();
    }
    budget--;
    todo--;
    decisions++;
    const entry = shiftReady();
    mix(entry);
    const slot = entry >> ENTRY_SHIFT;
    const kind = entry & ENTRY_KIND;
    if (kind == STEP) return (entry & ~ENTRY_KIND) | beginStep(slot);
    if (kind == SLEEPER) {
      if (recordOf(slot).state == STATE_SLEEPING) {
        move(slot, EVENT_WAKE);
        appendReady((slot << ENTRY_SHIFT) | STEP);
      }
      continue;
    }
    const record = recordOf(slot);
    const dropped = record.state == STATE_DROPPED;
    const join = record.join;
    const told = join != NONE && countDown(slot);
    if (move(slot, EVENT_RUN) == STATE_FREE) releaseSlot(slot); // all but a source, which may be posted again at once
    if (told) return (join << ENTRY_SHIFT) | DONE_CALLBACK;
    if (join == NONE && !dropped) return entry;
  }
  return BOUNDARY; // not reached: the compiler asks for it
}

/**
 * Says which candidate runs next, after `next` returned CHOICE. Returns the time that it is then at the earliest: the
 * deadline of a timer that comes early, else -Infinity; NaN, with nothing changed, when there is no such candidate.
 */
export function choose(candidate: i32): f64 {
  if (<u32>candidate >= <u32>candidateCount()) return NaN;
  if (isWakeUpCandidate(candidate)) {
    decided = chooseWakeUps(todo, <u32>decisions);
    todo += joined;
    return -Infinity;
  }
  if (!isReadyCandidate(candidate)) return chooseTimer(candidate);
  // Candidate 0 is the head, and overtakes no wake-ups; or it was woken by them, and stands behind the others.
  const place = candidate == 0 ? 0 : letWakeUpsPass();
  bringForward(candidate, place, todo);
  todo += joined;
  decided = place + 1;
  return -Infinity;
}

/** Has a timer come early: before all that is ready, or, where the order is kept, where that lets it. */
function chooseTimer(candidate: i32): f64 {
  const key = timerCandidateKey(candidate);
  mix(key);
  dueBelow = max(dueBelow, key + 1);
  const ordered = placeInOrder(todo);
  if (ordered >= 0) {
    todo++;
    decided = i32(ordered == 0);
    return fireEarly(candidate, ordered, true);
  }
  const place = letWakeUpsPass();
  todo++;
  decided = place + 1;
  return fireEarly(candidate, place, false);
}

/** Brings the wake-ups to the front. Returns how many there are. */
function letWakeUpsPass(): i32 {
  const count = pullWakeUps(0, todo, <u32>decisions);
  todo += joined;
  return count;
}

function beginIteration(): void {
  iterations++;
  mix(iterations);
  if (timerCount > 0) queueDueTimers();
  todo = readyCount;
}

function queueDueTimers(): void {
  pruneTimers();
  while (timerCount > 0) {
    const key = headKey();
    if (key >= dueBelow) return;
    const timer = popTimer();
    if (timer == 0) continue;
    mix(key);
    const slot = slotOfTimer(timer);
    if (offersChoices()) keepWindowFor(slot, deadlineOf(key));
    if (recordOf(slot).kind == KIND_TASK) {
      appendReady((slot << ENTRY_SHIFT) | SLEEPER);
    } else {
      move(slot, EVENT_QUEUE);
      appendReady((slot << ENTRY_SHIFT) | TIMER);
    }
  }
}

/** Makes a task the running one. Returns the kind of step. */
function beginStep(slot: i32): i32 {
  move(slot, EVENT_STEP);
  running = slot;
  const task = recordOf(slot);
  const flags = task.flags;
  if (flags == 0) return STEP;
  task.flags = 0;
  if (flags & WAIT_WAS_CANCELLED) return WAIT_CANCELLED;
  const kind = flags & BY_FUTURE ? WAKE : STEP;
  return flags & MUST_CANCEL ? kind + STEP_CANCELLED : kind;
}

/** Does the follow-up for the running task, which then runs no more. */
function follow(op: i32): void {
  const slot = running;
  running = NONE;
  if (recordOf(slot).state != STATE_RUNNING) {
    if (op == OP_NONE) return;
    withdrawWait(slot);
  }
  if (op == OP_FINISH) {
    finish(slot);
  } else {
    // Who says to wait, but waits for nothing, gives way: it must not get lost.
    move(slot, EVENT_YIELD);
    appendReady((slot << ENTRY_SHIFT) | STEP);
  }
}

function finish(slot: i32): void {
  move(slot, EVENT_FINISH);
  if (recordOf(slot).owner != NONE) delist(slot);
  settleWaiters(slot);
  releaseSlot(slot);
}

/** Takes back a wait that the running task began but did not suspend on. */
function withdrawWait(slot: i32): void {
  const task = recordOf(slot);
  cancelTimer(slot);
  todo -= dropReady(slot, todo);
  lookAgain();
  if (task.state == STATE_AWAITING) unlink(slot);
  else if (task.owner != NONE) delist(slot);
  task.flags &= ~BY_FUTURE;
  task.state = <u8>STATE_RUNNING; // past the state machine: the wait never was
}

// ── The running task ───────────────────────────────────────────────────────────────────────────────────────────────

/** Slot of the running task, or NONE. */
export function runningSlot(): i32 {
  return running;
}

/** Makes an eager task the running one. Returns the slot that ran until now, or NONE. */
export function enterTask(slot: i32): i32 {
  const outer = running;
  running = slot;
  return outer;
}

/** Ends the eager step of the running task with a follow-up, and goes back to what ran before. */
export function exitTask(outer: i32, op: i32): void {
  follow(op);
  running = outer;
  if (resting && readyCount > 0) wakeHost(); // an eager step may be made while the host rests
}

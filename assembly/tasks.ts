// Tasks: how they begin, sleep, and are cancelled. What they wait for is in futures.ts and lists.ts.

import {
  CANCELLED_WAIT,
  CANCEL_FORWARD,
  CANCEL_REMEMBERED,
  ENTRY_SHIFT,
  EVENT_SLEEP,
  EVENT_SPAWN,
  EVENT_SPAWN_EAGER,
  EVENT_WAKE,
  E_NOT_A_NUMBER,
  E_NO_MEMORY,
  E_NO_TASK,
  E_STALE,
  E_TRANSITION,
  KIND_TASK,
  NONE,
  PARKED,
  PARKED_CANCELLED,
  STATE_AWAITING,
  STATE_RUNNING,
  STATE_SLEEPING,
  STATE_WAITING,
  STEP,
} from "./abi";
import { noteTimer, offersChoices } from "./choices";
import { pushReady } from "./ready";
import { enterTask, exitTask, runningSlot } from "./scheduler";
import { allocateSlot, isUsed, move, recordOf, slotOf } from "./slots";
import { MUST_CANCEL, WAIT_WAS_CANCELLED } from "./state";
import { cancelTimer, pushTimer, reserveTimer } from "./timers";
import { cancelWait, cancelWaiter, unlink } from "./waiters";

/** Creates a task and queues its first step. Returns its id, or E_NO_MEMORY. */
export function spawn(): i32 {
  const slot = allocateSlot(KIND_TASK, EVENT_SPAWN);
  if (slot < 0) return slot;
  pushReady((slot << ENTRY_SHIFT) | STEP);
  return recordOf(slot).id;
}

/** Creates a task that is about to make its first step at once. Returns its id, or E_NO_MEMORY. */
export function spawnEager(): i32 {
  const slot = allocateSlot(KIND_TASK, EVENT_SPAWN_EAGER);
  return slot < 0 ? slot : recordOf(slot).id;
}

/**
 * Begins the eager step of a task made by spawnEager. Returns the slot to give to `exit`, NONE when no task was
 * running, or an error.
 */
export function enter(id: i32): i32 {
  const slot = slotOf(id, KIND_TASK);
  if (slot < 0) return slot;
  if (slot == runningSlot() || recordOf(slot).state != STATE_RUNNING) return E_TRANSITION;
  return enterTask(slot);
}

/**
 * Ends an eager step with the follow-up that `next` would be given. Returns 0, E_NO_TASK, or E_STALE when `outer` is no
 * task.
 */
export function exit(outer: i32, op: i32): i32 {
  const slot = runningSlot();
  if (slot == NONE) return E_NO_TASK;
  if (outer != NONE && (outer == slot || !isUsed(outer) || recordOf(outer).kind != KIND_TASK)) return E_STALE;
  exitTask(outer, op);
  return 0;
}

/** Parks the running task until a deadline in seconds. Returns PARKED, PARKED_CANCELLED, or an error. */
export function sleep(deadline: f64): i32 {
  if (isNaN(deadline)) return E_NOT_A_NUMBER;
  const slot = runningSlot();
  if (slot == NONE) return E_NO_TASK;
  if (!reserveTimer()) return E_NO_MEMORY;
  const task = recordOf(slot);
  if (task.owner != NONE || move(slot, EVENT_SLEEP) < 0) return E_TRANSITION;
  if (task.flags & MUST_CANCEL) {
    cancelWait(slot);
    return PARKED_CANCELLED;
  }
  pushTimer(slot, deadline);
  if (offersChoices()) noteTimer(slot, deadline, true);
  return PARKED;
}

/** Asks a task to stop. Returns CANCELLED_WAIT, CANCEL_FORWARD, CANCEL_REMEMBERED, or an error. */
export function cancelTask(id: i32): i32 {
  const slot = slotOf(id, KIND_TASK);
  if (slot < 0) return slot;
  const task = recordOf(slot);
  task.count++;
  if (task.state == STATE_WAITING) {
    cancelWaiter(slot);
    return CANCELLED_WAIT;
  }
  if (task.state == STATE_SLEEPING) {
    cancelTimer(slot);
    cancelWait(slot);
    return CANCELLED_WAIT;
  }
  if (task.state == STATE_AWAITING) return CANCEL_FORWARD;
  task.flags |= MUST_CANCEL;
  return CANCEL_REMEMBERED;
}

/**
 * Takes a task off the future that it awaits, and makes it ready as one whose wait is cancelled: the future is left to
 * others. Returns 0, E_STALE, E_KIND or E_TRANSITION.
 */
export function leaveFuture(id: i32): i32 {
  const slot = slotOf(id, KIND_TASK);
  if (slot < 0) return slot;
  if (recordOf(slot).state != STATE_AWAITING) return E_TRANSITION;
  unlink(slot);
  move(slot, EVENT_WAKE);
  recordOf(slot).flags = WAIT_WAS_CANCELLED;
  pushReady((slot << ENTRY_SHIFT) | STEP);
  return 0;
}

/** Remembers a cancellation that the awaited future refused. Returns 0, E_STALE or E_KIND. */
export function requireCancel(id: i32): i32 {
  const slot = slotOf(id, KIND_TASK);
  if (slot < 0) return slot;
  recordOf(slot).flags |= MUST_CANCEL;
  return 0;
}

/** Forgets a remembered cancellation, which the awaited future took on. Returns 0, E_STALE or E_KIND. */
export function clearCancel(id: i32): i32 {
  const slot = slotOf(id, KIND_TASK);
  if (slot < 0) return slot;
  recordOf(slot).flags &= ~MUST_CANCEL;
  return 0;
}

/** Whether a task has a cancellation to come that was not delivered: 1 or 0, E_STALE or E_KIND. */
export function mustCancel(id: i32): i32 {
  const slot = slotOf(id, KIND_TASK);
  return slot < 0 ? slot : i32((recordOf(slot).flags & MUST_CANCEL) != 0);
}

/**
 * Takes one cancel request back; the last takes back an undelivered cancellation. Returns what is left, or an error.
 */
export function uncancel(id: i32): i32 {
  const slot = slotOf(id, KIND_TASK);
  if (slot < 0) return slot;
  const task = recordOf(slot);
  if (task.count == 0) return 0;
  if (--task.count == 0) task.flags &= ~MUST_CANCEL;
  return task.count;
}

/** Cancel requests that were not taken back, E_STALE or E_KIND. */
export function cancelling(id: i32): i32 {
  const slot = slotOf(id, KIND_TASK);
  return slot < 0 ? slot : recordOf(slot).count;
}

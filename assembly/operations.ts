// What the host asks of the scheduler: handles, tasks, futures, waiter lists. Every call checks its ids, numbers and
// transitions first and returns a code; a call that is refused has changed nothing.

import {
  CALLBACK,
  CANCELLED_WAIT,
  CANCEL_FORWARD,
  CANCEL_REMEMBERED,
  ENTRY_SHIFT,
  EVENT_ARM,
  EVENT_AWAIT,
  EVENT_CANCEL,
  EVENT_OPEN,
  EVENT_PARK,
  EVENT_QUEUE,
  EVENT_SLEEP,
  EVENT_SPAWN,
  EVENT_SPAWN_EAGER,
  EVENT_SUBSCRIBE,
  EVENT_UNSUBSCRIBE,
  E_KIND,
  E_NOT_A_NUMBER,
  E_NO_MEMORY,
  E_NO_TASK,
  E_STALE,
  E_TRANSITION,
  KIND_CALLBACK,
  KIND_DONE_CALLBACK,
  KIND_FUTURE,
  KIND_LIST,
  KIND_TASK,
  KIND_TIMER,
  LIST_CLOSED,
  NONE,
  PARKED,
  PARKED_CANCELLED,
  PARKED_MUST_CANCEL,
  STATE_AWAITING,
  STATE_FREE,
  STATE_RUNNING,
  STATE_SLEEPING,
  STATE_WAITING,
  STEP,
  WAITER_WOKEN,
} from "./abi";
import { pushReady } from "./ready";
import { enterTask, exitTask, runningSlot } from "./scheduler";
import {
  allocateSlot,
  cancellingOf,
  cursorOf,
  flagsOf,
  headOf,
  idOf,
  isUsed,
  joinOf,
  kindOf,
  lengthOf,
  liveOf,
  move,
  nextOf,
  outcomeOf,
  ownerOf,
  releaseSlot,
  setCancelling,
  setFlags,
  setOutcome,
  slotOf,
  slotOfFuture,
  stateOf,
} from "./slots";
import { BOOKKEEPING, MUST_CANCEL } from "./state";
import { cancelTimer, pushTimer, reserveTimer } from "./timers";
import {
  OUTCOME_NONE,
  OUTCOME_WOKEN,
  cancelWait,
  cancelWaiter,
  close,
  delist,
  enlist,
  link,
  settleWaiters,
  unlink,
  wakeWaiter,
} from "./waiters";

// ── Handles ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Queues a callback. Returns its id, or E_NO_MEMORY. */
export function callSoon(): i32 {
  const slot = allocateSlot(KIND_CALLBACK, EVENT_QUEUE);
  if (slot < 0) return slot;
  pushReady((slot << ENTRY_SHIFT) | CALLBACK);
  return idOf(slot);
}

/** Arms a callback for a deadline in seconds. Returns its id, E_NOT_A_NUMBER or E_NO_MEMORY. */
export function callAt(deadline: f64): i32 {
  if (isNaN(deadline)) return E_NOT_A_NUMBER;
  if (!reserveTimer()) return E_NO_MEMORY;
  const slot = allocateSlot(KIND_TIMER, EVENT_ARM);
  if (slot < 0) return slot;
  pushTimer(slot, deadline);
  return idOf(slot);
}

/** Cancels a handle that has not run. Returns 0, E_STALE or E_KIND. */
export function cancelHandle(id: i32): i32 {
  let slot = slotOf(id, KIND_TIMER);
  if (slot == E_KIND) slot = slotOf(id, KIND_CALLBACK);
  if (slot < 0) return slot;
  if (move(slot, EVENT_CANCEL) == STATE_FREE) {
    cancelTimer(slot);
    releaseSlot(slot);
  }
  return 0;
}

// ── Tasks ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Creates a task and queues its first step. Returns its id, or E_NO_MEMORY. */
export function spawn(): i32 {
  const slot = allocateSlot(KIND_TASK, EVENT_SPAWN);
  if (slot < 0) return slot;
  pushReady((slot << ENTRY_SHIFT) | STEP);
  return idOf(slot);
}

/** Creates a task that is about to make its first step at once. Returns its id, or E_NO_MEMORY. */
export function spawnEager(): i32 {
  const slot = allocateSlot(KIND_TASK, EVENT_SPAWN_EAGER);
  return slot < 0 ? slot : idOf(slot);
}

/** Begins the eager step of a task made by spawnEager. Returns the slot to give to `exit`, NONE when no task was running, or an error. */
export function enter(id: i32): i32 {
  const slot = slotOf(id, KIND_TASK);
  if (slot < 0) return slot;
  if (slot == runningSlot() || stateOf(slot) != STATE_RUNNING) return E_TRANSITION;
  return enterTask(slot);
}

/** Ends an eager step with the follow-up that `next` would be given. Returns 0, E_NO_TASK, or E_STALE when `outer` is no task. */
export function exit(outer: i32, op: i32): i32 {
  const slot = runningSlot();
  if (slot == NONE) return E_NO_TASK;
  if (outer != NONE && (outer == slot || !isUsed(outer) || kindOf(outer) != KIND_TASK)) return E_STALE;
  exitTask(outer, op);
  return 0;
}

/** Parks the running task until a deadline in seconds. Returns PARKED, PARKED_CANCELLED, or an error. */
export function sleep(deadline: f64): i32 {
  if (isNaN(deadline)) return E_NOT_A_NUMBER;
  const slot = runningSlot();
  if (slot == NONE) return E_NO_TASK;
  if (!reserveTimer()) return E_NO_MEMORY;
  if (ownerOf(slot) != NONE || move(slot, EVENT_SLEEP) < 0) return E_TRANSITION;
  if (flagsOf(slot) & MUST_CANCEL) {
    cancelWait(slot);
    return PARKED_CANCELLED;
  }
  pushTimer(slot, deadline);
  return PARKED;
}

/** Asks a task to stop. Returns CANCELLED_WAIT, CANCEL_FORWARD, CANCEL_REMEMBERED, or an error. */
export function cancelTask(id: i32): i32 {
  const slot = slotOf(id, KIND_TASK);
  if (slot < 0) return slot;
  setCancelling(slot, cancellingOf(slot) + 1);
  const state = stateOf(slot);
  if (state == STATE_WAITING) {
    cancelWaiter(slot);
    return CANCELLED_WAIT;
  }
  if (state == STATE_SLEEPING) {
    cancelTimer(slot);
    cancelWait(slot);
    return CANCELLED_WAIT;
  }
  if (state == STATE_AWAITING) return CANCEL_FORWARD;
  setFlags(slot, flagsOf(slot) | MUST_CANCEL);
  return CANCEL_REMEMBERED;
}

/** Remembers a cancellation that the awaited future refused. Returns 0, E_STALE or E_KIND. */
export function requireCancel(id: i32): i32 {
  const slot = slotOf(id, KIND_TASK);
  if (slot < 0) return slot;
  setFlags(slot, flagsOf(slot) | MUST_CANCEL);
  return 0;
}

/** Forgets a remembered cancellation, which the awaited future took on. Returns 0, E_STALE or E_KIND. */
export function clearCancel(id: i32): i32 {
  const slot = slotOf(id, KIND_TASK);
  if (slot < 0) return slot;
  setFlags(slot, flagsOf(slot) & ~MUST_CANCEL);
  return 0;
}

/** Whether a task has a cancellation to come that was not delivered: 1 or 0, E_STALE or E_KIND. */
export function mustCancel(id: i32): i32 {
  const slot = slotOf(id, KIND_TASK);
  return slot < 0 ? slot : i32((flagsOf(slot) & MUST_CANCEL) != 0);
}

/** Takes one cancel request back; the last takes back an undelivered cancellation. Returns what is left, or an error. */
export function uncancel(id: i32): i32 {
  const slot = slotOf(id, KIND_TASK);
  if (slot < 0) return slot;
  const count = cancellingOf(slot);
  if (count == 0) return 0;
  setCancelling(slot, count - 1);
  if (count == 1) setFlags(slot, flagsOf(slot) & ~MUST_CANCEL);
  return count - 1;
}

/** Cancel requests that were not taken back, E_STALE or E_KIND. */
export function cancelling(id: i32): i32 {
  const slot = slotOf(id, KIND_TASK);
  return slot < 0 ? slot : cancellingOf(slot);
}

// ── Futures ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Gives a pending future a slot. Returns its id, or E_NO_MEMORY. */
export function openFuture(): i32 {
  const slot = allocateSlot(KIND_FUTURE, EVENT_OPEN);
  return slot < 0 ? slot : idOf(slot);
}

/** Makes all that waits on a future ready, in order of arrival, and takes its slot back. Returns 0 or an error. */
export function settleFuture(id: i32): i32 {
  const slot = slotOf(id, KIND_FUTURE);
  if (slot < 0) return slot;
  settleWaiters(slot);
  close(slot);
  return 0;
}

/** Parks the running task on a future or a task. Returns PARKED, PARKED_MUST_CANCEL, or an error. */
export function awaitFuture(id: i32): i32 {
  const owner = slotOfFuture(id);
  if (owner < 0) return owner;
  const slot = runningSlot();
  if (slot == NONE) return E_NO_TASK;
  if (slot == owner || ownerOf(slot) != NONE || move(slot, EVENT_AWAIT) < 0) return E_TRANSITION;
  link(owner, slot);
  return flagsOf(slot) & MUST_CANCEL ? PARKED_MUST_CANCEL : PARKED;
}

/**
 * Puts a callback on the list of a future or a task. With `bookkeeping` it is the library's own, which only passes a wake-up on.
 * Returns the callback's id, or an error.
 */
export function subscribe(id: i32, bookkeeping: bool): i32 {
  const owner = slotOfFuture(id);
  if (owner < 0) return owner;
  const slot = allocateSlot(KIND_DONE_CALLBACK, EVENT_SUBSCRIBE);
  if (slot < 0) return slot;
  if (bookkeeping) setFlags(slot, BOOKKEEPING);
  link(owner, slot);
  return idOf(slot);
}

/** Takes a callback off its future's list. Returns 0 or an error. */
export function unsubscribe(id: i32): i32 {
  const slot = slotOf(id, KIND_DONE_CALLBACK);
  if (slot < 0) return slot;
  if (joinOf(slot) != NONE) return E_KIND;
  if (move(slot, EVENT_UNSUBSCRIBE) < 0) return E_TRANSITION;
  unlink(slot);
  releaseSlot(slot);
  return 0;
}

/** Slot of the first waiter of a future, a task or a list, NONE, or an error. */
export function firstWaiter(id: i32): i32 {
  let slot = slotOf(id, KIND_LIST);
  if (slot == E_KIND) slot = slotOfFuture(id);
  return slot < 0 ? slot : headOf(slot);
}

/** Slot of the waiter behind `slot` on the same list, or NONE. */
export function nextWaiter(slot: i32): i32 {
  return isUsed(slot) && ownerOf(slot) != NONE ? nextOf(slot) : NONE;
}

// ── Waiter lists ───────────────────────────────────────────────────────────────────────────────────────────────────

/** Opens a waiter list. It is closed by the call that leaves it empty. Returns its id, or E_NO_MEMORY. */
export function openList(): i32 {
  const slot = allocateSlot(KIND_LIST, EVENT_OPEN);
  return slot < 0 ? slot : idOf(slot);
}

/** Parks the running task on a list, which it must `leave` before it waits again. Returns PARKED, PARKED_CANCELLED, or an error. */
export function park(id: i32): i32 {
  const list = slotOf(id, KIND_LIST);
  if (list < 0) return list;
  const slot = runningSlot();
  if (slot == NONE) return E_NO_TASK;
  if (ownerOf(slot) != NONE || move(slot, EVENT_PARK) < 0) return E_TRANSITION;
  enlist(list, slot);
  if ((flagsOf(slot) & MUST_CANCEL) == 0) return PARKED;
  cancelWaiter(slot);
  return PARKED_CANCELLED;
}

/** Takes the running task off the list it was parked on. Returns the bits WAITER_WOKEN and LIST_CLOSED, or an error. */
export function leave(): i32 {
  const slot = runningSlot();
  if (slot == NONE) return E_NO_TASK;
  if (stateOf(slot) != STATE_RUNNING) return E_TRANSITION; // it has not suspended yet
  const woken = outcomeOf(slot) == OUTCOME_WOKEN ? WAITER_WOKEN : 0;
  const list = ownerOf(slot);
  const isEmpty = list != NONE && delist(slot);
  setOutcome(slot, OUTCOME_NONE); // told once: another coroutine that the task closes by hand was not woken
  if (!isEmpty) return woken;
  close(list);
  return woken | LIST_CLOSED;
}

/** Wakes the first waiter, if that one still waits. Returns the number of woken ones: 0 or 1, or an error. */
export function wakeFirst(id: i32): i32 {
  const list = slotOf(id, KIND_LIST);
  if (list < 0) return list;
  const slot = headOf(list);
  if (slot == NONE || slot != cursorOf(list)) return 0;
  wakeWaiter(slot);
  return 1;
}

/** Wakes up to `limit` waiters that wait, in order of arrival. Returns how many, or an error. */
export function wakeWaiting(id: i32, limit: i32): i32 {
  const list = slotOf(id, KIND_LIST);
  if (list < 0) return list;
  let count = 0;
  for (let slot = cursorOf(list); slot != NONE && count < limit; slot = cursorOf(list)) {
    wakeWaiter(slot);
    count++;
  }
  return count;
}

/** Takes waiters off a list up to the first that waits, and wakes that one. Returns WAITER_WOKEN and LIST_CLOSED, or an error. */
export function wakeAndRemove(id: i32): i32 {
  const list = slotOf(id, KIND_LIST);
  if (list < 0) return list;
  for (let slot = headOf(list); slot != NONE; slot = headOf(list)) {
    const waits = stateOf(slot) == STATE_WAITING;
    if (waits) wakeWaiter(slot);
    const empty = delist(slot);
    if (empty) close(list);
    if (waits || empty) return (waits ? WAITER_WOKEN : 0) | (empty ? LIST_CLOSED : 0);
  }
  return 0;
}

/** Number of waiters on a list, or an error. */
export function waiterCount(id: i32): i32 {
  const list = slotOf(id, KIND_LIST);
  return list < 0 ? list : lengthOf(list);
}

/** Number of waiters on a list that are not cancelled, or an error. */
export function liveWaiterCount(id: i32): i32 {
  const list = slotOf(id, KIND_LIST);
  return list < 0 ? list : liveOf(list);
}

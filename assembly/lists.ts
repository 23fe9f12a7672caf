// Lists: what the tasks of a lock, an event or a queue park on, and who of them is woken. The links between them are
// waiters.ts's.

import {
  EVENT_OPEN,
  EVENT_PARK,
  E_NO_TASK,
  E_TRANSITION,
  KIND_LIST,
  LIST_CLOSED,
  NONE,
  PARKED,
  PARKED_CANCELLED,
  STATE_RUNNING,
  STATE_WAITING,
  WAITER_WOKEN,
} from "./abi";
import { runningSlot } from "./scheduler";
import { allocateSlot, move, recordOf, slotOf } from "./slots";
import { MUST_CANCEL } from "./state";
import { OUTCOME_NONE, OUTCOME_WOKEN, cancelWaiter, close, delist, enlist, wakeWaiter } from "./waiters";

/** Opens a waiter list. It is closed by the call that leaves it empty. Returns its id, or E_NO_MEMORY. */
export function openList(): i32 {
  const slot = allocateSlot(KIND_LIST, EVENT_OPEN);
  return slot < 0 ? slot : recordOf(slot).id;
}

/**
 * Parks the running task on a list, which it must `leave` before it waits again. Returns PARKED, PARKED_CANCELLED, or
 * an error.
 */
export function park(id: i32): i32 {
  const list = slotOf(id, KIND_LIST);
  if (list < 0) return list;
  const slot = runningSlot();
  if (slot == NONE) return E_NO_TASK;
  const task = recordOf(slot);
  if (task.owner != NONE || move(slot, EVENT_PARK) < 0) return E_TRANSITION;
  enlist(list, slot);
  if ((task.flags & MUST_CANCEL) == 0) return PARKED;
  cancelWaiter(slot);
  return PARKED_CANCELLED;
}

/** Takes the running task off the list it was parked on. Returns the bits WAITER_WOKEN and LIST_CLOSED, or an error. */
export function leave(): i32 {
  const slot = runningSlot();
  if (slot == NONE) return E_NO_TASK;
  const task = recordOf(slot);
  if (task.state != STATE_RUNNING) return E_TRANSITION; // it has not suspended yet
  const woken = task.outcome == OUTCOME_WOKEN ? WAITER_WOKEN : 0;
  const list = task.owner;
  const isEmpty = list != NONE && delist(slot);
  task.outcome = OUTCOME_NONE; // told once: another coroutine that the task closes by hand was not woken
  if (!isEmpty) return woken;
  close(list);
  return woken | LIST_CLOSED;
}

/** Wakes the first waiter, if that one still waits. Returns the number of woken ones: 0 or 1, or an error. */
export function wakeFirst(id: i32): i32 {
  const owner = slotOf(id, KIND_LIST);
  if (owner < 0) return owner;
  const list = recordOf(owner);
  if (list.head == NONE || list.head != list.cursor) return 0;
  wakeWaiter(list.head);
  return 1;
}

/** Wakes up to `limit` waiters that wait, in order of arrival. Returns how many, or an error. */
export function wakeWaiting(id: i32, limit: i32): i32 {
  const owner = slotOf(id, KIND_LIST);
  if (owner < 0) return owner;
  const list = recordOf(owner);
  let count = 0;
  for (; list.cursor != NONE && count < limit; count++) wakeWaiter(list.cursor);
  return count;
}

/**
 * Takes waiters off a list up to the first that waits, and wakes that one. Returns WAITER_WOKEN and LIST_CLOSED, or an
 * error.
 */
export function wakeAndRemove(id: i32): i32 {
  const owner = slotOf(id, KIND_LIST);
  if (owner < 0) return owner;
  const list = recordOf(owner);
  while (list.head != NONE) {
    const slot = list.head;
    const waits = recordOf(slot).state == STATE_WAITING;
    if (waits) wakeWaiter(slot);
    const empty = delist(slot);
    if (empty) close(owner);
    if (waits || empty) return (waits ? WAITER_WOKEN : 0) | (empty ? LIST_CLOSED : 0);
  }
  return 0;
}

/** Number of waiters on a list, or an error. */
export function waiterCount(id: i32): i32 {
  const list = slotOf(id, KIND_LIST);
  return list < 0 ? list : recordOf(list).count;
}

/** Number of waiters on a list that are not cancelled, or an error. */
export function liveWaiterCount(id: i32): i32 {
  const list = slotOf(id, KIND_LIST);
  return list < 0 ? list : recordOf(list).live;
}

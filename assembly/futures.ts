// Futures: what has a slot only while something waits on it. A task can be waited on in the same way.

import {
  EVENT_AWAIT,
  EVENT_OPEN,
  EVENT_SUBSCRIBE,
  EVENT_UNSUBSCRIBE,
  E_KIND,
  E_NO_TASK,
  E_TRANSITION,
  KIND_DONE_CALLBACK,
  KIND_FUTURE,
  KIND_LIST,
  NONE,
  PARKED,
  PARKED_MUST_CANCEL,
} from "./abi";
import { runningSlot } from "./scheduler";
import { allocateSlot, isUsed, move, recordOf, releaseSlot, slotOf, slotOfFuture } from "./slots";
import { BOOKKEEPING, MUST_CANCEL } from "./state";
import { close, link, settleWaiters, unlink } from "./waiters";

/** Gives a pending future a slot. Returns its id, or E_NO_MEMORY. */
export function openFuture(): i32 {
  const slot = allocateSlot(KIND_FUTURE, EVENT_OPEN);
  return slot < 0 ? slot : recordOf(slot).id;
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
  const task = recordOf(slot);
  if (slot == owner || task.owner != NONE || move(slot, EVENT_AWAIT) < 0) return E_TRANSITION;
  link(owner, slot);
  return task.flags & MUST_CANCEL ? PARKED_MUST_CANCEL : PARKED;
}

/**
 * Puts a callback on the list of a future or a task. With `bookkeeping` it is the library's own, which only passes a
 * wake-up on. Returns the callback's id, or an error.
 */
export function subscribe(id: i32, bookkeeping: bool): i32 {
  const owner = slotOfFuture(id);
  if (owner < 0) return owner;
  const slot = allocateSlot(KIND_DONE_CALLBACK, EVENT_SUBSCRIBE);
  if (slot < 0) return slot;
  if (bookkeeping) recordOf(slot).flags = BOOKKEEPING;
  link(owner, slot);
  return recordOf(slot).id;
}

/** Takes a callback off its future's list. Returns 0 or an error. */
export function unsubscribe(id: i32): i32 {
  const slot = slotOf(id, KIND_DONE_CALLBACK);
  if (slot < 0) return slot;
  if (recordOf(slot).join != NONE) return E_KIND;
  if (move(slot, EVENT_UNSUBSCRIBE) < 0) return E_TRANSITION;
  unlink(slot);
  releaseSlot(slot);
  return 0;
}

/** Slot of the first waiter of a future, a task or a list, NONE, or an error. */
export function firstWaiter(id: i32): i32 {
  let slot = slotOf(id, KIND_LIST);
  if (slot == E_KIND) slot = slotOfFuture(id);
  return slot < 0 ? slot : recordOf(slot).head;
}

/** Slot of the waiter behind `slot` on the same list, or NONE. */
export function nextWaiter(slot: i32): i32 {
  return isUsed(slot) && recordOf(slot).owner != NONE ? recordOf(slot).next : NONE;
}

// Waiter lists: who waits for a future, a task, or a synchronisation primitive, in order of arrival.
//
// One doubly linked list serves all three; its ends stand in the owner's record and its links in the waiters' own, for a
// slot waits on one thing at a time. A future is settled once, and its whole list becomes ready. The list of a primitive
// lives on: a waiter that is woken or cancelled stays on it until its task steps and leaves, as in asyncio, because that is
// what decides whether a newcomer may pass. `cursor` is the first waiter that is neither, so a wake-up costs O(1).

import {
  DONE_CALLBACK,
  ENTRY_SHIFT,
  EVENT_CANCEL,
  EVENT_CLOSE,
  EVENT_QUEUE,
  EVENT_WAKE,
  KIND_TASK,
  NONE,
  STATE_WAITING,
  STEP,
} from "./abi";
import { pushReady } from "./ready";
import {
  cursorOf,
  flagsOf,
  headOf,
  kindOf,
  lengthOf,
  liveOf,
  move,
  nextOf,
  outcomeOf,
  ownerOf,
  previousOf,
  releaseSlot,
  setCursor,
  setFlags,
  setHead,
  setLength,
  setLive,
  setNext,
  setOutcome,
  setOwner,
  setPrevious,
  setTail,
  stateOf,
  tailOf,
} from "./slots";
import { BY_FUTURE, WAIT_WAS_CANCELLED } from "./state";

// How a task's last wait on a waiter list ended.
export const OUTCOME_NONE: i32 = 0;
export const OUTCOME_WOKEN: i32 = 1;
export const OUTCOME_CANCELLED: i32 = 2;

/** Appends a slot to an owner's list. */
export function link(owner: i32, slot: i32): void {
  const tail = tailOf(owner);
  setOwner(slot, owner);
  setPrevious(slot, tail);
  setNext(slot, NONE);
  if (tail == NONE) setHead(owner, slot);
  else setNext(tail, slot);
  setTail(owner, slot);
}

/** Takes a slot off the list it is on. */
export function unlink(slot: i32): void {
  const owner = ownerOf(slot);
  const next = nextOf(slot);
  const previous = previousOf(slot);
  if (previous == NONE) setHead(owner, next);
  else setNext(previous, next);
  if (next == NONE) setTail(owner, previous);
  else setPrevious(next, previous);
  setOwner(slot, NONE);
}

/** Makes everything that waits on a future or a task ready, in order of arrival. */
export function settleWaiters(owner: i32): void {
  let slot = headOf(owner);
  while (slot != NONE) {
    const next = nextOf(slot);
    setOwner(slot, NONE);
    if (kindOf(slot) == KIND_TASK) {
      move(slot, EVENT_WAKE);
      setFlags(slot, flagsOf(slot) | BY_FUTURE);
      pushReady((slot << ENTRY_SHIFT) | STEP);
    } else {
      move(slot, EVENT_QUEUE);
      pushReady((slot << ENTRY_SHIFT) | DONE_CALLBACK);
    }
    slot = next;
  }
  setHead(owner, NONE);
  setTail(owner, NONE);
}

/** Appends a task that begins to wait to a primitive's list. */
export function enlist(list: i32, slot: i32): void {
  link(list, slot);
  setOutcome(slot, OUTCOME_NONE);
  setLength(list, lengthOf(list) + 1);
  setLive(list, liveOf(list) + 1);
  if (cursorOf(list) == NONE) setCursor(list, slot);
}

/** Cancels the wait of a task on a list, and makes it ready: it stays on the list until it leaves. */
export function cancelWaiter(slot: i32): void {
  const list = ownerOf(slot);
  passCursor(list, slot);
  setLive(list, liveOf(list) - 1);
  setOutcome(slot, OUTCOME_CANCELLED);
  cancelWait(slot);
}

/** Makes a task ready whose wait is cancelled. */
export function cancelWait(slot: i32): void {
  move(slot, EVENT_CANCEL);
  setFlags(slot, WAIT_WAS_CANCELLED);
  pushReady((slot << ENTRY_SHIFT) | STEP);
}

/** Wakes a task that waits on a list: it stays on the list until it leaves. */
export function wakeWaiter(slot: i32): void {
  passCursor(ownerOf(slot), slot);
  setOutcome(slot, OUTCOME_WOKEN);
  move(slot, EVENT_WAKE);
  pushReady((slot << ENTRY_SHIFT) | STEP);
}

/** Takes a task off the list it is on. Returns true when that left the list empty. */
export function delist(slot: i32): bool {
  const list = ownerOf(slot);
  passCursor(list, slot);
  if (outcomeOf(slot) != OUTCOME_CANCELLED) setLive(list, liveOf(list) - 1);
  unlink(slot);
  const length = lengthOf(list) - 1;
  setLength(list, length);
  return length == 0;
}

/** Gives the slot of an empty list, or of a settled future, back. */
export function close(slot: i32): void {
  move(slot, EVENT_CLOSE);
  releaseSlot(slot);
}

/** Moves a list's cursor on to the next waiter that waits, if `slot` was the one. */
function passCursor(list: i32, slot: i32): void {
  if (cursorOf(list) != slot) return;
  do slot = nextOf(slot);
  while (slot != NONE && stateOf(slot) != STATE_WAITING);
  setCursor(list, slot);
}

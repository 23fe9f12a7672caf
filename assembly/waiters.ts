// Waiter lists: who waits for a future, a task, or a synchronisation primitive, in order of arrival.
//
// One doubly linked list serves all three; its ends stand in the owner's record and its links in the waiters' own, for
// a slot waits on one thing at a time. A future is settled once, and its whole list becomes ready. The list of a
// primitive lives on: a waiter that is woken or cancelled stays on it until its task steps and leaves, as in asyncio,
// because that is what decides whether a newcomer may pass. `cursor` is the first waiter that is neither, so a wake-up
// costs O(1).

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
import { move, recordOf, releaseSlot } from "./slots";
import { BY_FUTURE, WAIT_WAS_CANCELLED } from "./state";

// How a task's last wait on a waiter list ended.
export const OUTCOME_NONE: u8 = 0;
export const OUTCOME_WOKEN: u8 = 1;
export const OUTCOME_CANCELLED: u8 = 2;

/** Appends a slot to an owner's list. */
export function link(owner: i32, slot: i32): void {
  const list = recordOf(owner);
  const record = recordOf(slot);
  const tail = list.tail;
  record.owner = owner;
  record.previous = tail;
  record.next = NONE;
  if (tail == NONE) list.head = slot;
  else recordOf(tail).next = slot;
  list.tail = slot;
}

/** Takes a slot off the list it is on. */
export function unlink(slot: i32): void {
  const record = recordOf(slot);
  const list = recordOf(record.owner);
  const next = record.next;
  const previous = record.previous;
  if (previous == NONE) list.head = next;
  else recordOf(previous).next = next;
  if (next == NONE) list.tail = previous;
  else recordOf(next).previous = previous;
  record.owner = NONE;
}

/** Makes everything that waits on a future or a task ready, in order of arrival. */
export function settleWaiters(owner: i32): void {
  const list = recordOf(owner);
  let slot = list.head;
  while (slot != NONE) {
    const record = recordOf(slot);
    const next = record.next;
    record.owner = NONE;
    if (record.kind == KIND_TASK) {
      move(slot, EVENT_WAKE);
      record.flags |= BY_FUTURE;
      pushReady((slot << ENTRY_SHIFT) | STEP);
    } else {
      move(slot, EVENT_QUEUE);
      pushReady((slot << ENTRY_SHIFT) | DONE_CALLBACK);
    }
    slot = next;
  }
  list.head = NONE;
  list.tail = NONE;
}

/** Appends a task that begins to wait to a primitive's list. */
export function enlist(owner: i32, slot: i32): void {
  link(owner, slot);
  recordOf(slot).outcome = OUTCOME_NONE;
  const list = recordOf(owner);
  list.count++;
  list.live++;
  if (list.cursor == NONE) list.cursor = slot;
}

/** Cancels the wait of a task on a list, and makes it ready: it stays on the list until it leaves. */
export function cancelWaiter(slot: i32): void {
  const record = recordOf(slot);
  const owner = record.owner;
  passCursor(owner, slot);
  recordOf(owner).live--;
  record.outcome = OUTCOME_CANCELLED;
  cancelWait(slot);
}

/** Makes a task ready whose wait is cancelled. */
export function cancelWait(slot: i32): void {
  move(slot, EVENT_CANCEL);
  recordOf(slot).flags = WAIT_WAS_CANCELLED;
  pushReady((slot << ENTRY_SHIFT) | STEP);
}

/** Wakes a task that waits on a list: it stays on the list until it leaves. */
export function wakeWaiter(slot: i32): void {
  const record = recordOf(slot);
  passCursor(record.owner, slot);
  record.outcome = OUTCOME_WOKEN;
  move(slot, EVENT_WAKE);
  pushReady((slot << ENTRY_SHIFT) | STEP);
}

/** Takes a task off the list it is on. Returns true when that left the list empty. */
export function delist(slot: i32): bool {
  const record = recordOf(slot);
  const owner = record.owner;
  const list = recordOf(owner);
  passCursor(owner, slot);
  if (record.outcome != OUTCOME_CANCELLED) list.live--;
  unlink(slot);
  return --list.count == 0;
}

/** Gives the slot of an empty list, or of a settled future, back. */
export function close(slot: i32): void {
  move(slot, EVENT_CLOSE);
  releaseSlot(slot);
}

/** Moves a list's cursor on to the next waiter that waits, if `slot` was the one. */
function passCursor(owner: i32, slot: i32): void {
  const list = recordOf(owner);
  if (list.cursor != slot) return;
  do slot = recordOf(slot).next;
  while (slot != NONE && recordOf(slot).state != STATE_WAITING);
  list.cursor = slot;
}

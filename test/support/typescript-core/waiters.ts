// Waiter lists: doubly linked through the slots, as in the core. Of a primitive's list the woken and the cancelled stay
// on it until their tasks leave; `cursor` is the first that is neither.

import {
  DONE_CALLBACK,
  ENTRY_SHIFT,
  KIND_TASK,
  STATE_QUEUED,
  STATE_READY,
  STATE_RUNNING,
  STATE_WAITING,
  STEP,
} from "../../../src/core/abi.ts";
import type { Ready } from "./ready.ts";
import type { Slot } from "./slots.ts";
import { BY_FUTURE, WAIT_WAS_CANCELLED } from "./state.ts";

// How a task's last wait on a waiter list ended.
export const OUTCOME_NONE = 0;
export const OUTCOME_WOKEN = 1;
export const OUTCOME_CANCELLED = 2;

/** Whether a task may begin to wait: it runs, and has left the list that it waited on before. */
export function mayWait(slot: Slot): boolean {
  return slot.state === STATE_RUNNING && slot.owner === null;
}

export function link(owner: Slot, slot: Slot): void {
  const { tail } = owner;
  slot.owner = owner;
  slot.previous = tail;
  slot.next = null;
  if (tail === null) owner.head = slot;
  else tail.next = slot;
  owner.tail = slot;
}

/** Takes a slot, which is on one, off its owner's list. */
export function unlink(slot: Slot): void {
  const owner = slot.owner as Slot;
  const { next, previous } = slot;
  if (previous === null) owner.head = next;
  else previous.next = next;
  if (next === null) owner.tail = previous;
  else next.previous = previous;
  slot.owner = null;
}

export function makeReady(ready: Ready, slot: Slot): void {
  slot.state = STATE_READY;
  ready.push((slot.number << ENTRY_SHIFT) | STEP);
}

/** Makes everything that waits on a future or a task ready, in order of arrival. */
export function settle(ready: Ready, owner: Slot): void {
  for (let slot = owner.head; slot !== null;) {
    const next: Slot | null = slot.next;
    slot.owner = null;
    if (slot.kind === KIND_TASK) {
      slot.flags |= BY_FUTURE;
      makeReady(ready, slot);
    } else {
      slot.state = STATE_QUEUED;
      ready.push((slot.number << ENTRY_SHIFT) | DONE_CALLBACK);
    }
    slot = next;
  }
  owner.head = null;
  owner.tail = null;
}

export function enlist(list: Slot, slot: Slot): void {
  link(list, slot);
  slot.outcome = OUTCOME_NONE;
  list.count++;
  list.live++;
  list.cursor ??= slot;
}

export function cancelWait(ready: Ready, slot: Slot): void {
  slot.flags = WAIT_WAS_CANCELLED;
  makeReady(ready, slot);
}

/** Cancels the wait of a task on a list: it stays on the list until it leaves. */
export function cancelWaiter(ready: Ready, slot: Slot): void {
  const list = slot.owner as Slot;
  passCursor(list, slot);
  list.live--;
  slot.outcome = OUTCOME_CANCELLED;
  cancelWait(ready, slot);
}

/** Wakes a task that waits on a list: it stays on the list until it leaves. */
export function wakeWaiter(ready: Ready, slot: Slot): void {
  passCursor(slot.owner as Slot, slot);
  slot.outcome = OUTCOME_WOKEN;
  makeReady(ready, slot);
}

/** Takes a task off the list it is on. Returns true when that left the list empty. */
export function delist(slot: Slot): boolean {
  const list = slot.owner as Slot;
  passCursor(list, slot);
  if (slot.outcome !== OUTCOME_CANCELLED) list.live--;
  unlink(slot);
  return --list.count === 0;
}

/** Moves a list's cursor on to the next waiter that waits, if `slot` was the one. */
function passCursor(list: Slot, slot: Slot): void {
  if (list.cursor !== slot) return;
  let { next } = slot;
  while (next !== null && next.state !== STATE_WAITING) next = next.next;
  list.cursor = next;
}

// Joins: how many of several futures are not done yet, for gather and task groups.
//
// A member is a done-callback that has a join. When its turn comes it is counted here, and JavaScript is not asked:
// only when it is the last one, or its future failed. So a join is told in the iteration in which asyncio's
// done-callback runs, and in its place.
//
// Members are on two lists: as callbacks on their future's, and on the join's own, whose links stand where a list has
// its ends.

import {
  DONE_CALLBACK,
  ENTRY_SHIFT,
  EVENT_OPEN,
  EVENT_QUEUE,
  EVENT_SUBSCRIBE,
  E_STALE,
  E_TRANSITION,
  KIND_DONE_CALLBACK,
  KIND_JOIN,
  NONE,
} from "./abi";
import { pushReady } from "./ready";
import { allocateSlot, isUsed, recordOf, slotOf, slotOfFuture } from "./slots";
import { BOOKKEEPING, TELLS } from "./state";
import { close, link } from "./waiters";

/** Slot of the member whose end was told last; NONE when only the end of all was told. */
let toldOf: i32 = NONE;
/** Members that its join had left then. */
let left: i32 = 0;

export function initializeJoins(): void {
  toldOf = NONE;
  left = 0;
}

/** Opens a join. It is closed when its last member is counted. Returns its id, or E_NO_MEMORY. */
export function openJoin(): i32 {
  const slot = allocateSlot(KIND_JOIN, EVENT_OPEN);
  return slot < 0 ? slot : recordOf(slot).id;
}

/**
 * Closes a join that has no members, because the first one was refused. Returns 0, or E_TRANSITION when there are some,
 * or an error.
 */
export function closeJoin(id: i32): i32 {
  const slot = slotOf(id, KIND_JOIN);
  if (slot < 0) return slot;
  if (recordOf(slot).count > 0) return E_TRANSITION;
  close(slot);
  return 0;
}

/**
 * Makes a future or a task a member of a join; NONE stands for one that is done, which is counted in the next
 * iteration. Returns the member's slot, or an error.
 */
export function join(id: i32, future: i32): i32 {
  const owner = slotOf(id, KIND_JOIN);
  if (owner < 0) return owner;
  const isDone = future == NONE;
  const source = isDone ? NONE : slotOfFuture(future);
  if (source < 0 && !isDone) return source;
  const member = allocateSlot(KIND_DONE_CALLBACK, isDone ? EVENT_QUEUE : EVENT_SUBSCRIBE);
  if (member < 0) return member;
  recordOf(member).flags = BOOKKEEPING;
  if (isDone) pushReady((member << ENTRY_SHIFT) | DONE_CALLBACK);
  else link(source, member);
  append(owner, member);
  return member;
}

/**
 * Has a member's join told when this one is done, also when others are left. Returns the join's slot, or E_STALE for
 * what is no member.
 */
export function tell(member: i32): i32 {
  const owner = joinOfWaiter(member);
  if (owner == NONE) return E_STALE;
  recordOf(member).flags |= TELLS;
  return owner;
}

/** Counts a member as done. Returns whether its join is to be told; at the last one it is closed. */
export function countDown(member: i32): bool {
  const record = recordOf(member);
  const owner = record.join;
  remove(owner, member);
  const tells = (record.flags & TELLS) != 0;
  left = recordOf(owner).count;
  toldOf = tells ? member : NONE;
  if (left > 0) return tells;
  close(owner);
  return true;
}

/**
 * For the join that `next` handed out last: the slot that the member had whose end it is told of; NONE: only that all
 * are done.
 */
export function joinedSlot(): i32 {
  return toldOf;
}

/** For the same join: the members that it has left. At 0 its slot is free already. */
export function joinedLeft(): i32 {
  return left;
}

/** Number of members of a join, or an error. */
export function memberCount(id: i32): i32 {
  const owner = slotOf(id, KIND_JOIN);
  return owner < 0 ? owner : recordOf(owner).count;
}

/** Slot of the first member of a join, NONE, or an error. */
export function firstMember(id: i32): i32 {
  const owner = slotOf(id, KIND_JOIN);
  return owner < 0 ? owner : recordOf(owner).head;
}

/** Slot of the member behind `slot` in the same join, or NONE. */
export function nextMember(slot: i32): i32 {
  return joinOfWaiter(slot) == NONE ? NONE : recordOf(slot).nextMember;
}

/** Slot of the future or task on whose list a member is, or NONE: it is done. */
export function sourceOf(member: i32): i32 {
  return joinOfWaiter(member) == NONE ? NONE : recordOf(member).owner;
}

/** Slot of the join that a waiter's slot is a member of, or NONE. */
export function joinOfWaiter(slot: i32): i32 {
  return isUsed(slot) && recordOf(slot).kind == KIND_DONE_CALLBACK ? recordOf(slot).join : NONE;
}

function append(owner: i32, member: i32): void {
  const join = recordOf(owner);
  const record = recordOf(member);
  const last = join.tail;
  record.join = owner;
  record.previousMember = last;
  if (last == NONE) join.head = member;
  else recordOf(last).nextMember = member;
  join.tail = member;
  join.count++;
}

function remove(owner: i32, member: i32): void {
  const join = recordOf(owner);
  const record = recordOf(member);
  const next = record.nextMember;
  const previous = record.previousMember;
  if (previous == NONE) join.head = next;
  else recordOf(previous).nextMember = next;
  if (next == NONE) join.tail = previous;
  else recordOf(next).previousMember = previous;
  join.count--;
}

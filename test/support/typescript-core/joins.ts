// Joins: how many of several futures are not done yet, counted as assembly/joins.ts counts them. A member's neighbours
// in its join stand where an owner has its first and last waiter.

import {
  DONE_CALLBACK,
  ENTRY_SHIFT,
  E_STALE,
  E_TRANSITION,
  KIND_DONE_CALLBACK,
  KIND_JOIN,
  NONE,
  STATE_PENDING,
  STATE_QUEUED,
  STATE_SUBSCRIBED,
} from "../../../src/core/abi.ts";
import type { Scheduler } from "./scheduler.ts";
import { type Slot, type Slots, numberOf } from "./slots.ts";
import { TELLS } from "./state.ts";
import { link } from "./waiters.ts";

/** What a join is told, and when. */
export class Joined {
  /** Slot of the member that the join which was told last was told of, or NONE. */
  slot = NONE;
  /** Members that it had left then. */
  left = 0;
  readonly #slots: Slots;

  constructor(slots: Slots) {
    this.#slots = slots;
  }

  reset(): void {
    this.slot = NONE;
    this.left = 0;
  }

  /** Counts a member of a join as done. Returns whether the join is to be told; at the last one it is closed. */
  countDown(member: Slot, join: Slot): boolean {
    remove(join, member);
    const tells = (member.flags & TELLS) !== 0;
    this.left = join.count;
    this.slot = tells ? member.number : NONE;
    if (this.left > 0) return tells;
    this.#slots.release(join);
    return true;
  }
}

export function joinsOf({ slots, ready, joined }: Scheduler) {
  const memberIn = (number: number): Slot | null => {
    const slot = slots.all[number];
    return slot !== undefined && slot.kind === KIND_DONE_CALLBACK && slot.join !== null ? slot : null;
  };
  return {
    openJoin(): number {
      return slots.allocate(KIND_JOIN, STATE_PENDING).id;
    },

    closeJoin(id: number): number {
      const join = slots.find(id, KIND_JOIN);
      if (join === null) return slots.refusal(id);
      if (join.count > 0) return E_TRANSITION;
      slots.release(join);
      return 0;
    },

    join(id: number, future: number): number {
      const join = slots.find(id, KIND_JOIN);
      if (join === null) return slots.refusal(id);
      const isDone = future === NONE;
      const source = isDone ? null : slots.findFuture(future);
      if (source === null && !isDone) return slots.refusal(future);
      const member = slots.allocate(KIND_DONE_CALLBACK, isDone ? STATE_QUEUED : STATE_SUBSCRIBED);
      if (source === null) ready.push((member.number << ENTRY_SHIFT) | DONE_CALLBACK);
      else link(source, member);
      append(join, member);
      return member.number;
    },

    tell(number: number): number {
      const member = memberIn(number);
      if (member === null) return E_STALE;
      member.flags |= TELLS;
      return numberOf(member.join);
    },

    joinedSlot: (): number => joined.slot,
    joinedLeft: (): number => joined.left,

    memberCount(id: number): number {
      const join = slots.find(id, KIND_JOIN);
      return join === null ? slots.refusal(id) : join.count;
    },

    firstMember(id: number): number {
      const join = slots.find(id, KIND_JOIN);
      return join === null ? slots.refusal(id) : numberOf(join.head);
    },

    nextMember: (number: number): number => numberOf(memberIn(number)?.head ?? null),
    sourceOf: (number: number): number => numberOf(memberIn(number)?.owner ?? null),
    joinOfWaiter: (number: number): number => numberOf(memberIn(number)?.join ?? null),
  };
}

function append(join: Slot, member: Slot): void {
  const last = join.tail;
  member.join = join;
  member.tail = last;
  if (last === null) join.head = member;
  else last.head = member;
  join.tail = member;
  join.count++;
}

function remove(join: Slot, member: Slot): void {
  const { head: next, tail: previous } = member;
  if (previous === null) join.head = next;
  else previous.head = next;
  if (next === null) join.tail = previous;
  else next.tail = previous;
  join.count--;
}

// Joins: how many of several futures are not done yet, counted as assembly/joins.ts counts them. A member's neighbours
// in its join stand where an owner has its first and last waiter.

import {
  DONE_CALLBACK,
  ENTRY_SHIFT,
  E_NO_MEMORY,
  E_STALE,
  E_TRANSITION,
  KIND_DONE_CALLBACK,
  KIND_JOIN,
  NONE,
  STATE_PENDING,
  STATE_QUEUED,
  STATE_SUBSCRIBED,
} from "../../src/core/abi.ts";
import type { Ready } from "./ready.ts";
import { type Slot, type Slots, idOf, numberOf } from "./slots.ts";
import { link } from "./waiters.ts";

/** Flag of a member: its join is told when it is done, and not only when it is the last one. */
const TELLS = 2;

export class Joins {
  /** Slot of the member that the join which was told last was told of, or NONE. */
  toldOf = NONE;
  /** Members that it had left then. */
  left = 0;
  readonly #slots: Slots;
  readonly #ready: Ready;

  constructor(slots: Slots, ready: Ready) {
    this.#slots = slots;
    this.#ready = ready;
  }

  open(): number {
    return idOf(this.#slots.allocate(KIND_JOIN, STATE_PENDING));
  }

  close(id: number): number {
    const join = this.#slots.find(id, KIND_JOIN);
    if (join === null) return this.#slots.refusal(id);
    if (join.count > 0) return E_TRANSITION;
    this.#slots.release(join);
    return 0;
  }

  join(id: number, future: number): number {
    const join = this.#slots.find(id, KIND_JOIN);
    if (join === null) return this.#slots.refusal(id);
    const isDone = future === NONE;
    const source = isDone ? null : this.#slots.findFuture(future);
    if (source === null && !isDone) return this.#slots.refusal(future);
    const member = this.#slots.allocate(KIND_DONE_CALLBACK, isDone ? STATE_QUEUED : STATE_SUBSCRIBED);
    if (member === null) return E_NO_MEMORY;
    if (source === null) this.#ready.push((member.number << ENTRY_SHIFT) | DONE_CALLBACK);
    else link(source, member);
    append(join, member);
    return member.number;
  }

  tell(number: number): number {
    const member = this.#member(number);
    if (member === null) return E_STALE;
    member.flags |= TELLS;
    return numberOf(member.join);
  }

  /** Counts a member of a join as done. Returns whether the join is to be told; at the last one it is closed. */
  countDown(member: Slot, join: Slot): boolean {
    remove(join, member);
    const tells = (member.flags & TELLS) !== 0;
    this.left = join.count;
    this.toldOf = tells ? member.number : NONE;
    if (this.left > 0) return tells;
    this.#slots.release(join);
    return true;
  }

  memberCount(id: number): number {
    const join = this.#slots.find(id, KIND_JOIN);
    return join === null ? this.#slots.refusal(id) : join.count;
  }

  firstMember(id: number): number {
    const join = this.#slots.find(id, KIND_JOIN);
    return join === null ? this.#slots.refusal(id) : numberOf(join.head);
  }

  nextMember(number: number): number {
    return numberOf(this.#member(number)?.head ?? null);
  }

  sourceOf(number: number): number {
    return numberOf(this.#member(number)?.owner ?? null);
  }

  joinOfWaiter(number: number): number {
    return numberOf(this.#member(number)?.join ?? null);
  }

  #member(number: number): Slot | null {
    const slot = this.#slots.all[number];
    return slot !== undefined && slot.kind === KIND_DONE_CALLBACK && slot.join !== null ? slot : null;
  }
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

// The slot table: an object for each task, handle, done-callback, awaited future, waiter list, join and source.
//
// Slots are given out as the core gives them out: the slot freed last comes first, a generation makes each id new.

import {
  E_KIND,
  E_STALE,
  GENERATION_MAX,
  KIND_FREE,
  KIND_FUTURE,
  KIND_TASK,
  NONE,
  SLOT_BITS,
  SLOT_MASK,
  STATE_FREE,
} from "../../../src/core/abi.ts";

export class Slot {
  readonly number: number;
  id: number;
  kind = KIND_FREE;
  state = STATE_FREE;
  /** Of a task and of a member of a join: see state.ts. */
  flags = 0;
  /** Of a task: how its last wait on a waiter list ended. */
  outcome = 0;
  /** Sequence of the pending timer, 0 when there is none. */
  timer = 0;
  /** Of a task: cancel requests; of a waiter list: waiters; of a join: members. */
  count = 0;
  /** Of a waiter list: waiters that are not cancelled. */
  live = 0;
  /** On whose list it is. */
  owner: Slot | null = null;
  next: Slot | null = null;
  previous: Slot | null = null;
  /** Its own waiters, first and last; and the first that is neither woken nor cancelled. */
  head: Slot | null = null;
  tail: Slot | null = null;
  cursor: Slot | null = null;
  /** Of a done-callback: the join that it is a member of. */
  join: Slot | null = null;

  constructor(number: number) {
    this.number = number;
    this.id = (GENERATION_MAX << SLOT_BITS) | number; // so that its first life is generation 0
  }
}

export class Slots {
  readonly all: Slot[] = [];
  /** Slots in use. */
  used = 0;
  /** Freed slots, the last one last. */
  readonly #free: Slot[] = [];

  reset(): void {
    this.all.length = 0;
    this.#free.length = 0;
    this.used = 0;
  }

  /** Gives out a slot. Throws RangeError when all numbers are taken. */
  allocate(kind: number, state: number): Slot {
    let slot = this.#free.pop();
    if (slot === undefined) {
      if (this.all.length > SLOT_MASK) throw new RangeError(`Cannot give out a slot: all ${SLOT_MASK + 1} are in use`);
      slot = new Slot(this.all.length);
      this.all.push(slot);
    }
    this.used++;
    slot.id = ((((slot.id >>> SLOT_BITS) + 1) & GENERATION_MAX) << SLOT_BITS) | slot.number;
    slot.kind = kind;
    slot.state = state;
    slot.flags = 0;
    slot.outcome = 0;
    slot.timer = 0;
    slot.count = 0;
    slot.live = 0;
    slot.owner = null;
    slot.next = null;
    slot.previous = null;
    slot.head = null;
    slot.tail = null;
    slot.cursor = null;
    slot.join = null;
    return slot;
  }

  release(slot: Slot): void {
    slot.kind = KIND_FREE;
    slot.state = STATE_FREE;
    slot.timer = 0;
    this.used--;
    this.#free.push(slot);
  }

  /** The slot behind an id, or null: `refusal` says why. */
  find(id: number, kind: number): Slot | null {
    const slot = this.all[id & SLOT_MASK];
    return slot !== undefined && slot.id === id && slot.kind === kind ? slot : null;
  }

  /** The slot behind the id of a future or a task, or null. */
  findFuture(id: number): Slot | null {
    return this.find(id, KIND_FUTURE) ?? this.find(id, KIND_TASK);
  }

  refusal(id: number): number {
    const slot = this.all[id & SLOT_MASK];
    return slot !== undefined && slot.id === id && slot.state !== STATE_FREE ? E_KIND : E_STALE;
  }
}

/** What a call gives back for a slot that it found, or that is not there. */
export const numberOf = (slot: Slot | null): number => (slot === null ? NONE : slot.number);

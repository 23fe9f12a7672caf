// The slot table: one record for every task, handle, done-callback, awaited future, waiter list, join and source.
//
// Free slots form a LIFO list, so the same program gets the same slots on every host. A slot's generation goes up each
// time it is given out; an id carries the generation, and a call with the id of an earlier life is refused.
//
// The ready ring grows together with this table: it has room for two entries a slot, the most that a slot can have at
// once (the entry of a sleeper that was cancelled when its timer had just been moved to the ring, and the task's step
// behind it). So pushing to the ring never fails, and no operation can run out of memory half-way.
//
// ┌──────┬──────┬───────┬───────┬─────────┬──────┬──────────┬───────┬───────┬───────┬──────┬──────┬────────┬──────┐
// │ id   │ kind │ state │ flags │ outcome │ next │ previous │ owner │ count │ timer │ head │ tail │ cursor │ live │
// │ i32  │ u8   │ u8    │ u8    │ u8      │ i32  │ i32      │ i32   │ i32   │ u64   │ i32  │ i32  │ i32    │ i32  │
// │ +0   │ +4   │ +5    │ +6    │ +7      │ +8   │ +12      │ +16   │ +20   │ +24   │ +32  │ +36  │ +40    │ +44  │
// └──────┴──────┴───────┴───────┴─────────┴──────┴──────────┴───────┴───────┴───────┴──────┴──────┴────────┴──────┘
//
// A record is reached by `recordOf`, and its fields by their names. No reference to a record is kept across what may
// grow a table (allocateSlot, reserveTimer): all tables are moved then.

import {
  E_KIND,
  E_NO_MEMORY,
  E_STALE,
  E_TRANSITION,
  GENERATION_MAX,
  KIND_FREE,
  KIND_FUTURE,
  KIND_TASK,
  NONE,
  SLOT_BITS,
  SLOT_MASK,
  STATE_FREE,
} from "./abi";
import { growReady } from "./ready";
import { TABLE_SLOTS, growTable, slotsBase } from "./memory";
import { stateAfter } from "./state";

const FIRST_CAPACITY: i32 = 1024;
/** From here on the table grows by a quarter instead of doubling: a million tasks must not pay for two. */
const DOUBLING_LIMIT: i32 = 262144;

// The compiler lays the fields out in the order in which they stand here: the one of the picture.
@unmanaged
class Slot {
  id: i32;
  /** KIND_FREE, KIND_TASK... */
  kind: u8;
  /** STATE_FREE, STATE_READY... : see state.ts. */
  state: u8;
  /** Of a task, and of a done-callback: see state.ts. */
  flags: u8;
  /** Of a task: how its last wait on a waiter list ended, see waiters.ts. */
  outcome: u8;
  /** The neighbour behind it on its owner's list; the next free slot, when it is free itself. */
  next: i32;
  /** The neighbour before it on its owner's list. */
  previous: i32;
  /** Slot of the future, the task or the waiter list on whose list it is, or NONE. */
  owner: i32;
  /** Of a task: cancel requests that no uncancel took back. Of a waiter list: its waiters. Of a join: its members. */
  count: i32;
  /** Sequence and slot of its pending timer, 0 when there is none. */
  timer: u64;
  /** First waiter of a future, a task or a list; first member of a join. */
  head: i32;
  /** The last one. */
  tail: i32;
  /** Of a waiter list: the first waiter that is neither woken nor cancelled, or NONE. */
  cursor: i32;
  /** Of a waiter list: waiters that are not cancelled. */
  live: i32;

  // While it has a timer, it is on no list.

  /** Of a task or a callback with a timer, in a simulation: how long it is, in seconds. */
  get delay(): f32 {
    return reinterpret<f32>(this.previous);
  }
  set delay(seconds: f32) {
    this.previous = reinterpret<i32>(seconds);
  }
  /** Seconds by which that may be late. */
  get slack(): f32 {
    return reinterpret<f32>(this.live);
  }
  set slack(seconds: f32) {
    this.live = reinterpret<i32>(seconds);
  }

  // A done-callback has no list of its own: where others have it, it keeps its place in a join.

  /**
   * Of a done-callback: the join that it is a member of, or NONE. Of all others that run, which have no cursor: NONE.
   */
  get join(): i32 {
    return this.cursor;
  }
  set join(join: i32) {
    this.cursor = join;
  }
  /** The member behind it in its join. */
  get nextMember(): i32 {
    return this.head;
  }
  set nextMember(member: i32) {
    this.head = member;
  }
  /** The member before it in its join. */
  get previousMember(): i32 {
    return this.tail;
  }
  set previousMember(member: i32) {
    this.tail = member;
  }
}

const RECORD_BYTES: usize = offsetof<Slot>();

/** Slots that exist. */
export let slotCapacity: i32 = 0;
/** Slots that are in use. */
export let slotCount: i32 = 0;
/** Top of the list of freed slots. */
let freeSlot: i32 = NONE;
/** Slots below this one were given out at least once. */
export let freshSlot: i32 = 0;

/** Empties the table; the first time it gets its memory too. Returns false when that is refused. */
export function initializeSlots(): bool {
  slotCount = 0;
  freeSlot = NONE;
  freshSlot = 0;
  return slotCapacity > 0 || growSlots();
}

export function recordOf(slot: i32): Slot {
  return changetype<Slot>(slotsBase + <usize>slot * RECORD_BYTES);
}

/** Whether a slot is in use. */
export function isUsed(slot: i32): bool {
  return <u32>slot < <u32>freshSlot && recordOf(slot).state != STATE_FREE;
}

/** Applies an event to a slot's state. Returns the new state, or E_TRANSITION with nothing changed. */
export function move(slot: i32, event: i32): i32 {
  const record = recordOf(slot);
  const next = stateAfter(record.state, event);
  if (next >= 0) record.state = <u8>next;
  return next;
}

/** The slot behind an id, or E_STALE, or E_KIND when `kind` is not the slot's. */
export function slotOf(id: i32, kind: i32): i32 {
  const slot = id & SLOT_MASK;
  if (id < 0 || slot >= freshSlot) return E_STALE;
  const record = recordOf(slot);
  if (record.id != id || record.state == STATE_FREE) return E_STALE;
  return record.kind == kind ? slot : E_KIND;
}

/** The slot behind the id of a future or a task, E_STALE or E_KIND. */
export function slotOfFuture(id: i32): i32 {
  const slot = slotOf(id, KIND_FUTURE);
  return slot == E_KIND ? slotOf(id, KIND_TASK) : slot;
}

/** Gives out a slot in the state that `event` leads to. Returns the slot, E_NO_MEMORY or E_TRANSITION. */
export function allocateSlot(kind: i32, event: i32): i32 {
  const state = stateAfter(STATE_FREE, event);
  if (state < 0) return E_TRANSITION;
  let slot = freeSlot;
  if (slot != NONE) {
    freeSlot = recordOf(slot).next;
  } else {
    if (freshSlot == slotCapacity && !growSlots()) return E_NO_MEMORY;
    slot = freshSlot++;
    recordOf(slot).id = (GENERATION_MAX << SLOT_BITS) | slot; // so that its first life is generation 0
  }
  slotCount++;
  const record = recordOf(slot);
  const generation = ((record.id >>> SLOT_BITS) + 1) & GENERATION_MAX;
  record.id = (generation << SLOT_BITS) | slot;
  // Kind and state, flags and outcome, which are 0: one store for the four, a twentieth of what a callback costs.
  store<u32>(changetype<usize>(record), kind | (state << 8), offsetof<Slot>("kind"));
  record.next = NONE;
  record.previous = NONE;
  record.owner = NONE;
  record.count = 0;
  record.timer = 0;
  record.head = NONE;
  record.tail = NONE;
  record.cursor = NONE;
  record.live = 0;
  return slot;
}

/** Takes a slot back. Its state must have been moved to STATE_FREE. */
export function releaseSlot(slot: i32): void {
  const record = recordOf(slot);
  record.kind = <u8>KIND_FREE;
  record.timer = 0;
  record.next = freeSlot;
  freeSlot = slot;
  slotCount--;
}

function growSlots(): bool {
  let added = slotCapacity == 0 ? FIRST_CAPACITY : slotCapacity < DOUBLING_LIMIT ? slotCapacity : slotCapacity >> 2;
  const most = SLOT_MASK + 1 - slotCapacity;
  if (added > most) added = most;
  if (added == 0 || !growReady(2 * (slotCapacity + added))) return false;
  if (!growTable(TABLE_SLOTS, <usize>added * RECORD_BYTES)) return false;
  slotCapacity += added;
  return true;
}

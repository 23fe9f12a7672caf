// The slot table: one record for every task, handle, done-callback, awaited future, waiter list and join.
//
// Free slots form a LIFO list, so the same program gets the same slots on every host. A slot's generation goes up each time
// it is given out; an id carries the generation, and a call with the id of an earlier life is refused.
//
// The ready ring grows together with this table: it has room for two entries a slot, the most that a slot can have at once
// (the entry of a sleeper that was cancelled when its timer had just been moved to the ring, and the task's step behind it).
// So pushing to the ring never fails, and no operation can run out of memory half-way.
//
// ┌──────┬──────┬───────┬───────┬─────────┬──────┬──────────┬───────┬─────────────┬─────────┬──────┬──────┬────────┬──────┐
// │ id   │ kind │ state │ flags │ outcome │ next │ previous │ owner │ cancelling  │ timer   │ head │ tail │ cursor │ live │
// │ i32  │ u8   │ u8    │ u8    │ u8      │ i32  │ i32      │ i32   │ or length   │ u64     │ i32  │ i32  │ i32    │ i32  │
// │ +0   │ +4   │ +5    │ +6    │ +7      │ +8   │ +12      │ +16   │ +20 i32     │ +24     │ +32  │ +36  │ +40    │ +44  │
// └──────┴──────┴───────┴───────┴─────────┴──────┴──────────┴───────┴─────────────┴─────────┴──────┴──────┴────────┴──────┘
//   next, previous  neighbours on the owner's waiter list; next is also the link of the free list
//   owner           slot of the future, task or waiter list on whose list this slot is, or NONE
//   cancelling      task: cancel requests that no uncancel took back; waiter list, join: number of waiters, of members
//   timer           sequence and slot of the pending timer, 0 when there is none
//   head, tail      waiters of a future, a task or a list, members of a join, in order of arrival; member: the neighbours
//   outcome         task: how its last wait on a waiter list ended, see waiters.ts
//   cursor          list: the first waiter that is neither woken nor cancelled; member: its join; else NONE
//   live            list: waiters that are not cancelled

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

const RECORD_BYTES: usize = 48;
const FIRST_CAPACITY: i32 = 1024;
/** From here on the table grows by a quarter instead of doubling: a million tasks must not pay for two. */
const DOUBLING_LIMIT: i32 = 262144;

const KIND: usize = 4;
const STATE: usize = 5;
const FLAGS: usize = 6;
const OUTCOME: usize = 7;
const NEXT: usize = 8;
const PREVIOUS: usize = 12;
const OWNER: usize = 16;
const CANCELLING: usize = 20;
const TIMER_KEY: usize = 24;
const HEAD: usize = 32;
const TAIL: usize = 36;
const CURSOR: usize = 40;
const LIVE: usize = 44;

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

/** Address of a slot's record. */
export function recordOf(slot: i32): usize {
  return slotsBase + <usize>slot * RECORD_BYTES;
}

export function kindOf(slot: i32): i32 {
  return load<u8>(recordOf(slot), KIND);
}
export function stateOf(slot: i32): i32 {
  return load<u8>(recordOf(slot), STATE);
}
/** Sets a state past the state machine: for taking a wait back. */
export function setState(slot: i32, state: i32): void {
  store<u8>(recordOf(slot), <u8>state, STATE);
}
export function idOf(slot: i32): i32 {
  return load<i32>(recordOf(slot));
}
export function flagsOf(slot: i32): i32 {
  return load<u8>(recordOf(slot), FLAGS);
}
export function setFlags(slot: i32, flags: i32): void {
  store<u8>(recordOf(slot), <u8>flags, FLAGS);
}
export function outcomeOf(slot: i32): i32 {
  return load<u8>(recordOf(slot), OUTCOME);
}
export function setOutcome(slot: i32, outcome: i32): void {
  store<u8>(recordOf(slot), <u8>outcome, OUTCOME);
}
export function nextOf(slot: i32): i32 {
  return load<i32>(recordOf(slot), NEXT);
}
export function setNext(slot: i32, next: i32): void {
  store<i32>(recordOf(slot), next, NEXT);
}
export function previousOf(slot: i32): i32 {
  return load<i32>(recordOf(slot), PREVIOUS);
}
export function setPrevious(slot: i32, previous: i32): void {
  store<i32>(recordOf(slot), previous, PREVIOUS);
}
export function ownerOf(slot: i32): i32 {
  return load<i32>(recordOf(slot), OWNER);
}
export function setOwner(slot: i32, owner: i32): void {
  store<i32>(recordOf(slot), owner, OWNER);
}
export function cancellingOf(slot: i32): i32 {
  return load<i32>(recordOf(slot), CANCELLING);
}
export function setCancelling(slot: i32, count: i32): void {
  store<i32>(recordOf(slot), count, CANCELLING);
}
export function lengthOf(slot: i32): i32 {
  return load<i32>(recordOf(slot), CANCELLING);
}
export function setLength(slot: i32, length: i32): void {
  store<i32>(recordOf(slot), length, CANCELLING);
}
export function timerOf(slot: i32): u64 {
  return load<u64>(recordOf(slot), TIMER_KEY);
}
export function setTimer(slot: i32, timer: u64): void {
  store<u64>(recordOf(slot), timer, TIMER_KEY);
}
export function headOf(slot: i32): i32 {
  return load<i32>(recordOf(slot), HEAD);
}
export function setHead(slot: i32, head: i32): void {
  store<i32>(recordOf(slot), head, HEAD);
}
export function tailOf(slot: i32): i32 {
  return load<i32>(recordOf(slot), TAIL);
}
export function setTail(slot: i32, tail: i32): void {
  store<i32>(recordOf(slot), tail, TAIL);
}
export function cursorOf(slot: i32): i32 {
  return load<i32>(recordOf(slot), CURSOR);
}
export function setCursor(slot: i32, cursor: i32): void {
  store<i32>(recordOf(slot), cursor, CURSOR);
}
/** The join that a done-callback is a member of; NONE for all other slots but lists. */
export function joinOf(slot: i32): i32 {
  return load<i32>(recordOf(slot), CURSOR);
}
export function setJoin(slot: i32, join: i32): void {
  store<i32>(recordOf(slot), join, CURSOR);
}
export function liveOf(slot: i32): i32 {
  return load<i32>(recordOf(slot), LIVE);
}
export function setLive(slot: i32, live: i32): void {
  store<i32>(recordOf(slot), live, LIVE);
}

/** Whether a slot is in use. */
export function isUsed(slot: i32): bool {
  return <u32>slot < <u32>freshSlot && stateOf(slot) != STATE_FREE;
}

/** Applies an event to a slot's state. Returns the new state, or E_TRANSITION with nothing changed. */
export function move(slot: i32, event: i32): i32 {
  const record = recordOf(slot);
  const next = stateAfter(load<u8>(record, STATE), event);
  if (next >= 0) store<u8>(record, <u8>next, STATE);
  return next;
}

/** The slot behind an id, or E_STALE, or E_KIND when `kind` is not the slot's. */
export function slotOf(id: i32, kind: i32): i32 {
  const slot = id & SLOT_MASK;
  if (id < 0 || slot >= freshSlot) return E_STALE;
  const record = recordOf(slot);
  if (load<i32>(record) != id || load<u8>(record, STATE) == STATE_FREE) return E_STALE;
  return load<u8>(record, KIND) == kind ? slot : E_KIND;
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
    freeSlot = nextOf(slot);
  } else {
    if (freshSlot == slotCapacity && !growSlots()) return E_NO_MEMORY;
    slot = freshSlot++;
    store<i32>(recordOf(slot), (GENERATION_MAX << SLOT_BITS) | slot); // so that its first life is generation 0
  }
  slotCount++;
  const record = recordOf(slot);
  const generation = ((load<i32>(record) >>> SLOT_BITS) + 1) & GENERATION_MAX;
  store<i32>(record, (generation << SLOT_BITS) | slot);
  store<u32>(record, kind | (state << 8), KIND);
  store<i32>(record, NONE, NEXT);
  store<i32>(record, NONE, PREVIOUS);
  store<i32>(record, NONE, OWNER);
  store<i32>(record, 0, CANCELLING);
  store<u64>(record, 0, TIMER_KEY);
  store<i32>(record, NONE, HEAD);
  store<i32>(record, NONE, TAIL);
  store<i32>(record, NONE, CURSOR);
  store<i32>(record, 0, LIVE);
  return slot;
}

/** Takes a slot back. Its state must have been moved to STATE_FREE. */
export function releaseSlot(slot: i32): void {
  const record = recordOf(slot);
  store<u8>(record, <u8>KIND_FREE, KIND);
  store<u64>(record, 0, TIMER_KEY);
  store<i32>(record, freeSlot, NEXT);
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

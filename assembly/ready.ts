// The ready queue: a ring of entries (slot << ENTRY_SHIFT | kind), first in, first out.
//
// Everything that runs passes through it: task steps, callbacks, done-callbacks, due timers. The slot table grows it,
// and keeps it large enough for all pushes, so a push cannot fail.
//
// So this is where it is seen that a host which waits has to come back. It waits only while the ring is empty, and so
// the first push is the one that tells it.

import { ENTRY_SHIFT } from "./abi";
import { wake } from "./host";
import { TABLE_READY, growTable, readyBase } from "./memory";

/** Entries that the ring has room for. */
export let readyCapacity: i32 = 0;
/** Entries in the ring. */
export let readyCount: i32 = 0;
/** Place of the first entry. */
let first: i32 = 0;
/** Whether the host waits, and was not told yet that there is something to do. Then the ring is empty. */
export let resting: bool = false;

export function initializeReady(): void {
  readyCount = 0;
  first = 0;
  resting = false;
}

/** Adds an entry, and wakes a host that rests. */
export function pushReady(entry: i32): void {
  const count = readyCount;
  setReady(count, entry);
  readyCount = count + 1;
  if (count == 0 && resting) wakeHost();
}

/** Adds an entry for the scheduler itself: a host that drives it does not rest. */
export function appendReady(entry: i32): void {
  setReady(readyCount, entry);
  readyCount++;
}

/** Tells the host, which rests, that there is something to do. */
export function wakeHost(): void {
  resting = false;
  wake();
}

/**
 * The host waits from now on: the first entry that becomes ready, or timer that is armed, calls its `wake`, once;
 * `advance` ends it, too. Where something is ready already nothing happens: the host has to come back anyway.
 */
export function rest(): void {
  if (readyCount == 0) resting = true;
}

export function endRest(): void {
  resting = false;
}

/** Takes the first entry. The ring must not be empty. */
export function shiftReady(): i32 {
  const entry = load<i32>(readyBase + ((<usize>first) << 2));
  if (++first == readyCapacity) first = 0;
  readyCount--;
  return entry;
}

/**
 * Moves the entry at `index` to `place`, at or before it; those in between are one further back then. Of an entry near
 * the end it is the others that move, and the head steps back: a crowd in between costs nothing.
 */
export function pullReady(index: i32, place: i32): void {
  const entry = readyAt(index);
  const behind = readyCount - 1 - index;
  if (index - place <= behind + place) {
    for (; index > place; index--) setReady(index, readyAt(index - 1));
  } else {
    for (; index < readyCount - 1; index++) setReady(index, readyAt(index + 1));
    first = (first == 0 ? readyCapacity : first) - 1;
    for (let before = 0; before < place; before++) setReady(before, readyAt(before + 1));
  }
  setReady(place, entry);
}

function setReady(index: i32, entry: i32): void {
  let place = first + index;
  if (place >= readyCapacity) place -= readyCapacity;
  store<i32>(readyBase + ((<usize>place) << 2), entry);
}

/** The entry at `index`, counted from the first. */
export function readyAt(index: i32): i32 {
  let place = first + index;
  if (place >= readyCapacity) place -= readyCapacity;
  return load<i32>(readyBase + ((<usize>place) << 2));
}

/**
 * Takes a slot's entries out: O(n), for the rare task that ends while it is queued. Returns how many of them were among
 * the first `count`.
 */
export function dropReady(slot: i32, count: i32): i32 {
  const entries = readyCount;
  let dropped = 0;
  readyCount = 0;
  for (let index = 0; index < entries; index++) {
    const entry = readyAt(index);
    if (entry >> ENTRY_SHIFT != slot) setReady(readyCount++, entry);
    else if (index < count) dropped++;
  }
  return dropped;
}

/** Makes room for `capacity` entries. Returns false, and changes nothing, when memory is refused. */
export function growReady(capacity: i32): bool {
  const added = capacity - readyCapacity;
  if (added <= 0) return true;
  if (!growTable(TABLE_READY, (<usize>added) << 2)) return false;
  const wrapped = first + readyCount - readyCapacity;
  if (wrapped > 0) {
    // The entries between `first` and the old end move to the new end; those at the start stay.
    const from = readyBase + ((<usize>first) << 2);
    memory.copy(from + ((<usize>added) << 2), from, (<usize>(readyCapacity - first)) << 2);
    first += added;
  }
  readyCapacity = capacity;
  return true;
}

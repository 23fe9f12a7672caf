// Sources: standing entries for what comes from outside: a socket, a signal, the promises of a loop.
//
// As a reader's handle in asyncio's selector, a source keeps its slot, and is put into the ready queue when something
// has come. However much comes, it has one entry there at most: its host keeps what came, in order, and takes all of it
// when the source runs. So arrivals have a place among all that runs, and digest, choices and replays see them.

import {
  CALLBACK,
  ENTRY_SHIFT,
  EVENT_CLOSE,
  EVENT_OPEN,
  EVENT_POST,
  E_STALE,
  KIND_SOURCE,
  STATE_FREE,
  STATE_POSTED,
} from "./abi";
import { pushReady } from "./ready";
import { allocateSlot, move, recordOf, releaseSlot, slotOf } from "./slots";

/** Opens a source. Returns its id, or E_NO_MEMORY. */
export function openSource(): i32 {
  const slot = allocateSlot(KIND_SOURCE, EVENT_OPEN);
  return slot < 0 ? slot : recordOf(slot).id;
}

/**
 * Puts a source's entry at the end of the ready queue. Returns 1, 0 when it is there already, E_STALE or E_KIND. While
 * a source runs it may be posted again: for the next iteration.
 */
export function post(id: i32): i32 {
  const slot = slotOf(id, KIND_SOURCE);
  if (slot < 0) return slot;
  if (move(slot, EVENT_POST) < 0) {
    return recordOf(slot).state == STATE_POSTED ? 0 : E_STALE; // a closed one keeps its slot until its turn comes
  }
  pushReady((slot << ENTRY_SHIFT) | CALLBACK);
  return 1;
}

/**
 * Closes a source. An entry that it has in the ready queue is dropped when its turn comes. Returns 0, E_STALE or
 * E_KIND.
 */
export function closeSource(id: i32): i32 {
  const slot = slotOf(id, KIND_SOURCE);
  if (slot < 0) return slot;
  const state = move(slot, EVENT_CLOSE);
  if (state == STATE_FREE) releaseSlot(slot);
  return state < 0 ? E_STALE : 0; // closed before
}

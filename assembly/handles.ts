// Handles: callbacks of the host's that run in their turn, or at a deadline.

import {
  CALLBACK,
  ENTRY_SHIFT,
  EVENT_ARM,
  EVENT_CANCEL,
  EVENT_QUEUE,
  E_KIND,
  E_NOT_A_NUMBER,
  E_NO_MEMORY,
  KIND_CALLBACK,
  KIND_TIMER,
  STATE_FREE,
} from "./abi";
import { noteTimer, offersChoices } from "./choices";
import { pushReady } from "./ready";
import { allocateSlot, move, recordOf, releaseSlot, slotOf } from "./slots";
import { cancelTimer, pushTimer, reserveTimer } from "./timers";

/** Queues a callback. Returns its id, or E_NO_MEMORY. */
export function callSoon(): i32 {
  const slot = allocateSlot(KIND_CALLBACK, EVENT_QUEUE);
  if (slot < 0) return slot;
  pushReady((slot << ENTRY_SHIFT) | CALLBACK);
  return recordOf(slot).id;
}

/** Arms a callback for a deadline in seconds. Returns its id, E_NOT_A_NUMBER or E_NO_MEMORY. */
export function callAt(deadline: f64): i32 {
  if (isNaN(deadline)) return E_NOT_A_NUMBER;
  if (!reserveTimer()) return E_NO_MEMORY;
  const slot = allocateSlot(KIND_TIMER, EVENT_ARM);
  if (slot < 0) return slot;
  pushTimer(slot, deadline);
  if (offersChoices()) noteTimer(slot, deadline, false);
  return recordOf(slot).id;
}

/** Cancels a handle that has not run. Returns 0, E_STALE or E_KIND. */
export function cancelHandle(id: i32): i32 {
  let slot = slotOf(id, KIND_TIMER);
  if (slot == E_KIND) slot = slotOf(id, KIND_CALLBACK);
  if (slot < 0) return slot;
  if (move(slot, EVENT_CANCEL) == STATE_FREE) {
    cancelTimer(slot);
    releaseSlot(slot);
  }
  return 0;
}

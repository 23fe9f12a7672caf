// Handles: callbacks of the host's that run in their turn, or at a deadline.

import {
  CALLBACK,
  ENTRY_SHIFT,
  E_NOT_A_NUMBER,
  KIND_CALLBACK,
  KIND_TIMER,
  STATE_ARMED,
  STATE_DROPPED,
  STATE_QUEUED,
} from "../../../src/core/abi.ts";
import type { Scheduler } from "./scheduler.ts";

export function handlesOf({ slots, ready, timers }: Scheduler) {
  return {
    callSoon(): number {
      const slot = slots.allocate(KIND_CALLBACK, STATE_QUEUED);
      ready.push((slot.number << ENTRY_SHIFT) | CALLBACK);
      return slot.id;
    },

    callAt(deadline: number): number {
      if (Number.isNaN(deadline)) return E_NOT_A_NUMBER;
      const slot = slots.allocate(KIND_TIMER, STATE_ARMED);
      timers.push(slot, deadline);
      return slot.id;
    },

    cancelHandle(id: number): number {
      const slot = slots.find(id, KIND_TIMER) ?? slots.find(id, KIND_CALLBACK);
      if (slot === null) return slots.refusal(id);
      if (slot.state !== STATE_ARMED) {
        slot.state = STATE_DROPPED;
        return 0;
      }
      timers.cancel(slot);
      slots.release(slot);
      return 0;
    },
  };
}

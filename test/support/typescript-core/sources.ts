// Sources: standing entries for what comes from outside. One keeps its slot, and has one entry in the ready queue at
// most.

import {
  CALLBACK,
  ENTRY_SHIFT,
  E_STALE,
  KIND_SOURCE,
  STATE_DROPPED,
  STATE_PENDING,
  STATE_POSTED,
} from "../../../src/core/abi.ts";
import type { Scheduler } from "./scheduler.ts";

export function sourcesOf({ slots, ready }: Scheduler) {
  return {
    openSource(): number {
      return slots.allocate(KIND_SOURCE, STATE_PENDING).id;
    },

    post(id: number): number {
      const slot = slots.find(id, KIND_SOURCE);
      if (slot === null) return slots.refusal(id);
      if (slot.state === STATE_DROPPED) return E_STALE;
      if (slot.state === STATE_POSTED) return 0;
      slot.state = STATE_POSTED;
      ready.push((slot.number << ENTRY_SHIFT) | CALLBACK);
      return 1;
    },

    closeSource(id: number): number {
      const slot = slots.find(id, KIND_SOURCE);
      if (slot === null) return slots.refusal(id);
      if (slot.state === STATE_DROPPED) return E_STALE;
      if (slot.state === STATE_POSTED) slot.state = STATE_DROPPED;
      else slots.release(slot);
      return 0;
    },
  };
}

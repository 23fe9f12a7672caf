// Futures: what has a slot only while something waits on it. A task can be waited on in the same way.

import {
  E_KIND,
  E_NO_TASK,
  E_TRANSITION,
  KIND_DONE_CALLBACK,
  KIND_FUTURE,
  KIND_LIST,
  NONE,
  PARKED,
  PARKED_MUST_CANCEL,
  STATE_AWAITING,
  STATE_PENDING,
  STATE_SUBSCRIBED,
} from "../../../src/core/abi.ts";
import type { Scheduler } from "./scheduler.ts";
import { numberOf } from "./slots.ts";
import { MUST_CANCEL } from "./state.ts";
import { link, mayWait, settle, unlink } from "./waiters.ts";

export function futuresOf(scheduler: Scheduler) {
  const { slots, ready } = scheduler;
  return {
    openFuture(): number {
      return slots.allocate(KIND_FUTURE, STATE_PENDING).id;
    },

    settleFuture(id: number): number {
      const slot = slots.find(id, KIND_FUTURE);
      if (slot === null) return slots.refusal(id);
      settle(ready, slot);
      slots.release(slot);
      return 0;
    },

    awaitFuture(id: number): number {
      const owner = slots.findFuture(id);
      if (owner === null) return slots.refusal(id);
      const slot = scheduler.running;
      if (slot === null) return E_NO_TASK;
      if (slot === owner || !mayWait(slot)) return E_TRANSITION;
      slot.state = STATE_AWAITING;
      link(owner, slot);
      return (slot.flags & MUST_CANCEL) !== 0 ? PARKED_MUST_CANCEL : PARKED;
    },

    /** Whose callback it is matters to choices alone. */
    subscribe(id: number): number {
      const owner = slots.findFuture(id);
      if (owner === null) return slots.refusal(id);
      const slot = slots.allocate(KIND_DONE_CALLBACK, STATE_SUBSCRIBED);
      link(owner, slot);
      return slot.id;
    },

    unsubscribe(id: number): number {
      const slot = slots.find(id, KIND_DONE_CALLBACK);
      if (slot === null) return slots.refusal(id);
      if (slot.join !== null) return E_KIND;
      if (slot.state !== STATE_SUBSCRIBED) return E_TRANSITION;
      unlink(slot);
      slots.release(slot);
      return 0;
    },

    firstWaiter(id: number): number {
      const owner = slots.find(id, KIND_LIST) ?? slots.findFuture(id);
      return owner === null ? slots.refusal(id) : numberOf(owner.head);
    },

    nextWaiter(number: number): number {
      const slot = slots.all[number];
      return slot === undefined || slot.owner === null ? NONE : numberOf(slot.next);
    },
  };
}

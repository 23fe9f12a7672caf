// Tasks: how they begin, sleep, and are cancelled. What they wait for is in futures.ts and lists.ts.

import {
  CANCELLED_WAIT,
  CANCEL_FORWARD,
  CANCEL_REMEMBERED,
  ENTRY_SHIFT,
  E_NOT_A_NUMBER,
  E_NO_TASK,
  E_STALE,
  E_TRANSITION,
  KIND_TASK,
  NONE,
  PARKED,
  PARKED_CANCELLED,
  STATE_AWAITING,
  STATE_READY,
  STATE_RUNNING,
  STATE_SLEEPING,
  STATE_WAITING,
  STEP,
} from "../../../src/core/abi.ts";
import type { Scheduler } from "./scheduler.ts";
import { numberOf } from "./slots.ts";
import { MUST_CANCEL } from "./state.ts";
import { cancelWait, cancelWaiter, mayWait, unlink } from "./waiters.ts";

export function tasksOf(scheduler: Scheduler) {
  const { slots, ready, timers } = scheduler;
  return {
    spawn(): number {
      const slot = slots.allocate(KIND_TASK, STATE_READY);
      ready.push((slot.number << ENTRY_SHIFT) | STEP);
      return slot.id;
    },

    spawnEager(): number {
      return slots.allocate(KIND_TASK, STATE_RUNNING).id;
    },

    enter(id: number): number {
      const slot = slots.find(id, KIND_TASK);
      if (slot === null) return slots.refusal(id);
      const outer = scheduler.running;
      if (slot === outer || slot.state !== STATE_RUNNING) return E_TRANSITION;
      scheduler.running = slot;
      return numberOf(outer);
    },

    exit(outer: number, op: number): number {
      const { running } = scheduler;
      if (running === null) return E_NO_TASK;
      const slot = outer === NONE ? null : slots.all[outer];
      if (slot === undefined || slot === running || (slot !== null && slot.kind !== KIND_TASK)) return E_STALE;
      scheduler.follow(running, op);
      scheduler.running = slot;
      if (ready.count > 0) ready.wakeHost();
      return 0;
    },

    sleep(deadline: number): number {
      if (Number.isNaN(deadline)) return E_NOT_A_NUMBER;
      const slot = scheduler.running;
      if (slot === null) return E_NO_TASK;
      if (!mayWait(slot)) return E_TRANSITION;
      if ((slot.flags & MUST_CANCEL) !== 0) {
        cancelWait(ready, slot);
        return PARKED_CANCELLED;
      }
      slot.state = STATE_SLEEPING;
      timers.push(slot, deadline);
      return PARKED;
    },

    cancelTask(id: number): number {
      const slot = slots.find(id, KIND_TASK);
      if (slot === null) return slots.refusal(id);
      slot.count++;
      if (slot.state === STATE_WAITING) {
        cancelWaiter(ready, slot);
        return CANCELLED_WAIT;
      }
      if (slot.state === STATE_SLEEPING) {
        timers.cancel(slot);
        cancelWait(ready, slot);
        return CANCELLED_WAIT;
      }
      if (slot.state === STATE_AWAITING) return CANCEL_FORWARD;
      slot.flags |= MUST_CANCEL;
      return CANCEL_REMEMBERED;
    },

    leaveFuture(id: number): number {
      const slot = slots.find(id, KIND_TASK);
      if (slot === null) return slots.refusal(id);
      if (slot.state !== STATE_AWAITING) return E_TRANSITION;
      unlink(slot);
      cancelWait(ready, slot);
      return 0;
    },

    requireCancel(id: number): number {
      const slot = slots.find(id, KIND_TASK);
      if (slot === null) return slots.refusal(id);
      slot.flags |= MUST_CANCEL;
      return 0;
    },

    clearCancel(id: number): number {
      const slot = slots.find(id, KIND_TASK);
      if (slot === null) return slots.refusal(id);
      slot.flags &= ~MUST_CANCEL;
      return 0;
    },

    mustCancel(id: number): number {
      const slot = slots.find(id, KIND_TASK);
      return slot === null ? slots.refusal(id) : slot.flags & MUST_CANCEL;
    },

    uncancel(id: number): number {
      const slot = slots.find(id, KIND_TASK);
      if (slot === null) return slots.refusal(id);
      if (slot.count === 0) return 0;
      if (--slot.count === 0) slot.flags &= ~MUST_CANCEL;
      return slot.count;
    },

    cancelling(id: number): number {
      const slot = slots.find(id, KIND_TASK);
      return slot === null ? slots.refusal(id) : slot.count;
    },
  };
}

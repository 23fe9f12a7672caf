// Lists: what the tasks of a lock, an event or a queue park on, and who of them is woken. The links between them are
// waiters.ts's.

import {
  E_NO_TASK,
  E_TRANSITION,
  KIND_LIST,
  LIST_CLOSED,
  PARKED,
  PARKED_CANCELLED,
  STATE_PENDING,
  STATE_RUNNING,
  STATE_WAITING,
  WAITER_WOKEN,
} from "../../../src/core/abi.ts";
import type { Scheduler } from "./scheduler.ts";
import { MUST_CANCEL } from "./state.ts";
import { OUTCOME_NONE, OUTCOME_WOKEN, cancelWaiter, delist, enlist, mayWait, wakeWaiter } from "./waiters.ts";

export function listsOf(scheduler: Scheduler) {
  const { slots, ready } = scheduler;
  return {
    openList(): number {
      return slots.allocate(KIND_LIST, STATE_PENDING).id;
    },

    park(id: number): number {
      const list = slots.find(id, KIND_LIST);
      if (list === null) return slots.refusal(id);
      const slot = scheduler.running;
      if (slot === null) return E_NO_TASK;
      if (!mayWait(slot)) return E_TRANSITION;
      slot.state = STATE_WAITING;
      enlist(list, slot);
      if ((slot.flags & MUST_CANCEL) === 0) return PARKED;
      cancelWaiter(ready, slot);
      return PARKED_CANCELLED;
    },

    leave(): number {
      const slot = scheduler.running;
      if (slot === null) return E_NO_TASK;
      if (slot.state !== STATE_RUNNING) return E_TRANSITION;
      const woken = slot.outcome === OUTCOME_WOKEN ? WAITER_WOKEN : 0;
      const list = slot.owner;
      const isEmpty = list !== null && delist(slot);
      slot.outcome = OUTCOME_NONE; // told once
      if (!isEmpty) return woken;
      slots.release(list);
      return woken | LIST_CLOSED;
    },

    wakeFirst(id: number): number {
      const list = slots.find(id, KIND_LIST);
      if (list === null) return slots.refusal(id);
      const slot = list.head;
      if (slot === null || slot !== list.cursor) return 0;
      wakeWaiter(ready, slot);
      return 1;
    },

    wakeWaiting(id: number, limit: number): number {
      const list = slots.find(id, KIND_LIST);
      if (list === null) return slots.refusal(id);
      let count = 0;
      for (let slot = list.cursor; slot !== null && count < limit; slot = list.cursor) {
        wakeWaiter(ready, slot);
        count++;
      }
      return count;
    },

    wakeAndRemove(id: number): number {
      const list = slots.find(id, KIND_LIST);
      if (list === null) return slots.refusal(id);
      for (let slot = list.head; slot !== null; slot = list.head) {
        const waits = slot.state === STATE_WAITING;
        if (waits) wakeWaiter(ready, slot);
        const empty = delist(slot);
        if (empty) slots.release(list);
        if (waits || empty) return (waits ? WAITER_WOKEN : 0) | (empty ? LIST_CLOSED : 0);
      }
      return 0;
    },

    waiterCount(id: number): number {
      const list = slots.find(id, KIND_LIST);
      return list === null ? slots.refusal(id) : list.count;
    },

    liveWaiterCount(id: number): number {
      const list = slots.find(id, KIND_LIST);
      return list === null ? slots.refusal(id) : list.live;
    },
  };
}

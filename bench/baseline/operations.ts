// What the host asks of the scheduler: handles, tasks, futures, waiter lists, sources, as in the core's files of these
// names.

import {
  CALLBACK,
  CANCELLED_WAIT,
  CANCEL_FORWARD,
  CANCEL_REMEMBERED,
  ENTRY_SHIFT,
  E_KIND,
  E_NOT_A_NUMBER,
  E_NO_MEMORY,
  E_NO_TASK,
  E_STALE,
  E_TRANSITION,
  KIND_CALLBACK,
  KIND_DONE_CALLBACK,
  KIND_FUTURE,
  KIND_LIST,
  KIND_SOURCE,
  KIND_TASK,
  KIND_TIMER,
  LIST_CLOSED,
  NONE,
  PARKED,
  PARKED_CANCELLED,
  PARKED_MUST_CANCEL,
  STATE_ARMED,
  STATE_AWAITING,
  STATE_DROPPED,
  STATE_PENDING,
  STATE_POSTED,
  STATE_QUEUED,
  STATE_READY,
  STATE_RUNNING,
  STATE_SLEEPING,
  STATE_SUBSCRIBED,
  STATE_WAITING,
  STEP,
  WAITER_WOKEN,
} from "../../src/core/abi.ts";
import type { Ready } from "./ready.ts";
import type { Scheduler } from "./scheduler.ts";
import { type Slot, type Slots, idOf, numberOf } from "./slots.ts";
import type { Timers } from "./timers.ts";
import {
  MUST_CANCEL,
  OUTCOME_NONE,
  OUTCOME_WOKEN,
  cancelWait,
  cancelWaiter,
  delist,
  enlist,
  link,
  settle,
  unlink,
  wakeWaiter,
} from "./waiters.ts";

export class Operations {
  readonly #scheduler: Scheduler;
  readonly #slots: Slots;
  readonly #ready: Ready;
  readonly #timers: Timers;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
    this.#slots = scheduler.slots;
    this.#ready = scheduler.ready;
    this.#timers = scheduler.timers;
  }

  // ── Handles ────────────────────────────────────────────────────────────────────────────────────────────────────

  callSoon(): number {
    const slot = this.#slots.allocate(KIND_CALLBACK, STATE_QUEUED);
    if (slot !== null) this.#ready.push((slot.number << ENTRY_SHIFT) | CALLBACK);
    return idOf(slot);
  }

  callAt(deadline: number): number {
    if (Number.isNaN(deadline)) return E_NOT_A_NUMBER;
    const slot = this.#slots.allocate(KIND_TIMER, STATE_ARMED);
    if (slot !== null) this.#timers.push(slot, deadline);
    return idOf(slot);
  }

  cancelHandle(id: number): number {
    const slot = this.#slots.find(id, KIND_TIMER) ?? this.#slots.find(id, KIND_CALLBACK);
    if (slot === null) return this.#slots.refusal(id);
    if (slot.state !== STATE_ARMED) {
      slot.state = STATE_DROPPED;
      return 0;
    }
    this.#timers.cancel(slot);
    this.#slots.release(slot);
    return 0;
  }

  // ── Tasks ──────────────────────────────────────────────────────────────────────────────────────────────────────

  spawn(): number {
    const slot = this.#slots.allocate(KIND_TASK, STATE_READY);
    if (slot !== null) this.#ready.push((slot.number << ENTRY_SHIFT) | STEP);
    return idOf(slot);
  }

  spawnEager(): number {
    return idOf(this.#slots.allocate(KIND_TASK, STATE_RUNNING));
  }

  enter(id: number): number {
    const slot = this.#slots.find(id, KIND_TASK);
    if (slot === null) return this.#slots.refusal(id);
    const outer = this.#scheduler.running;
    if (slot === outer || slot.state !== STATE_RUNNING) return E_TRANSITION;
    this.#scheduler.running = slot;
    return outer === null ? NONE : outer.number;
  }

  exit(outer: number, op: number): number {
    const { running } = this.#scheduler;
    if (running === null) return E_NO_TASK;
    const slot = outer === NONE ? null : this.#slots.all[outer];
    if (slot === undefined || slot === running || (slot !== null && slot.kind !== KIND_TASK)) return E_STALE;
    this.#scheduler.follow(running, op);
    this.#scheduler.running = slot;
    return 0;
  }

  sleep(deadline: number): number {
    if (Number.isNaN(deadline)) return E_NOT_A_NUMBER;
    const slot = this.#scheduler.running;
    if (slot === null) return E_NO_TASK;
    if (!mayWait(slot)) return E_TRANSITION;
    if ((slot.flags & MUST_CANCEL) !== 0) {
      cancelWait(this.#ready, slot);
      return PARKED_CANCELLED;
    }
    slot.state = STATE_SLEEPING;
    this.#timers.push(slot, deadline);
    return PARKED;
  }

  cancelTask(id: number): number {
    const slot = this.#slots.find(id, KIND_TASK);
    if (slot === null) return this.#slots.refusal(id);
    slot.count++;
    if (slot.state === STATE_WAITING) {
      cancelWaiter(this.#ready, slot);
      return CANCELLED_WAIT;
    }
    if (slot.state === STATE_SLEEPING) {
      this.#timers.cancel(slot);
      cancelWait(this.#ready, slot);
      return CANCELLED_WAIT;
    }
    if (slot.state === STATE_AWAITING) return CANCEL_FORWARD;
    slot.flags |= MUST_CANCEL;
    return CANCEL_REMEMBERED;
  }

  requireCancel(id: number): number {
    const slot = this.#slots.find(id, KIND_TASK);
    if (slot === null) return this.#slots.refusal(id);
    slot.flags |= MUST_CANCEL;
    return 0;
  }

  clearCancel(id: number): number {
    const slot = this.#slots.find(id, KIND_TASK);
    if (slot === null) return this.#slots.refusal(id);
    slot.flags &= ~MUST_CANCEL;
    return 0;
  }

  mustCancel(id: number): number {
    const slot = this.#slots.find(id, KIND_TASK);
    return slot === null ? this.#slots.refusal(id) : slot.flags & MUST_CANCEL;
  }

  uncancel(id: number): number {
    const slot = this.#slots.find(id, KIND_TASK);
    if (slot === null) return this.#slots.refusal(id);
    if (slot.count === 0) return 0;
    if (--slot.count === 0) slot.flags &= ~MUST_CANCEL;
    return slot.count;
  }

  cancelling(id: number): number {
    const slot = this.#slots.find(id, KIND_TASK);
    return slot === null ? this.#slots.refusal(id) : slot.count;
  }

  // ── Futures ────────────────────────────────────────────────────────────────────────────────────────────────────

  openFuture(): number {
    return idOf(this.#slots.allocate(KIND_FUTURE, STATE_PENDING));
  }

  settleFuture(id: number): number {
    const slot = this.#slots.find(id, KIND_FUTURE);
    if (slot === null) return this.#slots.refusal(id);
    settle(this.#ready, slot);
    this.#slots.release(slot);
    return 0;
  }

  awaitFuture(id: number): number {
    const owner = this.#slots.findFuture(id);
    if (owner === null) return this.#slots.refusal(id);
    const slot = this.#scheduler.running;
    if (slot === null) return E_NO_TASK;
    if (slot === owner || !mayWait(slot)) return E_TRANSITION;
    slot.state = STATE_AWAITING;
    link(owner, slot);
    return (slot.flags & MUST_CANCEL) !== 0 ? PARKED_MUST_CANCEL : PARKED;
  }

  subscribe(id: number): number {
    const owner = this.#slots.findFuture(id);
    if (owner === null) return this.#slots.refusal(id);
    const slot = this.#slots.allocate(KIND_DONE_CALLBACK, STATE_SUBSCRIBED);
    if (slot === null) return E_NO_MEMORY;
    link(owner, slot);
    return slot.id;
  }

  unsubscribe(id: number): number {
    const slot = this.#slots.find(id, KIND_DONE_CALLBACK);
    if (slot === null) return this.#slots.refusal(id);
    if (slot.join !== null) return E_KIND;
    if (slot.state !== STATE_SUBSCRIBED) return E_TRANSITION;
    unlink(slot);
    this.#slots.release(slot);
    return 0;
  }

  firstWaiter(id: number): number {
    const slot = this.#slots.find(id, KIND_LIST) ?? this.#slots.findFuture(id);
    return slot === null ? this.#slots.refusal(id) : numberOf(slot.head);
  }

  nextWaiter(number: number): number {
    const slot = this.#slots.all[number];
    return slot === undefined || slot.owner === null ? NONE : numberOf(slot.next);
  }

  // ── Waiter lists ───────────────────────────────────────────────────────────────────────────────────────────────

  openList(): number {
    return idOf(this.#slots.allocate(KIND_LIST, STATE_PENDING));
  }

  park(id: number): number {
    const list = this.#slots.find(id, KIND_LIST);
    if (list === null) return this.#slots.refusal(id);
    const slot = this.#scheduler.running;
    if (slot === null) return E_NO_TASK;
    if (!mayWait(slot)) return E_TRANSITION;
    slot.state = STATE_WAITING;
    enlist(list, slot);
    if ((slot.flags & MUST_CANCEL) === 0) return PARKED;
    cancelWaiter(this.#ready, slot);
    return PARKED_CANCELLED;
  }

  leave(): number {
    const slot = this.#scheduler.running;
    if (slot === null) return E_NO_TASK;
    if (slot.state !== STATE_RUNNING) return E_TRANSITION;
    const woken = slot.outcome === OUTCOME_WOKEN ? WAITER_WOKEN : 0;
    const list = slot.owner;
    const isEmpty = list !== null && delist(slot);
    slot.outcome = OUTCOME_NONE; // told once
    if (!isEmpty) return woken;
    this.#slots.release(list);
    return woken | LIST_CLOSED;
  }

  wakeFirst(id: number): number {
    const list = this.#slots.find(id, KIND_LIST);
    if (list === null) return this.#slots.refusal(id);
    const slot = list.head;
    if (slot === null || slot !== list.cursor) return 0;
    wakeWaiter(this.#ready, slot);
    return 1;
  }

  wakeWaiting(id: number, limit: number): number {
    const list = this.#slots.find(id, KIND_LIST);
    if (list === null) return this.#slots.refusal(id);
    let count = 0;
    for (let slot = list.cursor; slot !== null && count < limit; slot = list.cursor) {
      wakeWaiter(this.#ready, slot);
      count++;
    }
    return count;
  }

  wakeAndRemove(id: number): number {
    const list = this.#slots.find(id, KIND_LIST);
    if (list === null) return this.#slots.refusal(id);
    for (let slot = list.head; slot !== null; slot = list.head) {
      const waits = slot.state === STATE_WAITING;
      if (waits) wakeWaiter(this.#ready, slot);
      const empty = delist(slot);
      if (empty) this.#slots.release(list);
      if (waits || empty) return (waits ? WAITER_WOKEN : 0) | (empty ? LIST_CLOSED : 0);
    }
    return 0;
  }

  waiterCount(id: number): number {
    const list = this.#slots.find(id, KIND_LIST);
    return list === null ? this.#slots.refusal(id) : list.count;
  }

  liveWaiterCount(id: number): number {
    const list = this.#slots.find(id, KIND_LIST);
    return list === null ? this.#slots.refusal(id) : list.live;
  }

  // ── Sources ────────────────────────────────────────────────────────────────────────────────────────────────────

  openSource(): number {
    return idOf(this.#slots.allocate(KIND_SOURCE, STATE_PENDING));
  }

  post(id: number): number {
    const slot = this.#slots.find(id, KIND_SOURCE);
    if (slot === null) return this.#slots.refusal(id);
    if (slot.state === STATE_DROPPED) return E_STALE;
    if (slot.state === STATE_POSTED) return 0;
    slot.state = STATE_POSTED;
    this.#ready.push((slot.number << ENTRY_SHIFT) | CALLBACK);
    return 1;
  }

  closeSource(id: number): number {
    const slot = this.#slots.find(id, KIND_SOURCE);
    if (slot === null) return this.#slots.refusal(id);
    if (slot.state === STATE_DROPPED) return E_STALE;
    if (slot.state === STATE_POSTED) slot.state = STATE_DROPPED;
    else this.#slots.release(slot);
    return 0;
  }
}

/** Whether a task may begin to wait: it runs, and has left the list that it waited on before. */
function mayWait(slot: Slot): boolean {
  return slot.state === STATE_RUNNING && slot.owner === null;
}

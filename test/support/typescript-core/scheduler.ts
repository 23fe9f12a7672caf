// The scheduler: what runs next, decided as assembly/scheduler.ts decides it.

import {
  BOUNDARY,
  BUDGET_SPENT,
  DONE_CALLBACK,
  ENTRY_KIND,
  ENTRY_SHIFT,
  KIND_TASK,
  OP_FINISH,
  OP_NONE,
  STATE_AWAITING,
  STATE_DROPPED,
  STATE_PENDING,
  STATE_POSTED,
  STATE_QUEUED,
  STATE_READY,
  STATE_RUNNING,
  STATE_SLEEPING,
  STEP,
  STEP_CANCELLED,
  TIMER,
  WAIT_CANCELLED,
  WAKE,
} from "../../../src/core/abi.ts";
import { Digest } from "./digest.ts";
import { Joined } from "./joins.ts";
import { Ready } from "./ready.ts";
import { type Slot, Slots } from "./slots.ts";
import { BY_FUTURE, MUST_CANCEL, WAIT_WAS_CANCELLED } from "./state.ts";
import { Timers } from "./timers.ts";
import { delist, settle, unlink } from "./waiters.ts";

/** Entry kind inside the ring only: a sleeper whose timer is due. */
const SLEEPER = WAIT_CANCELLED;

export class Scheduler {
  readonly slots = new Slots();
  readonly ready: Ready;
  readonly joined: Joined;
  readonly timers: Timers;
  readonly digest = new Digest();
  iterations = 0;
  decisions = 0;
  running: Slot | null = null;
  /** Entries of the current iteration that have not run. */
  todo = 0;
  /** Entries that `next` may still take. */
  #budget = 0;
  #interrupted = false;
  #now = NaN;
  #dueBelow = NaN;
  #clockStands: boolean;

  constructor(clockStands: boolean, firstSequence: number, wake: () => void) {
    this.#clockStands = clockStands;
    this.ready = new Ready(wake);
    this.joined = new Joined(this.slots);
    this.timers = new Timers(this.slots, this.ready, firstSequence);
  }

  /** Makes it as new. */
  reset(clockStands: boolean, firstSequence: number): void {
    this.slots.reset();
    this.ready.reset();
    this.joined.reset();
    this.timers.reset(firstSequence);
    this.digest.reset();
    this.iterations = 0;
    this.decisions = 0;
    this.running = null;
    this.todo = 0;
    this.#budget = 0;
    this.#interrupted = false;
    this.#now = NaN;
    this.#dueBelow = NaN;
    this.#clockStands = clockStands;
  }

  advance(now: number, resolution: number): void {
    this.#now = now;
    this.#dueBelow = now + resolution;
    this.#interrupted = false;
    this.ready.endRest();
    this.#beginIteration();
  }

  interrupt(): void {
    this.#interrupted = true;
  }

  setBudget(entries: number): void {
    this.#budget = entries;
  }

  nextDeadline(): number {
    if (this.ready.count > 0) return -Infinity;
    this.timers.prune();
    return this.timers.count > 0 ? this.timers.first() : Infinity;
  }

  next(op: number): number {
    const { running, ready, slots, joined } = this;
    if (running !== null) this.follow(running, op);
    for (;;) {
      if (this.todo === 0) {
        if (this.#interrupted || ready.count === 0 || (this.timers.count > 0 && !this.#clockStands)) return BOUNDARY;
        this.#beginIteration();
      }
      if (this.#budget === 0) return BUDGET_SPENT;
      this.#budget--;
      this.todo--;
      this.decisions++;
      const entry = ready.shift();
      this.digest.mix(entry);
      const slot = slots.all[entry >> ENTRY_SHIFT];
      const kind = entry & ENTRY_KIND;
      if (kind === STEP) return (entry & ~ENTRY_KIND) | this.#beginStep(slot);
      if (kind === SLEEPER) {
        if (slot.state === STATE_SLEEPING) this.#goOn(slot);
        continue;
      }
      const dropped = slot.state === STATE_DROPPED;
      const { join } = slot;
      const told = join !== null && joined.countDown(slot, join);
      if (slot.state === STATE_POSTED) slot.state = STATE_PENDING;
      else slots.release(slot);
      if (told) return (join.number << ENTRY_SHIFT) | DONE_CALLBACK;
      if (join === null && !dropped) return entry;
    }
  }

  #beginIteration(): void {
    this.digest.mix(++this.iterations);
    if (this.timers.count > 0) this.#queueDueTimers();
    this.todo = this.ready.count;
  }

  #queueDueTimers(): void {
    const { timers, ready } = this;
    timers.prune();
    while (timers.count > 0) {
      const deadline = timers.first();
      if (!(deadline < this.#dueBelow || (deadline <= this.#now && !Number.isNaN(this.#dueBelow)))) break;
      const slot = timers.pop();
      if (slot === null) continue;
      this.digest.mixDeadline(deadline);
      if (slot.kind === KIND_TASK) {
        ready.append((slot.number << ENTRY_SHIFT) | SLEEPER);
      } else {
        slot.state = STATE_QUEUED;
        ready.append((slot.number << ENTRY_SHIFT) | TIMER);
      }
    }
  }

  #beginStep(slot: Slot): number {
    slot.state = STATE_RUNNING;
    this.running = slot;
    const { flags } = slot;
    if (flags === 0) return STEP;
    slot.flags = 0;
    if ((flags & WAIT_WAS_CANCELLED) !== 0) return WAIT_CANCELLED;
    const kind = (flags & BY_FUTURE) !== 0 ? WAKE : STEP;
    return (flags & MUST_CANCEL) !== 0 ? kind + STEP_CANCELLED : kind;
  }

  /** Does the follow-up for the running task, which then runs no more. */
  follow(slot: Slot, op: number): void {
    this.running = null;
    if (slot.state !== STATE_RUNNING) {
      if (op === OP_NONE) return;
      this.#withdrawWait(slot);
    }
    if (op !== OP_FINISH) {
      this.#goOn(slot);
      return;
    }
    if (slot.owner !== null) delist(slot);
    settle(this.ready, slot);
    this.slots.release(slot);
  }

  #goOn(slot: Slot): void {
    slot.state = STATE_READY;
    this.ready.append((slot.number << ENTRY_SHIFT) | STEP);
  }

  /** Takes back a wait that the running task began but did not suspend on. */
  #withdrawWait(slot: Slot): void {
    this.timers.cancel(slot);
    this.todo -= this.ready.drop(slot.number, this.todo);
    if (slot.state === STATE_AWAITING) unlink(slot);
    else if (slot.owner !== null) delist(slot);
    slot.flags &= ~BY_FUTURE;
    slot.state = STATE_RUNNING;
  }
}

// A model of the scheduler core: the same calls, in plain TypeScript, obviously right instead of fast.
//
// It shares nothing with the core but the numbers of abi.ts. Waiters stand in arrays, timers in a sorted one, what the
// core counts along the way is counted when asked for. Memory never runs out here. It is long because the core's
// surface is.

import {
  BOUNDARY,
  BUDGET_SPENT,
  CALLBACK,
  CANCELLED_WAIT,
  CANCEL_FORWARD,
  CANCEL_REMEMBERED,
  DONE_CALLBACK,
  ENTRY_KIND,
  ENTRY_SHIFT,
  E_KIND,
  E_NOT_A_NUMBER,
  E_NO_TASK,
  E_STALE,
  E_TRANSITION,
  GENERATION_MAX,
  KIND_CALLBACK,
  KIND_DONE_CALLBACK,
  KIND_FREE,
  KIND_FUTURE,
  KIND_JOIN,
  KIND_LIST,
  KIND_SOURCE,
  KIND_TASK,
  KIND_TIMER,
  LIST_CLOSED,
  NONE,
  OP_FINISH,
  OP_NONE,
  PARKED,
  PARKED_CANCELLED,
  PARKED_MUST_CANCEL,
  SLOT_BITS,
  SLOT_MASK,
  STATE_ARMED,
  STATE_AWAITING,
  STATE_DROPPED,
  STATE_FREE,
  STATE_PENDING,
  STATE_POSTED,
  STATE_QUEUED,
  STATE_READY,
  STATE_RUNNING,
  STATE_SLEEPING,
  STATE_SUBSCRIBED,
  STATE_WAITING,
  STEP,
  STEP_CANCELLED,
  TIMER,
  WAITER_WOKEN,
  WAIT_CANCELLED,
  WAKE,
  WAKE_CANCELLED,
} from "../../../src/core/abi.ts";
import type { CoreOptions } from "../../../src/core/core.ts";
import type { CoreInspection } from "../../../src/core/exports.ts";
import { ContainersModel } from "./containers-model.ts";
import { ALLOWED, EVENTS, STATES } from "./transitions.ts";
import type { InspectedCore as Core } from "./inspected.ts";

interface Slot {
  readonly number: number;
  id: number;
  kind: number;
  state: number;
  /** On whose list it is, or null. */
  owner: Slot | null;
  /** Who is on its list, in order of arrival. */
  waiters: Slot[];
  /** Of a join: its members, in order. */
  members: Slot[];
  /** The join that it is a member of, or null. */
  join: Slot | null;
  /** Of a member: whether its join is told of it, also when others are left. */
  tells: boolean;
  /** Its pending timer, or null. */
  timer: Timer | null;
  cancelling: number;
  mustCancel: boolean;
  waitWasCancelled: boolean;
  byFuture: boolean;
  /** How its last wait on a waiter list ended. */
  outcome: "none" | "woken" | "cancelled";
}

interface Timer {
  readonly deadline: number;
  readonly slot: Slot;
}

interface Entry {
  readonly slot: Slot;
  readonly kind: number;
}

/** A due sleeper's kind inside the ready queue. */
const SLEEPER = WAIT_CANCELLED;
const PAGE_ROWS = 256;
/** Sequence of no timer: they are given out anew from 1 on. */
const SEQUENCE_LIMIT = 2 ** 40;

export function createModel(options: CoreOptions = {}): Core {
  return new Model(options);
}

class Model implements Core {
  readonly objects: unknown[] = [];
  readonly #slots: Slot[] = [];
  /** Freed slots, last one last. */
  readonly #free: Slot[] = [];
  #ready: Entry[] = [];
  /** By deadline, then by age. A timer is dead when its slot has another one, or none. */
  #timers: Timer[] = [];
  #nextSequence: number;
  readonly #containers: ContainersModel;
  readonly #clockStands: boolean;
  #running: Slot | null = null;
  /** What the member that was counted last had its join told, and what that has left. */
  #joined = { slot: NONE, left: 0 };
  #todo = 0;
  #budget = 0;
  #now = NaN;
  #resolution = NaN;
  #interrupted = false;
  #resting = false;
  readonly #wake: () => void;
  #iterations = 0;
  #decisions = 0;
  #digest = 0n;

  constructor(options: CoreOptions) {
    this.#containers = new ContainersModel(options.compare ?? (() => -1));
    this.#wake = options.wake ?? (() => {});
    this.#clockStands = options.clockStands ?? false;
    this.#nextSequence = options.firstSequence ?? 1;
  }

  initialize(): number {
    return 0;
  }

  // ── Driving ──────────────────────────────────────────────────────────────────────────────────────────────────

  advance(now: number, resolution: number): void {
    this.#now = now;
    this.#resolution = resolution;
    this.#interrupted = false;
    this.#resting = false;
    this.#beginIteration();
  }

  rest(): void {
    if (this.#ready.length === 0) this.#resting = true;
  }

  interrupt(): void {
    this.#interrupted = true;
  }

  setBudget(entries: number): void {
    this.#budget = entries;
  }

  nextDeadline(): number {
    if (this.#ready.length > 0) return -Infinity;
    this.#pruneTimers();
    return this.#timers[0]?.deadline ?? Infinity;
  }

  next(op: number): number {
    if (this.#running !== null) this.#follow(op);
    for (;;) {
      if (this.#todo === 0) {
        const hostIsNeeded = this.#timers.length > 0 && !this.#clockStands;
        if (this.#interrupted || this.#ready.length === 0 || hostIsNeeded) return BOUNDARY;
        this.#beginIteration();
      }
      if (this.#budget === 0) return BUDGET_SPENT;
      this.#budget--;
      this.#todo--;
      this.#decisions++;
      const { slot, kind } = this.#ready.shift() as Entry;
      this.#mix(BigInt(encode({ slot, kind })));
      if (kind === STEP) return encode({ slot, kind: this.#beginStep(slot) });
      if (kind === SLEEPER) {
        if (slot.state === STATE_SLEEPING) this.#makeReady(slot);
        continue;
      }
      const dropped = slot.state === STATE_DROPPED;
      const { join } = slot;
      const told = join !== null && this.#countDown(slot, join);
      if (slot.state === STATE_POSTED) slot.state = STATE_PENDING;
      else this.#release(slot);
      if (told) return encode({ slot: join, kind });
      if (join === null && !dropped) return encode({ slot, kind });
    }
  }

  /** Counts a member as done, and closes its join behind the last one. Returns whether the join is told. */
  #countDown(member: Slot, join: Slot): boolean {
    join.members = join.members.filter((other) => other !== member);
    this.#joined = { slot: member.tells ? member.number : NONE, left: join.members.length };
    if (join.members.length > 0) return member.tells;
    this.#release(join);
    return true;
  }

  #beginIteration(): void {
    this.#iterations++;
    this.#mix(BigInt(this.#iterations));
    this.#pruneTimers();
    while (this.#timers.length > 0 && this.#isDue(this.#timers[0].deadline)) {
      const timer = this.#timers.shift() as Timer;
      const { slot, deadline } = timer;
      if (slot.timer !== timer) continue;
      this.#mix(keyOf(deadline));
      slot.timer = null;
      if (slot.kind === KIND_TIMER) slot.state = STATE_QUEUED;
      this.#queue({ slot, kind: slot.kind === KIND_TIMER ? TIMER : SLEEPER });
    }
    this.#todo = this.#ready.length;
  }

  #isDue(deadline: number): boolean {
    const now = this.#now;
    const end = now + this.#resolution;
    return deadline < end || (deadline <= now && !Number.isNaN(end));
  }

  #beginStep(slot: Slot): number {
    const { mustCancel, waitWasCancelled, byFuture } = slot;
    Object.assign(slot, { state: STATE_RUNNING, mustCancel: false, waitWasCancelled: false, byFuture: false });
    this.#running = slot;
    if (waitWasCancelled) return WAIT_CANCELLED;
    if (byFuture) return mustCancel ? WAKE_CANCELLED : WAKE;
    return mustCancel ? STEP_CANCELLED : STEP;
  }

  #follow(op: number): void {
    const slot = this.#running as Slot;
    this.#running = null;
    if (op === OP_NONE && slot.state !== STATE_RUNNING) return;
    if (slot.state !== STATE_RUNNING) this.#withdrawWait(slot);
    if (op !== OP_FINISH) {
      this.#makeReady(slot);
      return;
    }
    if (slot.owner !== null) unlink(slot);
    this.#settle(slot);
    this.#release(slot);
  }

  #withdrawWait(slot: Slot): void {
    slot.timer = null;
    if (slot.owner !== null) unlink(slot);
    this.#todo -= this.#ready.slice(0, this.#todo).filter((entry) => entry.slot === slot).length;
    this.#ready = this.#ready.filter((entry) => entry.slot !== slot);
    slot.byFuture = false;
    slot.state = STATE_RUNNING;
  }

  // ── Handles ──────────────────────────────────────────────────────────────────────────────────────────────────

  callSoon(): number {
    const slot = this.#allocate(KIND_CALLBACK, STATE_QUEUED);
    this.#queue({ slot, kind: CALLBACK });
    return slot.id;
  }

  callAt(deadline: number): number {
    if (Number.isNaN(deadline)) return E_NOT_A_NUMBER;
    const slot = this.#allocate(KIND_TIMER, STATE_ARMED);
    this.#arm(slot, deadline);
    return slot.id;
  }

  cancelHandle(id: number): number {
    const slot = this.#find(id, KIND_TIMER, KIND_CALLBACK);
    if (typeof slot === "number") return slot;
    if (slot.state === STATE_ARMED) this.#release(slot);
    else slot.state = STATE_DROPPED;
    return 0;
  }

  // ── Tasks ────────────────────────────────────────────────────────────────────────────────────────────────────

  spawn(): number {
    const slot = this.#allocate(KIND_TASK, STATE_READY);
    this.#queue({ slot, kind: STEP });
    return slot.id;
  }

  spawnEager(): number {
    return this.#allocate(KIND_TASK, STATE_RUNNING).id;
  }

  enter(id: number): number {
    const slot = this.#find(id, KIND_TASK);
    if (typeof slot === "number") return slot;
    const outer = this.#running;
    if (slot === outer || slot.state !== STATE_RUNNING) return E_TRANSITION;
    this.#running = slot;
    return outer === null ? NONE : outer.number;
  }

  exit(outer: number, op: number): number {
    if (this.#running === null) return E_NO_TASK;
    const slot = outer === NONE ? null : this.#slots[outer];
    if (slot === undefined || slot === this.#running || (slot !== null && slot.kind !== KIND_TASK)) return E_STALE;
    this.#follow(op);
    this.#running = slot;
    return 0;
  }

  sleep(deadline: number): number {
    if (Number.isNaN(deadline)) return E_NOT_A_NUMBER;
    const slot = this.#running;
    if (slot === null) return E_NO_TASK;
    if (!mayWait(slot)) return E_TRANSITION;
    if (slot.mustCancel) {
      this.#cancelWait(slot);
      return PARKED_CANCELLED;
    }
    slot.state = STATE_SLEEPING;
    this.#arm(slot, deadline);
    return PARKED;
  }

  cancelTask(id: number): number {
    const slot = this.#find(id, KIND_TASK);
    if (typeof slot === "number") return slot;
    slot.cancelling++;
    if (slot.state === STATE_AWAITING) return CANCEL_FORWARD;
    if (slot.state === STATE_WAITING || slot.state === STATE_SLEEPING) {
      this.#cancelWait(slot);
      return CANCELLED_WAIT;
    }
    slot.mustCancel = true;
    return CANCEL_REMEMBERED;
  }

  requireCancel(id: number): number {
    const slot = this.#find(id, KIND_TASK);
    if (typeof slot === "number") return slot;
    slot.mustCancel = true;
    return 0;
  }

  clearCancel(id: number): number {
    const slot = this.#find(id, KIND_TASK);
    if (typeof slot === "number") return slot;
    slot.mustCancel = false;
    return 0;
  }

  mustCancel(id: number): number {
    const slot = this.#find(id, KIND_TASK);
    return typeof slot === "number" ? slot : Number(slot.mustCancel);
  }

  uncancel(id: number): number {
    const slot = this.#find(id, KIND_TASK);
    if (typeof slot === "number") return slot;
    if (slot.cancelling === 1) slot.mustCancel = false;
    slot.cancelling = Math.max(slot.cancelling - 1, 0);
    return slot.cancelling;
  }

  cancelling(id: number): number {
    const slot = this.#find(id, KIND_TASK);
    return typeof slot === "number" ? slot : slot.cancelling;
  }

  // ── Futures ──────────────────────────────────────────────────────────────────────────────────────────────────

  openFuture(): number {
    return this.#allocate(KIND_FUTURE, STATE_PENDING).id;
  }

  settleFuture(id: number): number {
    const slot = this.#find(id, KIND_FUTURE);
    if (typeof slot === "number") return slot;
    this.#settle(slot);
    this.#release(slot);
    return 0;
  }

  awaitFuture(id: number): number {
    const owner = this.#find(id, KIND_FUTURE, KIND_TASK);
    if (typeof owner === "number") return owner;
    const slot = this.#running;
    if (slot === null) return E_NO_TASK;
    if (slot === owner || !mayWait(slot)) return E_TRANSITION;
    slot.state = STATE_AWAITING;
    link(owner, slot);
    return slot.mustCancel ? PARKED_MUST_CANCEL : PARKED;
  }

  subscribe(id: number): number {
    const owner = this.#find(id, KIND_FUTURE, KIND_TASK);
    if (typeof owner === "number") return owner;
    const slot = this.#allocate(KIND_DONE_CALLBACK, STATE_SUBSCRIBED);
    link(owner, slot);
    return slot.id;
  }

  unsubscribe(id: number): number {
    const slot = this.#find(id, KIND_DONE_CALLBACK);
    if (typeof slot === "number") return slot;
    if (slot.join !== null) return E_KIND;
    if (slot.state !== STATE_SUBSCRIBED) return E_TRANSITION;
    unlink(slot);
    this.#release(slot);
    return 0;
  }

  firstWaiter(id: number): number {
    const owner = this.#find(id, KIND_LIST, KIND_FUTURE, KIND_TASK);
    return typeof owner === "number" ? owner : (owner.waiters[0]?.number ?? NONE);
  }

  nextWaiter(number: number): number {
    const slot = this.#slots[number];
    if (slot === undefined || slot.owner === null) return NONE;
    const { waiters } = slot.owner;
    return waiters[waiters.indexOf(slot) + 1]?.number ?? NONE;
  }

  // ── Joins ────────────────────────────────────────────────────────────────────────────────────────────────────

  openJoin(): number {
    return this.#allocate(KIND_JOIN, STATE_PENDING).id;
  }

  closeJoin(id: number): number {
    const join = this.#find(id, KIND_JOIN);
    if (typeof join === "number") return join;
    if (join.members.length > 0) return E_TRANSITION;
    this.#release(join);
    return 0;
  }

  join(id: number, future: number): number {
    const join = this.#find(id, KIND_JOIN);
    if (typeof join === "number") return join;
    const source = future === NONE ? null : this.#find(future, KIND_FUTURE, KIND_TASK);
    if (typeof source === "number") return source;
    const member = this.#allocate(KIND_DONE_CALLBACK, source === null ? STATE_QUEUED : STATE_SUBSCRIBED);
    if (source === null) this.#queue({ slot: member, kind: DONE_CALLBACK });
    else link(source, member);
    member.join = join;
    join.members.push(member);
    return member.number;
  }

  tell(number: number): number {
    const member = this.#slots[number];
    if (member === undefined || member.join === null) return E_STALE;
    member.tells = true;
    return member.join.number;
  }

  joinedSlot(): number {
    return this.#joined.slot;
  }

  joinedLeft(): number {
    return this.#joined.left;
  }

  memberCount(id: number): number {
    const join = this.#find(id, KIND_JOIN);
    return typeof join === "number" ? join : join.members.length;
  }

  firstMember(id: number): number {
    const join = this.#find(id, KIND_JOIN);
    return typeof join === "number" ? join : (join.members[0]?.number ?? NONE);
  }

  nextMember(number: number): number {
    const member = this.#slots[number];
    const members = member?.join?.members ?? [];
    return members[members.indexOf(member) + 1]?.number ?? NONE;
  }

  sourceOf(number: number): number {
    const isMember = this.joinOfWaiter(number) !== NONE;
    return isMember ? (this.#slots[number].owner?.number ?? NONE) : NONE;
  }

  joinOfWaiter(number: number): number {
    return this.#slots[number]?.join?.number ?? NONE;
  }

  // ── Waiter lists ─────────────────────────────────────────────────────────────────────────────────────────────

  openList(): number {
    return this.#allocate(KIND_LIST, STATE_PENDING).id;
  }

  park(id: number): number {
    const list = this.#find(id, KIND_LIST);
    if (typeof list === "number") return list;
    const slot = this.#running;
    if (slot === null) return E_NO_TASK;
    if (!mayWait(slot)) return E_TRANSITION;
    slot.state = STATE_WAITING;
    slot.outcome = "none";
    link(list, slot);
    if (!slot.mustCancel) return PARKED;
    this.#cancelWait(slot);
    return PARKED_CANCELLED;
  }

  leave(): number {
    const slot = this.#running;
    if (slot === null) return E_NO_TASK;
    if (slot.state !== STATE_RUNNING) return E_TRANSITION;
    const woken = slot.outcome === "woken" ? WAITER_WOKEN : 0;
    const left = this.#takeOffList(slot);
    slot.outcome = "none";
    return woken | left;
  }

  wakeFirst(id: number): number {
    const list = this.#find(id, KIND_LIST);
    if (typeof list === "number") return list;
    const [first] = list.waiters;
    if (first?.state !== STATE_WAITING) return 0;
    this.#wakeWaiter(first);
    return 1;
  }

  wakeWaiting(id: number, limit: number): number {
    const list = this.#find(id, KIND_LIST);
    if (typeof list === "number") return list;
    const woken = list.waiters.filter((slot) => slot.state === STATE_WAITING).slice(0, Math.max(limit, 0));
    for (const slot of woken) this.#wakeWaiter(slot);
    return woken.length;
  }

  wakeAndRemove(id: number): number {
    const list = this.#find(id, KIND_LIST);
    if (typeof list === "number") return list;
    for (const slot of list.waiters.slice()) {
      const waits = slot.state === STATE_WAITING;
      if (waits) this.#wakeWaiter(slot);
      const closed = this.#takeOffList(slot);
      if (waits || closed !== 0) return (waits ? WAITER_WOKEN : 0) | closed;
    }
    return 0;
  }

  waiterCount(id: number): number {
    const list = this.#find(id, KIND_LIST);
    return typeof list === "number" ? list : list.waiters.length;
  }

  liveWaiterCount(id: number): number {
    const list = this.#find(id, KIND_LIST);
    return typeof list === "number" ? list : list.waiters.filter((slot) => slot.outcome !== "cancelled").length;
  }

  // ── Sources ──────────────────────────────────────────────────────────────────────────────────────────────────

  openSource(): number {
    return this.#allocate(KIND_SOURCE, STATE_PENDING).id;
  }

  post(id: number): number {
    const slot = this.#find(id, KIND_SOURCE);
    if (typeof slot === "number") return slot;
    if (slot.state === STATE_DROPPED) return E_STALE;
    if (slot.state === STATE_POSTED) return 0;
    slot.state = STATE_POSTED;
    this.#queue({ slot, kind: CALLBACK });
    return 1;
  }

  closeSource(id: number): number {
    const slot = this.#find(id, KIND_SOURCE);
    if (typeof slot === "number") return slot;
    if (slot.state === STATE_DROPPED) return E_STALE;
    if (slot.state === STATE_POSTED) slot.state = STATE_DROPPED;
    else this.#release(slot);
    return 0;
  }

  // ── Containers ───────────────────────────────────────────────────────────────────────────────────────────────

  createContainer = (kind: number, bound: number) => this.#containers.createContainer(kind, bound);
  destroyContainer = (number: number) => this.#containers.destroyContainer(number);
  compareContainer = (number: number) => this.#containers.compareContainer(number);
  reserveCell = (number: number) => this.#containers.reserveCell(number);
  put = (number: number, priority: number) => this.#containers.put(number, priority);
  take = (number: number) => this.#containers.take(number);
  cellAt = (number: number, index: number) => this.#containers.cellAt(number, index);

  // ── Slots, waits, timers ─────────────────────────────────────────────────────────────────────────────────────

  #allocate(kind: number, state: number): Slot {
    const freed = this.#free.pop();
    const number = freed?.number ?? this.#slots.length;
    const generation = freed === undefined ? 0 : ((freed.id >> SLOT_BITS) + 1) & GENERATION_MAX;
    const slot: Slot = {
      number,
      id: (generation << SLOT_BITS) | number,
      kind,
      state,
      owner: null,
      waiters: [],
      members: [],
      join: null,
      tells: false,
      timer: null,
      cancelling: 0,
      mustCancel: false,
      waitWasCancelled: false,
      byFuture: false,
      outcome: "none",
    };
    this.#slots[number] = slot;
    return slot;
  }

  #release(slot: Slot): void {
    Object.assign(slot, { kind: KIND_FREE, state: STATE_FREE, timer: null, owner: null, join: null });
    this.#free.push(slot);
  }

  /** The slot behind an id, or E_STALE, or E_KIND when it is of none of these kinds. */
  #find(id: number, ...kinds: number[]): Slot | number {
    const slot = this.#slots[id & SLOT_MASK];
    if (slot?.id !== id || slot.kind === KIND_FREE) return E_STALE;
    return kinds.includes(slot.kind) ? slot : E_KIND;
  }

  #queue(entry: Entry): void {
    this.#ready.push(entry);
    this.#wakeHost();
  }

  #wakeHost(): void {
    if (!this.#resting) return;
    this.#resting = false;
    this.#wake();
  }

  #makeReady(slot: Slot): void {
    slot.state = STATE_READY;
    this.#queue({ slot, kind: STEP });
  }

  #cancelWait(slot: Slot): void {
    Object.assign(slot, { timer: null, mustCancel: false, waitWasCancelled: true });
    if (slot.state === STATE_WAITING) slot.outcome = "cancelled";
    this.#makeReady(slot);
  }

  #wakeWaiter(slot: Slot): void {
    slot.outcome = "woken";
    this.#makeReady(slot);
  }

  /** Takes a slot off the list it is on, if any, and closes the list when that leaves it empty. */
  #takeOffList(slot: Slot): number {
    const list = slot.owner;
    if (list === null) return 0;
    unlink(slot);
    if (list.waiters.length > 0) return 0;
    this.#release(list);
    return LIST_CLOSED;
  }

  #settle(owner: Slot): void {
    for (const slot of owner.waiters) {
      slot.owner = null;
      if (slot.kind === KIND_TASK) {
        slot.byFuture = true;
        this.#makeReady(slot);
      } else {
        slot.state = STATE_QUEUED;
        this.#queue({ slot, kind: DONE_CALLBACK });
      }
    }
    owner.waiters = [];
  }

  #arm(slot: Slot, deadline: number): void {
    if (this.#nextSequence === SEQUENCE_LIMIT) {
      this.#timers = this.#liveTimers(); // the core sorts them then
      this.#nextSequence = this.#timers.length + 1;
    }
    this.#nextSequence++;
    const timer: Timer = { deadline: deadline + 0, slot };
    const later = this.#timers.findIndex((other) => other.deadline > deadline);
    this.#timers.splice(later < 0 ? this.#timers.length : later, 0, timer);
    slot.timer = timer;
    this.#wakeHost();
  }

  #liveTimers(): Timer[] {
    return this.#timers.filter((timer) => timer.slot.timer === timer);
  }

  #pruneTimers(): void {
    const live = this.#liveTimers();
    const count = this.#timers.length;
    if (count > 100 && live.length < count / 2) this.#timers = live;
    else this.#timers.splice(0, live.length === 0 ? count : this.#timers.indexOf(live[0]));
  }

  // ── Inspection ───────────────────────────────────────────────────────────────────────────────────────────────

  #mix(value: bigint): void {
    const product = BigInt.asUintN(64, (this.#digest ^ value) * 0x9e3779b97f4a7c15n);
    this.#digest = product ^ (product >> 29n);
  }

  transition(state: number, event: number): number {
    const from = STATES[state];
    const by = EVENTS[event];
    const to = from === undefined || by === undefined ? undefined : ALLOWED[from][by];
    return to === undefined ? E_TRANSITION : STATES.indexOf(to);
  }

  readonly inspection: CoreInspection = {
    digestText: () => this.#digest.toString(16).padStart(16, "0"),
    counters: () => {
      const slotCount = this.#slots.length - this.#free.length;
      const timerCount = this.#timers.length;
      const deadCount = timerCount - this.#liveTimers().length;
      const memory = 0; // the model has none, and room for any number of slots
      return Float64Array.of(
        this.#iterations,
        this.#decisions,
        slotCount,
        Infinity,
        this.#ready.length,
        timerCount,
        deadCount,
        memory,
        this.#todo,
      );
    },
    dumpReady: (from) => Int32Array.from(page(this.#ready, from), encode),
    dumpTimers: (from) => {
      const row = (timer: Timer) => [timer.deadline, timer.slot.timer === timer ? timer.slot.number : NONE];
      return Float64Array.from(page(this.#timers, from).flatMap(row));
    },
    dumpSlots: (from) => {
      const used = this.#slots.slice(Math.max(from, 0)).filter((slot) => slot.kind !== KIND_FREE);
      const row = ({ id, kind, state, owner, cancelling, waiters, members }: Slot) => {
        const count = kind === KIND_LIST ? waiters.length : kind === KIND_JOIN ? members.length : cancelling;
        return [id, kind, state, owner?.number ?? NONE, count] as const;
      };
      return Int32Array.from(page(used, 0).flatMap(row));
    },
  };
}

function encode({ slot, kind }: Entry): number {
  return (slot.number << ENTRY_SHIFT) | (kind & ENTRY_KIND);
}

function page<T>(rows: T[], from: number): T[] {
  const start = Math.max(from, 0);
  return rows.slice(start, start + PAGE_ROWS);
}

/** Whether a task may begin to wait: it runs, and has left the list that it waited on before. */
function mayWait(slot: Slot): boolean {
  return slot.state === STATE_RUNNING && slot.owner === null;
}

function link(owner: Slot, slot: Slot): void {
  slot.owner = owner;
  owner.waiters.push(slot);
}

function unlink(slot: Slot): void {
  const { waiters } = slot.owner as Slot;
  waiters.splice(waiters.indexOf(slot), 1);
  slot.owner = null;
}

/** The deadline's bits as the digest takes them in: an unsigned number that orders as deadlines do. */
function keyOf(deadline: number): bigint {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, deadline);
  const key = bits.getBigUint64(0);
  const sign = 1n << 63n;
  return deadline < 0 ? key ^ ((1n << 64n) - 1n) : key | sign;
}

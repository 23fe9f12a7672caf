// What the tests of the core share: the two implementations, a driver for iterations, and the whole state as plain
// data.

import {
  BOUNDARY,
  BUDGET_SPENT,
  ENTRY_KIND,
  ENTRY_SHIFT,
  NONE,
  OP_FINISH,
  OP_NONE,
  SLOT_MASK,
} from "../../../src/core/abi.ts";
import type { CoreOptions } from "../../../src/core/core.ts";
import { createTypeScriptCore } from "../../support/typescript-core/core.ts";
import { KINDS, STATES } from "../../support/typescript-core/state.ts";
import { type InspectedCore as Core, createInspected } from "./inspected.ts";

/** The core, and the one in TypeScript: what runs over both is wrapped in `describe.each(implementations)`. */
export const implementations: [name: string, create: (options?: CoreOptions) => Core][] = [
  ["wasm core", createInspected],
  ["TypeScript core", createTypeScriptCore],
];

/** A budget that no test uses up. */
export const PLENTY = 1_000_000_000;

/** Entry kinds by number. */
export const ENTRIES = [
  "step",
  "step cancelled",
  "wake",
  "wake cancelled",
  "wait cancelled",
  "callback",
  "done callback",
  "timer",
] as const;

// ── Driving ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** An entry in words: "step 3" for slot 3; "boundary" and "budget spent" for what is none. */
export function describeEntry(entry: number): string {
  if (entry === BOUNDARY) return "boundary";
  if (entry === BUDGET_SPENT) return "budget spent";
  return `${ENTRIES[entry & ENTRY_KIND]} ${entry >> ENTRY_SHIFT}`;
}

/** What a test does in an entry: returns the follow-up, OP_FINISH by default. */
export type Work = (slot: number, kind: string) => number | void;

/** Runs exactly one iteration at the time `now`, by a clock with no resolution. Returns what ran, in order. */
export function turn(core: Core, now = 0, work: Work = () => {}): string[] {
  core.advance(now, 0);
  core.interrupt();
  return drain(core, work);
}

/** Runs entries until the core asks for its host. Returns what ran, in order. */
export function drain(core: Core, work: Work = () => {}): string[] {
  const ran: string[] = [];
  core.setBudget(PLENTY);
  let op = OP_NONE;
  for (;;) {
    const entry = core.next(op);
    if (entry === BOUNDARY) return ran;
    ran.push(describeEntry(entry));
    op = work(entry >> ENTRY_SHIFT, ENTRIES[entry & ENTRY_KIND]) ?? OP_FINISH;
  }
}

/** Makes a task that runs outside any iteration: what it does next is up to the test. Returns its id. */
export function runTask(core: Core): number {
  const task = core.spawnEager();
  core.enter(task);
  return task;
}

/** Makes a task and lets it begin a wait, as an eager first step. Returns its id. */
export function parkTask(core: Core, wait: () => number): number {
  const task = core.spawnEager();
  const outer = core.enter(task);
  wait();
  core.exit(outer, OP_NONE);
  return task;
}

export function slotOf(id: number): number {
  return id & SLOT_MASK;
}

// ── Looking ────────────────────────────────────────────────────────────────────────────────────────────────────────

export function countersOf(core: Core) {
  const [
    iterations = NaN,
    decisions = NaN,
    slotCount = NaN,
    slotCapacity = NaN,
    readyCount = NaN,
    timerCount = NaN,
    deadTimerCount = NaN,
    memoryBytes = NaN,
    unfinished = NaN,
  ] = core.inspection.counters();
  return {
    iterations,
    decisions,
    slotCount,
    slotCapacity,
    readyCount,
    timerCount,
    deadTimerCount,
    memoryBytes,
    unfinished,
  };
}

/** Entries of the current iteration that have not run. */
export function unfinishedOf(core: Core): number {
  return countersOf(core).unfinished;
}

/** The ready queue: "step 3", first to run first. A sleeper whose timer is due shows as "wait cancelled". */
export function readyOf(core: Core): string[] {
  return Array.from(allReady(core), describeEntry);
}

/**
 * Pending timers as [deadline, slot], slot NONE for a cancelled one, by deadline and slot: a heap has no other order.
 */
export function timersOf(core: Core): [deadline: number, slot: number][] {
  const rows: [number, number][] = [];
  for (;;) {
    const page = core.inspection.dumpTimers(rows.length);
    if (page.length === 0) return rows.sort(([a, b], [c, d]) => (a === c ? b - d : a < c ? -1 : 1));
    for (let at = 0; at < page.length; at += 2) rows.push([page[at], page[at + 1]]);
  }
}

/** Number of values in a container. */
export function containerCountOf(core: Core, container: number): number {
  let count = 0;
  while (core.cellAt(container, count) >= 0) count++;
  return count;
}

export interface SlotRow {
  id: number;
  kind: string;
  state: string;
  owner: number;
  count: number;
}

/** Slots in use, by number. */
export function slotsOf(core: Core): SlotRow[] {
  const rows: SlotRow[] = [];
  let from = 0;
  for (;;) {
    const page = core.inspection.dumpSlots(from);
    if (page.length === 0) return rows;
    for (let at = 0; at < page.length; at += 5) {
      const [id = NONE, kind = NONE, state = NONE, owner = NONE, count = NONE] = page.subarray(at, at + 5);
      rows.push({ id, kind: KINDS[kind], state: STATES[state], owner, count });
      from = slotOf(id) + 1;
    }
  }
}

export interface JoinRow {
  /** Slot of the join. */
  join: number;
  /** Slots of its members, as it lists them. */
  members: number[];
  /** What each member is on the list of. */
  sources: number[];
  /** Slots of the done-callbacks that say that they are its members, by number. */
  claimed: number[];
}

/** Joins with their members, by number. */
export function joinsOf(core: Core, slots = slotsOf(core)): JoinRow[] {
  const callbacks = slots.filter(({ kind }) => kind === "done-callback").map(({ id }) => slotOf(id));
  return slots
    .filter(({ kind }) => kind === "join")
    .map(({ id }) => {
      const members: number[] = [];
      for (let slot = core.firstMember(id); slot >= 0; slot = core.nextMember(slot)) members.push(slot);
      const join = slotOf(id);
      return {
        join,
        members,
        sources: members.map((slot) => core.sourceOf(slot)),
        claimed: callbacks.filter((slot) => core.joinOfWaiter(slot) === join),
      };
    });
}

/** The state that a slot is in, "free" when it is not in use. */
export function stateOf(core: Core, id: number): string {
  return slotsOf(core).find((row) => slotOf(row.id) === slotOf(id))?.state ?? "free";
}

/** Everything that can be seen of a core, except how much memory it has. */
export function snapshot(core: Core) {
  const { iterations, decisions, slotCount, readyCount, timerCount, deadTimerCount, unfinished } = countersOf(core);
  const slots = slotsOf(core);
  return {
    counters: { iterations, decisions, slotCount, readyCount, timerCount, deadTimerCount, unfinished },
    digest: core.inspection.digestText(),
    ready: allReady(core),
    timers: timersOf(core),
    slots,
    joins: joinsOf(core, slots),
  };
}

function allReady(core: Core): number[] {
  const entries: number[] = [];
  for (;;) {
    const page = core.inspection.dumpReady(entries.length);
    if (page.length === 0) return entries;
    entries.push(...page);
  }
}

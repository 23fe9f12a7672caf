// What must hold in every state of the core, whoever computed it: nothing that waits is lost, nothing is queued twice.

import { ENTRY_KIND, ENTRY_SHIFT, NONE, STEP, WAIT_CANCELLED } from "../../../src/core/abi.ts";
import { ENTRIES, type SlotRow, type snapshot, slotOf } from "./support.ts";

/** A due sleeper's kind inside the ready queue. */
const SLEEPER = WAIT_CANCELLED;

/** What a slot has in the ready queue and in the timer heap. */
interface Claims {
  steps: number;
  sleepers: number;
  callbacks: number;
  timers: number;
}

/** What a slot must have, by its state. A sleeper has a timer first and an entry once that was due. */
const EXPECTED: Record<string, (claims: Claims) => boolean> = {
  ready: ({ steps, sleepers, callbacks, timers }) => steps === 1 && sleepers <= 1 && callbacks + timers === 0,
  sleeping: ({ steps, sleepers, callbacks, timers }) => sleepers + timers === 1 && steps + callbacks === 0,
  queued: ({ steps, sleepers, callbacks, timers }) => callbacks === 1 && steps + sleepers + timers === 0,
  dropped: ({ steps, sleepers, callbacks, timers }) => callbacks === 1 && steps + sleepers + timers === 0,
  posted: ({ steps, sleepers, callbacks, timers }) => callbacks === 1 && steps + sleepers + timers === 0,
  armed: ({ steps, sleepers, callbacks, timers }) => timers === 1 && steps + sleepers + callbacks === 0,
};
const nothing = ({ steps, sleepers, callbacks, timers }: Claims) => steps + sleepers + callbacks + timers === 0;

/** Kinds on whose list a slot may stand, by its state; any other slot may be on a waiter list that it has not left. */
const OWNERS: Record<string, string[]> = {
  waiting: ["waiter list"],
  awaiting: ["future", "task"],
  subscribed: ["future", "task"],
};

/** What is wrong with a state, in words: nothing, if all is well. */
export function faultsOf({ ready, timers, slots, joins }: ReturnType<typeof snapshot>): string[] {
  const faults: string[] = [];
  const rows = new Map(slots.map((row) => [slotOf(row.id), row]));
  const claims = new Map<number, Claims>();
  const claim = (slot: number, what: keyof Claims) => {
    if (!rows.has(slot)) faults.push(`free slot ${slot} has ${what}`);
    const counts = claims.get(slot) ?? { steps: 0, sleepers: 0, callbacks: 0, timers: 0 };
    counts[what]++;
    claims.set(slot, counts);
  };
  for (const entry of ready) {
    const kind = entry & ENTRY_KIND;
    if (kind !== STEP && kind !== SLEEPER && kind < ENTRIES.indexOf("callback")) faults.push(`entry of kind ${kind}`);
    claim(entry >> ENTRY_SHIFT, kind === STEP ? "steps" : kind === SLEEPER ? "sleepers" : "callbacks");
  }
  for (const [, slot] of timers) if (slot !== NONE) claim(slot, "timers");

  const waiters = new Map<number, number>();
  for (const [slot, row] of rows) {
    const counts = claims.get(slot) ?? { steps: 0, sleepers: 0, callbacks: 0, timers: 0 };
    if (!(EXPECTED[row.state] ?? nothing)(counts)) faults.push(`${nameOf(row)} has ${JSON.stringify(counts)}`);
    if (row.owner === NONE) {
      if (OWNERS[row.state] !== undefined) faults.push(`${nameOf(row)} is on no list`);
      continue;
    }
    waiters.set(row.owner, (waiters.get(row.owner) ?? 0) + 1);
    const owner = rows.get(row.owner);
    if (owner === undefined) faults.push(`${nameOf(row)} is on the list of a free slot`);
    else if (!(OWNERS[row.state] ?? ["waiter list"]).includes(owner.kind))
      faults.push(`${nameOf(row)} is on ${nameOf(owner)}`);
  }
  for (const [slot, row] of rows) {
    if (row.kind === "waiter list" && row.count !== (waiters.get(slot) ?? 0)) faults.push(`${nameOf(row)} miscounts`);
  }
  for (const { join, members, claimed } of joins) {
    const row = rows.get(join) as SlotRow;
    const listed = members.toSorted((left, right) => left - right);
    if (listed.join() !== claimed.join())
      faults.push(`${nameOf(row)} lists ${listed.join()}: of it are ${claimed.join()}`);
    if (row.count !== members.length) faults.push(`${nameOf(row)} miscounts`);
  }
  return faults;
}

function nameOf({ id, kind, state }: SlotRow): string {
  return `${kind} ${slotOf(id)}, ${state},`;
}

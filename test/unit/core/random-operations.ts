// Random operations on the core and on the one in TypeScript, compared after each one. On any host: it asks for no test
// runner.

import fc from "fast-check";
import type { CoreOptions } from "../../../src/core/core.ts";
import { sameData } from "../../support/same-data.ts";
import { createTypeScriptCore } from "../../support/typescript-core/core.ts";
import { ARGUMENT_LIMIT, OPERATIONS, type Operation, type OperationName, Player } from "./player.ts";
import { faultsOf } from "./soundness.ts";
import { snapshot } from "./support.ts";
import { createInspected as createCore } from "./inspected.ts";

const LONGEST = 1500;
/** Everything is compared this often, in operations; results, counters and digest after each. */
const SNAPSHOT_EVERY = 25;

/** A core to play on, and the operations that come up four times as often as their weight says. */
export interface Game {
  readonly name: string;
  readonly options: CoreOptions;
  readonly favourites: readonly OperationName[];
}

export const GAMES: readonly Game[] = [
  { name: "all operations", options: {}, favourites: [] },
  { name: "all operations while the clock stands still", options: { clockStands: true }, favourites: [] },
  {
    name: "mostly waiter lists",
    options: {},
    favourites: ["park", "leave", "wakeFirst", "wakeWaiting", "wakeAndRemove", "cancelTask"],
  },
  {
    name: "mostly timers",
    options: { firstSequence: 2 ** 40 - 200 },
    favourites: ["callAt", "sleep", "cancelHandle", "manyTimers", "manyCancels"],
  },
  {
    name: "mostly eager tasks",
    options: { clockStands: true },
    favourites: ["spawnEager", "exit", "awaitFuture", "settleFuture", "sleep"],
  },
  {
    name: "mostly joins",
    options: { clockStands: true },
    favourites: ["join", "tell", "members", "settleFuture", "spawnEager", "exit"],
  },
  { name: "mostly sources", options: {}, favourites: ["post", "closeSource", "callSoon", "cancelHandle"] },
  { name: "mostly containers", options: {}, favourites: ["put", "take", "compareContainer", "manyPuts"] },
  {
    name: "memory is used up",
    options: { limitPages: 3 },
    favourites: ["manySpawns", "manyTimers", "manyMembers", "manyPuts"],
  },
];

const all = Object.keys(OPERATIONS) as OperationName[];

/** Operations in their proportions, or only those that are among some. */
export function operations(
  favourites: readonly OperationName[],
  names: readonly OperationName[] = all,
): fc.Arbitrary<Operation[]> {
  const choices = names.map((name) => ({
    arbitrary: fc.constant(name),
    weight: OPERATIONS[name].weight * (favourites.includes(name) ? 40 : 10),
  }));
  const argument = fc.nat(ARGUMENT_LIMIT - 1);
  const operation = fc.record({ name: fc.oneof(...choices), a: argument, b: argument }, { noNullPrototype: true });
  return fc.array(operation, { maxLength: LONGEST, size: "max" });
}

/**
 * Plays `runs` sequences of operations of a seed. Returns the number of operations, and the calls that they made.
 * Throws Error, with the shortest sequence that fast-check found to fail, when the two cores do not do the same.
 */
export function play(
  { options, favourites }: Game,
  seed: number,
  runs: number,
): { played: number; called: Set<string> } {
  let played = 0;
  const called = new Set<string>();
  const property = fc.property(operations(favourites), (sequence) => {
    const core = new Player(createCore, options);
    const other = new Player(createTypeScriptCore, options, core);
    for (const [index, operation] of sequence.entries()) {
      const from = core.log.length;
      core.play(operation);
      other.play(operation);
      checkSame(core, core.log.slice(from), other.log.slice(from));
      checkSame(core, glance(core), glance(other));
      if (index % SNAPSHOT_EVERY > 0 && index < sequence.length - 1) continue;
      const state = snapshot(core.core);
      checkSame(core, state, snapshot(other.core));
      checkSame(core, faultsOf(state), []);
    }
    played += sequence.length;
    for (const line of core.log) called.add(line.replace(/\(.*/, ""));
  });
  fc.assert(property, { seed, numRuns: runs });
  return { played, called };
}

/** What is compared after each operation. */
function glance({ core }: Player): unknown[] {
  const [iterations, decisions, slots, , ready, timers, dead] = core.inspection.counters();
  return [core.inspection.digestText(), iterations, decisions, slots, ready, timers, dead];
}

function checkSame(player: Player, actual: unknown, expected: unknown): void {
  if (sameData(actual, expected)) return;
  const [left, right] = [actual, expected].map((value) => JSON.stringify(value, null, 1).split("\n")) as [
    string[],
    string[],
  ];
  const at = left.findIndex((line, index) => line !== right[index]);
  const part = (lines: string[]): string => lines.slice(Math.max(0, at - 3), at + 6).join("\n");
  throw new Error(
    `after\n${player.log.slice(-40).join("\n")}\nthe core has\n${part(left)}\nthe one in TypeScript\n${part(right)}`,
  );
}

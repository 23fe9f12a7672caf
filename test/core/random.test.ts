// Random operations on the core and on its model, compared after each one.
//
// The seed is fixed, so that a run can be repeated; `WASYNCIO_SEED=7 npx vitest run test/core/random.test.ts` plays others.
// A failure prints the seed, and the shortest sequence of operations that fast-check found to fail.

import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { type CoreOptions, createCore } from "../../src/core/core.ts";
import { createModel } from "./model.ts";
import { ARGUMENT_LIMIT, OPERATIONS, type Operation, type OperationName, Player } from "./player.ts";
import { faultsOf } from "./soundness.ts";
import { snapshot } from "./support.ts";

const SEED = Number(process.env["WASYNCIO_SEED"] ?? 20_250_701);
/** Sequences of operations a test. */
const RUNS = 50;
const LONGEST = 1500;
/** Everything is compared this often, in operations; results, counters and digest after each. */
const SNAPSHOT_EVERY = 25;

/** Operations that were played, over all tests of this file. */
let played = 0;
afterAll(() => expect(played).toBeGreaterThanOrEqual(200_000));

const names = Object.keys(OPERATIONS) as OperationName[];

/** Operations in their proportions, those with a name in `favourites` four times as often. */
function operations(favourites: OperationName[] = []): fc.Arbitrary<Operation[]> {
  const choices = names.map((name) => ({
    arbitrary: fc.constant(name),
    weight: OPERATIONS[name].weight * (favourites.includes(name) ? 40 : 10),
  }));
  const argument = fc.nat(ARGUMENT_LIMIT - 1);
  const operation = fc.record({ name: fc.oneof(...choices), a: argument, b: argument }, { noNullPrototype: true });
  return fc.array(operation, { maxLength: LONGEST, size: "max" });
}

test.each<[string, CoreOptions, OperationName[]]>([
  ["all operations", {}, []],
  ["all operations while the clock stands still", { clockStands: true }, []],
  ["mostly waiter lists", {}, ["park", "leave", "wakeFirst", "wakeWaiting", "wakeAndRemove", "cancelTask"]],
  [
    "mostly timers",
    { firstSequence: 2 ** 40 - 1000 },
    ["callAt", "sleep", "cancelHandle", "manyTimers", "manyCancels"],
  ],
  ["mostly eager tasks", { clockStands: true }, ["spawnEager", "exit", "awaitFuture", "settleFuture", "sleep"]],
  ["mostly containers", {}, ["put", "take", "compareContainer", "manyPuts"]],
  ["memory is used up", { limitPages: 3 }, ["manySpawns", "manyTimers", "manyPuts"]],
])("the core does what its model does: %s", { timeout: 120_000 }, (_, options, favourites) => {
  const property = fc.property(operations(favourites), (sequence) => {
    const core = new Player(createCore, options);
    const model = new Player(createModel, options, core);
    for (const [index, operation] of sequence.entries()) {
      const from = core.log.length;
      core.play(operation);
      model.play(operation);
      expectSame(core, core.log.slice(from), model.log.slice(from));
      expectSame(core, glance(core), glance(model));
      if (index % SNAPSHOT_EVERY > 0 && index < sequence.length - 1) continue;
      const state = snapshot(core.core);
      expectSame(core, state, snapshot(model.core));
      expectSame(core, faultsOf(state), []);
    }
    played += sequence.length;
  });
  fc.assert(property, { seed: SEED, numRuns: RUNS });
});

/** What is compared after each operation. */
function glance({ core }: Player): unknown[] {
  const [iterations, decisions, slots, , ready, timers, dead] = core.inspection.counters();
  return [core.inspection.digestText(), iterations, decisions, slots, ready, timers, dead];
}

function expectSame<T>(player: Player, actual: T, expected: T): void {
  if (isDeepStrictEqual(actual, expected)) return; // far faster than expect, which words the failure
  expect(actual, `\n${player.log.slice(-40).join("\n")}\n`).toStrictEqual(expected);
}

// Random operations on the core and on its model, compared after each one.
//
// The seed is fixed, so that a run can be repeated; `WASYNCIO_SEED=7 npx vitest run test/core/random.test.ts` plays others.
// A failure prints the seed, and the shortest sequence of operations that fast-check found to fail.

import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { createCore } from "../../src/core/core.ts";
import { createModel } from "./model.ts";
import { ARGUMENT_LIMIT, OPERATIONS, type Operation, type OperationName, Player } from "./player.ts";
import { snapshot } from "./support.ts";

const SEED = Number(process.env["WASYNCIO_SEED"] ?? 20_250_701);
const RUNS = 360;
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

test.each<[string, boolean, OperationName[]]>([
  ["all operations", false, []],
  ["all operations while the clock stands still", true, []],
  ["mostly waiter lists", false, ["park", "leave", "wakeFirst", "wakeWaiting", "wakeAndRemove", "cancelTask"]],
  ["mostly timers", false, ["callAt", "sleep", "cancelHandle", "advance", "manyTimers", "manyCancels"]],
  ["mostly eager tasks", true, ["spawnEager", "exit", "awaitFuture", "settleFuture", "sleep", "cancelTask"]],
  ["mostly containers", false, ["put", "take", "compareContainer", "manyPuts"]],
])("the core does what its model does: %s", (_, clockStands, favourites) => {
  const property = fc.property(operations(favourites), (sequence) => {
    const core = new Player(createCore, { clockStands });
    const model = new Player(createModel, { clockStands });
    sequence.forEach((operation, index) => {
      playBoth(core, model, operation);
      if (index % SNAPSHOT_EVERY === 0 || index === sequence.length - 1) {
        expect(snapshot(core.core), trace(core)).toEqual(snapshot(model.core));
      }
    });
    played += sequence.length;
  });
  fc.assert(property, { seed: SEED, numRuns: RUNS / 6, endOnFailure: false });
});

function playBoth(core: Player, model: Player, operation: Operation): void {
  const before = core.log.length;
  core.play(operation);
  model.play(operation);
  expect(core.log.slice(before), trace(core)).toEqual(model.log.slice(before));
  expect(glance(core), trace(core)).toBe(glance(model));
}

/** What is compared after each operation. */
function glance({ core }: Player): string {
  const [iterations, decisions, slots, , ready, timers, dead] = core.inspection.counters();
  return [core.inspection.digestText(), iterations, decisions, slots, ready, timers, dead].join();
}

/** The calls that led here. */
function trace(player: Player): string {
  return `\n${player.log.slice(-40).join("\n")}\n`;
}

// The baseline is measured beside the core, so it has to do the same: random operations on both, compared after each
// one.

import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createCore as createBaseline } from "../../../bench/baseline/core.ts";
import type { CoreOptions } from "../../../src/core/core.ts";
import { createInspected as createCore } from "../../unit/core/inspected.ts";
import { ARGUMENT_LIMIT, OPERATIONS, type Operation, type OperationName, Player } from "../../unit/core/player.ts";
import { snapshot } from "../../unit/core/support.ts";

const SEED = Number(process.env["WASYNCIO_SEED"] ?? 20_250_701);
const RUNS = 20;
const LONGEST = 1500;
/** Everything is compared this often, in operations; results and digest after each. */
const SNAPSHOT_EVERY = 25;

const names = Object.keys(OPERATIONS) as OperationName[];

function operations(favourites: readonly OperationName[]): fc.Arbitrary<Operation[]> {
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
  ["mostly timers", {}, ["callAt", "sleep", "cancelHandle", "manyTimers", "manyCancels"]],
  ["mostly eager tasks", { clockStands: true }, ["spawnEager", "exit", "awaitFuture", "settleFuture", "sleep"]],
  ["mostly joins", { clockStands: true }, ["join", "tell", "members", "settleFuture", "spawnEager", "exit"]],
  ["mostly sources", {}, ["post", "closeSource", "callSoon", "cancelHandle"]],
  ["mostly containers", {}, ["put", "take", "compareContainer", "manyPuts"]],
])("the TypeScript core does what the wasm core does: %s", { timeout: 120_000 }, (_, options, favourites) => {
  const property = fc.property(operations(favourites), (sequence) => {
    const core = new Player(createCore, options);
    const baseline = new Player(createBaseline, options);
    for (const [index, operation] of sequence.entries()) {
      const from = core.log.length;
      core.play(operation);
      baseline.play(operation);
      expectSame(core, baseline.log.slice(from), core.log.slice(from));
      expectSame(core, baseline.core.inspection.digestText(), core.core.inspection.digestText());
      if (index % SNAPSHOT_EVERY > 0 && index < sequence.length - 1) continue;
      expectSame(core, snapshot(baseline.core), snapshot(core.core));
    }
  });
  fc.assert(property, { seed: SEED, numRuns: RUNS });
});

function expectSame<T>(player: Player, actual: T, expected: T): void {
  if (isDeepStrictEqual(actual, expected)) return; // far faster than expect, which words the failure
  expect(actual, `\n${player.log.slice(-40).join("\n")}\n`).toStrictEqual(expected);
}

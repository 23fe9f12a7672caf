// The pool of cores: one that is taken again is as a new one, whatever was done with it, and few are kept.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CoreOptions, createCore } from "../../../src/core/core.ts";
import { giveBack, takeCore } from "../../../src/core/core-pool.ts";
import { inspect } from "../../../src/core/inspection.ts";
import type { InspectedCore } from "./inspected.ts";
import { OPERATIONS, type OperationName, Player } from "./player.ts";
import { operations } from "./random-operations.ts";
import { snapshot } from "./support.ts";

const SEED = Number(process.env["WASYNCIO_SEED"] ?? 20_250_701);
const SOME = { clockStands: false, wake: () => {} };

/** Loops have no containers, and `reset` leaves them as they are. */
const OF_CONTAINERS: readonly string[] = [
  "createContainer",
  "destroyContainer",
  "compareContainer",
  "cellAt",
  "put",
  "take",
  "manyPuts",
];
const names = (Object.keys(OPERATIONS) as OperationName[]).filter((name) => !OF_CONTAINERS.includes(name));
const game = fc.record({ before: operations([], names), after: operations([], names), clockStands: fc.boolean() });

const inspected = (core: ReturnType<typeof createCore>): InspectedCore => ({ ...core, inspection: inspect(core) });

/** Takes all that is idle, and gives it back when `work` is done. */
function withNoneIdle(work: () => void): void {
  const taken = Array.from({ length: 100 }, () => takeCore(SOME));
  work();
  for (const core of taken.slice(0, 3)) giveBack(core);
}

describe("a core that is taken again", () => {
  test("is as a new one: in random operations, to the last entry and digest", () => {
    let again = 0;
    const property = fc.property(game, ({ before, after, clockStands }) => {
      const used = takeCore({ clockStands: !clockStands, wake: () => {} });
      const first = new Player(() => inspected(used), {});
      for (const operation of before) first.play(operation);
      giveBack(used);
      const take = ({ wake = () => {} }: CoreOptions): InspectedCore => {
        const core = takeCore({ clockStands, wake });
        if (core === used) again++;
        return inspected(core);
      };
      const second = new Player(take, {});
      const fresh = new Player((options) => inspected(createCore(options)), { clockStands });
      for (const operation of after) {
        second.play(operation);
        fresh.play(operation);
      }
      expect(second.log).toEqual(fresh.log);
      expect(snapshot(second.core)).toEqual(snapshot(fresh.core));
      giveBack(used);
    });
    fc.assert(property, { seed: SEED, numRuns: 60 });
    expect(again).toBeGreaterThan(50);
  });

  test("has no objects, and wakes the loop that it has now", () => {
    const woken: string[] = [];
    const core = takeCore({ clockStands: false, wake: () => void woken.push("first") });
    core.objects[core.spawn()] = "a task";
    core.rest();
    giveBack(core);
    const again = takeCore({ clockStands: false, wake: () => void woken.push("second") });
    expect(again).toBe(core);
    expect(again.objects).toEqual([]);
    again.rest();
    again.callSoon();
    expect(woken).toEqual(["second"]);
  });

  test("keeps no loop while it is idle", () => {
    const woken: string[] = [];
    const core = takeCore({ clockStands: false, wake: () => void woken.push("first") });
    giveBack(core);
    core.onWake();
    expect(woken).toEqual([]);
  });
});

describe("what is kept", () => {
  test("is 64 cores at most", () => {
    withNoneIdle(() => {
      const cores = Array.from({ length: 80 }, () => createCore());
      for (const core of cores) giveBack(core);
      const taken = cores.map(() => takeCore(SOME));
      expect(taken.filter((core) => cores.includes(core))).toHaveLength(64);
    });
  });

  test("is no core whose tables have grown large", () => {
    withNoneIdle(() => {
      const [small, large] = [createCore(), createCore()];
      for (let count = 0; count < 1500; count++) small.callAt(count);
      for (let count = 0; count < 10_000; count++) large.callAt(count);
      giveBack(small);
      giveBack(large);
      expect(takeCore(SOME)).toBe(small);
      expect(takeCore(SOME)).not.toBe(large);
    });
  });
});

// The ready queue: order, growth, and what takes entries out of it.

import { describe, expect, test } from "vitest";
import { NONE, OP_FINISH, OP_NONE, PARKED_CANCELLED } from "../../../src/core/abi.ts";
import { countersOf, drain, implementations, parkTask, readyOf, slotOf, turn, unfinishedOf } from "./support.ts";
import type { InspectedCore as Core } from "./inspected.ts";

/** The wasm core begins with 1024 slots and a ring of twice as many entries. */
const RING = 2048;

/** Makes `count` callbacks. Returns how they will show when they run. */
function queue(core: Core, count: number): string[] {
  return Array.from({ length: count }, () => `callback ${slotOf(core.callSoon())}`);
}

/** Runs entries until the ring's first place is `offset`. */
function rotate(core: Core, offset: number): void {
  for (let left = offset; left > 0; left -= 512) {
    queue(core, Math.min(left, 512));
    drain(core);
  }
}

describe.each(implementations)("the ready queue of the %s", (_, create) => {
  test("runs entries in the order in which they came", () => {
    const core = create();
    const [callback, task, other] = [core.callSoon(), core.spawn(), core.callSoon()];
    const expected = [`callback ${slotOf(callback)}`, `step ${slotOf(task)}`, `callback ${slotOf(other)}`];
    expect(readyOf(core)).toEqual(expected);
    expect(turn(core)).toEqual(expected);
    expect(readyOf(core)).toEqual([]);
  });

  test.each([0, 1, 1023, 1024, 1025, 1536, RING - 2, RING - 1])(
    "keeps its order when it grows with its first entry at place %i",
    (offset) => {
      const core = create();
      rotate(core, offset);
      const expected = queue(core, 5000);
      expect(readyOf(core)).toEqual(expected);
      expect(turn(core)).toEqual(expected);
    },
  );

  test.each([0, 1, 1024, RING - 1])("has room for two entries a slot with its first at place %i", (offset) => {
    const core = create();
    rotate(core, offset);
    const sleepers = Array.from({ length: 1024 }, () => parkTask(core, () => core.sleep(1)));
    core.advance(2, 0); // each sleeper's timer is in the queue...
    for (const sleeper of sleepers) core.cancelTask(sleeper); // ...and its step behind it
    expect(countersOf(core).readyCount).toBe(RING);
    expect(drain(core)).toEqual(sleepers.map((sleeper) => `wait cancelled ${slotOf(sleeper)}`));
  });

  test("is not filled by eager tasks that end in a wait that was cancelled at once", () => {
    const core = create();
    const expected = queue(core, 3);
    for (let count = 0; count < 3 * RING; count++) {
      const task = core.spawnEager();
      const outer = core.enter(task);
      core.cancelTask(task);
      expect(core.sleep(1)).toBe(PARKED_CANCELLED);
      core.exit(outer, OP_FINISH);
    }
    expect(readyOf(core)).toEqual(expected);
    expect(turn(core)).toEqual(expected);
  });

  test("forgets the entry of a task that ends while it is queued, and keeps the others in order", () => {
    const core = create();
    rotate(core, RING - 3);
    const before = queue(core, 4);
    const future = core.openFuture();
    const task = core.spawnEager();
    core.enter(task);
    core.awaitFuture(future);
    core.settleFuture(future);
    const behind = queue(core, 4);
    expect(readyOf(core)).toEqual([...before, `step ${slotOf(task)}`, ...behind]);
    core.exit(NONE, OP_FINISH);
    expect(readyOf(core)).toEqual([...before, ...behind]);
  });

  test("takes a forgotten entry off the iteration that it belongs to", () => {
    const core = create();
    const task = core.spawnEager();
    core.enter(task);
    core.cancelTask(task);
    core.sleep(1);
    const [callback] = queue(core, 1);
    core.advance(0, 0); // the iteration has the task's step and the callback
    expect(unfinishedOf(core)).toBe(2);
    core.exit(NONE, OP_FINISH);
    expect(unfinishedOf(core)).toBe(1);
    const later = core.callSoon();
    core.interrupt();
    expect(drain(core)).toEqual([callback]);
    expect(readyOf(core)).toEqual([`callback ${slotOf(later)}`]);
  });

  test("leaves a dropped handle in its place until its turn comes", () => {
    const core = create();
    const [first, second] = [core.callSoon(), core.callSoon()];
    core.cancelHandle(first);
    expect(countersOf(core)).toMatchObject({ readyCount: 2, slotCount: 2 });
    expect(turn(core)).toEqual([`callback ${slotOf(second)}`]);
    expect(countersOf(core)).toMatchObject({ readyCount: 0, slotCount: 0, decisions: 2 });
    expect(core.next(OP_NONE)).toBeLessThan(0);
  });
});

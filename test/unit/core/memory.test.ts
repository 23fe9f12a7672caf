// Memory: how much the core takes, that running out of it changes nothing, and that tables survive being moved.
//
// Only the core in wasm has memory, so only that is tested here. Its state after a refusal: random-operations.ts
// compares that.

import { describe, expect, test } from "vitest";
import { CONTAINER_FIFO, E_NO_MEMORY, NONE, OP_FINISH, OP_NONE, PARKED } from "../../../src/core/abi.ts";
import { containerCountOf, countersOf, drain, parkTask, runTask, slotOf, snapshot, stateOf, turn } from "./support.ts";
import { type InspectedCore as Core, createInspected as createCore } from "./inspected.ts";

const MIB = 2 ** 20;
const PAGE_BYTES = 65_536;
const MILLION = 1_000_000;

test("a core begins with at most 1 MiB", () => {
  expect(countersOf(createCore()).memoryBytes).toBeLessThanOrEqual(MIB);
});

test("1,000,000 sleeping tasks and 1,000,000 timers fit in 256 MiB", { timeout: 60_000 }, () => {
  const core = createCore();
  for (let count = 0; count < MILLION; count++) {
    const task = core.spawnEager();
    core.enter(task);
    core.sleep(count);
    core.exit(NONE, OP_NONE);
  }
  for (let count = 0; count < MILLION; count++) core.callAt(count);
  const { slotCount, timerCount, memoryBytes } = countersOf(core);
  expect([slotCount, timerCount]).toEqual([2 * MILLION, 2 * MILLION]);
  console.info(`2,000,000 slots and timers: ${(memoryBytes / MIB).toFixed(1)} MiB`);
  expect(memoryBytes).toBeLessThanOrEqual(256 * MIB);

  // All of them at once: each sleeper is in the ready queue twice over, once behind the other.
  core.advance(MILLION, 0);
  for (let task = 0; task < MILLION; task++) core.cancelTask(task);
  expect(countersOf(core)).toMatchObject({ readyCount: 3 * MILLION, memoryBytes });
});

test("a core that is emptied takes no more memory when it is filled again", () => {
  const core = createCore();
  const sizes = new Set<number>();
  for (let round = 0; round < 5; round++) {
    for (let count = 0; count < 5000; count++) parkTask(core, () => core.sleep(count % 10));
    const containers = Array.from({ length: 100 }, () => core.createContainer(CONTAINER_FIFO, 0));
    for (const container of containers) for (let count = 0; count < 100; count++) core.put(container, 0);
    sizes.add(countersOf(core).memoryBytes);
    for (const container of containers) core.destroyContainer(container);
    core.advance(10, 0);
    drain(core);
    expect(countersOf(core)).toMatchObject({ slotCount: 0, timerCount: 0, readyCount: 0 });
  }
  expect(sizes.size).toBe(1);
});

describe("when memory is used up", () => {
  /** A core whose slots are all taken by a join and futures. */
  function withoutSlots(): { core: Core; join: number; futures: number[] } {
    const core = createCore({ limitPages: 2 });
    const join = core.openJoin();
    core.cancelHandle(core.callAt(1)); // so that the timer heap has got its room
    core.nextDeadline();
    return { core, join, futures: exhaust(core, () => core.openFuture()) };
  }

  /** A core whose timer heap is full, with slots left. */
  function withoutTimers(): { core: Core; timers: number[] } {
    const core = createCore({ limitPages: 2 });
    return { core, timers: exhaust(core, () => core.callAt(1)) };
  }

  /** Calls until memory is refused. Returns what the calls gave. */
  function exhaust(core: Core, call: () => number): number[] {
    const results: number[] = [];
    for (let result = call(); result !== E_NO_MEMORY; result = call()) results.push(result);
    expectRefused(core, call);
    return results;
  }

  /** Expects that a call is refused for want of memory, and that this changes nothing. */
  function expectRefused(core: Core, call: () => number): void {
    const before = [snapshot(core), core.inspection.counters()];
    for (let count = 0; count < 3; count++) expect(call()).toBe(E_NO_MEMORY);
    expect([snapshot(core), core.inspection.counters()]).toEqual(before);
  }

  test.each<[string, (core: Core, future: number, join: number) => number]>([
    ["callSoon", (core) => core.callSoon()],
    ["callAt", (core) => core.callAt(1)],
    ["spawn", (core) => core.spawn()],
    ["spawnEager", (core) => core.spawnEager()],
    ["openFuture", (core) => core.openFuture()],
    ["openList", (core) => core.openList()],
    ["openJoin", (core) => core.openJoin()],
    ["openSource", (core) => core.openSource()],
    ["join", (core, future, join) => core.join(join, future)],
    ["join, of one that is done,", (core, _future, join) => core.join(join, NONE)],
    ["subscribe", (core, future) => core.subscribe(future, false)],
  ])("%s is refused as long as no slot is free", (_name, call) => {
    const { core, futures, join } = withoutSlots();
    expect(futures).toHaveLength(1023);
    expectRefused(core, () => call(core, futures[0], join));
    core.settleFuture(futures[7]);
    expect(slotOf(call(core, futures[0], join))).toBe(slotOf(futures[7]));
    expectRefused(core, () => call(core, futures[0], join));
  });

  test("callAt and sleep are refused as long as the heap is full", () => {
    const { core, timers } = withoutTimers();
    const task = runTask(core);
    expectRefused(core, () => core.callAt(1));
    expectRefused(core, () => core.sleep(1));
    expect(stateOf(core, task)).toBe("running");
    core.cancelHandle(timers[0]);
    expect(core.nextDeadline()).toBe(1); // drops it from the head
    expect(core.sleep(1)).toBe(PARKED);
    core.exit(NONE, OP_NONE);
    expectRefused(core, () => core.callAt(1));
    expect(turn(core, 1)).toEqual(timers.slice(1).map((id) => `timer ${slotOf(id)}`));
    expect(turn(core, 1)).toEqual([`step ${slotOf(task)}`]);
  });

  test("createContainer is refused until one is destroyed", () => {
    const core = createCore({ limitPages: 2 });
    const containers = exhaust(core, () => core.createContainer(CONTAINER_FIFO, 0));
    core.destroyContainer(containers[3]);
    expect(core.createContainer(CONTAINER_FIFO, 0)).toBe(containers[3]);
    expectRefused(core, () => core.createContainer(CONTAINER_FIFO, 0));
  });

  test("put and reserveCell are refused, and what is in the container stays in order", () => {
    const core = createCore({ limitPages: 3 });
    const container = core.createContainer(CONTAINER_FIFO, 0);
    const other = core.createContainer(CONTAINER_FIFO, 0);
    const cells = exhaust(core, () => core.put(container, 0));
    expectRefused(core, () => core.reserveCell(container));
    expect(containerCountOf(core, container)).toBe(cells.length);
    expect(core.take(container)).toBe(cells[0]);
    expect(core.put(container, 0)).toBe(cells[0]);
    expectRefused(core, () => core.put(container, 0));
    expect(cells.map(() => core.take(container))).toEqual([...cells.slice(1), cells[0]]);
    core.destroyContainer(container);
    expect(core.put(other, 0)).toBe(0);
  });

  test("what is there still runs, wakes and ends", () => {
    const core = createCore({ limitPages: 2 });
    const list = core.openList();
    for (let count = 0; count < 200; count++) parkTask(core, () => core.park(list));
    exhaust(core, () => core.spawn());
    core.wakeWaiting(list, 200);
    const steps = 1023;
    expect(turn(core, 0, (slot) => (slot <= 200 ? void core.leave() : OP_FINISH))).toHaveLength(steps);
    expect(countersOf(core)).toMatchObject({ slotCount: 0, readyCount: 0, decisions: steps });
  });

  test("memory stays within its limit", () => {
    for (const limitPages of [2, 3, 7, 20]) {
      const core = createCore({ limitPages });
      const container = core.createContainer(CONTAINER_FIFO, 0);
      for (let count = 0; count < 20_000; count++) {
        core.callAt(count);
        core.callSoon();
        core.put(container, 0);
      }
      expect(countersOf(core).memoryBytes).toBe(limitPages * PAGE_BYTES);
    }
  });
});

describe("the heap of an inspection", () => {
  /** Calls whose results are as large as they can be. */
  const CALLS: [name: string, call: (core: Core) => unknown][] = [
    ["dumpSlots", (core) => core.inspection.dumpSlots(0)],
    ["dumpReady", (core) => core.inspection.dumpReady(0)],
    ["dumpTimers", (core) => core.inspection.dumpTimers(0)],
    ["counters", (core) => core.inspection.counters()],
    ["digestText", (core) => core.inspection.digestText()],
  ];

  test.each(CALLS)("takes no memory and no table for %s", (_name, call) => {
    const core = createCore();
    for (let count = 0; count < 1000; count++) core.callSoon();
    for (let count = 0; count < 1000; count++) core.callAt(count);
    const container = core.createContainer(CONTAINER_FIFO, 0);
    const cells = Array.from({ length: 1000 }, () => core.put(container, 0));
    const before = [snapshot(core), core.inspection.counters()];
    for (let count = 0; count < 1000; count++) call(core);
    expect([snapshot(core), core.inspection.counters()]).toEqual(before);
    expect(cells.map(() => core.take(container))).toEqual(cells);
  });

  test("holds what the largest page takes twice over", () => {
    const core = createCore();
    for (let count = 0; count < 1000; count++) core.callSoon();
    core.inspection.dumpSlots(0);
    const { __new: allocate } = core.wasm.instance.exports as { __new(bytes: number, id: number): number };
    const behind = allocate(0, 0);
    expect(2 * behind).toBeLessThan(PAGE_BYTES);
  });
});

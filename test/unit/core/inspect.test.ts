// Inspection: counters, and dumps in pages.

import { describe, expect, test } from "vitest";
import { OP_FINISH } from "../../../src/core/abi.ts";
import {
  countersOf,
  implementations,
  parkTask,
  readyOf,
  runTask,
  slotOf,
  slotsOf,
  snapshot,
  timersOf,
  turn,
} from "./support.ts";

const PAGE = 256;

describe.each(implementations)("the inspection of the %s", (_, create) => {
  test("counts", () => {
    const core = create();
    expect(countersOf(core)).toMatchObject({ iterations: 0, decisions: 0, slotCount: 0, readyCount: 0, timerCount: 0 });
    core.spawn();
    core.callSoon();
    core.callAt(5);
    core.cancelHandle(core.callAt(6));
    expect(countersOf(core)).toMatchObject({ slotCount: 3, readyCount: 2, timerCount: 2, deadTimerCount: 1 });
    turn(core);
    expect(countersOf(core)).toMatchObject({ iterations: 1, decisions: 2, slotCount: 1, readyCount: 0 });
  });

  test("shows every slot in use", () => {
    const core = create();
    const list = core.openList();
    const future = core.openFuture();
    const waiter = parkTask(core, () => core.park(list));
    const callback = core.subscribe(future, false);
    const join = core.openJoin();
    const member = core.join(join, future);
    core.cancelHandle(core.callAt(1));
    const timer = core.callAt(2);
    const task = runTask(core);
    core.cancelTask(task);
    const dropped = core.callSoon();
    core.cancelHandle(dropped);
    const source = core.openSource();
    const posted = core.openSource();
    core.post(posted);
    expect(slotsOf(core)).toEqual([
      { id: list, kind: "waiter list", state: "pending", owner: -1, count: 1 },
      { id: future, kind: "future", state: "pending", owner: -1, count: 0 },
      { id: waiter, kind: "task", state: "waiting", owner: slotOf(list), count: 0 },
      { id: callback, kind: "done-callback", state: "subscribed", owner: slotOf(future), count: 0 },
      { id: join, kind: "join", state: "pending", owner: -1, count: 1 },
      { id: member, kind: "done-callback", state: "subscribed", owner: slotOf(future), count: 0 },
      { id: timer, kind: "timer", state: "armed", owner: -1, count: 0 },
      { id: task, kind: "task", state: "running", owner: -1, count: 1 },
      { id: dropped, kind: "callback", state: "dropped", owner: -1, count: 0 },
      { id: source, kind: "source", state: "pending", owner: -1, count: 0 },
      { id: posted, kind: "source", state: "posted", owner: -1, count: 0 },
    ]);
  });

  test.each([0, 1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 1000])("gives %i rows in pages", (count) => {
    const core = create();
    for (let index = 0; index < count; index++) core.callSoon();
    for (let index = 0; index < count; index++) core.callAt(index);
    expect(core.inspection.dumpReady(0)).toHaveLength(Math.min(count, PAGE));
    expect(core.inspection.dumpTimers(0)).toHaveLength(2 * Math.min(count, PAGE));
    expect(core.inspection.dumpSlots(0)).toHaveLength(5 * Math.min(2 * count, PAGE));
    expect(readyOf(core)).toEqual(Array.from({ length: count }, (_, index) => `callback ${index}`));
    expect(timersOf(core)).toEqual(Array.from({ length: count }, (_, index) => [index, count + index]));
    expect(slotsOf(core).map(({ id }) => id)).toEqual(Array.from({ length: 2 * count }, (_, index) => index));
  });

  test("gives nothing behind the end, and everything from before the start", () => {
    const core = create();
    core.callSoon();
    core.callAt(1);
    const { inspection } = core;
    const all = [inspection.dumpReady(0), inspection.dumpTimers(0), inspection.dumpSlots(0)];
    for (const from of [-1, -5, -(2 ** 31)]) {
      expect([inspection.dumpReady(from), inspection.dumpTimers(from), inspection.dumpSlots(from)]).toEqual(all);
    }
    for (const from of [2, 5000, 2 ** 31 - 1]) {
      const lengths = [inspection.dumpReady(from), inspection.dumpTimers(from), inspection.dumpSlots(from)].map(
        ({ length }) => length,
      );
      expect(lengths).toEqual([0, 0, 0]);
    }
  });

  test("skips free slots", () => {
    const core = create();
    const ids = Array.from({ length: 900 }, () => core.openFuture());
    for (const id of ids) if (slotOf(id) % 300 !== 299) core.settleFuture(id);
    expect(slotsOf(core).map(({ id }) => id)).toEqual([299, 599, 899]);
  });

  test("changes nothing", () => {
    const core = create();
    for (let index = 0; index < 300; index++) parkTask(core, () => core.sleep(index));
    const before = snapshot(core);
    expect(snapshot(core)).toEqual(before);
    const task = runTask(core);
    core.exit(-1, OP_FINISH);
    expect(slotOf(task)).toBe(300);
    expect(snapshot(core)).toEqual(before);
  });
});

// Slots and ids: reuse, generations, and that a stale id is refused everywhere.

import { describe, expect, test } from "vitest";
import { E_KIND, E_STALE, GENERATION_MAX, NONE, OP_FINISH, SLOT_BITS } from "../../../src/core/abi.ts";
import { countersOf, implementations, runTask, slotOf, slotsOf, snapshot, turn } from "./support.ts";
import type { InspectedCore as Core } from "./inspected.ts";

/** Every call that takes an id. */
const CALLS: Record<string, (core: Core, id: number) => number> = {
  cancelHandle: (core, id) => core.cancelHandle(id),
  enter: (core, id) => core.enter(id),
  cancelTask: (core, id) => core.cancelTask(id),
  leaveFuture: (core, id) => core.leaveFuture(id),
  requireCancel: (core, id) => core.requireCancel(id),
  clearCancel: (core, id) => core.clearCancel(id),
  mustCancel: (core, id) => core.mustCancel(id),
  uncancel: (core, id) => core.uncancel(id),
  cancelling: (core, id) => core.cancelling(id),
  settleFuture: (core, id) => core.settleFuture(id),
  awaitFuture: (core, id) => core.awaitFuture(id),
  subscribe: (core, id) => core.subscribe(id, false),
  unsubscribe: (core, id) => core.unsubscribe(id),
  firstWaiter: (core, id) => core.firstWaiter(id),
  join: (core, id) => core.join(id, NONE),
  memberCount: (core, id) => core.memberCount(id),
  firstMember: (core, id) => core.firstMember(id),
  park: (core, id) => core.park(id),
  wakeFirst: (core, id) => core.wakeFirst(id),
  wakeWaiting: (core, id) => core.wakeWaiting(id, 1),
  wakeAndRemove: (core, id) => core.wakeAndRemove(id),
  waiterCount: (core, id) => core.waiterCount(id),
  liveWaiterCount: (core, id) => core.liveWaiterCount(id),
  post: (core, id) => core.post(id),
  closeSource: (core, id) => core.closeSource(id),
};

/** What the calls take: all others are refused with E_KIND. */
const ACCEPTED: Record<string, string[]> = {
  task: [
    "enter",
    "cancelTask",
    "leaveFuture",
    "requireCancel",
    "clearCancel",
    "mustCancel",
    "uncancel",
    "cancelling",
    "awaitFuture",
    "subscribe",
    "firstWaiter",
  ],
  callback: ["cancelHandle"],
  timer: ["cancelHandle"],
  "done-callback": ["unsubscribe"],
  member: [],
  join: ["join", "memberCount", "firstMember"],
  future: ["settleFuture", "awaitFuture", "subscribe", "firstWaiter"],
  "waiter list": ["firstWaiter", "park", "wakeFirst", "wakeWaiting", "wakeAndRemove", "waiterCount", "liveWaiterCount"],
  source: ["post", "closeSource"],
};

const MAKERS: Record<string, (core: Core) => number> = {
  task: (core) => core.spawn(),
  callback: (core) => core.callSoon(),
  timer: (core) => core.callAt(1),
  "done-callback": (core) => core.subscribe(core.openFuture(), false),
  member: (core) => core.join(core.openJoin(), core.openFuture()), // a slot, which is the id of its first life
  join: (core) => core.openJoin(),
  future: (core) => core.openFuture(),
  "waiter list": (core) => core.openList(),
  source: (core) => core.openSource(),
};

describe.each(implementations)("the slots of the %s", (_, create) => {
  test("are given out from 0 on, and the last one freed comes first", () => {
    const core = create();
    const ids = [core.callAt(1), core.callAt(2), core.callAt(3), core.callAt(4)];
    expect(ids).toEqual([0, 1, 2, 3]);
    for (const id of [ids[2], ids[0], ids[3]]) core.cancelHandle(id);
    expect([core.spawn(), core.openList(), core.callSoon(), core.openFuture()].map(slotOf)).toEqual([3, 0, 2, 4]);
  });

  test("count their lives in the id", () => {
    const core = create();
    for (let life = 0; life <= GENERATION_MAX; life++) {
      const id = core.callAt(1);
      expect(id).toBe(life << SLOT_BITS);
      core.cancelHandle(id);
    }
  });

  test("begin again at the first id after 128 lives: an id that old is taken for the new one", () => {
    const core = create();
    const old = core.callAt(1);
    core.cancelHandle(old);
    for (let life = 1; life <= GENERATION_MAX; life++) {
      const id = core.callAt(1);
      expect(core.cancelHandle(old)).toBe(E_STALE);
      core.cancelHandle(id);
    }
    const task = core.spawn();
    expect(task).toBe(old);
    expect(core.cancelHandle(old)).toBe(E_KIND);
  });

  test("keep what they hold when there are more of them", () => {
    const core = create();
    const ids = Array.from({ length: 20_000 }, (_, index) =>
      index % 2 === 0 ? core.openFuture() : core.callAt(index),
    );
    expect(slotsOf(core).map(({ id }) => id)).toEqual(ids);
    for (const id of ids) expect(slotOf(id) % 2 === 0 ? core.settleFuture(id) : core.cancelHandle(id)).toBe(0);
    expect(countersOf(core).slotCount).toBe(0);
  });

  test("are free as soon as a callback is handed out", () => {
    const core = create();
    const future = core.openFuture();
    core.subscribe(future, false);
    core.settleFuture(future);
    core.callSoon();
    core.callAt(0);
    const inUse: number[] = [];
    turn(core, 1, () => void inUse.push(countersOf(core).slotCount));
    expect(inUse).toEqual([2, 1, 0]);
  });

  describe.each(Object.entries(CALLS))("are refused by %s", (name, call) => {
    test("when the id was never given out", () => {
      const core = create();
      core.spawn();
      runTask(core);
      const before = snapshot(core);
      for (const id of [2, 1023, 1024, 1 << SLOT_BITS, 2 ** 31 - 1, NONE, -2, -(2 ** 31)]) {
        expect(call(core, id)).toBe(E_STALE);
      }
      expect(snapshot(core)).toEqual(before);
    });

    test("when the id is of an earlier life", () => {
      const core = create();
      const stale = core.callAt(1);
      core.cancelHandle(stale);
      expect(call(core, stale)).toBe(E_STALE);
      for (const make of Object.values(MAKERS)) make(core);
      runTask(core);
      const before = snapshot(core);
      expect(call(core, stale)).toBe(E_STALE);
      expect(snapshot(core)).toEqual(before);
    });

    test("when they are of another kind", () => {
      for (const [kind, make] of Object.entries(MAKERS)) {
        if (ACCEPTED[kind].includes(name)) continue;
        const core = create();
        const id = make(core);
        runTask(core);
        const before = snapshot(core);
        expect(call(core, id)).toBe(E_KIND);
        expect(snapshot(core)).toEqual(before);
      }
    });
  });

  test.each<[string, (core: Core) => number, (core: Core, id: number) => number]>([
    ["a timer that is cancelled", MAKERS.timer, (core, id) => core.cancelHandle(id)],
    ["a future that is settled", MAKERS.future, (core, id) => core.settleFuture(id)],
    ["a source that is closed", MAKERS.source, (core, id) => core.closeSource(id)],
    ["a callback that is taken off", MAKERS["done-callback"], (core, id) => core.unsubscribe(id)],
  ])("are not given back twice: %s", (_name, make, free) => {
    const core = create();
    const id = make(core);
    expect(free(core, id)).toBe(0);
    const before = snapshot(core);
    expect(free(core, id)).toBe(E_STALE);
    expect(snapshot(core)).toEqual(before);
  });

  test("are not given back twice by an eager task that is left behind itself", () => {
    const core = create();
    const task = runTask(core);
    expect(core.exit(slotOf(task), OP_FINISH)).toBe(E_STALE);
    expect(core.exit(NONE, OP_FINISH)).toBe(0);
    expect(countersOf(core).slotCount).toBe(0);
    expect([core.openFuture(), core.openFuture()].map(slotOf)).toEqual([0, 1]);
  });
});

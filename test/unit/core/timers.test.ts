// Timers: order, cancelling, compaction, renumbering.

import { describe, expect, test } from "vitest";
import { E_NOT_A_NUMBER, OP_NONE, PARKED } from "../../../src/core/abi.ts";
import { Random } from "../../support/random.ts";
import { countersOf, drain, implementations, parkTask, readyOf, runTask, slotOf, timersOf, turn } from "./support.ts";
import type { InspectedCore as Core } from "./inspected.ts";

/** Arms a timer for each deadline. Returns their ids. */
function arm(core: Core, deadlines: number[]): number[] {
  return deadlines.map((deadline) => core.callAt(deadline));
}

function fired(ids: number[]): string[] {
  return ids.map((id) => `timer ${slotOf(id)}`);
}

/** 0 to `count` - 1 in a fixed, scattered order; `count` must not be a multiple of 7919. */
function scattered(count: number): number[] {
  return Array.from({ length: count }, (_, index) => (index * 7919) % count);
}

describe.each(implementations)("the timers of the %s", (_, create) => {
  test.each([2, 3, 4, 5, 6, 17, 1000])(
    "fire in the order they were made in when %i have the same deadline",
    (count) => {
      const core = create();
      const ids = arm(core, Array(count).fill(1));
      expect(turn(core, 2)).toEqual(fired(ids));
    },
  );

  test("fire by deadline, and by age where deadlines are equal", () => {
    const core = create();
    const deadlines = scattered(3000).map((number) => number >> 2);
    const ids = arm(core, deadlines);
    const order = Array.from(ids.keys()).sort((a, b) => deadlines[a] - deadlines[b] || a - b);
    expect(turn(core, Infinity)).toEqual(fired(order.map((index) => ids[index])));
  });

  // Some are sorted by the thousand, some one by one, and some belong behind all others: whatever way they take, they
  // fire by deadline and age.
  test.each<[title: string, deadlineAt: (index: number, now: number, random: Random) => number]>([
    ["scattered near the time", (_, now, random) => now + random.below(40)],
    ["of one length", (_, now) => now + 30],
    ["of four lengths", (index, now) => now + [1, 5, 30, 200][index % 4]],
    ["far away first, and then near", (index, now) => now + (index % 1000 === 0 ? 10_000 : index % 7)],
    ["falling", (index, now) => now + 5000 - (index % 5000)],
    ["equal", () => 700],
    ["in the past", (index, now) => now - (index % 50)],
  ])("fire by deadline and age, some of them cancelled, when they are %s", (_, deadlineAt) => {
    const core = create();
    const random = new Random(1, 0);
    let waiting: { id: number; deadline: number; age: number }[] = [];
    let age = 0;
    for (let now = 0; now < 400; now += 10) {
      const count = random.pick([3, 1, 700, 40, 0, 2000]);
      for (let index = 0; index < count; index++, age++) {
        const deadline = deadlineAt(age, now, random);
        waiting.push({ id: core.callAt(deadline), deadline, age });
        if (random.chance(1)) core.nextDeadline(); // somebody looks in between
      }
      waiting = waiting.filter(({ id }) => random.chance(70) || core.cancelHandle(id) !== 0);
      const due = waiting.filter(({ deadline }) => deadline <= now);
      due.sort((a, b) => a.deadline - b.deadline || a.age - b.age);
      expect(turn(core, now)).toEqual(fired(due.map(({ id }) => id)));
      waiting = waiting.filter(({ deadline }) => deadline > now);
      expect(countersOf(core).timerCount - countersOf(core).deadTimerCount).toBe(waiting.length);
    }
    waiting.sort((a, b) => a.deadline - b.deadline || a.age - b.age);
    expect(turn(core, Infinity)).toEqual(fired(waiting.map(({ id }) => id)));
    expect(countersOf(core)).toMatchObject({ timerCount: 0, deadTimerCount: 0, slotCount: 0 });
  });

  test("may have any deadline that is a number", () => {
    const core = create();
    const deadlines = [1e308, 0.5, -0, 5e-324, -1e308, 0, -5e-324, -Infinity, -2, Number.MAX_VALUE];
    const ids = arm(core, deadlines);
    const [e308, half, minusZero, tiny, minusE308, zero, minusTiny, minusInfinity, minusTwo, max] = ids;
    expect(turn(core, Infinity)).toEqual(
      fired([minusInfinity, minusE308, minusTwo, minusTiny, minusZero, zero, tiny, half, e308, max]),
    );
  });

  test("at Infinity are never due", () => {
    const core = create();
    core.callAt(Infinity);
    expect(core.nextDeadline()).toBe(Infinity);
    expect(turn(core, Number.MAX_VALUE)).toEqual([]);
    core.advance(0, Infinity);
    expect(drain(core)).toEqual([]);
    expect(countersOf(core).timerCount).toBe(1);
  });

  test("are refused a deadline that is not a number", () => {
    const core = create();
    expect(core.callAt(NaN)).toBe(E_NOT_A_NUMBER);
    runTask(core);
    expect(core.sleep(NaN)).toBe(E_NOT_A_NUMBER);
    expect(countersOf(core)).toMatchObject({ timerCount: 0, slotCount: 1 });
  });

  test.each<[now: number, resolution: number, due: boolean]>([
    [1, 0, true],
    [1, -1, true],
    [0.9999999999999999, 0, false],
    [0.5, 0.5, false],
    [0.5, 0.5000000000000002, true],
    [0, Infinity, true],
    [Infinity, 0, true],
    [-Infinity, 0, false],
    [NaN, 0, false],
    [1, NaN, false],
    [Infinity, -Infinity, false],
  ])("with the deadline 1: at time %d, by a clock of resolution %d, being due is %s", (now, resolution, due) => {
    const core = create();
    const ids = arm(core, [1]);
    core.advance(now, resolution);
    expect(drain(core)).toEqual(due ? fired(ids) : []);
  });

  test("are due at their deadline even when the clock's resolution is lost beside the time", () => {
    const core = create();
    const ids = arm(core, [2 ** 53]);
    core.advance(2 ** 53, 1e-9);
    expect(drain(core)).toEqual(fired(ids));
  });

  test("treat -0 as 0", () => {
    const core = create();
    const ids = arm(core, [-0, 0]);
    expect(core.nextDeadline()).toBe(0);
    expect(turn(core, -5e-324)).toEqual([]);
    expect(turn(core, -0)).toEqual(fired(ids));
  });

  test("run behind what is ready, in the same iteration", () => {
    const core = create();
    const [timer] = arm(core, [0]);
    const callback = core.callSoon();
    expect(turn(core, 1)).toEqual([`callback ${slotOf(callback)}`, ...fired([timer])]);
  });

  test("that are made for the past in an iteration wait for the next one", () => {
    const core = create();
    core.callSoon();
    expect(turn(core, 1, () => void core.callAt(0))).toEqual(["callback 0"]);
    expect(turn(core, 1)).toEqual(["timer 0"]);
  });

  test("tell the earliest deadline that is not cancelled", () => {
    const core = create();
    const [first, second] = arm(core, [1, 2, 3]);
    expect(core.nextDeadline()).toBe(1);
    core.cancelHandle(first);
    expect(core.nextDeadline()).toBe(2);
    core.cancelHandle(second);
    core.callAt(-1);
    expect(core.nextDeadline()).toBe(-1);
  });

  describe("when cancelled", () => {
    test("do not fire, and give their slot back at once", () => {
      const core = create();
      const ids = arm(core, [1, 2, 3]);
      expect(core.cancelHandle(ids[1])).toBe(0);
      expect(countersOf(core)).toMatchObject({ slotCount: 2, timerCount: 3, deadTimerCount: 1 });
      expect(turn(core, 9)).toEqual(fired([ids[0], ids[2]]));
      expect(countersOf(core)).toMatchObject({ slotCount: 0, timerCount: 0, deadTimerCount: 0 });
    });

    test("do not disturb a later timer in the same slot", () => {
      const core = create();
      const [early] = arm(core, [1]);
      core.cancelHandle(early);
      const late = core.callAt(5);
      expect(slotOf(late)).toBe(slotOf(early));
      expect(turn(core, 3)).toEqual([]);
      expect(turn(core, 9)).toEqual(fired([late]));
    });

    test("are dropped from the head of a small heap only", () => {
      const core = create();
      const ids = arm(core, [1, 2, 3, 4, 5]);
      for (const index of [0, 1, 3]) core.cancelHandle(ids[index]);
      turn(core);
      expect(countersOf(core)).toMatchObject({ timerCount: 3, deadTimerCount: 1 });
      expect(timersOf(core)).toEqual([
        [3, slotOf(ids[2])],
        [4, -1],
        [5, slotOf(ids[4])],
      ]);
    });

    // asyncio: a heap of over 100 of which more than half are cancelled.
    test.each([
      { timers: 100, cancelled: 60, left: 100 },
      { timers: 101, cancelled: 51, left: 50 },
      { timers: 102, cancelled: 51, left: 102 },
      { timers: 102, cancelled: 52, left: 50 },
      { timers: 101, cancelled: 50, left: 101 },
      { timers: 5000, cancelled: 2501, left: 2499 },
      { timers: 1000, cancelled: 1000, left: 0 },
    ])("are compacted away as in asyncio: $cancelled of $timers leave $left", ({ timers, cancelled, left }) => {
      const core = create();
      const ids = arm(core, scattered(timers));
      // The first to fire stays, so that none is dropped at the head.
      const first = scattered(timers).indexOf(0);
      const victims = ids.filter((_, index) => index !== first || cancelled === timers).slice(-cancelled);
      for (const id of victims) core.cancelHandle(id);
      expect(countersOf(core)).toMatchObject({ timerCount: timers, deadTimerCount: cancelled });
      turn(core, -1);
      const compacted = left < timers;
      expect(countersOf(core)).toMatchObject({ timerCount: left, deadTimerCount: compacted ? 0 : cancelled });
      const live = scattered(timers)
        .map((deadline, index) => ({ deadline, id: ids[index] }))
        .filter(({ id }) => !victims.includes(id))
        .sort((a, b) => a.deadline - b.deadline);
      expect(turn(core, Infinity)).toEqual(fired(live.map(({ id }) => id)));
    });

    test("in the ready queue are skipped, and do not count as cancelled timers", () => {
      const core = create();
      const [first, second] = arm(core, [1, 1]);
      core.advance(2, 0);
      core.cancelHandle(second);
      expect(countersOf(core).deadTimerCount).toBe(0);
      expect(drain(core)).toEqual(fired([first]));
      expect(countersOf(core).slotCount).toBe(0);
    });
  });

  describe("of sleepers", () => {
    test("make the task step one iteration after the timer's", () => {
      const core = create();
      const task = parkTask(core, () => core.sleep(1));
      expect(turn(core, 0.5)).toEqual([]);
      expect(turn(core, 2)).toEqual([]);
      expect(readyOf(core)).toEqual([`step ${slotOf(task)}`]);
      expect(turn(core, 2)).toEqual([`step ${slotOf(task)}`]);
    });

    test("fire in one order with the handles'", () => {
      const core = create();
      const a = parkTask(core, () => core.sleep(1));
      const handle = core.callAt(1);
      const b = parkTask(core, () => core.sleep(0.5));
      core.advance(2, 0);
      expect(readyOf(core)).toEqual([`wait cancelled ${slotOf(b)}`, `wait cancelled ${slotOf(a)}`, ...fired([handle])]);
      expect(drain(core)).toEqual([...fired([handle]), `step ${slotOf(b)}`, `step ${slotOf(a)}`]);
    });

    test("are dropped when the task is cancelled", () => {
      const core = create();
      const task = parkTask(core, () => core.sleep(1));
      core.cancelTask(task);
      expect(countersOf(core)).toMatchObject({ timerCount: 1, deadTimerCount: 1 });
      expect(turn(core, 2)).toEqual([`wait cancelled ${slotOf(task)}`]);
      expect(countersOf(core)).toMatchObject({ timerCount: 0, deadTimerCount: 0, readyCount: 0 });
    });

    test("do not wake a sleep that the task began after it was cancelled", () => {
      const core = create();
      const task = parkTask(core, () => core.sleep(1));
      core.advance(2, 0); // the sleeper is in the queue
      core.cancelTask(task);
      const ran = drain(core, () => {
        expect(core.sleep(10)).toBe(PARKED);
        return OP_NONE;
      });
      expect(ran).toEqual([`wait cancelled ${slotOf(task)}`]);
      expect(turn(core, 9)).toEqual([]);
      turn(core, 11);
      expect(turn(core, 11)).toEqual([`step ${slotOf(task)}`]);
    });
  });

  test("keep their order when the sequences start again", () => {
    const core = create({ firstSequence: 2 ** 40 - 500 });
    const deadlines = scattered(1000).map((number) => number >> 5);
    const ids = arm(core, deadlines);
    const cancelled = new Set(ids.filter((_, index) => index % 3 === 0));
    for (const id of cancelled) core.cancelHandle(id);
    ids.push(...arm(core, deadlines));
    const all = [...deadlines, ...deadlines];
    const order = Array.from(ids.keys())
      .filter((index) => !cancelled.has(ids[index]))
      .sort((a, b) => all[a] - all[b] || a - b);
    expect(turn(core, Infinity)).toEqual(fired(order.map((index) => ids[index])));
  });

  test("that are cancelled are dropped when the sequences start again", () => {
    const core = create({ firstSequence: 2 ** 40 - 3 });
    const [, cancelled] = arm(core, [1, 2, 3]);
    core.cancelHandle(cancelled);
    expect(countersOf(core)).toMatchObject({ timerCount: 3, deadTimerCount: 1 });
    arm(core, [4]);
    expect(countersOf(core)).toMatchObject({ timerCount: 3, deadTimerCount: 0 });
  });

  test.each([0, 1, 2, 3])("can be cancelled and fire with %i left when the sequences start again", (left) => {
    const core = create({ firstSequence: 2 ** 40 - 4 + left });
    const before = arm(core, [3, 1, 2, 1].slice(left));
    const behind = arm(core, [1, 2]);
    core.cancelHandle(behind[1]);
    if (before.length > 0) core.cancelHandle(before[0]);
    expect(countersOf(core).deadTimerCount).toBe(before.length > 0 ? 2 : 1);
    const expected = [3, 1, 2, 1]
      .slice(left)
      .map((deadline, index) => ({ deadline, id: before[index] }))
      .slice(1)
      .concat({ deadline: 1, id: behind[0] })
      .sort((a, b) => a.deadline - b.deadline);
    expect(turn(core, 9)).toEqual(fired(expected.map(({ id }) => id)));
    expect(countersOf(core)).toMatchObject({ timerCount: 0, deadTimerCount: 0, slotCount: 0 });
  });
});

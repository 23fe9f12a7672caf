// The scheduler: what belongs to an iteration, when the host is asked, eager steps.

import { describe, expect, test } from "vitest";
import {
  BOUNDARY,
  BUDGET_SPENT,
  E_NO_TASK,
  E_STALE,
  E_TRANSITION,
  NONE,
  OP_FINISH,
  OP_NONE,
  OP_YIELD,
} from "../../../src/core/abi.ts";
import {
  PLENTY,
  countersOf,
  describeEntry,
  drain,
  implementations,
  parkTask,
  readyOf,
  runTask,
  slotOf,
  stateOf,
  turn,
  unfinishedOf,
} from "./support.ts";

describe.each(implementations)("an iteration of the %s", (_, create) => {
  test("runs what was ready when it began; what comes meanwhile waits for the next", () => {
    const core = create();
    const first = core.callSoon();
    const task = core.spawn();
    const made: number[] = [];
    expect(turn(core, 0, () => void made.push(core.callSoon()))).toEqual([
      `callback ${slotOf(first)}`,
      `step ${slotOf(task)}`,
    ]);
    expect(turn(core)).toEqual(made.map((id) => `callback ${slotOf(id)}`));
  });

  test("steps a task that gives way in the next one", () => {
    const core = create();
    const [a, b] = [core.spawn(), core.spawn()];
    const steps = [`step ${slotOf(a)}`, `step ${slotOf(b)}`];
    for (let count = 0; count < 3; count++) expect(turn(core, 0, () => OP_YIELD)).toEqual(steps);
    expect(turn(core)).toEqual(steps);
    expect(turn(core)).toEqual([]);
  });

  test("takes any follow-up that is none of the known ones for giving way", () => {
    const core = create();
    core.spawn();
    expect(turn(core, 0, () => 99)).toEqual(["step 0"]);
    expect(turn(core, 0, () => -5)).toEqual(["step 0"]);
    expect(turn(core)).toEqual(["step 0"]);
  });

  test("runs what a finished task makes ready in the next one", () => {
    const core = create();
    const task = core.spawn();
    const waiter = parkTask(core, () => core.awaitFuture(task));
    expect(turn(core)).toEqual([`step ${slotOf(task)}`]);
    expect(turn(core)).toEqual([`wake ${slotOf(waiter)}`]);
  });

  test("is counted, also when it has nothing to do", () => {
    const core = create();
    turn(core);
    turn(core);
    expect(countersOf(core)).toMatchObject({ iterations: 2, decisions: 0 });
  });

  test("tells how much of it is unfinished", () => {
    const core = create();
    for (let count = 0; count < 3; count++) core.callSoon();
    expect(unfinishedOf(core)).toBe(0);
    core.advance(0, 0);
    const left = [unfinishedOf(core)];
    core.setBudget(PLENTY);
    while (core.next(OP_NONE) >= 0) left.push(unfinishedOf(core));
    expect(left).toEqual([3, 2, 1, 0]);
  });
});

describe.each(implementations)("the drive loop of the %s", (_, create) => {
  test("goes from iteration to iteration by itself while no timer is pending", () => {
    const core = create();
    const task = core.spawn();
    let yields = 5;
    core.advance(0, 0);
    expect(drain(core, () => (yields-- > 0 ? OP_YIELD : OP_FINISH))).toEqual(Array(6).fill(`step ${slotOf(task)}`));
    expect(countersOf(core)).toMatchObject({ iterations: 6, decisions: 6 });
  });

  test("begins an iteration by itself, even the first", () => {
    const core = create();
    core.callSoon();
    expect(drain(core)).toEqual(["callback 0"]);
    expect(countersOf(core).iterations).toBe(1);
  });

  test("asks for the time between iterations while a timer is pending", () => {
    const core = create();
    core.callAt(9);
    core.spawn();
    expect(turn(core, 0, () => OP_YIELD)).toHaveLength(1);
    core.advance(0, 0);
    expect(drain(core, () => OP_YIELD)).toHaveLength(1);
  });

  test("goes on beside pending timers while the clock stands still, and fires those that become due", () => {
    const core = create({ clockStands: true });
    core.callAt(9);
    const task = core.spawn();
    let yields = 3;
    core.advance(5, 0);
    const ran = drain(core, (_slot, kind) => {
      if (kind === "timer") return OP_NONE;
      if (yields === 2) core.callAt(4);
      return yields-- > 0 ? OP_YIELD : OP_FINISH;
    });
    const step = `step ${slotOf(task)}`;
    expect(ran).toEqual([step, step, step, "timer 2", step]);
    expect(core.nextDeadline()).toBe(9);
  });

  test("stops at the end of the iteration when it is interrupted", () => {
    const core = create();
    core.spawn();
    core.advance(0, 0);
    const ran = drain(core, () => {
      core.interrupt();
      return OP_YIELD;
    });
    expect(ran).toHaveLength(1);
    expect(core.next(OP_NONE)).toBe(BOUNDARY);
    core.advance(0, 0);
    expect(describeEntry(core.next(OP_NONE))).toBe("step 0");
  });

  test("stops when the budget is spent, and goes on where it stopped", () => {
    const core = create();
    const ids = [core.callSoon(), core.callSoon(), core.callSoon()];
    core.advance(0, 0);
    core.setBudget(2);
    const ran = Array.from({ length: 4 }, () => describeEntry(core.next(OP_NONE)));
    expect(ran).toEqual([`callback ${slotOf(ids[0])}`, `callback ${slotOf(ids[1])}`, "budget spent", "budget spent"]);
    core.setBudget(1);
    expect(describeEntry(core.next(OP_NONE))).toBe(`callback ${slotOf(ids[2])}`);
    expect(core.next(OP_NONE)).toBe(BOUNDARY);
    expect(countersOf(core).iterations).toBe(1);
  });

  test("does the follow-up of the last step even when the budget is spent", () => {
    const core = create();
    const task = core.spawn();
    core.advance(0, 0);
    core.setBudget(1);
    core.next(OP_NONE);
    expect(core.next(OP_YIELD)).toBe(BUDGET_SPENT);
    expect(stateOf(core, task)).toBe("ready");
    expect(unfinishedOf(core)).toBe(1); // an iteration was begun for it
  });

  test("spends budget on entries that never surface", () => {
    const core = create();
    core.cancelHandle(core.callSoon());
    core.callSoon();
    core.advance(0, 0);
    core.setBudget(1);
    expect(core.next(OP_NONE)).toBe(BUDGET_SPENT);
    expect(unfinishedOf(core)).toBe(1);
  });

  test("tells when there is something to run", () => {
    const core = create();
    expect(core.nextDeadline()).toBe(Infinity);
    core.callAt(7);
    expect(core.nextDeadline()).toBe(7);
    core.callSoon();
    expect(core.nextDeadline()).toBe(-Infinity);
    turn(core);
    expect(core.nextDeadline()).toBe(7);
  });

  test("can be driven from inside a callback", () => {
    const core = create();
    const ids = [core.callSoon(), core.callSoon(), core.callSoon()];
    core.advance(0, 0);
    core.setBudget(PLENTY);
    const outer = describeEntry(core.next(OP_NONE));
    expect([outer, ...drain(core)]).toEqual(ids.map((id) => `callback ${slotOf(id)}`));
    expect(core.next(OP_NONE)).toBe(BOUNDARY);
  });
});

describe.each(implementations)("an eager step of the %s", (_, create) => {
  test("makes the task the running one, and gives the outer task back", () => {
    const core = create();
    const list = core.openList();
    const outer = runTask(core);
    const inner = core.spawnEager();
    expect(stateOf(core, inner)).toBe("running");
    expect(core.enter(inner)).toBe(slotOf(outer));
    core.park(list);
    expect(core.exit(slotOf(outer), OP_NONE)).toBe(0);
    expect([stateOf(core, inner), stateOf(core, outer)]).toEqual(["waiting", "running"]);
    core.park(list);
    core.exit(NONE, OP_NONE);
    expect(core.waiterCount(list)).toBe(2);
  });

  test("may be as deep as one likes", () => {
    const core = create();
    const tasks = Array.from({ length: 2000 }, () => core.spawnEager());
    const outers = tasks.map((task) => core.enter(task));
    expect(outers).toEqual([NONE, ...tasks.slice(0, -1).map(slotOf)]);
    for (const [index, outer] of [...outers.entries()].reverse()) {
      expect(core.exit(outer, index % 2 === 0 ? OP_FINISH : OP_YIELD)).toBe(0);
    }
    const yielded = tasks.filter((_, index) => index % 2 === 1).reverse();
    expect(turn(core)).toEqual(yielded.map((task) => `step ${slotOf(task)}`));
  });

  test("that finishes makes its waiters ready and frees its slot", () => {
    const core = create();
    const task = core.spawnEager();
    const callback = core.subscribe(task, false);
    core.enter(task);
    core.exit(NONE, OP_FINISH);
    expect(readyOf(core)).toEqual([`done callback ${slotOf(callback)}`]);
    expect(stateOf(core, task)).toBe("free");
  });

  test("in which the outer task is cancelled cancels the outer's next wait", () => {
    const core = create();
    const outer = runTask(core);
    core.enter(core.spawnEager());
    core.cancelTask(outer);
    core.exit(slotOf(outer), OP_FINISH);
    core.sleep(1);
    core.exit(NONE, OP_NONE);
    expect(turn(core)).toEqual([`wait cancelled ${slotOf(outer)}`]);
  });

  test("cannot end where none began", () => {
    const core = create();
    expect(core.exit(NONE, OP_FINISH)).toBe(E_NO_TASK);
    core.spawn();
    expect(core.exit(0, OP_FINISH)).toBe(E_NO_TASK);
  });

  test("cannot go back to what is no other task", () => {
    const core = create();
    const future = core.openFuture();
    const freed = core.callAt(1);
    core.cancelHandle(freed);
    const task = runTask(core);
    const callback = core.callSoon();
    for (const outer of [future, task, callback].map(slotOf).concat(99, 1024, 2 ** 24, 2 ** 31 - 1, -2, -(2 ** 31))) {
      expect(core.exit(outer, OP_FINISH)).toBe(E_STALE);
    }
    expect(stateOf(core, task)).toBe("running");
  });

  test("cannot be that of a task that runs, or has begun otherwise", () => {
    const core = create();
    const task = runTask(core);
    expect(core.enter(task)).toBe(E_TRANSITION);
    expect(core.enter(core.spawn())).toBe(E_TRANSITION);
    expect(core.enter(core.callSoon())).toBeLessThan(E_TRANSITION + 10);
    core.exit(NONE, OP_YIELD);
    expect(core.enter(task)).toBe(E_TRANSITION);
  });

  test("can be taken up again when the drive loop went on without it", () => {
    const core = create();
    const outer = runTask(core);
    core.enter(core.spawnEager());
    expect(core.next(OP_FINISH)).toBe(BOUNDARY); // ended the inner one, and knows nothing of the outer
    expect(core.exit(slotOf(outer), OP_FINISH)).toBe(E_NO_TASK);
    expect(core.enter(outer)).toBe(NONE);
    expect(core.exit(NONE, OP_FINISH)).toBe(0);
    expect(countersOf(core).slotCount).toBe(0);
  });
});

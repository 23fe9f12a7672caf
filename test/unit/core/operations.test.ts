// What the host asks of the scheduler: handles, cancelling, futures, and what is refused.

import { describe, expect, test } from "vitest";
import {
  CANCELLED_WAIT,
  CANCEL_FORWARD,
  CANCEL_REMEMBERED,
  E_KIND,
  E_NO_TASK,
  E_STALE,
  E_TRANSITION,
  NONE,
  OP_FINISH,
  OP_NONE,
  OP_YIELD,
  PARKED,
  PARKED_CANCELLED,
  PARKED_MUST_CANCEL,
} from "../../../src/core/abi.ts";
import { countersOf, implementations, parkTask, runTask, slotOf, snapshot, stateOf, turn } from "./support.ts";
import type { InspectedCore as Core } from "./inspected.ts";

describe.each(implementations)("a handle of the %s", (_, create) => {
  test("that is cancelled does not run", () => {
    const core = create();
    const [a, b, c] = [core.callSoon(), core.callSoon(), core.callAt(0)];
    expect([core.cancelHandle(a), core.cancelHandle(c)]).toEqual([0, 0]);
    expect(turn(core)).toEqual([`callback ${slotOf(b)}`]);
  });

  test("may be cancelled again while it is in the queue, not once it is gone", () => {
    const core = create();
    const handle = core.callSoon();
    expect([core.cancelHandle(handle), core.cancelHandle(handle)]).toEqual([0, 0]);
    turn(core);
    expect(core.cancelHandle(handle)).toBe(E_STALE);
  });

  test("can be cancelled by an earlier entry of the same iteration", () => {
    const core = create();
    const [a, b] = [core.callSoon(), core.callSoon()];
    expect(turn(core, 0, () => void core.cancelHandle(b))).toEqual([`callback ${slotOf(a)}`]);
  });

  test("is gone when its callback runs", () => {
    const core = create();
    const handle = core.callSoon();
    const results: number[] = [];
    turn(core, 0, () => void results.push(core.cancelHandle(handle)));
    expect(results).toEqual([E_STALE]);
  });
});

describe.each(implementations)("cancelling a task of the %s", (_, create) => {
  /** The kind of the task's next step. */
  function nextStep(core: Core, task: number): string | undefined {
    const suffix = ` ${slotOf(task)}`;
    const step = turn(core).find((entry) => entry.endsWith(suffix));
    return step?.slice(0, -suffix.length);
  }

  test("before its first step throws at that step", () => {
    const core = create();
    const task = core.spawn();
    expect(core.cancelTask(task)).toBe(CANCEL_REMEMBERED);
    expect(nextStep(core, task)).toBe("step cancelled");
  });

  test.each<[string, (core: Core) => number, number]>([
    ["a list", (core) => core.park(core.openList()), CANCELLED_WAIT],
    ["a timer", (core) => core.sleep(5), CANCELLED_WAIT],
  ])("that waits on %s ends the wait", (_name, wait, result) => {
    const core = create();
    const task = parkTask(core, () => wait(core));
    expect(core.cancelTask(task)).toBe(result);
    expect(core.cancelTask(task)).toBe(CANCEL_REMEMBERED);
    expect(core.cancelling(task)).toBe(2);
    expect(nextStep(core, task)).toBe("wait cancelled"); // one error for both
  });

  test("that runs ends its next wait at once", () => {
    for (const wait of [(core: Core) => core.park(core.openList()), (core: Core) => core.sleep(5)]) {
      const core = create();
      const task = runTask(core);
      core.cancelTask(task);
      expect(wait(core)).toBe(PARKED_CANCELLED);
      core.exit(NONE, OP_NONE);
      expect(countersOf(core).timerCount).toBe(0);
      expect(core.mustCancel(task)).toBe(0);
      expect(nextStep(core, task)).toBe("wait cancelled");
    }
  });

  test("that runs and gives way throws at its next step", () => {
    const core = create();
    const task = runTask(core);
    core.cancelTask(task);
    core.exit(NONE, OP_YIELD);
    expect(nextStep(core, task)).toBe("step cancelled");
  });

  test("that awaits a future is up to the future", () => {
    const core = create();
    const future = core.openFuture();
    const task = parkTask(core, () => core.awaitFuture(future));
    expect(core.cancelTask(task)).toBe(CANCEL_FORWARD);
    expect(stateOf(core, task)).toBe("awaiting");
    core.settleFuture(future); // as cancelled: the future brings the error
    expect(nextStep(core, task)).toBe("wake");
  });

  test("whose future refuses throws when the future is done", () => {
    const core = create();
    const future = core.openFuture();
    const task = parkTask(core, () => core.awaitFuture(future));
    core.cancelTask(task);
    core.requireCancel(task);
    core.settleFuture(future);
    expect(nextStep(core, task)).toBe("wake cancelled");
  });

  test("whose future is done, and that has not stepped yet, throws", () => {
    const core = create();
    const future = core.openFuture();
    const task = parkTask(core, () => core.awaitFuture(future));
    core.settleFuture(future);
    expect(core.cancelTask(task)).toBe(CANCEL_REMEMBERED);
    expect(nextStep(core, task)).toBe("wake cancelled");
  });

  test("before it awaits asks the future at once", () => {
    for (const accepts of [true, false]) {
      const core = create();
      const future = core.openFuture();
      const task = runTask(core);
      core.cancelTask(task);
      expect(core.awaitFuture(future)).toBe(PARKED_MUST_CANCEL);
      if (accepts) core.clearCancel(task);
      core.exit(NONE, OP_NONE);
      core.settleFuture(future);
      expect(nextStep(core, task)).toBe(accepts ? "wake" : "wake cancelled");
    }
  });

  test("that was woken from a list throws, and the wake-up is not lost on the list", () => {
    const core = create();
    const list = core.openList();
    const [a, b] = [parkTask(core, () => core.park(list)), parkTask(core, () => core.park(list))];
    core.wakeFirst(list);
    core.cancelTask(a);
    const left: number[] = [];
    turn(core, 0, () => void left.push(core.leave(), core.wakeFirst(list)));
    expect(left).toEqual([1, 1]); // it was woken, and hands the wake-up on
    expect(nextStep(core, b)).toBe("step");
  });

  test("whose timer has just fired throws", () => {
    const core = create();
    const task = parkTask(core, () => core.sleep(1));
    turn(core, 2); // executed the sleeper: the task is ready
    expect(core.cancelTask(task)).toBe(CANCEL_REMEMBERED);
    expect(nextStep(core, task)).toBe("step cancelled");
  });

  test("is used up by one step", () => {
    const core = create();
    const task = core.spawn();
    core.cancelTask(task);
    turn(core, 0, () => OP_YIELD);
    expect(nextStep(core, task)).toBe("step");
  });

  test("counts requests, and the last uncancel takes back what was not delivered", () => {
    const core = create();
    const task = core.spawn();
    for (let count = 0; count < 3; count++) core.cancelTask(task);
    expect([core.cancelling(task), core.mustCancel(task)]).toEqual([3, 1]);
    expect([core.uncancel(task), core.uncancel(task)]).toEqual([2, 1]);
    expect(core.mustCancel(task)).toBe(1);
    expect([core.uncancel(task), core.uncancel(task)]).toEqual([0, 0]);
    expect(core.mustCancel(task)).toBe(0);
    expect(nextStep(core, task)).toBe("step");
  });

  test("that waits cannot be taken back", () => {
    const core = create();
    const task = parkTask(core, () => core.sleep(5));
    core.cancelTask(task);
    expect(core.uncancel(task)).toBe(0);
    expect(nextStep(core, task)).toBe("wait cancelled");
  });
});

describe.each(implementations)("a wait in the %s", (_, create) => {
  const waits: [string, (core: Core) => number][] = [
    ["park", (core) => core.park(core.openList())],
    ["awaitFuture", (core) => core.awaitFuture(core.openFuture())],
    ["sleep", (core) => core.sleep(1)],
  ];

  test.each([...waits, ["leave", (core: Core) => core.leave()] as (typeof waits)[number]])(
    "needs a running task: %s",
    (_name, wait) => {
      const core = create();
      expect(wait(core)).toBe(E_NO_TASK);
      core.callSoon();
      const results: number[] = [];
      turn(core, 0, () => void results.push(wait(core)));
      expect(results).toEqual([E_NO_TASK]);
    },
  );

  describe.each(waits)("by %s", (_first, first) => {
    test.each(waits)("does not begin while another one lasts: %s", (_name, second) => {
      const core = create();
      runTask(core);
      expect(first(core)).toBe(PARKED);
      expect(second(core)).toBe(E_TRANSITION);
      expect(core.leave()).toBe(E_TRANSITION);
    });

    test("does not begin on a list that was not left", () => {
      const core = create();
      const list = core.openList();
      parkTask(core, () => core.park(list));
      core.wakeFirst(list);
      const results: number[] = [];
      turn(core, 0, () => {
        results.push(first(core), core.waiterCount(list));
        core.leave();
        results.push(first(core));
        return OP_NONE;
      });
      expect(results).toEqual([E_TRANSITION, 1, PARKED]);
    });
  });

  test("cannot be for the task itself", () => {
    const core = create();
    const task = runTask(core);
    expect(core.awaitFuture(task)).toBe(E_TRANSITION);
    expect(core.subscribe(task, false)).toBeGreaterThan(0);
  });

  test("may be for a task that waits for this one: both wait", () => {
    const core = create();
    const a = runTask(core);
    const b = parkTask(core, () => core.awaitFuture(a));
    expect(core.awaitFuture(b)).toBe(PARKED);
    core.exit(NONE, OP_NONE);
    expect(turn(core)).toEqual([]);
    expect([stateOf(core, a), stateOf(core, b)]).toEqual(["awaiting", "awaiting"]);
  });

  test("on a future that is settled before the task suspends is woken all the same", () => {
    const core = create();
    const future = core.openFuture();
    const task = runTask(core);
    core.awaitFuture(future);
    core.settleFuture(future);
    core.exit(NONE, OP_NONE);
    expect(turn(core)).toEqual([`wake ${slotOf(task)}`]);
  });

  test("that is withdrawn leaves nothing for the next step to take for its own", () => {
    const core = create();
    const future = core.openFuture();
    const task = runTask(core);
    core.awaitFuture(future);
    core.settleFuture(future);
    core.exit(NONE, OP_YIELD);
    expect(turn(core)).toEqual([`step ${slotOf(task)}`]);
  });

  test("that is withdrawn takes the task off the list, and the others keep their order", () => {
    const core = create();
    const list = core.openList();
    const a = parkTask(core, () => core.park(list));
    const withdrawn = runTask(core);
    core.park(list);
    core.exit(NONE, OP_YIELD);
    const b = parkTask(core, () => core.park(list));
    expect([core.waiterCount(list), core.liveWaiterCount(list)]).toEqual([2, 2]);
    core.wakeWaiting(list, 9);
    expect(turn(core)).toEqual([withdrawn, a, b].map((task) => `step ${slotOf(task)}`));
  });
});

describe.each(implementations)("a done-callback of the %s", (_, create) => {
  test("cannot be taken off once it is in the queue", () => {
    const core = create();
    const future = core.openFuture();
    const callback = core.subscribe(future, false);
    core.settleFuture(future);
    const before = snapshot(core);
    expect(core.unsubscribe(callback)).toBe(E_TRANSITION);
    expect(core.cancelHandle(callback)).toBe(E_KIND);
    expect(snapshot(core)).toEqual(before);
    expect(turn(core)).toEqual([`done callback ${slotOf(callback)}`]);
  });

  test("may be put on a task by the task itself, and runs when it is done", () => {
    const core = create();
    const task = runTask(core);
    const callback = core.subscribe(task, false);
    core.exit(NONE, OP_FINISH);
    expect(turn(core)).toEqual([`done callback ${slotOf(callback)}`]);
  });
});

// Rest: a host that waits is woken by what makes something ready or arms a timer, once.

import { describe, expect, test } from "vitest";
import { NONE, OP_FINISH, OP_NONE, OP_YIELD, PARKED, PARKED_CANCELLED } from "../../../src/core/abi.ts";
import type { InspectedCore as Core } from "./inspected.ts";
import { countersOf, implementations, parkTask, runTask, turn } from "./support.ts";

/** What wakes: makes what it needs, and returns the operation that does it. */
const WAKING: Record<string, (core: Core) => () => unknown> = {
  callSoon: (core) => () => core.callSoon(),
  callAt: (core) => () => core.callAt(5),
  "callAt, for a time that is past,": (core) => () => core.callAt(-Infinity),
  spawn: (core) => () => core.spawn(),
  "settleFuture, of one that a task awaits,": (core) => {
    const future = core.openFuture();
    parkTask(core, () => core.awaitFuture(future));
    return () => core.settleFuture(future);
  },
  "settleFuture, of one with three callbacks,": (core) => {
    const future = core.openFuture();
    for (let count = 0; count < 3; count++) core.subscribe(future, false);
    return () => core.settleFuture(future);
  },
  "cancelTask, of one that waits on a list,": (core) => {
    const task = parkTask(core, () => core.park(core.openList()));
    return () => core.cancelTask(task);
  },
  "cancelTask, of one that sleeps,": (core) => {
    const task = parkTask(core, () => core.sleep(5));
    return () => core.cancelTask(task);
  },
  leaveFuture: (core) => {
    const task = parkTask(core, () => core.awaitFuture(core.openFuture()));
    return () => core.leaveFuture(task);
  },
  "join, of one that is done,": (core) => {
    const join = core.openJoin();
    return () => core.join(join, NONE);
  },
  wakeFirst: (core) => {
    const list = core.openList();
    parkTask(core, () => core.park(list));
    return () => core.wakeFirst(list);
  },
  wakeWaiting: (core) => {
    const list = core.openList();
    for (let count = 0; count < 3; count++) parkTask(core, () => core.park(list));
    return () => core.wakeWaiting(list, 2);
  },
  wakeAndRemove: (core) => {
    const list = core.openList();
    parkTask(core, () => core.park(list));
    return () => core.wakeAndRemove(list);
  },
  post: (core) => {
    const source = core.openSource();
    return () => core.post(source);
  },
  "sleep, in an eager step,": (core) => {
    runTask(core);
    return () => expect(core.sleep(5)).toBe(PARKED);
  },
  "park, of an eager task that was cancelled,": (core) => {
    core.cancelTask(runTask(core));
    const list = core.openList();
    return () => expect(core.park(list)).toBe(PARKED_CANCELLED);
  },
  "exit, of an eager task that gives way,": (core) => {
    runTask(core);
    return () => core.exit(NONE, OP_YIELD);
  },
  "exit, of an eager task that something waits for,": (core) => {
    core.subscribe(runTask(core), false);
    return () => core.exit(NONE, OP_FINISH);
  },
};

/** What does not: nothing is ready after it that was not before. */
const QUIET: Record<string, (core: Core) => () => unknown> = {
  "callAt, for no number,": (core) => () => core.callAt(NaN),
  "cancelHandle, of a timer,": (core) => {
    const timer = core.callAt(5);
    return () => core.cancelHandle(timer);
  },
  "settleFuture, of one that nothing waits for,": (core) => {
    const future = core.openFuture();
    return () => core.settleFuture(future);
  },
  "cancelTask, of one that awaits a future,": (core) => {
    const task = parkTask(core, () => core.awaitFuture(core.openFuture()));
    return () => core.cancelTask(task);
  },
  "wakeFirst, of an empty list,": (core) => {
    const list = core.openList();
    return () => core.wakeFirst(list);
  },
  subscribe: (core) => {
    const future = core.openFuture();
    return () => core.subscribe(future, false);
  },
  "join, of one that is not done,": (core) => {
    const [join, future] = [core.openJoin(), core.openFuture()];
    return () => core.join(join, future);
  },
  openSource: (core) => () => core.openSource(),
  nextDeadline: (core) => () => core.nextDeadline(),
  "exit, of an eager task that waits,": (core) => {
    runTask(core);
    core.awaitFuture(core.openFuture());
    return () => core.exit(NONE, OP_NONE);
  },
};

describe.each(implementations)("a host of the %s", (_, create) => {
  /** A core that counts how often it wakes its host. */
  function counted(): { core: Core; wakes: () => number } {
    let count = 0;
    const core = create({ wake: () => void count++ });
    return { core, wakes: () => count };
  }

  describe.each(Object.entries(WAKING))("that rests is woken by %s", (_name, prepare) => {
    test("once", () => {
      const { core, wakes } = counted();
      const operation = prepare(core);
      core.rest();
      expect(wakes()).toBe(0);
      operation();
      expect(wakes()).toBe(1);
      core.callSoon();
      core.callAt(3);
      expect(wakes()).toBe(1);
    });

    test("but not one that does not rest", () => {
      const { core, wakes } = counted();
      const operation = prepare(core);
      operation();
      expect(wakes()).toBe(0);
    });
  });

  test.each(Object.entries(QUIET))("that rests is not woken by %s but by what comes then", (_name, prepare) => {
    const { core, wakes } = counted();
    const operation = prepare(core);
    core.rest();
    operation();
    expect(wakes()).toBe(0);
    core.callSoon();
    expect(wakes()).toBe(1);
  });

  test("is woken when what has come is there to be found", () => {
    const seen: number[] = [];
    const core: Core = create({ wake: () => void seen.push(core.nextDeadline()) });
    core.rest();
    core.callAt(5);
    core.rest();
    core.callSoon();
    expect(seen).toEqual([5, -Infinity]);
  });

  test("is woken once for each rest, which it may begin as soon as it is woken", () => {
    const woken: number[] = [];
    const core: Core = create({
      wake: () => {
        woken.push(core.nextDeadline());
        core.rest();
      },
    });
    core.rest();
    core.rest();
    for (const deadline of [5, 7, 3]) core.callAt(deadline);
    expect(woken).toEqual([5, 5, 3]);
    core.callSoon();
    core.callSoon(); // it rests no more: something was ready
    expect(woken).toEqual([5, 5, 3, -Infinity]);
  });

  test("is not woken for a handle that is cancelled, a second time or not at all", () => {
    const { core, wakes } = counted();
    core.rest();
    core.cancelHandle(core.callSoon());
    expect(wakes()).toBe(1); // it knows only that it has to look
    expect(turn(core)).toEqual([]);
    expect(wakes()).toBe(1);
  });

  test("does not rest where something is ready already, a dropped handle too", () => {
    for (const drop of [false, true]) {
      const { core, wakes } = counted();
      const handle = core.callSoon();
      if (drop) core.cancelHandle(handle);
      core.rest();
      core.callSoon();
      expect(wakes()).toBe(0);
    }
  });

  test("is not woken inside iterations, nor after one by what it has not rested for", () => {
    const { core, wakes } = counted();
    const future = core.openFuture();
    core.subscribe(future, false);
    core.callAt(1);
    core.spawn();
    core.rest();
    const work = () => {
      core.rest();
      core.callSoon();
      core.callAt(9);
      core.settleFuture(future);
      return OP_YIELD;
    };
    core.advance(2, 0);
    core.interrupt();
    core.setBudget(1);
    core.next(OP_NONE);
    work();
    core.next(OP_YIELD);
    turn(core, 2);
    core.callSoon();
    expect(countersOf(core).iterations).toBe(2);
    expect(wakes()).toBe(0);
  });

  test("that begins an iteration rests no more, though nothing was ready", () => {
    const { core, wakes } = counted();
    core.rest();
    expect(turn(core)).toEqual([]);
    core.callSoon();
    expect(wakes()).toBe(0);
  });

  test("is not woken when its core is as new", () => {
    const { core, wakes } = counted();
    core.rest();
    expect(core.reset(false, 1)).toBe(0);
    core.callSoon();
    expect(wakes()).toBe(0);
  });

  test("that does not say how it is woken is not", () => {
    const core = create();
    core.rest();
    expect(core.callSoon()).toBe(0);
  });
});

// Waiter lists: who is woken, who counts, when a list closes.

import { describe, expect, test } from "vitest";
import {
  E_STALE,
  LIST_CLOSED,
  NONE,
  OP_FINISH,
  OP_NONE,
  OP_YIELD,
  PARKED,
  PARKED_CANCELLED,
  WAITER_WOKEN,
} from "../../../src/core/abi.ts";
import { drain, implementations, parkTask, readyOf, runTask, slotOf, turn } from "./support.ts";
import type { InspectedCore as Core } from "./inspected.ts";

/** A list with `count` waiters. */
function listOf(core: Core, count: number): { list: number; tasks: number[] } {
  const list = core.openList();
  return { list, tasks: Array.from({ length: count }, () => parkTask(core, () => core.park(list))) };
}

/** Slots of the waiters, as the core gives them. */
function waitersOf(core: Core, owner: number): number[] {
  const slots: number[] = [];
  for (let slot = core.firstWaiter(owner); slot >= 0; slot = core.nextWaiter(slot)) slots.push(slot);
  return slots;
}

function steps(tasks: number[]): string[] {
  return tasks.map((task) => `step ${slotOf(task)}`);
}

describe.each(implementations)("a waiter list of the %s", (_, create) => {
  test("keeps its waiters in order of arrival", () => {
    const core = create();
    const { list, tasks } = listOf(core, 4);
    expect(waitersOf(core, list)).toEqual(tasks.map(slotOf));
    expect([core.waiterCount(list), core.liveWaiterCount(list)]).toEqual([4, 4]);
  });

  test("wakes up to a number of waiters in order of arrival", () => {
    const core = create();
    const { list, tasks } = listOf(core, 5);
    expect(core.wakeWaiting(list, 2)).toBe(2);
    expect(core.wakeWaiting(list, 1)).toBe(1);
    expect(core.wakeWaiting(list, 0)).toBe(0);
    expect(core.wakeWaiting(list, -1)).toBe(0);
    expect(core.wakeWaiting(list, 9)).toBe(2);
    expect(core.wakeWaiting(list, 9)).toBe(0);
    expect(readyOf(core)).toEqual(steps(tasks));
  });

  test("keeps a woken waiter until it leaves, and tells it once that it was woken", () => {
    const core = create();
    const { list } = listOf(core, 2);
    core.wakeWaiting(list, 2);
    expect([core.waiterCount(list), core.liveWaiterCount(list)]).toEqual([2, 2]);
    const left: number[] = [];
    turn(core, 0, () => void left.push(core.leave(), core.leave()));
    expect(left).toEqual([WAITER_WOKEN, 0, WAITER_WOKEN | LIST_CLOSED, 0]);
    expect(core.waiterCount(list)).toBe(E_STALE);
  });

  test("wakes the first only while that one waits", () => {
    const core = create();
    const { list, tasks } = listOf(core, 2);
    expect([core.wakeFirst(list), core.wakeFirst(list)]).toEqual([1, 0]);
    expect(readyOf(core)).toEqual(steps([tasks[0]]));
    turn(core, 0, () => void core.leave());
    expect(core.wakeFirst(list)).toBe(1);
    expect(readyOf(core)).toEqual(steps([tasks[1]]));
  });

  test("does not wake past a first waiter that is cancelled and has not left", () => {
    const core = create();
    const { list, tasks } = listOf(core, 2);
    core.cancelTask(tasks[0]);
    expect(core.wakeFirst(list)).toBe(0);
    expect(core.wakeWaiting(list, 1)).toBe(1);
    expect(readyOf(core)).toEqual(steps(tasks));
  });

  test("counts cancelled waiters among all, not among the live", () => {
    const core = create();
    const { list, tasks } = listOf(core, 3);
    core.cancelTask(tasks[1]);
    core.cancelTask(tasks[1]);
    expect([core.waiterCount(list), core.liveWaiterCount(list)]).toEqual([3, 2]);
    let left = NONE;
    expect(drain(core, () => void (left = core.leave()))).toEqual([`wait cancelled ${slotOf(tasks[1])}`]);
    expect(left).toBe(0);
    expect([core.waiterCount(list), core.liveWaiterCount(list)]).toEqual([2, 2]);
    expect(waitersOf(core, list)).toEqual([slotOf(tasks[0]), slotOf(tasks[2])]);
  });

  test("takes one that was woken and then cancelled for woken", () => {
    const core = create();
    const { list, tasks } = listOf(core, 2);
    core.wakeFirst(list);
    core.cancelTask(tasks[0]);
    expect(core.liveWaiterCount(list)).toBe(2);
    let left = NONE;
    expect(drain(core, () => void (left = core.leave()))).toEqual([`step cancelled ${slotOf(tasks[0])}`]);
    expect(left).toBe(WAITER_WOKEN);
  });

  test("takes off waiters up to the first that waits, and wakes that one", () => {
    const core = create();
    const { list, tasks } = listOf(core, 5);
    core.wakeWaiting(list, 1);
    core.cancelTask(tasks[1]);
    expect(core.wakeAndRemove(list)).toBe(WAITER_WOKEN);
    expect(waitersOf(core, list)).toEqual(tasks.slice(3).map(slotOf));
    expect(core.wakeAndRemove(list)).toBe(WAITER_WOKEN);
    expect(core.wakeAndRemove(list)).toBe(WAITER_WOKEN | LIST_CLOSED);
    expect(core.wakeAndRemove(list)).toBe(E_STALE);
    const left: number[] = [];
    drain(core, () => void left.push(core.leave()));
    expect(left).toEqual([WAITER_WOKEN, 0, WAITER_WOKEN, WAITER_WOKEN, WAITER_WOKEN]);
  });

  test("is closed when none that it takes off waits", () => {
    const core = create();
    const { list, tasks } = listOf(core, 2);
    for (const task of tasks) core.cancelTask(task);
    expect(core.wakeAndRemove(list)).toBe(LIST_CLOSED);
    expect(core.waiterCount(list)).toBe(E_STALE);
  });

  test("that is empty is left open by whatever finds nothing", () => {
    const core = create();
    const list = core.openList();
    expect([core.wakeFirst(list), core.wakeWaiting(list, 9), core.wakeAndRemove(list)]).toEqual([0, 0, 0]);
    expect([core.waiterCount(list), core.liveWaiterCount(list), core.firstWaiter(list)]).toEqual([0, 0, NONE]);
  });

  test("takes newcomers behind woken and cancelled waiters, and finds them", () => {
    const core = create();
    const { list, tasks } = listOf(core, 2);
    core.wakeFirst(list);
    core.cancelTask(tasks[1]);
    const newcomer = parkTask(core, () => core.park(list));
    expect(core.wakeFirst(list)).toBe(0);
    expect(core.wakeWaiting(list, 1)).toBe(1);
    expect(readyOf(core).at(-1)).toBe(`step ${slotOf(newcomer)}`);
  });

  test("finds the next waiter when those before it leave in any order", () => {
    const core = create();
    const { list, tasks } = listOf(core, 5);
    for (const index of [3, 1, 0]) core.cancelTask(tasks[index]);
    drain(core, () => void core.leave());
    expect(waitersOf(core, list)).toEqual([slotOf(tasks[2]), slotOf(tasks[4])]);
    expect(core.wakeFirst(list)).toBe(1);
    drain(core, () => void core.leave());
    expect(core.wakeFirst(list)).toBe(1);
    let left = NONE;
    drain(core, () => void (left = core.leave()));
    expect(left).toBe(WAITER_WOKEN | LIST_CLOSED);
  });

  test("cancels at once a wait that begins with a cancel remembered", () => {
    const core = create();
    const list = core.openList();
    const task = runTask(core);
    core.cancelTask(task);
    expect(core.park(list)).toBe(PARKED_CANCELLED);
    expect([core.waiterCount(list), core.liveWaiterCount(list)]).toEqual([1, 0]);
    core.exit(NONE, OP_NONE);
    let left = NONE;
    expect(turn(core, 0, () => void (left = core.leave()))).toEqual([`wait cancelled ${slotOf(task)}`]);
    expect(left).toBe(LIST_CLOSED);
  });

  test("forgets a waiter that finishes without leaving, and stays open", () => {
    const core = create();
    const { list } = listOf(core, 1);
    core.wakeFirst(list);
    turn(core, 0, () => OP_FINISH);
    expect([core.waiterCount(list), core.liveWaiterCount(list)]).toEqual([0, 0]);
    const newcomer = parkTask(core, () => core.park(list));
    core.wakeFirst(list);
    expect(readyOf(core)).toEqual(steps([newcomer]));
  });

  test("keeps a woken waiter that gives way before it leaves", () => {
    const core = create();
    const { list, tasks } = listOf(core, 2);
    core.wakeFirst(list);
    turn(core, 0, () => OP_YIELD);
    expect(waitersOf(core, list)).toEqual(tasks.map(slotOf));
    expect(core.wakeFirst(list)).toBe(0);
    let left = NONE;
    turn(core, 0, () => void (left = core.leave()));
    expect(left).toBe(WAITER_WOKEN);
  });

  test("lets a task wait again once it has left", () => {
    const core = create();
    const { list, tasks } = listOf(core, 2);
    core.wakeFirst(list);
    turn(core, 0, () => {
      core.leave();
      expect(core.park(list)).toBe(PARKED);
      return OP_NONE;
    });
    expect(waitersOf(core, list)).toEqual([slotOf(tasks[1]), slotOf(tasks[0])]);
  });

  test("gives no neighbours for a slot that is on no list", () => {
    const core = create();
    const task = core.spawn();
    core.callSoon();
    for (const slot of [slotOf(task), 1, 2, 1023, 1024, 2 ** 24 - 1, 2 ** 24, 2 ** 31 - 1, -1, -(2 ** 31)]) {
      expect(core.nextWaiter(slot)).toBe(NONE);
    }
  });
});

describe.each(implementations)("a future of the %s", (_, create) => {
  test("makes tasks and callbacks ready in order of arrival when it is settled", () => {
    const core = create();
    const future = core.openFuture();
    const a = parkTask(core, () => core.awaitFuture(future));
    const callback = core.subscribe(future, false);
    const b = parkTask(core, () => core.awaitFuture(future));
    expect(waitersOf(core, future)).toEqual([a, callback, b].map(slotOf));
    expect(core.settleFuture(future)).toBe(0);
    expect(core.settleFuture(future)).toBe(E_STALE);
    expect(turn(core)).toEqual([`wake ${slotOf(a)}`, `done callback ${slotOf(callback)}`, `wake ${slotOf(b)}`]);
  });

  test("is woken from as a task is when it finishes", () => {
    const core = create();
    const awaited = core.spawn();
    const a = parkTask(core, () => core.awaitFuture(awaited));
    const callback = core.subscribe(awaited, false);
    expect(core.firstWaiter(awaited)).toBe(slotOf(a));
    expect(turn(core)).toEqual([`step ${slotOf(awaited)}`]);
    expect(turn(core)).toEqual([`wake ${slotOf(a)}`, `done callback ${slotOf(callback)}`]);
  });

  test.each([0, 1, 2])("forgets callback %i of three that is taken off", (taken) => {
    const core = create();
    const future = core.openFuture();
    const callbacks = [core.subscribe(future, false), core.subscribe(future, false), core.subscribe(future, false)];
    expect(core.unsubscribe(callbacks[taken])).toBe(0);
    expect(core.unsubscribe(callbacks[taken])).toBe(E_STALE);
    const left = callbacks.filter((_, index) => index !== taken);
    expect(waitersOf(core, future)).toEqual(left.map(slotOf));
    core.settleFuture(future);
    expect(turn(core)).toEqual(left.map((id) => `done callback ${slotOf(id)}`));
  });

  test("does not change when its callbacks subscribe to it while it settles", () => {
    const core = create();
    const future = core.openFuture();
    core.subscribe(future, false);
    core.settleFuture(future);
    expect(core.subscribe(future, false)).toBe(E_STALE);
    expect(turn(core)).toHaveLength(1);
  });
});

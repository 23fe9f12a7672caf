import { expect, test } from "vitest";
import type { Coroutine } from "wasyncio";
import type { VirtualEventLoop } from "wasyncio/testing";
import { LoopBinding, WaiterList } from "../../../src/waiting/waiter-list.ts";
import { spin } from "../../support/coroutines.ts";
import { slotsInUse } from "../../support/counters.ts";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { type Trace, dispose, newLoop, trace } from "../../support/stage.ts";

const newList = (): WaiterList => new WaiterList(new LoopBinding({ toString: () => "<owner>" }), "wait");

/** Waits on a list, and tells how that ended. */
function* wait(list: WaiterList, log: Trace, name: string): Coroutine<void> {
  let woken = false;
  try {
    yield list.park();
  } finally {
    woken = list.leave();
    log.push(`${name} ${woken ? "woken" : "cancelled"}`);
  }
}

/** Tasks that wait on a list, in order of their names. */
function* waiters(list: WaiterList, log: Trace, loop: VirtualEventLoop, names: string) {
  const tasks = Array.from(names, (name) => loop.createTask(wait(list, log, name)));
  yield* spin(1);
  return tasks;
}

test("wakes as many as are asked for, oldest first; those count until they leave", () => {
  const log = trace(function* (log, loop) {
    const list = newList();
    yield* waiters(list, log, loop, "abcd");
    log.push([list.length, list.live]);
    log.push(list.wake(2), [list.length, list.live]);
    yield* spin(1);
    log.push([list.length, list.live], list.wake(Infinity));
    yield* spin(1);
    log.push([list.length, list.live], slotsInUse(loop));
  });
  expect(log).toEqual([[4, 4], 2, [4, 4], "a woken", "b woken", [2, 2], 2, "c woken", "d woken", [0, 0], 2]);
});

test("wakeFirst wakes the first one, and nobody while that one has not left", () => {
  const log = trace(function* (log, loop) {
    const list = newList();
    yield* waiters(list, log, loop, "ab");
    list.wakeFirst();
    list.wakeFirst();
    yield* spin(1);
    list.wakeFirst();
    yield* spin(1);
  });
  expect(log).toEqual(["a woken", "b woken"]);
});

test("a cancelled waiter is passed over, and is not live any more", () => {
  const log = trace(function* (log, loop) {
    const list = newList();
    const [first] = yield* waiters(list, log, loop, "abc");
    first?.cancel();
    log.push([list.length, list.live], list.wake(1));
    yield* spin(1);
    log.push(list.wakeAndRemove(), list.wakeAndRemove());
    yield* spin(1);
  });
  expect(log).toEqual([[3, 2], 1, "a cancelled", "b woken", true, false, "c woken"]);
});

test("an empty list takes part in nothing", () => {
  const list = newList();
  list.wakeFirst();
  expect([list.length, list.live, list.wake(5), list.wakeAndRemove()]).toEqual([0, 0, 0, false]);
});

test("can be used again and again, and holds nothing in between", () => {
  const log = trace(function* (log, loop) {
    const list = newList();
    for (const names of ["ab", "c"]) {
      yield* waiters(list, log, loop, names);
      list.wake(9);
      yield* spin(1);
      log.push(slotsInUse(loop));
    }
  });
  expect(log).toEqual(["a woken", "b woken", 2, "c woken", 2]);
});

test("only a task can wait, and a second wait needs that the first is left", () => {
  const loop = newLoop();
  const list = newList();
  expect(attempt(() => list.park())).toBe("RuntimeError('no running event loop')");
  const outcomes: unknown[] = [];
  loop.callSoon(() => outcomes.push(attempt(() => list.park())));
  function* twice(): Coroutine<void> {
    loop.callSoon(() => list.wake(1));
    try {
      yield list.park();
      outcomes.push(attempt(() => list.park()));
    } finally {
      list.leave();
    }
  }
  loop.runUntilCompleteSync(twice());
  expect(outcomes).toEqual([
    "RuntimeError('Cannot wait: no task is running')",
    "RuntimeError('Cannot wait: the task waits for something else already')",
  ]);
  dispose(loop);
});

test("belongs to the first loop that something waited in", () => {
  const list = newList();
  const run = (): unknown =>
    trace(function* (log, loop) {
      const task = loop.createTask(attemptAwait(wait(list, [], "a")));
      yield* spin(1);
      list.wake(1);
      log.push(yield* task);
    })[0];
  expect(run()).toBeUndefined();
  expect(run()).toBe("RuntimeError('<owner> is bound to a different event loop')");
});

// Cancellation that is passed on, from tasks to what they await and from gatherings to what they gather: at any depth,
// and in any circle.

import { describe, expect, test } from "vitest";
import {
  type Coroutine,
  Future,
  type Task,
  TimeoutError,
  allTasks,
  createTask,
  currentTask,
  gather,
  sleep,
  timeout,
} from "wasyncio";
import { awaiting, spin } from "../../support/coroutines.ts";
import { attemptAwait } from "../../support/outcomes.ts";
import { trace } from "../../support/stage.ts";

const DEEP = 20_000;

describe("deep", () => {
  test("gatherings in gatherings: all are cancelled", () => {
    const log = trace(function* (log) {
      const innermost = createTask(sleep(60));
      let outer: Future<unknown> = innermost;
      for (let i = 0; i < DEEP; i++) outer = gather([outer]);
      yield* sleep(0);
      log.push(outer.cancel("stop"), yield* attemptAwait(outer), innermost.cancelled());
    });
    expect(log).toEqual([true, "CancelledError('stop')", true]);
  });

  test("tasks that await gatherings of tasks that await gatherings: all are cancelled, once", () => {
    const log = trace(function* (log) {
      let last: Task<unknown> = createTask(sleep(60));
      const tasks = [last];
      for (let i = 0; i < DEEP / 4; i++) tasks.push((last = createTask(awaiting(gather([last])))));
      yield* spin(2);
      log.push(
        last.cancel("stop"),
        tasks.every((task) => task.cancelling() === 1),
      );
      log.push(
        yield* attemptAwait(last),
        tasks.every((task) => task.cancelled()),
      );
    });
    expect(log).toEqual([true, true, "CancelledError('stop')", true]);
  });

  test("layers in which each awaits all of the layer below: a cancel asks each layer once", () => {
    const log = trace(function* (log) {
      let layer: Task<unknown>[] = [createTask(sleep(60)), createTask(sleep(60))];
      const lowest = layer;
      for (let i = 0; i < 60; i++) {
        const below = layer;
        layer = below.map(() => createTask(awaiting(gather(below, { returnExceptions: true }))));
        yield* sleep(0);
      }
      yield* sleep(0);
      log.push(
        layer[0].cancel(),
        yield* attemptAwait(layer[0]),
        lowest.map((task) => task.cancelled()),
      );
    });
    expect(log).toEqual([true, "CancelledError()", [true, true]]);
  });
});

describe("in a circle", () => {
  test("of a task that gathers all tasks, itself among them, a timeout comes out", () => {
    const log = trace(function* (log, loop) {
      const other = createTask(sleep(60));
      try {
        yield* timeout(1).with(function* () {
          yield* gather([...allTasks()], { returnExceptions: true });
        });
      } catch (error) {
        log.push(error instanceof TimeoutError, loop.time(), currentTask()?.cancelling());
      }
      log.push(yield* attemptAwait(other));
    });
    expect(log).toEqual([true, 1, 0, "CancelledError()"]);
  });

  test("of ten tasks that each gather all tasks, one cancel ends all", () => {
    const log = trace(function* (log) {
      function* all(): Coroutine<void> {
        yield* sleep(0);
        yield* gather([...allTasks()].filter((task) => task.getName() !== "main"));
      }
      currentTask()?.setName("main");
      const tasks = Array.from({ length: 10 }, () => createTask(all()));
      yield* spin(3);
      tasks[4].cancel("stop");
      for (const task of tasks) log.push(yield* attemptAwait(task));
    });
    expect(log).toEqual(Array(10).fill("CancelledError('stop')"));
  });

  test("of a gathering and tasks that await each other, the gathering ends", () => {
    const log = trace(function* (log) {
      const tasks: Task<unknown>[] = [];
      function* gathering(): Coroutine<unknown> {
        yield* sleep(0);
        return yield* gather([tasks[1]]);
      }
      function* following(index: number): Coroutine<unknown> {
        yield* sleep(0);
        return yield* tasks[index];
      }
      tasks.push(createTask(gathering()), createTask(following(2)), createTask(following(0)));
      yield* spin(3);
      tasks[2].cancel("stop");
      for (const task of tasks) log.push(yield* attemptAwait(task), task.cancelled());
    });
    expect(log.filter((entry) => entry === true)).toHaveLength(3);
  });
});

test("a future of the program's own among them is asked by its own cancel", () => {
  const log = trace(function* (log, loop) {
    class Deaf extends Future<void> {
      override cancel(): boolean {
        log.push("asked");
        return false;
      }
    }
    const deaf = new Deaf({ loop });
    const task = createTask(awaiting(gather([gather([deaf])])));
    yield* sleep(0);
    log.push(task.cancel("stop"), task.cancelling());
    yield* sleep(0);
    deaf.setResult();
    log.push(yield* attemptAwait(task));
  });
  expect(log).toEqual(["asked", true, 1, "CancelledError('stop')"]);
});

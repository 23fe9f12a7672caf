import { describe, expect, test } from "vitest";
import { type Coroutine, type ExceptionGroup, TaskGroup, createTask, currentTask, sleep } from "wasyncio";
import { nothing, spin, throwing } from "../../support/coroutines.ts";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { fullTrace } from "../../support/stage.ts";

const GROUP = "ExceptionGroup('unhandled errors in a TaskGroup',";

function group<T>(body: (group: TaskGroup) => Coroutine<T>): Coroutine<T> {
  return new TaskGroup().with(body);
}

describe("TaskGroup", () => {
  test("waits for the clean-up of its tasks when the body fails", () => {
    const log = fullTrace(function* (log, loop) {
      function* child() {
        try {
          yield* loop.createFuture();
        } finally {
          yield* sleep(1);
          log.push("child cancelled", loop.time());
        }
      }
      const block = group(function* (group) {
        group.createTask(child());
        yield* sleep(0);
        throw new RangeError("b");
      });
      log.push(yield* attemptAwait(block));
    });
    expect(log).toEqual(["child cancelled", 1, `${GROUP} [RangeError('b')])`]);
  });

  test("keeps the message of a cancel of the parent", () => {
    const log = fullTrace(function* (log, loop) {
      function* child() {
        try {
          yield* loop.createFuture();
        } finally {
          log.push("child cancelled");
        }
      }
      const task = createTask(
        group(function* (group) {
          group.createTask(child());
        }),
      );
      yield* spin(3);
      task.cancel("m");
      log.push(yield* attemptAwait(task), task.cancelling());
    });
    expect(log).toEqual(["child cancelled", "CancelledError('m')", 1]);
  });

  test("is not entered outside a loop", () => {
    expect(attempt(() => new TaskGroup().aenter().next())).toBe("RuntimeError('no running event loop')");
  });

  test("leaves no cancel request behind when the body swallowed its cancellation", () => {
    const log = fullTrace(function* (log) {
      const block = group(function* (group) {
        group.createTask(throwing(new RangeError("x")));
        try {
          yield* sleep(9);
        } catch {
          return "swallowed";
        }
        return "not cancelled";
      });
      log.push(yield* attemptAwait(block), currentTask()?.cancelling());
    });
    expect(log).toEqual([`${GROUP} [RangeError('x')])`, 0]);
  });

  test("gives what the body returns, and hands task options on", () => {
    const log = fullTrace(function* (log) {
      const result = yield* group(function* (group) {
        const [a, b] = [group.createTask(sleep(2, "a"), { name: "first" }), group.createTask(sleep(1, "b"))];
        log.push(a.getName());
        return [yield* a, yield* b];
      });
      log.push(result);
    });
    expect(log).toEqual(["first", ["a", "b"]]);
  });

  test("puts what is thrown into the group, an error or not", () => {
    fullTrace(function* () {
      try {
        yield* group(function* (group) {
          group.createTask(throwing("text"));
          group.createTask(throwing(undefined));
          yield* sleep(5);
        });
        expect.unreachable();
      } catch (error) {
        expect((error as ExceptionGroup).exceptions).toEqual(["text", undefined]);
      }
    });
    fullTrace(function* () {
      try {
        yield* group(() => throwing(undefined));
        expect.unreachable();
      } catch (error) {
        expect((error as ExceptionGroup).exceptions).toEqual([undefined]);
      }
    });
  });

  test("reports the failure of a task whose parent is done already", () => {
    const log = fullTrace(function* (log) {
      const tasks = new TaskGroup();
      function* parent() {
        yield* tasks.aenter();
      }
      yield* createTask(parent(), { name: "parent" });
      const orphan = tasks.createTask(throwing(new RangeError("orphan")), { name: "child" });
      yield* spin(3);
      log.push(orphan.done());
    });
    expect(log).toEqual([
      [
        "EH",
        expect.stringMatching(
          /^Task <Task finished name='child'.*> has errored out but its parent task <Task finished name='parent'/,
        ),
        "RangeError('orphan')",
      ],
      true,
    ]);
  });

  test("refuses what is no coroutine, and a body that is no function, before it is entered", () => {
    const log = fullTrace(function* (log) {
      const tasks = new TaskGroup();
      log.push(yield* attemptAwait(withBody(tasks, "x")), String(tasks));
      yield* tasks.with(function* () {
        for (const bad of [5, null, nothing, Promise.resolve()]) {
          log.push(attempt(() => tasks.createTask(bad as unknown as Coroutine<void>)));
        }
        log.push(String(tasks));
      });
    });
    expect(log).toEqual([
      "TypeError('Cannot enter: expected a function for the body, got 'x'')",
      "<TaskGroup>",
      "TypeError('a coroutine was expected, got 5')",
      "TypeError('a coroutine was expected, got null')",
      "TypeError('a coroutine was expected, got <function nothing>')",
      "TypeError('a coroutine was expected, got [object Promise]')",
      "<TaskGroup entered>",
    ]);
  });
});

function* withBody(tasks: TaskGroup, body: unknown): Coroutine<unknown> {
  return yield* tasks.with(body as () => Coroutine<void>);
}

import { describe, expect, test } from "vitest";
import {
  type Coroutine,
  type ExceptionGroup,
  TaskGroup,
  createTask,
  currentTask,
  eagerTaskFactory,
  getRunningLoop,
  sleep,
  timeout,
} from "wasyncio";
import { nothing, spin, throwing } from "../../support/coroutines.ts";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { type Trace, fullTrace } from "../../support/stage.ts";

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

describe("TaskGroup.cancel", () => {
  /** Takes half a second to end. */
  function* child(log: Trace): Coroutine<void> {
    try {
      yield* sleep(9);
    } finally {
      yield* sleep(0.5);
      log.push(`child ends at ${getRunningLoop().time()}`);
    }
  }

  test("in the block ends it at its next wait, without an error, behind its tasks", () => {
    const log = fullTrace(function* (log, loop) {
      const result = yield* group(function* (group) {
        group.createTask(child(log));
        yield* sleep(1);
        group.cancel();
        group.cancel();
        log.push(String(group));
        yield* sleep(1);
        return "not reached";
      });
      log.push(result, loop.time(), currentTask()?.cancelling());
    });
    expect(log).toEqual(["<TaskGroup tasks=1 cancelling>", "child ends at 1.5", undefined, 1.5, 0]);
  });

  test("lets a block that waits no more return", () => {
    const log = fullTrace(function* (log) {
      const result = yield* group(function* (group) {
        group.createTask(child(log));
        group.cancel();
        return "result";
      });
      log.push(result, currentTask()?.cancelling());
      yield* sleep(1);
    });
    expect(log).toEqual(["result", 0]); // its task never began
  });

  test("in a task, and while the group waits for its tasks, ends it", () => {
    const log = fullTrace(function* (log, loop) {
      yield* group(function* (group) {
        group.createTask(child(log));
        loop.callLater(1, () => group.cancel());
      });
      yield* group(function* (group) {
        group.createTask(child(log));
        group.createTask(
          (function* () {
            yield* sleep(1);
            group.cancel();
          })(),
        );
        yield* sleep(9);
      });
      log.push(currentTask()?.cancelling());
    });
    expect(log).toEqual(["child ends at 1.5", "child ends at 3", 0]);
  });

  test("before the block ends it at its first wait; behind it does nothing", () => {
    const log = fullTrace(function* (log, loop) {
      const early = new TaskGroup();
      early.cancel();
      log.push(String(early));
      yield* early.with(function* (group) {
        log.push(attempt(() => group.createTask(child(log)).getName()));
        yield* sleep(9);
      });
      early.cancel();
      yield* sleep(1);
      log.push(loop.time(), currentTask()?.cancelling());
    });
    const refusal = "RuntimeError('TaskGroup <TaskGroup cancelling> is shutting down')";
    expect(log).toEqual(["<TaskGroup>", refusal, 1, 0]);
  });

  test("leaves errors of tasks and of the block to be thrown", () => {
    const log = fullTrace(function* (log) {
      function* failing() {
        try {
          yield* sleep(9);
        } finally {
          yield* throwing(new RangeError("clean-up"));
        }
      }
      const withTask = group(function* (group) {
        group.createTask(failing());
        yield* sleep(0);
        group.cancel();
        yield* sleep(9);
      });
      log.push(yield* attemptAwait(withTask), currentTask()?.cancelling());
      const withBody = group(function* (group) {
        group.cancel();
        yield* throwing(new RangeError("block"));
      });
      log.push(yield* attemptAwait(withBody), currentTask()?.cancelling());
    });
    expect(log).toEqual([`${GROUP} [RangeError('clean-up')])`, 0, `${GROUP} [RangeError('block')])`, 0]);
  });

  test("does not hide a request from outside: before it, with it, and while its tasks end", () => {
    const log = fullTrace(function* (log, loop) {
      for (const moment of [0.5, 1, 1.2]) {
        const task = createTask(
          group(function* (group) {
            group.createTask(child(log));
            loop.callLater(1, () => group.cancel());
            yield* sleep(9);
          }),
        );
        yield* sleep(moment);
        task.cancel();
        log.push(yield* attemptAwait(task), task.cancelling());
      }
      const late = timeout(1.2).with(() =>
        group(function* (group) {
          group.createTask(child(log));
          yield* sleep(1);
          group.cancel();
        }),
      );
      log.push(yield* attemptAwait(late), currentTask()?.cancelling());
    });
    expect(log.filter((entry) => !String(entry).startsWith("child"))).toEqual([
      "CancelledError()",
      1,
      "CancelledError()",
      1,
      "CancelledError()",
      1,
      "TimeoutError()",
      0,
    ]);
  });

  test("counts requests from before the block as not its own", () => {
    const log = fullTrace(function* (log) {
      function* program() {
        try {
          yield* sleep(9);
        } finally {
          yield* group(function* (group) {
            group.cancel();
            yield* sleep(9);
          });
          yield* group(function* (group) {
            group.cancel(); // and waits no more
          });
          yield* sleep(1);
          log.push("cleaned up", currentTask()?.cancelling());
        }
      }
      const task = createTask(program());
      yield* sleep(0);
      task.cancel();
      log.push(yield* attemptAwait(task));
    });
    expect(log).toEqual(["cleaned up", 1, "CancelledError()"]);
  });

  test("keeps a request from before that was not thrown yet", () => {
    const log = fullTrace(function* (log) {
      function* program() {
        currentTask()?.cancel("before");
        yield* group(function* (group) {
          group.cancel();
        });
        log.push(currentTask()?.cancelling());
        yield* sleep(9);
      }
      log.push(yield* attemptAwait(createTask(program())));
    });
    expect(log).toEqual([1, "CancelledError()"]);
  });

  test("lets one through that comes in the block's first wait", () => {
    const log = fullTrace(function* (log) {
      function* program() {
        currentTask()?.cancel("before");
        yield* group(function* (group) {
          group.cancel();
          yield* sleep(9);
        });
        log.push("goes on");
      }
      log.push(yield* attemptAwait(createTask(program())));
    });
    expect(log).toEqual(["CancelledError()"]);
  });

  test("in the eager first step of a task stops that one, too", () => {
    const log = fullTrace(
      function* (log, loop) {
        yield* group(function* (group) {
          group.createTask(
            (function* () {
              group.cancel();
              yield* sleep(9);
            })(),
          );
        });
        log.push(loop.time());
      },
      { taskFactory: eagerTaskFactory },
    );
    expect(log).toEqual([0]);
  });
});

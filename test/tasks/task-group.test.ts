import { describe, expect, test } from "vitest";
import {
  CancelledError,
  type Coroutine,
  type ExceptionGroup,
  type Task,
  TaskGroup,
  createTask,
  currentTask,
  eagerTaskFactory,
  sleep,
  timeout,
} from "wasyncio";
import {
  attempt,
  attemptAwait,
  describeError,
  fail,
  give,
  iteration,
  nothing,
  runProgram,
  spin,
} from "../support/virtual-programs.ts";

const GROUP = "ExceptionGroup('unhandled errors in a TaskGroup',";

function group<T>(body: (group: TaskGroup) => Coroutine<T>): Coroutine<T> {
  return new TaskGroup().with(body);
}

function* failLater(delay: number, error: unknown): Coroutine<never> {
  yield* sleep(delay);
  throw error;
}

describe("TaskGroup", () => {
  test("waits for its tasks, and does not suspend without any (TG-01)", () => {
    const log = runProgram(function* (log, loop) {
      yield* group(function* (group) {
        group.createTask(
          (function* () {
            log.push(["child", iteration(loop)]);
          })(),
        );
      });
      const end = iteration(loop);
      log.push(end);
      yield* group(nothing);
      log.push(iteration(loop) - end);
    });
    expect(log).toEqual([["child", 2], 4, 0]);
  });

  test("cancels siblings, then the body, at the first failure, and takes that request back (TG-02)", () => {
    const log = runProgram(function* (log, loop) {
      function* sibling() {
        try {
          yield* loop.createFuture();
        } catch (error) {
          log.push("sibling cancelled");
          throw error;
        }
      }
      const block = group(function* (group) {
        group.createTask(sibling());
        group.createTask(failLater(1, new RangeError("x")));
        try {
          yield* sleep(9);
        } catch (error) {
          log.push("body cancelled");
          throw error;
        }
      });
      log.push(yield* attemptAwait(block), currentTask()?.cancelling(), loop.time());
    });
    expect(log).toEqual(["sibling cancelled", "body cancelled", `${GROUP} [RangeError('x')])`, 0, 1]);
  });

  test("lists errors in the order in which tasks ended, the body's last (TG-03)", () => {
    const log = runProgram(function* (log, loop) {
      function* child() {
        try {
          yield* loop.createFuture();
        } catch {
          throw new RangeError("cleanup");
        }
      }
      const block = group(function* (group) {
        group.createTask(child());
        yield* sleep(0);
        throw new Error("body");
      });
      log.push(yield* attemptAwait(block));
    });
    expect(log).toEqual([`${GROUP} [RangeError('cleanup'), Error('body')])`]);
  });

  test("collects all that fail in one iteration, in the order of their steps (TG-04)", () => {
    const log = runProgram(function* (log) {
      const block = group(function* (group) {
        for (const name of ["1", "2", "3"]) group.createTask(fail(new Error(name)));
      });
      log.push(yield* attemptAwait(block));
    });
    expect(log).toEqual([`${GROUP} [Error('1'), Error('2'), Error('3')])`]);
  });

  test("passes over children that end cancelled (TG-05)", () => {
    const log = runProgram(function* (log) {
      function* say() {
        yield* spin(5);
        log.push("ok");
      }
      yield* group(function* (group) {
        group.createTask(fail(new CancelledError()));
        const task = group.createTask(spin(9));
        group.createTask(say());
        yield* sleep(0);
        task.cancel();
      });
      log.push("done");
    });
    expect(log).toEqual(["ok", "done"]);
  });

  test("cancels its tasks when the body fails, and waits for them (TG-08)", () => {
    const log = runProgram(function* (log, loop) {
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

  test("cancels its tasks when the parent is cancelled at the end of the block (TG-09)", () => {
    const log = runProgram(function* (log, loop) {
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

  test("throws the errors of its tasks over a cancel of the parent, which comes again at its next wait (TG-10)", () => {
    const log = runProgram(function* (log, loop) {
      function* child() {
        try {
          yield* loop.createFuture();
        } catch {
          throw new RangeError("c");
        }
      }
      function* parent() {
        log.push(
          yield* attemptAwait(
            group(function* (group) {
              group.createTask(child());
            }),
          ),
        );
        log.push(currentTask()?.cancelling(), yield* attemptAwait(sleep(0)));
      }
      const task = createTask(parent());
      yield* spin(3);
      task.cancel();
      yield* attemptAwait(task);
    });
    expect(log).toEqual([`${GROUP} [RangeError('c')])`, 1, "CancelledError()"]);
  });

  test("takes no task before, after, and while it shuts down, and closes the coroutine (TG-11)", () => {
    const log = runProgram(function* (log, loop) {
      const closed = give("not closed");
      const tasks = new TaskGroup();
      log.push(
        attempt(() => tasks.createTask(closed)),
        closed.next().value,
      );
      yield* tasks.with(nothing);
      log.push(attempt(() => tasks.createTask(nothing())));
      function* late(group: TaskGroup) {
        try {
          yield* loop.createFuture();
        } finally {
          log.push(attempt(() => group.createTask(nothing())));
        }
      }
      const block = group(function* (group) {
        group.createTask(late(group));
        yield* sleep(0);
        group.createTask(fail(new Error()));
      });
      yield* attemptAwait(block);
    });
    expect(log).toEqual([
      "RuntimeError('TaskGroup <TaskGroup> has not been entered')",
      undefined,
      "RuntimeError('TaskGroup <TaskGroup entered> is finished')",
      "RuntimeError('TaskGroup <TaskGroup tasks=1 errors=1 cancelling> is shutting down')",
    ]);
  });

  test("waits for tasks that its tasks add at the end (TG-12)", () => {
    const log = runProgram(function* (log) {
      function* grandchild() {
        yield* sleep(1);
        log.push("grandchild");
      }
      function* child(group: TaskGroup) {
        yield* sleep(1);
        group.createTask(grandchild());
      }
      yield* group(function* (group) {
        group.createTask(child(group));
      });
      log.push("done");
    });
    expect(log).toEqual(["grandchild", "done"]);
  });

  test("is entered once, inside a task (TG-13)", () => {
    const log = runProgram(function* (log, loop) {
      yield* group(function* (group) {
        log.push(yield* attemptAwait(group.aenter()));
      });
      loop.callSoon(() => log.push(attempt(() => new TaskGroup().aenter().next())));
      yield* sleep(0);
    });
    expect(log).toEqual([
      "RuntimeError('TaskGroup <TaskGroup entered> has already been entered')",
      "RuntimeError('TaskGroup <TaskGroup> cannot determine the parent task')",
    ]);
    expect(attempt(() => new TaskGroup().aenter().next())).toBe("RuntimeError('no running event loop')");
  });

  test("nests its groups (TG-14)", () => {
    const log = runProgram(function* (log) {
      const block = group(() =>
        group(function* (inner) {
          inner.createTask(fail(new RangeError("i")));
        }),
      );
      log.push(yield* attemptAwait(block));
    });
    expect(log).toEqual([`${GROUP} [${GROUP} [RangeError('i')])])`]);
  });

  test("leaves no cancel request behind when a child fails while it waits at the end (TG-15)", () => {
    const log = runProgram(function* (log) {
      const block = group(function* (group) {
        group.createTask(failLater(1, new RangeError("l")));
      });
      log.push(yield* attemptAwait(block), currentTask()?.cancelling());
      yield* sleep(0);
      log.push("ok");
    });
    expect(log).toEqual([`${GROUP} [RangeError('l')])`, 0, "ok"]);
  });

  test("throws also when the body swallowed its cancellation (TG-16)", () => {
    const log = runProgram(function* (log) {
      const block = group(function* (group) {
        group.createTask(fail(new RangeError("x")));
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

  test("counts the errors that it collects as looked at (TG-17)", () => {
    const log = runProgram(function* (log) {
      const block = group(function* (group) {
        group.createTask(fail(new RangeError("x")));
        group.createTask(fail(new RangeError("y")));
      });
      yield* attemptAwait(block);
      log.push("no report");
    });
    expect(log).toEqual(["no report"]);
  });

  test("cancels its tasks in the order of their creation (TG-18)", () => {
    const log = runProgram(function* (log, loop) {
      function* child(name: string) {
        try {
          yield* loop.createFuture();
        } finally {
          log.push(name);
        }
      }
      const block = group(function* (group) {
        for (const name of ["c", "a", "b"]) group.createTask(child(name));
        yield* sleep(0);
        throw new Error("x");
      });
      yield* attemptAwait(block);
    });
    expect(log).toEqual(["c", "a", "b"]);
  });

  test("passes the errors of its tasks through a deadline, with a TimeoutError in their chain of causes (TG-19)", () => {
    const log = runProgram(function* (log, loop) {
      function* child() {
        try {
          yield* loop.createFuture();
        } catch (cause) {
          throw new RangeError("x", { cause });
        }
      }
      const block = timeout(1).with(() =>
        group(function* (group) {
          group.createTask(child());
          yield* sleep(9);
        }),
      );
      try {
        yield* block;
      } catch (error) {
        log.push(describeError(error));
        log.push(describeError(((error as ExceptionGroup).exceptions[0] as Error).cause));
      }
    });
    expect(log).toEqual([`${GROUP} [RangeError('x')])`, "TimeoutError()"]);
  });

  test("inside a deadline gives a TimeoutError when its tasks just unwind (TG-20)", () => {
    const log = runProgram(function* (log) {
      const tasks: Task<unknown>[] = [];
      const block = timeout(1).with(() =>
        group(function* (group) {
          tasks.push(group.createTask(sleep(9)));
        }),
      );
      log.push(yield* attemptAwait(block), tasks[0]?.cancelled());
    });
    expect(log).toEqual(["TimeoutError()", true]);
  });

  test("says its state (TG-21)", () => {
    const log = runProgram(function* (log) {
      const tasks = new TaskGroup();
      log.push(String(tasks));
      yield* tasks.with(function* () {
        log.push(String(tasks));
        tasks.createTask(nothing());
        log.push(String(tasks));
      });
    });
    expect(log).toEqual(["<TaskGroup>", "<TaskGroup entered>", "<TaskGroup tasks=1 entered>"]);
  });

  test("throws CancelledError when the parent is cancelled while the last task ends (TG-22)", () => {
    const log = runProgram(function* (log) {
      function* child(): Coroutine<void> {
        yield* spin(2);
        log.push(task.cancel());
      }
      const task: Task<void> = createTask(
        group(function* (group) {
          group.createTask(child());
        }),
      );
      log.push(yield* attemptAwait(task));
    });
    expect(log).toEqual([true, "CancelledError()"]);
  });

  test("cancels tasks that have not started before their first step (TG-23)", () => {
    const log = runProgram(function* (log) {
      function* child() {
        log.push("ran");
      }
      const block = group(function* (group) {
        group.createTask(child());
        throw new RangeError("b");
      });
      log.push(yield* attemptAwait(block));
    });
    expect(log).toEqual([`${GROUP} [RangeError('b')])`]);
  });

  test("with eager tasks does not abort inside createTask (TG-24)", () => {
    const log = runProgram(
      function* (log) {
        function* second() {
          log.push("second ran");
        }
        const block = group(function* (group) {
          group.createTask(fail(new RangeError("e")));
          log.push("after failing child");
          group.createTask(second());
          yield* sleep(0);
          log.push("not reached");
        });
        log.push(yield* attemptAwait(block));
      },
      { taskFactory: eagerTaskFactory },
    );
    expect(log).toEqual(["after failing child", "second ran", `${GROUP} [RangeError('e')])`]);
  });

  test("gives what the body returns, and hands task options on", () => {
    const log = runProgram(function* (log) {
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
    runProgram(function* () {
      try {
        yield* group(function* (group) {
          group.createTask(fail("text"));
          group.createTask(fail(undefined));
          yield* sleep(5);
        });
        expect.unreachable();
      } catch (error) {
        expect((error as ExceptionGroup).exceptions).toEqual(["text", undefined]);
      }
    });
    runProgram(function* () {
      try {
        yield* group(() => fail(undefined));
        expect.unreachable();
      } catch (error) {
        expect((error as ExceptionGroup).exceptions).toEqual([undefined]);
      }
    });
  });

  test("reports the failure of a task whose parent is done already", () => {
    const log = runProgram(function* (log) {
      const tasks = new TaskGroup();
      function* parent() {
        yield* tasks.aenter();
      }
      yield* createTask(parent(), { name: "parent" });
      const orphan = tasks.createTask(fail(new RangeError("orphan")), { name: "child" });
      yield* spin(3);
      log.push(orphan.done());
    });
    expect(log).toEqual([
      [
        "reported",
        expect.stringMatching(
          /^Task <Task finished name='child'.*> has errored out but its parent task <Task finished name='parent'/,
        ),
        "RangeError('orphan')",
      ],
      true,
    ]);
  });

  test("refuses what is no coroutine, and a body that is no function, before it is entered", () => {
    const log = runProgram(function* (log) {
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

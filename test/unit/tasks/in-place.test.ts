// Blocks of deadlines and groups in place: that they do what `with` does is for test/cpython to say, by facts and
// random programs. Here stands what they have for themselves.

import { describe, expect, test } from "vitest";
import {
  CancelledError,
  type Coroutine,
  type MoveOn,
  TaskGroup,
  type Timeout,
  createTask,
  currentTask,
  moveOnAfter,
  sleep,
  timeout,
  timeoutAt,
} from "wasyncio";
import { awaiting, nothing, spin, throwing } from "../../support/coroutines.ts";
import { timers } from "../../support/counters.ts";
import { inPlace } from "../../support/in-place.ts";
import { attempt, attemptAwait, describeError } from "../../support/outcomes.ts";
import { type Trace, fullTrace, trace } from "../../support/stage.ts";

function* within<T>(scope: Timeout, body: Coroutine<T>): Coroutine<T> {
  scope.enter();
  try {
    return yield* body;
  } catch (error) {
    throw scope.fail(error);
  } finally {
    scope.exit();
  }
}

const cancelsOf = (): number | undefined => currentTask()?.cancelling();

describe("a deadline in place", () => {
  test("gives what its block returns, and leaves no timer", () => {
    const log = fullTrace(function* (log, loop) {
      const scope = timeout(1);
      log.push(yield* within(scope, sleep(0.5, "in time")), scope.expired(), String(scope));
      const { all, cancelled } = timers(loop);
      log.push(all - cancelled);
    });
    expect(log).toEqual(["in time", false, "<Timeout [finished]>", 0]);
  });

  test("throws TimeoutError for its own cancellation, which is the cause", () => {
    const log = fullTrace(function* (log, loop) {
      try {
        yield* within(timeoutAt(2), sleep(9));
      } catch (error) {
        log.push((error as Error).message, describeError((error as Error).cause), loop.time(), cancelsOf());
      }
    });
    expect(log).toEqual(["timed out at 2 s", "CancelledError()", 2, 0]);
  });

  test("lets a cancellation of somebody else pass, with its own besides or without", () => {
    function* program(log: Trace): Coroutine<void> {
      for (const delay of [1, 5]) {
        const task = createTask(within(timeout(delay), sleep(9)));
        yield* sleep(1 - Number(delay === 5));
        task.cancel("stop");
        log.push(yield* attemptAwait(task), task.cancelling());
      }
    }
    expect(fullTrace(program)).toEqual(["CancelledError()", 1, "CancelledError('stop')", 1]);
  });

  test("lets other errors pass, and says in their causes that it has expired", () => {
    const log = fullTrace(function* (log) {
      function* replacing(): Coroutine<void> {
        try {
          yield* sleep(9);
        } catch (cause) {
          throw new RangeError("instead", { cause });
        }
      }
      log.push(yield* attemptAwait(within(timeout(1), throwing(new RangeError("e")))));
      try {
        yield* within(timeout(1), replacing());
      } catch (error) {
        log.push(describeError(error), describeError((error as Error).cause), cancelsOf());
      }
    });
    expect(log).toEqual(["RangeError('e')", "RangeError('instead')", "TimeoutError()", 0]);
  });

  test("throws nothing when the block swallows the cancellation", () => {
    const log = fullTrace(function* (log) {
      const swallowing = timeout(1);
      log.push(yield* within(swallowing, attemptAwait(sleep(9))), swallowing.expired(), cancelsOf());
    });
    expect(log).toEqual(["CancelledError()", true, 0]);
  });

  test("says by `fail` what `exit` throws, whatever the `catch` does with it", () => {
    const log = fullTrace(function* (log) {
      let told: unknown;
      function* careless(): Coroutine<void> {
        const scope = timeout(1).enter();
        try {
          yield* sleep(9);
        } catch (error) {
          told = scope.fail(error);
        } finally {
          scope.exit();
        }
        log.push("goes on");
      }
      try {
        yield* careless();
      } catch (error) {
        log.push(error === told, describeError(error));
      }
      const scope = timeout(1).enter();
      const error = new RangeError("e");
      log.push(
        scope.fail(error) === error,
        attempt(() => scope.exit()),
        attempt(() => scope.exit()),
      );
    });
    expect(log).toEqual([true, "TimeoutError()", true, "RangeError('e')", undefined]);
  });

  test("is moved as any", () => {
    const log = fullTrace(function* (log, loop) {
      const scope = timeout(1).enter();
      try {
        yield* sleep(0.5);
        scope.reschedule(loop.time() + 2);
        yield* sleep(1);
        scope.reschedule(null);
        yield* sleep(5);
      } finally {
        scope.exit();
      }
      log.push(loop.time(), scope.expired());
    });
    expect(log).toEqual([6.5, false]);
  });

  test("is disarmed when its coroutine is closed by hand", () => {
    const log = fullTrace(function* (log, loop) {
      const scope = timeout(1);
      const coroutine = within(scope, awaiting(loop.createFuture()));
      coroutine.next();
      coroutine.return("closed");
      yield* sleep(2);
      log.push(String(scope), cancelsOf());
    });
    expect(log).toEqual(["<Timeout [finished]>", 0]);
  });

  test("that does not throw cuts its block short, and nothing else", () => {
    const log = fullTrace(function* (log, loop) {
      const late = moveOnAfter(1);
      log.push(yield* inPlace(late, () => sleep(9, "late")), late.expired(), loop.time(), cancelsOf());
      log.push(yield* inPlace(moveOnAfter(1), () => sleep(0.5, "in time")));
      log.push(yield* attemptAwait(inPlace(moveOnAfter(1), () => throwing(new RangeError("e")))));
      const task = createTask(inPlace(moveOnAfter(5), () => sleep(9)));
      yield* sleep(1);
      task.cancel("stop");
      log.push(yield* attemptAwait(task));
    });
    expect(log).toEqual([undefined, true, 1, 0, "in time", "RangeError('e')", "CancelledError('stop')"]);
  });
});

describe("a group in place", () => {
  test("waits for its tasks, and gives what they have given", () => {
    const log = fullTrace(function* (log, loop) {
      const group = new TaskGroup().enter();
      const tasks = [1, 2].map((seconds) => group.createTask(sleep(seconds, seconds)));
      try {
        yield* sleep(0.5);
        log.push("body");
      } catch (error) {
        group.fail(error);
      } finally {
        yield* group.exit();
      }
      log.push(
        tasks.map((task) => task.result()),
        loop.time(),
      );
    });
    expect(log).toEqual(["body", [1, 2], 2]);
  });

  test("is cancelled as soon as its block has failed, and takes no more tasks", () => {
    const log = fullTrace(function* (log) {
      const group = new TaskGroup().enter();
      const task = group.createTask(sleep(9));
      try {
        yield* sleep(1);
        throw new RangeError("e");
      } catch (error) {
        group.fail(error);
        log.push(
          task.cancelling(),
          attempt(() => group.createTask(nothing())),
        );
      } finally {
        log.push(yield* attemptAwait(group.exit()));
      }
      log.push(task.cancelled());
    });
    expect(log).toEqual([
      1,
      "RuntimeError('TaskGroup <TaskGroup tasks=1 cancelling> is shutting down')",
      "ExceptionGroup('unhandled errors in a TaskGroup', [RangeError('e')])",
      true,
    ]);
  });

  test("gathers the errors of tasks, and takes back what it asked of its parent", () => {
    const log = fullTrace(function* (log) {
      const block = inPlace(new TaskGroup(), function* (group) {
        group.createTask(throwing(new RangeError("a")));
        group.createTask(throwing(new TypeError("b")));
        yield* sleep(9);
      });
      log.push(yield* attemptAwait(block), cancelsOf());
    });
    expect(log).toEqual(["ExceptionGroup('unhandled errors in a TaskGroup', [RangeError('a'), TypeError('b')])", 0]);
  });

  test("passes a cancellation of its task on, also one that comes while it waits for its tasks", () => {
    const log = fullTrace(function* (log) {
      for (const body of [() => sleep(9), nothing]) {
        const ended: unknown[] = [];
        function* child(): Coroutine<void> {
          try {
            yield* sleep(9);
          } finally {
            ended.push("child");
          }
        }
        const task = createTask(
          inPlace(new TaskGroup(), function* (group): Coroutine<void> {
            group.createTask(child());
            yield* body();
          }),
        );
        yield* spin(3);
        task.cancel("stop");
        log.push(yield* attemptAwait(task), ended);
      }
    });
    expect(log).toEqual(["CancelledError('stop')", ["child"], "CancelledError('stop')", ["child"]]);
  });

  test("goes on behind the block when it is cancelled itself", () => {
    const log = fullTrace(function* (log, loop) {
      const group = new TaskGroup().enter();
      try {
        group.createTask(sleep(9));
        loop.callLater(1, () => group.cancel());
        yield* sleep(9);
      } catch (error) {
        log.push(error instanceof CancelledError);
        group.fail(error);
      } finally {
        yield* group.exit();
      }
      log.push("behind", loop.time(), cancelsOf());
    });
    expect(log).toEqual([true, "behind", 1, 0]);
  });
});

describe("misuse", () => {
  const scopes: Record<string, () => Timeout | MoveOn | TaskGroup> = {
    timeout: () => timeout(1),
    moveOnAfter: () => moveOnAfter(1),
    TaskGroup: () => new TaskGroup(),
  };

  test.each(Object.entries(scopes))(
    "of %s: what is not entered is neither left nor failed, nor entered twice",
    (_, make) => {
      const log = fullTrace(function* (log, loop) {
        const scope = make();
        log.push(attempt(() => scope.fail(new Error("e"))));
        log.push(yield* attemptAwait(leave(scope)));
        loop.callSoon(() => log.push(attempt(() => make().enter())));
        yield* sleep(0);
        scope.enter();
        log.push(attempt(() => scope.enter()));
        yield* leave(scope);
      });
      expect(log.map((line) => String(line).replace(/TaskGroup <.*>|Timeout/, "X"))).toEqual([
        "RuntimeError('X has not been entered')",
        "RuntimeError('X has not been entered')",
        expect.stringMatching(
          /^RuntimeError\('X (?:should be used inside a task|cannot determine the parent task)'\)$/,
        ),
        "RuntimeError('X has already been entered')",
      ]);
    },
  );

  function* leave(scope: Timeout | MoveOn | TaskGroup): Coroutine<void> {
    const exiting = scope.exit();
    if (exiting) yield* exiting;
  }

  test.each(Object.entries(scopes))("of %s: debug mode tells of a block that was never left", (_, make) => {
    const log = fullTrace(
      function* () {
        make().enter();
        yield* sleep(0);
      },
      { debug: true },
    );
    expect(log).toEqual([
      ["warning", expect.stringMatching(/^block was never left\nentered at:\n.*in-place\.test\.ts/)],
    ]);
  });

  test("debug mode is silent about blocks that are left, and those that a task still is in", () => {
    const log = trace(
      function* () {
        for (const make of Object.values(scopes)) {
          yield* inPlace(make() as Timeout, () => sleep(0.5));
          createTask(inPlace(make() as Timeout, () => sleep(0.5)));
          createTask((make() as Timeout).with(() => sleep(0.5)));
        }
        yield* sleep(0.1);
      },
      { debug: true },
    );
    expect(log).toEqual([]);
  });

  test("debug mode tells of an exit that nobody awaits", () => {
    const log = trace(
      function* () {
        const group = new TaskGroup().enter();
        void group.exit();
        yield* sleep(0);
      },
      { debug: true },
    );
    expect(log.map((line) => String(line).split("\n")[0])).toEqual([
      "warning,block was never left",
      "warning,coroutine 'TaskGroup.exit' was never awaited",
    ]);
  });
});

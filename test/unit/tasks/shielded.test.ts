import { describe, expect, test } from "vitest";
import {
  ContextVar,
  type Coroutine,
  TaskGroup,
  createTask,
  currentTask,
  getRunningLoop,
  moveOnAfter,
  shielded,
  sleep,
  timeout,
} from "wasyncio";
import { giving, nothing, spin, throwing } from "../../support/coroutines.ts";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { type Trace, fullTrace } from "../../support/stage.ts";

/** A block that takes a second, and says when it has ended. */
function* block(log: Trace): Coroutine<string> {
  yield* sleep(1);
  log.push(`ends at ${getRunningLoop().time()}`);
  return "done";
}

describe("shielded", () => {
  test("runs its block in the task itself, with its context", () => {
    const variable = new ContextVar<string>("v");
    const log = fullTrace(function* (log) {
      const task = currentTask();
      const result = yield* shielded(function* () {
        variable.set("inside");
        yield* sleep(0);
        return currentTask() === task;
      });
      log.push(result, variable.get());
    });
    expect(log).toEqual([true, "inside"]);
  });

  test("gives what its block gives, and throws what it throws", () => {
    const log = fullTrace(function* (log, loop) {
      log.push(yield* shielded(() => giving(1)));
      log.push(yield* shielded(() => createTask(giving(2))));
      log.push(yield* attemptAwait(shielded(() => throwing(new RangeError("e")))));
      log.push(loop.time());
    });
    expect(log).toEqual([1, 2, "RangeError('e')", 0]);
  });

  test("keeps a request to stop until the block has ended: what it returned is there, the next wait is not", () => {
    const log = fullTrace(function* (log, loop) {
      function* program() {
        log.push(yield* shielded(() => block(log)));
        log.push(currentTask()?.cancelling());
        yield* sleep(9);
      }
      const task = createTask(program());
      yield* sleep(0.5);
      log.push(task.cancel("m"), task.cancelling());
      log.push(yield* attemptAwait(task), loop.time());
    });
    expect(log).toEqual([true, 0, "ends at 1", "done", 1, "CancelledError('m')", 1]);
  });

  test("ends its task as cancelled when that waits no more", () => {
    const log = fullTrace(function* (log) {
      const task = createTask(shielded(() => block(log)));
      yield* sleep(0);
      task.cancel();
      log.push(yield* attemptAwait(task), task.cancelled());
    });
    expect(log).toEqual(["ends at 1", "CancelledError()", true]);
  });

  test("makes each of several requests, the last message counts", () => {
    const log = fullTrace(function* (log) {
      function* program() {
        yield* shielded(() => block(log));
        log.push(currentTask()?.cancelling());
        yield* sleep(9);
      }
      const task = createTask(program());
      yield* sleep(0.5);
      task.cancel("a");
      task.cancel("b");
      log.push(yield* attemptAwait(task));
    });
    expect(log).toEqual(["ends at 1", 2, "CancelledError('b')"]);
  });

  test("keeps a request that was made before, and not thrown yet", () => {
    const log = fullTrace(function* (log) {
      function* program() {
        currentTask()?.cancel("before");
        yield* shielded(() => block(log));
        log.push("behind");
        yield* sleep(9);
      }
      log.push(yield* attemptAwait(createTask(program())));
    });
    expect(log).toEqual(["ends at 1", "behind", "CancelledError('before')"]);
  });

  test("forgets such a request that was taken back meanwhile", () => {
    const log = fullTrace(function* (log) {
      function* program() {
        currentTask()?.cancel();
        yield* shielded(function* () {
          yield* sleep(1);
          currentTask()?.uncancel();
        });
        yield* sleep(1);
        return "goes on";
      }
      log.push(yield* attemptAwait(createTask(program())));
    });
    expect(log).toEqual(["goes on"]);
  });

  test("is passed by a cancel that comes by way of who awaits the task", () => {
    const log = fullTrace(function* (log) {
      const inner = createTask(shielded(() => block(log)));
      const outer = createTask(attemptAwait(inner));
      yield* spin(2);
      outer.cancel("m");
      log.push(yield* attemptAwait(outer), inner.cancelled(), outer.cancelling());
    });
    expect(log).toEqual(["ends at 1", "CancelledError('m')", true, 1]);
  });

  test("is not entered outside a task, nor with what is no function", () => {
    const log = fullTrace(function* (log) {
      log.push(attempt(() => shielded(5 as never)));
      yield* sleep(0);
    });
    expect(log).toEqual(["TypeError('Cannot enter: expected a function for the body, got 5')"]);
    expect(attempt(() => shielded(nothing).next())).toBe("RuntimeError('no running event loop')");
    const inCallback = fullTrace(function* (log, loop) {
      loop.callSoon(() => log.push(attempt(() => shielded(nothing).next())));
      yield* spin(2);
    });
    expect(inCallback).toEqual(["RuntimeError('shielded should be used inside a task')"]);
  });

  test("makes kept requests also when its coroutine is closed by hand", () => {
    const log = fullTrace(function* (log) {
      function* program() {
        const coroutine = shielded(() => sleep(9));
        coroutine.next();
        currentTask()?.cancel("m");
        log.push(currentTask()?.cancelling());
        coroutine.return();
        log.push(currentTask()?.cancelling());
        yield* sleep(0);
      }
      log.push(yield* attemptAwait(createTask(program())));
    });
    expect(log).toEqual([0, 1, "CancelledError('m')"]);
  });
});

describe("deadlines and groups", () => {
  test("inside a shield work as anywhere, whatever is kept meanwhile", () => {
    const log = fullTrace(function* (log, loop) {
      function* program() {
        yield* shielded(function* () {
          log.push(yield* attemptAwait(timeout(1).with(() => sleep(9))), loop.time());
          log.push(yield* moveOnAfter(1).with(() => sleep(9)), loop.time());
          const group = new TaskGroup().with(function* (group) {
            group.createTask(throwing(new RangeError("e")));
            yield* sleep(9);
          });
          log.push(yield* attemptAwait(group), currentTask()?.cancelling());
          yield* new TaskGroup().with(function* (group) {
            group.cancel();
            yield* sleep(9);
          });
          yield* sleep(1);
          log.push("ends");
        });
        yield* sleep(9);
      }
      const task = createTask(program());
      yield* sleep(0.5);
      task.cancel("m");
      log.push(yield* attemptAwait(task), task.cancelling(), loop.time());
    });
    expect(log).toEqual([
      "TimeoutError()",
      1,
      undefined,
      2,
      "ExceptionGroup('unhandled errors in a TaskGroup', [RangeError('e')])",
      0,
      "ends",
      "CancelledError('m')",
      1,
      3,
    ]);
  });

  test("around a shield wait for its end", () => {
    const log = fullTrace(function* (log, loop) {
      const late = timeout(0.5).with(function* () {
        log.push(yield* shielded(() => block(log)));
        yield* sleep(9);
      });
      log.push(yield* attemptAwait(late), loop.time(), currentTask()?.cancelling());
      // In time after all: nothing waits behind the shield.
      log.push(yield* timeout(0.5).with(() => shielded(() => block(log))), currentTask()?.cancelling());
    });
    expect(log).toEqual(["ends at 1", "done", "TimeoutError()", 1, 0, "ends at 2", "done", 0]);
  });

  test("between two shields are kept out by the inner one alone", () => {
    const log = fullTrace(function* (log, loop) {
      function* program() {
        yield* shielded(function* () {
          const between = timeout(1).with(function* () {
            yield* shielded(function* () {
              log.push(yield* attemptAwait(timeout(2).with(() => sleep(9))), loop.time());
            });
            yield* sleep(9);
          });
          log.push(yield* attemptAwait(between), loop.time());
          yield* sleep(1);
          log.push("outer ends");
        });
        yield* sleep(9);
      }
      const task = createTask(program());
      yield* sleep(0.5);
      task.cancel("m");
      log.push(yield* attemptAwait(task), loop.time());
    });
    expect(log).toEqual(["TimeoutError()", 2, "TimeoutError()", 2, "outer ends", "CancelledError('m')", 3]);
  });

  test("a group inside, in a task that is stopped already, asks nobody again", () => {
    const log = fullTrace(function* (log) {
      function* program() {
        try {
          yield* sleep(9);
        } finally {
          yield* shielded(function* () {
            const group = new TaskGroup().with(function* (group) {
              group.createTask(throwing(new RangeError("e")));
            });
            log.push(yield* attemptAwait(group));
            log.push(yield* attemptAwait(sleep(1, "slept")));
          });
        }
      }
      const task = createTask(program());
      yield* sleep(0);
      task.cancel();
      log.push(yield* attemptAwait(task));
    });
    expect(log).toEqual([
      "ExceptionGroup('unhandled errors in a TaskGroup', [RangeError('e')])",
      "slept",
      "CancelledError()",
    ]);
  });

  test.each([moveOnAfter, timeout])("a deadline around it that passes meanwhile ends with its block (%o)", (scope) => {
    const log = fullTrace(function* (log) {
      function* main(): Coroutine<void> {
        try {
          yield* sleep(10);
        } finally {
          yield* scope(1).with(() => shielded(() => sleep(3)));
          yield* sleep(0);
          log.push("the rest of the clean-up");
        }
      }
      const task = createTask(main());
      yield* sleep(0);
      task.cancel("m");
      log.push(yield* attemptAwait(task), task.cancelling(), getRunningLoop().time());
    });
    expect(log).toEqual(["the rest of the clean-up", "CancelledError('m')", 1, 3]);
  });

  test("coroutines that a task steps by hand leave their shields in any order", () => {
    const log = fullTrace(function* (log) {
      function* crossed() {
        const first = shielded(() => pausing());
        const second = shielded(() => pausing());
        first.next();
        second.next();
        first.return();
        second.return();
        yield* sleep(9);
      }
      const task = createTask(crossed());
      yield* sleep(0);
      log.push(task.cancel("m"), yield* attemptAwait(task));
    });
    expect(log).toEqual([true, "CancelledError('m')"]);
  });
});

function* pausing(): Coroutine<void> {
  yield undefined as never;
}

import { describe, expect, test } from "vitest";
import {
  CancelledError,
  type Coroutine,
  type Delay,
  ExceptionGroup,
  Timeout,
  TimeoutError,
  createTask,
  currentTask,
  sleep,
  timeout,
  timeoutAt,
} from "wasyncio";
import type { VirtualHost } from "../../src/hosts/virtual.ts";
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
  timers,
} from "../support/virtual-programs.ts";

describe("timeout", () => {
  test("turns its cancellation into a TimeoutError and takes its request back (TIMEOUT-01)", () => {
    const log = runProgram(function* (log) {
      const scope = timeout(1);
      try {
        yield* scope.with(() => sleep(9));
      } catch (error) {
        log.push(describeError(error), describeError((error as Error).cause), currentTask()?.cancelling());
        log.push(scope.expired());
      }
    });
    expect(log).toEqual(["TimeoutError()", "CancelledError()", 0, true]);
  });

  test("of null never fires, and can be armed later (TIMEOUT-02)", () => {
    const log = runProgram(function* (log, loop) {
      for (const make of [() => timeout(null), () => timeoutAt(null)]) {
        function* work() {
          yield* make().with(function* (scope) {
            log.push(scope.when());
            scope.reschedule(loop.time() + 3);
            yield* sleep(9);
          });
        }
        log.push(yield* attemptAwait(work()), loop.time());
      }
    });
    expect(log).toEqual([null, "TimeoutError()", 3, null, "TimeoutError()", 6]);
  });

  test("in the past cancels the first wait; a body that never waits succeeds (TIMEOUT-03)", () => {
    const log = runProgram(function* (log) {
      function* work() {
        yield* timeout(0).with(function* () {
          log.push("body");
          yield* sleep(9);
          log.push("not reached");
        });
      }
      log.push(yield* attemptAwait(work()));
      const scope = timeout(-1);
      yield* scope.with(function* () {
        log.push("body 2");
      });
      yield* spin(2);
      log.push(scope.expired());
    });
    expect(log).toEqual(["body", "TimeoutError()", "body 2", false]);
  });

  test("of 0 interrupts even sleep(0) (TIMEOUT-04)", () => {
    const log = runProgram(function* (log) {
      function* work() {
        yield* timeout(0).with(function* () {
          yield* sleep(0);
          log.push("survived");
        });
      }
      log.push(yield* attemptAwait(work()));
    });
    expect(log).toEqual(["TimeoutError()"]);
  });

  test("says its state (TIMEOUT-05)", () => {
    const log = runProgram(function* (log) {
      const expiring = timeout(1.00049);
      log.push(String(expiring));
      try {
        yield* expiring.with(function* () {
          log.push(String(expiring));
          try {
            yield* sleep(9);
          } finally {
            log.push(String(expiring), expiring.expired());
          }
        });
      } catch {
        log.push(String(expiring));
      }
      const finished = timeout(1);
      yield* finished.with(nothing);
      log.push(String(finished));
      yield* timeout(null).with(function* (scope) {
        log.push(String(scope));
      });
    });
    expect(log).toEqual([
      "<Timeout [created]>",
      "<Timeout [active] when=1>",
      "<Timeout [expiring]>",
      true,
      "<Timeout [expired]>",
      "<Timeout [finished]>",
      "<Timeout [active] when=null>",
    ]);
  });

  test("refuses what its state does not allow (TIMEOUT-06)", () => {
    const log = runProgram(function* (log, loop) {
      const scope = timeout(1);
      log.push(attempt(() => scope.reschedule(2)));
      yield* scope.with(nothing);
      log.push(
        attempt(() => scope.reschedule(2)),
        yield* attemptAwait(scope.aenter()),
      );
      log.push(yield* attemptAwait(scope.with(nothing)));
      const expiring = timeout(1);
      function* work() {
        yield* expiring.with(function* () {
          try {
            yield* sleep(5);
          } finally {
            log.push(attempt(() => expiring.reschedule(9)));
          }
        });
      }
      yield* attemptAwait(work());
      log.push(attempt(() => expiring.reschedule(9)));
      loop.callSoon(() => log.push(attempt(() => timeout(1).aenter().next())));
      yield* sleep(0);
    });
    expect(log).toEqual([
      "RuntimeError('Timeout has not been entered')",
      "RuntimeError('Cannot change state of finished Timeout')",
      "RuntimeError('Timeout has already been entered')",
      "RuntimeError('Timeout has already been entered')",
      "RuntimeError('Cannot change state of expiring Timeout')",
      "RuntimeError('Cannot change state of expired Timeout')",
      "RuntimeError('Timeout should be used inside a task')",
    ]);
    expect(attempt(() => timeout(1))).toBe("RuntimeError('no running event loop')");
  });

  test("may expire inside another one that goes on (TIMEOUT-07)", () => {
    const log = runProgram(function* (log) {
      const outer = timeout(5);
      yield* outer.with(function* () {
        log.push(yield* attemptAwait(timeout(1).with(() => sleep(9))));
        yield* sleep(1);
        log.push("outer ok");
      });
      log.push(outer.expired());
    });
    expect(log).toEqual(["TimeoutError()", "outer ok", false]);
  });

  test("crosses an inner one that did not expire (TIMEOUT-08)", () => {
    const log = runProgram(function* (log) {
      const [outer, inner] = [timeout(1), timeout(5)];
      log.push(yield* attemptAwait(nested(log, outer, inner)), outer.expired());
    });
    expect(log).toEqual(["CancelledError()", false, "TimeoutError()", true]);
  });

  test("at one deadline with an inner one is the outer's to turn, and both have expired (TIMEOUT-09)", () => {
    const log = runProgram(function* (log) {
      const [outer, inner] = [timeout(1), timeout(1)];
      log.push(yield* attemptAwait(nested(log, outer, inner)), outer.expired(), currentTask()?.cancelling());
    });
    expect(log).toEqual(["CancelledError()", true, "TimeoutError()", true, 0]);
  });

  test("leaves a cancel by somebody else a CancelledError (TIMEOUT-10)", () => {
    const log = runProgram(function* (log, loop) {
      const scope = timeout(1);
      const task = createTask(scope.with(() => sleep(9)));
      loop.callAt(1, () => task.cancel());
      log.push(yield* attemptAwait(task), scope.expired(), task.cancelling());
    });
    expect(log).toEqual(["CancelledError()", true, 1]);
  });

  test("works in a task that is being cancelled already (TIMEOUT-11)", () => {
    const log = runProgram(function* (log, loop) {
      function* work() {
        try {
          yield* loop.createFuture();
        } catch {
          log.push(yield* attemptAwait(timeout(1).with(() => sleep(9))), currentTask()?.cancelling());
        }
      }
      const task = createTask(work());
      yield* sleep(0);
      task.cancel();
      yield* task;
    });
    expect(log).toEqual(["TimeoutError()", 1]);
  });

  test("throws nothing when the body swallowed the cancellation (TIMEOUT-12)", () => {
    const log = runProgram(function* (log) {
      const scope = timeout(1);
      const result = yield* scope.with(function* () {
        try {
          yield* sleep(9);
        } catch {
          return "swallowed";
        }
        return "not cancelled";
      });
      log.push(result, currentTask()?.cancelling(), scope.expired());
    });
    expect(log).toEqual(["swallowed", 0, true]);
  });

  test("puts a TimeoutError into the chain of causes of what the body throws instead (TIMEOUT-13)", () => {
    const log = runProgram(function* (log) {
      function* instead(make: (cause: unknown) => unknown): Coroutine<void> {
        yield* timeout(1).with(function* () {
          try {
            yield* sleep(9);
          } catch (error) {
            throw make(error);
          }
        });
      }
      const chain = (error: unknown): string[] =>
        error instanceof Error ? [describeError(error), ...chain(error.cause)] : [];
      const makers: ((cause: unknown) => unknown)[] = [
        (cause) => new RangeError("k", { cause }),
        (cause) => new Error("a", { cause: new Error("b", { cause }) }),
        () => new Error("no cause"),
        () => "no error",
      ];
      for (const make of makers) {
        try {
          yield* instead(make);
        } catch (error) {
          log.push(chain(error));
        }
      }
      try {
        yield* instead((cause) => new ExceptionGroup("g", [new Error("m", { cause }), new Error("n")]));
      } catch (error) {
        log.push((error as ExceptionGroup).exceptions.map(chain));
      }
    });
    expect(log).toEqual([
      ["RangeError('k')", "TimeoutError()", "CancelledError()"],
      ["Error('a')", "Error('b')", "TimeoutError()", "CancelledError()"],
      ["Error('no cause')"],
      [],
      [["Error('m')", "TimeoutError()", "CancelledError()"], ["Error('n')"]],
    ]);
  });

  test("ends also when the causes of what the body throws go round in a circle", () => {
    const log = runProgram(function* (log) {
      const [a, b] = [new Error("a"), new Error("b")];
      a.cause = b;
      b.cause = a;
      function* work() {
        yield* timeout(1).with(function* () {
          try {
            yield* sleep(9);
          } catch {
            throw a;
          }
        });
      }
      log.push(yield* attemptAwait(work()));
    });
    expect(log).toEqual(["Error('a')"]);
  });

  test("does not expire when the body ends before its timer runs, although that is due (TIMEOUT-14)", () => {
    const log = runProgram(function* (log, loop) {
      const scope = timeoutAt(1);
      yield* scope.with(function* () {
        yield* sleep(0.5);
        (loop.host as VirtualHost).jumpTo(2);
      });
      yield* spin(2);
      log.push(loop.time(), scope.expired());
    });
    expect(log).toEqual([2, false]);
  });

  test("expires when its timer runs between the result and the task's next step (TIMEOUT-15)", () => {
    const log = runProgram(function* (log, loop) {
      const future = loop.createFuture<string>();
      loop.callAt(0.9999999999, () => future.setResult("v"));
      const block = timeout(1).with(function* () {
        return yield* future;
      });
      log.push(yield* attemptAwait(block));
      log.push(future.result());
    });
    expect(log).toEqual(["TimeoutError()", "v"]);
  });

  test("moves its deadline: into the past, it fires at once; null takes it away (TIMEOUT-16)", () => {
    const log = runProgram(function* (log, loop) {
      function* work(when: number | null) {
        yield* timeout(1).with(function* (scope) {
          scope.reschedule(when);
          log.push(scope.when());
          yield* sleep(5);
        });
        return "ok";
      }
      for (const when of [-1, null, 9]) log.push(yield* attemptAwait(work(when)), loop.time());
      log.push(timers(loop).all - timers(loop).cancelled);
    });
    expect(log).toEqual([-1, "TimeoutError()", 0, null, "ok", 5, 9, "TimeoutError()", 9, 0]);
  });

  test("counts from the call, not from where it is entered (TIMEOUT-17)", () => {
    const at = timeoutAt(4);
    const log = runProgram(function* (log, loop) {
      const scope = timeout(1);
      yield* sleep(3);
      log.push(scope.when(), yield* attemptAwait(scope.with(() => sleep(9))), loop.time());
      log.push(at.when(), yield* attemptAwait(at.with(() => sleep(9))), loop.time());
    });
    expect(log).toEqual([1, "TimeoutError()", 3, 4, "TimeoutError()", 4]);
  });

  test("lets the task leave the block one iteration after its timer (TIMEOUT-18)", () => {
    const log = runProgram(function* (log, loop) {
      loop.callAt(1, () => log.push(["timer", iteration(loop)]));
      try {
        yield* timeout(1).with(() => sleep(99));
      } catch {
        log.push(["left", iteration(loop)]);
      }
    });
    expect(log).toEqual([
      ["timer", 2],
      ["left", 3],
    ]);
  });

  test("waits for a task that the body awaits to unwind (TIMEOUT-19)", () => {
    const log = runProgram(function* (log, loop) {
      function* child() {
        try {
          yield* sleep(9);
        } finally {
          yield* sleep(2);
          log.push("child cleanup");
        }
      }
      function* main() {
        yield* createTask(child());
      }
      log.push(yield* attemptAwait(timeout(1).with(main)), loop.time());
    });
    expect(log).toEqual(["child cleanup", "TimeoutError()", 3]);
  });

  test("passes errors of the body on, a CancelledError or TimeoutError of its own too (TIMEOUT-20)", () => {
    const log = runProgram(function* (log) {
      const own = new TimeoutError("own");
      for (const error of [new CancelledError(), own, new CancelledError("m")]) {
        const scope = timeout(5);
        log.push(yield* attemptAwait(scope.with(() => fail(error))), scope.expired());
      }
    });
    expect(log).toEqual(["CancelledError()", false, "TimeoutError('own')", false, "CancelledError('m')", false]);
  });

  test("is a manager: aenter gives the scope, aexit turns the error", () => {
    const log = runProgram(function* (log, loop) {
      const scope = timeout({ seconds: 2 });
      log.push((yield* scope.aenter()) === scope, scope.when());
      yield* scope.aexit(undefined, false);
      log.push(scope.expired(), timers(loop).all - timers(loop).cancelled);
      const late = timeout(1);
      yield* late.aenter();
      try {
        yield* sleep(9);
      } catch (error) {
        log.push(yield* attemptAwait(late.aexit(error, true)));
      }
      log.push(yield* timeout(1).with(() => give("result")));
    });
    expect(log).toEqual([true, 2, false, 0, "TimeoutError()", "result"]);
  });

  test("refuses what is no delay or deadline, and a body that is no function, before anything is armed", () => {
    const log = runProgram(function* (log, loop) {
      for (const bad of [NaN, "1", undefined, {}]) log.push(attempt(() => timeout(bad as Delay)));
      for (const bad of [NaN, "1", undefined, { seconds: 1 }]) log.push(attempt(() => timeoutAt(bad as number)));
      log.push(attempt(() => new Timeout(NaN)));
      const scope = timeout(1);
      log.push(yield* attemptAwait(bodyOf(scope, 5)), String(scope));
      yield* scope.with(function* () {
        log.push(
          attempt(() => scope.reschedule(NaN)),
          scope.when(),
        );
      });
      log.push(timers(loop).all - timers(loop).cancelled);
    });
    expect(log).toEqual([
      "TypeError('Invalid delay: NaN (not a number)')",
      "TypeError('Invalid delay: expected seconds or a duration, got string')",
      "TypeError('Invalid delay: expected seconds or a duration, got undefined')",
      expect.stringContaining("TypeError('Invalid delay: expected seconds or one of"),
      "TypeError('Invalid deadline: expected seconds or null, got NaN')",
      "TypeError('Invalid deadline: expected seconds or null, got '1'')",
      "TypeError('Invalid deadline: expected seconds or null, got undefined')",
      `TypeError('Invalid deadline: expected seconds or null, got {"seconds":1}')`,
      "TypeError('Invalid deadline: expected seconds or null, got NaN')",
      "TypeError('Cannot enter: expected a function for the body, got 5')",
      "<Timeout [created]>",
      "TypeError('Invalid deadline: expected seconds or null, got NaN')",
      1,
      0,
    ]);
  });

  test("of Infinity never expires", () => {
    const log = runProgram(function* (log, loop) {
      log.push(yield* timeout(Infinity).with(() => sleep(1e9, "done")), loop.time());
    });
    expect(log).toEqual(["done", 1e9]);
  });
});

/** Sleeps inside two deadlines, and says what comes out of the inner one. */
function nested(log: unknown[], outer: Timeout, inner: Timeout): Coroutine<void> {
  return outer.with(function* () {
    try {
      yield* inner.with(() => sleep(9));
    } catch (error) {
      log.push(describeError(error));
      throw error;
    } finally {
      log.push(inner.expired());
    }
  });
}

function* bodyOf(scope: Timeout, body: unknown): Coroutine<unknown> {
  return yield* scope.with(body as () => Coroutine<void>);
}

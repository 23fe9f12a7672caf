import { describe, expect, test } from "vitest";
import { createTask, currentTask, getRunningLoop, moveOnAfter, moveOnAt, sleep, timeout, withAsync } from "wasyncio";
import { giving, nothing, throwing } from "../../support/coroutines.ts";
import { timers } from "../../support/counters.ts";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { fullTrace } from "../../support/stage.ts";

describe("moveOnAfter", () => {
  test("cuts its block short, and goes on behind it", () => {
    const log = fullTrace(function* (log, loop) {
      const scope = moveOnAfter(1);
      const result = yield* scope.with(function* () {
        try {
          yield* sleep(9);
        } finally {
          yield* sleep(0.5);
          log.push(scope.expired(), "cleaned up");
        }
        return "late";
      });
      log.push(result, scope.expired(), loop.time(), currentTask()?.cancelling());
    });
    expect(log).toEqual([true, "cleaned up", undefined, true, 1.5, 0]);
  });

  test("gives what the block returns in time, and leaves no timer", () => {
    const log = fullTrace(function* (log, loop) {
      const scope = moveOnAfter({ milliseconds: 1500 });
      log.push(yield* scope.with(() => sleep(1, "in time")), scope.expired());
      const { all, cancelled } = timers(loop);
      log.push(all - cancelled);
      log.push(yield* moveOnAfter(null).with(() => createTask(sleep(1, "no limit"))));
    });
    expect(log).toEqual(["in time", false, 0, "no limit"]);
  });

  test("of no time lets the block go to its first wait", () => {
    const log = fullTrace(function* (log, loop) {
      log.push(yield* moveOnAfter(0).with(() => giving("no wait")));
      log.push(yield* moveOnAfter(-1).with(() => sleep(1, "waits")), loop.time());
    });
    expect(log).toEqual(["no wait", undefined, 0]);
  });

  test("of no time lets a request to stop pass that came before and is still to be thrown", () => {
    const log = fullTrace(function* (log) {
      function* work() {
        currentTask()?.cancel("earlier");
        yield* moveOnAfter(0).with(() => sleep(9));
        log.push("goes on");
      }
      log.push(yield* attemptAwait(createTask(work())));
    });
    expect(log).toEqual(["CancelledError('earlier')"]);
  });

  test("lets errors of the block pass, and those that it throws in place of the cancellation", () => {
    const log = fullTrace(function* (log) {
      log.push(yield* attemptAwait(moveOnAfter(1).with(() => throwing(new RangeError("e")))));
      const replaced = moveOnAfter(1).with(function* () {
        try {
          yield* sleep(9);
        } finally {
          yield* throwing(new RangeError("instead"));
        }
      });
      log.push(yield* attemptAwait(replaced), currentTask()?.cancelling());
    });
    expect(log).toEqual(["RangeError('e')", "RangeError('instead')", 0]);
  });

  test("gives what the block returns although it swallowed the cancellation", () => {
    const log = fullTrace(function* (log) {
      const scope = moveOnAfter(1);
      log.push(yield* scope.with(() => attemptAwait(sleep(9))), scope.expired());
    });
    expect(log).toEqual(["CancelledError()", true]);
  });

  test("lets a request of somebody else to stop pass, also at the same moment", () => {
    const log = fullTrace(function* (log) {
      for (const seconds of [0.5, 1]) {
        const scope = moveOnAfter(1);
        const task = createTask(scope.with(() => sleep(9)));
        yield* sleep(seconds);
        task.cancel("outside");
        log.push(yield* attemptAwait(task), scope.expired(), task.cancelling());
      }
    });
    expect(log).toEqual(["CancelledError('outside')", false, 1, "CancelledError()", true, 1]);
  });

  test("stands beside timeouts, inside and outside", () => {
    const log = fullTrace(function* (log, loop) {
      log.push(yield* moveOnAfter(1).with(() => timeout(2).with(() => sleep(9))), loop.time());
      log.push(yield* attemptAwait(timeout(1).with(() => moveOnAfter(2).with(() => sleep(9)))), loop.time());
      log.push(yield* attemptAwait(moveOnAfter(2).with(() => timeout(1).with(() => sleep(9)))), loop.time());
      const outer = moveOnAfter(1).with(function* () {
        yield* moveOnAfter(0.5).with(() => sleep(9));
        return "outer goes on";
      });
      log.push(yield* outer, loop.time());
    });
    expect(log).toEqual([undefined, 1, "TimeoutError()", 2, "TimeoutError()", 3, "outer goes on", 3.5]);
  });

  test("can be moved while it runs, and not before and behind", () => {
    const log = fullTrace(function* (log, loop) {
      const scope = moveOnAfter(1);
      log.push(
        attempt(() => scope.reschedule(5)),
        String(scope),
      );
      yield* scope.with(function* () {
        scope.reschedule(loop.time() + 3);
        log.push(scope.when(), String(scope));
        yield* sleep(9);
      });
      log.push(
        loop.time(),
        attempt(() => scope.reschedule(5)),
        String(scope),
      );
      log.push(yield* attemptAwait(scope.with(nothing)));
    });
    expect(log).toEqual([
      "RuntimeError('Timeout has not been entered')",
      "<MoveOn [created]>",
      3,
      "<MoveOn [active] when=3>",
      3,
      "RuntimeError('Cannot change state of expired Timeout')",
      "<MoveOn [expired]>",
      "RuntimeError('Timeout has already been entered')",
    ]);
  });
});

describe("moveOnAt", () => {
  test("takes a time of the loop, or null", () => {
    const log = fullTrace(function* (log, loop) {
      yield* sleep(1);
      log.push(yield* moveOnAt(getRunningLoop().time() + 1).with(() => sleep(9)), loop.time());
      log.push(yield* moveOnAt(0.5).with(() => sleep(9)), loop.time());
      log.push(yield* withAsync(moveOnAt(null), (scope) => giving(scope.when())));
    });
    expect(log).toEqual([undefined, 2, undefined, 2, null]);
  });
});

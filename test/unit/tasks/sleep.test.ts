import { describe, expect, test } from "vitest";
import { type Delay, createTask, sleep } from "wasyncio";
import { iteration, timers } from "../../support/counters.ts";
import { attempt, attemptAwait, describeError } from "../../support/outcomes.ts";
import { fullTrace } from "../../support/stage.ts";

describe("sleep", () => {
  test("of 0 or less in any form gives way for exactly one iteration, without a timer", () => {
    const log = fullTrace(function* (log, loop) {
      for (const delay of [0, -3, -Infinity, { milliseconds: -1 }, -0]) {
        const start = iteration(loop);
        yield* sleep(delay);
        log.push(iteration(loop) - start, timers(loop).all);
      }
    });
    expect(log).toEqual([1, 0, 1, 0, 1, 0, 1, 0, 1, 0]);
  });

  test("gives undefined without a result", () => {
    const log = fullTrace(function* (log) {
      log.push(yield* sleep(1), yield* sleep(0));
    });
    expect(log).toEqual([undefined, undefined]);
  });

  test("refuses NaN and what is no number at the call, and changes nothing", () => {
    const bad: unknown[] = [NaN, "x", null, undefined, true, 1n, {}, [], { second: 1 }, { seconds: NaN }];
    const log = fullTrace(function* (log, loop) {
      for (const delay of bad) log.push(attempt(() => sleep(delay as Delay)));
      log.push(timers(loop).all, loop.pendingTasks().length);
    });
    const units = "hours, minutes, seconds, milliseconds, microseconds, nanoseconds";
    expect(log).toEqual([
      "TypeError('Invalid delay: NaN (not a number)')",
      "TypeError('Invalid delay: expected seconds or a duration, got string')",
      "TypeError('Invalid delay: expected seconds or a duration, got null')",
      "TypeError('Invalid delay: expected seconds or a duration, got undefined')",
      "TypeError('Invalid delay: expected seconds or a duration, got boolean')",
      "TypeError('Invalid delay: expected seconds or a duration, got bigint')",
      `TypeError('Invalid delay: expected seconds or one of ${units}, got [object Object]')`,
      `TypeError('Invalid delay: expected seconds or one of ${units}, got []')`,
      `TypeError('Invalid delay: expected seconds or one of ${units}, got {"second":1}')`,
      "TypeError('Invalid delay: seconds is NaN')",
      0,
      1,
    ]);
  });

  test("takes durations in parts", () => {
    const log = fullTrace(function* (log, loop) {
      for (const delay of [{ milliseconds: 5 }, { hours: 1, minutes: 1, seconds: 1 }, { microseconds: 20 }]) {
        const start = loop.time();
        yield* sleep(delay);
        log.push(Number((loop.time() - start).toFixed(9)));
      }
    });
    expect(log).toEqual([0.005, 3661, 0.00002]);
  });

  test("for ever never ends", () => {
    const log = fullTrace(function* (log, loop) {
      const task = createTask(sleep(Infinity, "never"));
      yield* sleep(1e9);
      log.push(task.done(), loop.time());
      task.cancel("enough");
      log.push(yield* attemptAwait(task));
    });
    expect(log).toEqual([false, 1e9, "CancelledError('enough')"]);
  });

  test("runs nothing before it is awaited, and its delay counts from there", () => {
    const log = fullTrace(function* (log, loop) {
      const later = sleep(1);
      yield* sleep(5);
      yield* later;
      log.push(loop.time());
    });
    expect(log).toEqual([6]);
  });

  test("is refused where no task runs", () => {
    const log = fullTrace(function* (log, loop) {
      loop.callSoon(() => log.push(attempt(() => sleep(1).next())));
      yield* sleep(0);
    });
    expect(log).toEqual(["RuntimeError('Cannot sleep: no task is running')"]);
    expect(attempt(() => sleep(1).next())).toBe("RuntimeError('no running event loop')");
    expect(attempt(() => sleep(0).next())).toBe("RuntimeError('no running event loop')");
  });

  test("is over for good once it ended, was thrown into or was closed", () => {
    fullTrace(function* () {
      const ended = sleep(0, "once");
      expect(yield* ended).toBe("once");
      expect(() => ended.next()).toThrow("cannot reuse already awaited coroutine");
      const closed = sleep(1);
      expect(closed.return(undefined)).toEqual({ done: true, value: undefined });
      expect(() => closed.next()).toThrow("cannot reuse already awaited coroutine");
      const broken = sleep(1);
      expect(() => broken.throw(new Error("x"))).toThrow("x");
      expect(() => broken.next()).toThrow("cannot reuse already awaited coroutine");
    });
  });

  test("in debug mode is reported when it is never awaited, and not when it is closed", () => {
    const warnings: string[] = [];
    fullTrace(
      function* (_, loop) {
        loop.host.report = (level, text) => void warnings.push(`${level}: ${text.split("\n", 1)[0]}`);
        void sleep(1);
        sleep(1).return(undefined);
        yield* sleep(0);
      },
      { debug: true },
    );
    expect(warnings).toEqual([expect.stringContaining("debug: Close"), "warning: coroutine 'sleep' was never awaited"]);
  });

  test("gives the CancelledError of a cancelled task its message", () => {
    const log = fullTrace(function* (log) {
      const task = createTask(sleep(1));
      yield* sleep(0);
      task.cancel("because");
      try {
        yield* task;
      } catch (error) {
        log.push(describeError(error));
      }
    });
    expect(log).toEqual(["CancelledError('because')"]);
  });
});

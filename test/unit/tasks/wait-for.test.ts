import { describe, expect, test } from "vitest";
import {
  type Awaitable,
  CancelledError,
  type Coroutine,
  type Delay,
  EventLoop,
  TimeoutError,
  createTask,
  currentTask,
  shield,
  sleep,
  waitFor,
} from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { nothing, spin } from "../../support/coroutines.ts";
import { iteration, timers } from "../../support/counters.ts";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { fullTrace } from "../../support/stage.ts";

describe("waitFor", () => {
  test("takes its cancel request back at the deadline", () => {
    const log = fullTrace(function* (log) {
      log.push(yield* attemptAwait(waitFor(sleep(9), 1)), currentTask()?.cancelling());
    });
    expect(log).toEqual(["TimeoutError()", 0]);
  });

  test("with no time at all gives what is done, a failure too, in no iteration", () => {
    const log = fullTrace(function* (log, loop) {
      const done = loop.createFuture<number>();
      done.setResult(7);
      const failed = loop.createFuture();
      failed.setException(new RangeError("f"));
      const start = iteration(loop);
      log.push(yield* waitFor(done, 0));
      log.push(yield* attemptAwait(waitFor(failed, { seconds: 0 })), iteration(loop) - start);
      log.push(yield* attemptAwait(waitFor(loop.createFuture(), -1)));
    });
    expect(log).toEqual([7, "RangeError('f')", 0, "TimeoutError()"]);
  });

  test("with no time at all throws what is thrown in place of the cancellation", () => {
    const log = fullTrace(function* (log, loop) {
      function* work(): Coroutine<void> {
        try {
          yield* loop.createFuture();
        } catch {
          throw new RangeError("k");
        }
      }
      const task = createTask(work());
      yield* sleep(0);
      log.push(yield* attemptAwait(waitFor(task, 0)), currentTask()?.cancelling());
    });
    expect(log).toEqual(["RangeError('k')", 0]);
  });

  test("times out also when the result came first in that iteration, which the future keeps", () => {
    const log = fullTrace(function* (log, loop) {
      const future = loop.createFuture<string>();
      loop.callAt(0.9999999999, () => future.setResult("v"));
      log.push(yield* attemptAwait(waitFor(future, 1)), future.result());
    });
    expect(log).toEqual(["TimeoutError()", "v"]);
  });

  test("passes a cancellation of its task on with its message, and counts it once", () => {
    const log = fullTrace(function* (log, loop) {
      const future = loop.createFuture();
      const task = createTask(waitFor(future, 10));
      yield* sleep(0);
      task.cancel("m");
      log.push(yield* attemptAwait(task), task.cancelling());
    });
    expect(log).toEqual(["CancelledError('m')", 1]);
  });

  test("throws the same TimeoutError with time and with none, caused by a CancelledError", () => {
    fullTrace(function* () {
      for (const delay of [0, 1]) {
        try {
          yield* waitFor(sleep(5), delay);
          expect.unreachable();
        } catch (error) {
          expect(error).toBeInstanceOf(TimeoutError);
          expect((error as Error).cause).toBeInstanceOf(CancelledError);
        }
      }
    });
  });

  test("with no time at all leaves a shielded task alone", () => {
    const log = fullTrace(function* (log) {
      const task = createTask(sleep(9, "r"));
      log.push(yield* attemptAwait(waitFor(shield(task), 0)), task.done(), yield* task);
    });
    expect(log).toEqual(["TimeoutError()", false, "r"]);
  });

  test("refuses a bad timeout at the call, and what cannot be awaited when it is awaited", () => {
    const log = fullTrace(function* (log, loop) {
      for (const bad of [NaN, "1", undefined, {}]) log.push(attempt(() => waitFor(nothing(), bad as Delay)));
      for (const timeout of [5, 0, null]) {
        log.push(yield* attemptAwait(waitFor(5 as unknown as Awaitable<void>, timeout)));
      }
      const other = new VirtualEventLoop();
      const foreign = other.createFuture();
      log.push(String(yield* attemptAwait(waitFor(foreign, 5))).includes("attached to a different loop"));
      other.close();
      log.push(timers(loop).all - timers(loop).cancelled, loop.pendingTasks().length);
    });
    expect(log).toEqual([
      "TypeError('Invalid timeout: NaN (not a number)')",
      "TypeError('Invalid timeout: expected seconds or a duration, got string')",
      "TypeError('Invalid timeout: expected seconds or a duration, got undefined')",
      expect.stringContaining("TypeError('Invalid timeout: expected seconds or one of hours"),
      ...Array(3).fill("TypeError('A Future, a coroutine or an awaitable is required, got 5')"),
      true,
      0,
      1,
    ]);
  });

  test("with no time at all can be cancelled while it waits for the end, and leaves no callback behind", () => {
    const log = fullTrace(function* (log) {
      function* slow() {
        try {
          yield* sleep(9);
        } finally {
          yield* sleep(5);
        }
      }
      const task = createTask(slow());
      yield* sleep(0);
      const waiting = createTask(waitFor(task, 0));
      yield* spin(2);
      log.push(String(task).includes("cb="));
      waiting.cancel("m");
      log.push(yield* attemptAwait(waiting), task.done(), String(task).includes("cb="));
    });
    expect(log).toEqual([true, "CancelledError('m')", false, false]);
  });

  test("leaves the timer of a wait that ended early cancelled", () => {
    fullTrace(function* (_, loop) {
      yield* waitFor(sleep(1), { hours: 1 });
      expect(timers(loop)).toEqual({ all: 1, cancelled: 1 });
      expect(loop.time()).toBe(1);
    });
  });

  test("of nested waits: the inner deadline is the inner's, the outer's the outer's", () => {
    const log = fullTrace(function* (log, loop) {
      log.push(yield* attemptAwait(waitFor(attemptAwait(waitFor(sleep(9), 1)), 2)), loop.time());
      log.push(yield* attemptAwait(waitFor(attemptAwait(waitFor(sleep(9), 2)), 1)), loop.time());
      log.push(yield* attemptAwait(waitFor(waitFor(sleep(9), 2), 1)), loop.time());
    });
    // In the second the inner block hands CancelledError to a program that swallows it.
    expect(log).toEqual(["TimeoutError()", 1, "CancelledError()", 2, "TimeoutError()", 3]);
  });

  test("takes a promise, and leaves it alone at the deadline", async () => {
    const loop = new EventLoop();
    const reports: unknown[] = [];
    loop.setExceptionHandler((_, context) => reports.push(context));
    let reject: (error: unknown) => void = () => {};
    const promise = new Promise<string>((_, fail) => (reject = fail));
    function* main() {
      const given = yield* waitFor(Promise.resolve("p"), 60);
      const late = yield* attemptAwait(waitFor(promise, 0));
      yield* spin(2);
      return [given, late];
    }
    expect(await loop.runUntilComplete(main())).toEqual(["p", "TimeoutError()"]);
    reject(new Error("late"));
    await Promise.resolve();
    loop.close();
    expect(reports).toEqual([]);
  });
});

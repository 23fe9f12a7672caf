import { describe, expect, test } from "vitest";
import {
  type Awaitable,
  CancelledError,
  ContextVar,
  type Coroutine,
  type Delay,
  EventLoop,
  TimeoutError,
  allTasks,
  createTask,
  currentTask,
  shield,
  sleep,
  waitFor,
} from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
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

describe("waitFor", () => {
  test("runs a coroutine inside the calling task (WAITFOR-01)", () => {
    const log = runProgram(function* (log) {
      const me = currentTask();
      const before = allTasks().size;
      function* work() {
        log.push(currentTask() === me, allTasks().size - before);
      }
      yield* waitFor(work(), 5);
    });
    expect(log).toEqual([true, 0]);
  });

  test("of a coroutine that never waits takes no iteration, and shares its context (WAITFOR-02)", () => {
    const variable = new ContextVar("variable", { default: "unset" });
    const log = runProgram(function* (log, loop) {
      function* work() {
        variable.set("set");
      }
      const start = iteration(loop);
      yield* waitFor(work(), 5);
      log.push(iteration(loop) - start, variable.get());
    });
    expect(log).toEqual([0, "set"]);
  });

  test("with null waits for ever, without a timer (WAITFOR-03)", () => {
    const log = runProgram(function* (log, loop) {
      log.push(yield* waitFor(give("r"), null), timers(loop).all);
    });
    expect(log).toEqual(["r", 0]);
  });

  test("cancels at the deadline, and throws TimeoutError when that has unwound (WAITFOR-04)", () => {
    const log = runProgram(function* (log, loop) {
      function* work() {
        try {
          yield* loop.createFuture();
        } finally {
          yield* sleep(2);
          log.push("cleanup done");
        }
      }
      try {
        yield* waitFor(work(), 1);
      } catch (error) {
        log.push(error instanceof TimeoutError, describeError((error as Error).cause), loop.time());
      }
      log.push(currentTask()?.cancelling());
    });
    expect(log).toEqual(["cleanup done", true, "CancelledError()", 3, 0]);
  });

  test("with no time at all gives what is done, and cancels anything else before it starts (WAITFOR-05)", () => {
    const log = runProgram(function* (log, loop) {
      const done = loop.createFuture<number>();
      done.setResult(7);
      const start = iteration(loop);
      log.push(yield* waitFor(done, 0), iteration(loop) - start);
      function* work() {
        log.push("started");
      }
      log.push(yield* attemptAwait(waitFor(work(), 0)));
      const pending = loop.createFuture();
      log.push(yield* attemptAwait(waitFor(pending, -1)), pending.cancelled());
      const failed = loop.createFuture();
      failed.setException(new RangeError("f"));
      log.push(yield* attemptAwait(waitFor(failed, { seconds: 0 })));
    });
    expect(log).toEqual([7, 0, "TimeoutError()", "TimeoutError()", true, "RangeError('f')"]);
  });

  test("gives the value of what swallows the cancellation (WAITFOR-06)", () => {
    const log = runProgram(function* (log, loop) {
      function* work(value: string) {
        try {
          yield* loop.createFuture();
        } catch {
          return value;
        }
        return "not cancelled";
      }
      log.push(yield* waitFor(work("late"), 1));
      const task = createTask(work("late at 0"));
      yield* sleep(0);
      log.push(yield* waitFor(task, 0), currentTask()?.cancelling());
    });
    expect(log).toEqual(["late", "late at 0", 0]);
  });

  test("throws what is thrown in place of the cancellation (WAITFOR-07)", () => {
    const log = runProgram(function* (log, loop) {
      function* work(): Coroutine<void> {
        try {
          yield* loop.createFuture();
        } catch {
          throw new RangeError("k");
        }
      }
      log.push(yield* attemptAwait(waitFor(work(), 1)));
      const task = createTask(work());
      yield* sleep(0);
      log.push(yield* attemptAwait(waitFor(task, 0)), currentTask()?.cancelling());
    });
    expect(log).toEqual(["RangeError('k')", "RangeError('k')", 0]);
  });

  test("times out when its timer runs before the result comes, in one iteration (WAITFOR-08)", () => {
    const log = runProgram(function* (log, loop) {
      const future = loop.createFuture<string>();
      loop.callAt(1.0000000001, () => {
        if (!future.done()) future.setResult("v");
      });
      log.push(yield* attemptAwait(waitFor(future, 1)), future.cancelled());
    });
    expect(log).toEqual(["TimeoutError()", true]);
  });

  test("times out also when the result came first in that iteration (WAITFOR-09)", () => {
    const log = runProgram(function* (log, loop) {
      const future = loop.createFuture<string>();
      loop.callAt(0.9999999999, () => future.setResult("v"));
      log.push(yield* attemptAwait(waitFor(future, 1)), future.result());
    });
    expect(log).toEqual(["TimeoutError()", "v"]);
  });

  test("cancels what it waits for when its task is cancelled (WAITFOR-10)", () => {
    const log = runProgram(function* (log, loop) {
      const future = loop.createFuture();
      const task = createTask(waitFor(future, 10));
      yield* sleep(0);
      task.cancel("m");
      log.push(yield* attemptAwait(task), future.cancelled(), task.cancelling());
    });
    expect(log).toEqual(["CancelledError('m')", true, 1]);
  });

  test("passes an error or a cancellation of what it waits for on (WAITFOR-11)", () => {
    const log = runProgram(function* (log, loop) {
      log.push(yield* attemptAwait(waitFor(fail(new RangeError("v")), 5)));
      const future = loop.createFuture();
      future.cancel();
      log.push(yield* attemptAwait(waitFor(future, 5)));
    });
    expect(log).toEqual(["RangeError('v')", "CancelledError()"]);
  });

  test("throws the one TimeoutError that there is (WAITFOR-12)", () => {
    runProgram(function* () {
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

  test("of a shielded task times out without cancelling it (WAITFOR-13)", () => {
    const log = runProgram(function* (log) {
      const task = createTask(sleep(9, "r"));
      log.push(yield* attemptAwait(waitFor(shield(task), 1)), task.done());
      log.push(yield* attemptAwait(waitFor(shield(task), 0)), task.done(), yield* task);
    });
    expect(log).toEqual(["TimeoutError()", false, "TimeoutError()", false, "r"]);
  });

  test("refuses a bad timeout at the call, and what cannot be awaited when it is awaited", () => {
    const log = runProgram(function* (log, loop) {
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
    const log = runProgram(function* (log) {
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
    runProgram(function* (_, loop) {
      yield* waitFor(sleep(1), { hours: 1 });
      expect(timers(loop)).toEqual({ all: 1, cancelled: 1 });
      expect(loop.time()).toBe(1);
    });
  });

  test("of nested waits: the inner deadline is the inner's, the outer's the outer's", () => {
    const log = runProgram(function* (log, loop) {
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

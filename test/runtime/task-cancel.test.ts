import { describe, expect, test } from "vitest";
import { CancelledError } from "../../src/errors.ts";
import type { Coroutine } from "../../src/runtime/suspension.ts";
import type { Future } from "../../src/runtime/future.ts";
import type { Task } from "../../src/runtime/task.ts";
import { Event } from "../../src/sync/event.ts";
import { Lock } from "../../src/sync/lock.ts";
import { currentTask } from "../../src/tasks/create-task.ts";
import { sleep } from "../../src/tasks/sleep.ts";
import {
  type Trace,
  attempt,
  attemptAwait,
  awaiting,
  describeError,
  dispose,
  giving,
  iteration,
  newLoop,
  spin,
  throwing,
  trace,
} from "../support/programs.ts";

const me = (): Task<unknown> => currentTask() as Task<unknown>;

/** Awaits, and notes a CancelledError on its way. */
function* noting(log: Trace, note: () => unknown, future: Future<unknown>): Coroutine<void> {
  try {
    yield* future;
  } catch (error) {
    log.push(note());
    throw error;
  }
}

describe("where it arrives", () => {
  test("CANCEL-01 before the first step: the body never runs, and the task ends in its turn", () => {
    const log = trace(function* (log, loop) {
      function* work(): Coroutine<void> {
        log.push("body");
      }
      const task = loop.createTask(work());
      log.push(task.cancel(), task.cancelled(), task.cancelling());
      task.addDoneCallback(() => {});
      yield* sleep(0);
      log.push(yield* attemptAwait(task));
      log.push(task.cancelled(), iteration(loop));
    });
    expect(log).toEqual([true, false, 1, "CancelledError()", true, 2]);
  });

  test("CANCEL-02 at a future: it is cancelled at once, the task gets the error in the next iteration", () => {
    const log = trace(function* (log, loop) {
      const future = loop.createFuture();
      let before = 0;
      const task = loop.createTask(noting(log, () => ["caught", iteration(loop) - before], future));
      yield* sleep(0);
      before = iteration(loop);
      log.push(task.cancel(), future.cancelled(), task.done());
      yield* spin(2);
      log.push(task.cancelling());
    });
    expect(log).toEqual([true, true, false, ["caught", 1], 1]);
  });

  test("CANCEL-03 at a task: it travels down the chain at once, and unwinds one level in each iteration", () => {
    const log = trace(function* (log, loop) {
      let before = 0;
      const level = (name: string, future: Future<unknown>): Task<void> =>
        loop.createTask(noting(log, () => [name, iteration(loop) - before], future));
      const inner = level("inner", loop.createFuture());
      const mid = level("mid", inner);
      const outer = level("outer", mid);
      yield* spin(3);
      before = iteration(loop);
      outer.cancel();
      yield* attemptAwait(outer);
      log.push([inner.cancelling(), mid.cancelling(), outer.cancelling()]);
    });
    expect(log).toEqual([
      ["inner", 1],
      ["mid", 2],
      ["outer", 3],
      [1, 1, 1],
    ]);
  });

  test("CANCEL-03 a chain may be longer than the engine's stack", () => {
    const loop = newLoop();
    let last: Task<void> = loop.createTask(awaiting(loop.createFuture()));
    for (let i = 0; i < 50_000; i++) last = loop.createTask(awaiting(last));
    loop.callSoon(() => loop.callSoon(() => last.cancel("why")));
    expect(attempt(() => loop.runUntilCompleteSync(last))).toBe("CancelledError('why')");
    dispose(loop);
  });

  test("CANCEL-06 at itself: it runs on, and gets the error where it waits next", () => {
    const log = trace(function* (log, loop) {
      function* work(): Coroutine<void> {
        me().cancel();
        log.push("still running");
        const future = loop.createFuture();
        const before = iteration(loop);
        log.push(yield* attemptAwait(future));
        log.push(future.cancelled(), iteration(loop) - before);
      }
      yield* loop.createTask(work());
    });
    expect(log).toEqual(["still running", "CancelledError()", true, 1]);
  });

  test("CANCEL-06 the next wait may be a sleep, or a waiter list", () => {
    const log = trace(function* (log, loop) {
      const event = new Event();
      const waits = [(): Coroutine<unknown> => sleep(5), (): Coroutine<unknown> => sleep(0), () => event.wait()];
      for (const wait of waits) {
        function* work(): Coroutine<void> {
          me().cancel("m");
          const before = iteration(loop);
          log.push(yield* attemptAwait(wait()));
          log.push(iteration(loop) - before, loop.time());
        }
        yield* loop.createTask(work());
      }
    });
    expect(log).toEqual([1, 2, 3].flatMap(() => ["CancelledError('m')", 1, 0]));
  });

  test("CANCEL-06 a task that is awaited next takes the cancellation on, and may swallow it", () => {
    const log = trace(function* (log, loop) {
      function* swallowing(): Coroutine<number> {
        try {
          yield* loop.createFuture();
        } catch {
          log.push("swallowed");
        }
        return 42;
      }
      function* work(): Coroutine<number> {
        const inner = loop.createTask(swallowing());
        yield* spin(2);
        me().cancel();
        return yield* inner;
      }
      log.push(yield* attemptAwait(loop.createTask(work())));
    });
    expect(log).toEqual(["swallowed", 42]);
  });

  test("CANCEL-07 at itself, and it returns: it ends cancelled, the value is lost", () => {
    const log = trace(function* (log, loop) {
      function* work(): Coroutine<string> {
        me().cancel();
        return "value";
      }
      const task = loop.createTask(work());
      log.push(yield* attemptAwait(task));
      log.push(task.cancelled());
    });
    expect(log).toEqual(["CancelledError()", true]);
  });

  test("CANCEL-08 at itself, and it throws: the error wins", () => {
    const log = trace(function* (log, loop) {
      function* work(): Coroutine<void> {
        me().cancel();
        throw new RangeError("e");
      }
      const task = loop.createTask(work());
      log.push(yield* attemptAwait(task));
      log.push(task.cancelled());
    });
    expect(log).toEqual(["RangeError('e')", false]);
  });

  test("CANCEL-09 not at what does not wait", () => {
    const log = trace(function* (log, loop) {
      function* work(): Coroutine<void> {
        const future = loop.createFuture<number>();
        future.setResult(1);
        me().cancel();
        log.push(yield* future);
        const lock = new Lock();
        yield* lock.with(function* () {});
        yield* giving(1);
        log.push("passed");
        yield* sleep(0);
        log.push("not reached");
      }
      log.push(yield* attemptAwait(loop.createTask(work())));
    });
    expect(log).toEqual([1, "passed", "CancelledError()"]);
  });

  test("CANCEL-25 in a cleanup, which may wait, and be cut short by a second one", () => {
    const log = trace(function* (log, loop) {
      function* work(): Coroutine<void> {
        try {
          yield* loop.createFuture();
        } finally {
          log.push("cleanup");
          yield* noting(log, () => "cleanup interrupted", loop.createFuture());
        }
      }
      const task = loop.createTask(work());
      yield* sleep(0);
      task.cancel();
      yield* sleep(0);
      task.cancel();
      yield* attemptAwait(task);
      log.push(task.cancelled(), task.cancelling());
    });
    expect(log).toEqual(["cleanup", "cleanup interrupted", true, 2]);
  });

  test("CANCEL-31 a finally that waits delays the end", () => {
    const log = trace(function* (log, loop) {
      function* work(): Coroutine<void> {
        try {
          yield* loop.createFuture();
        } finally {
          yield* sleep(1);
          log.push("released");
        }
      }
      const task = loop.createTask(work());
      yield* spin(1);
      task.cancel();
      yield* spin(3);
      log.push(task.done());
      yield* attemptAwait(task);
      log.push(task.cancelled());
    });
    expect(log).toEqual([false, "released", true]);
  });

  test("CANCEL-26 it does not matter who asks", () => {
    const log = trace(function* (log, loop) {
      const task = loop.createTask(spin(10));
      loop.callSoon(() => task.cancel());
      log.push(yield* attemptAwait(task));
    });
    expect(log).toEqual(["CancelledError()"]);
  });

  test("CANCEL-29 behind an event: the waiter is off the list when the error leaves", () => {
    const log = trace(function* (log, loop) {
      const event = new Event();
      const task = loop.createTask(event.wait());
      yield* sleep(0);
      log.push(String(event).includes("waiters:1"));
      task.cancel();
      yield* attemptAwait(task);
      log.push(String(event).includes("waiters"));
    });
    expect(log).toEqual([true, false]);
  });

  test("SLEEP-05 at a sleep: the timer is cancelled with it", () => {
    const log = trace(function* (log, loop) {
      const task = loop.createTask(sleep(100));
      yield* sleep(0);
      log.push(task.cancel("m"), yield* attemptAwait(task));
      log.push(loop.time());
    });
    expect(log).toEqual([true, "CancelledError('m')", 0]);
  });
});

describe("several requests", () => {
  test("CANCEL-10 two before the task runs again deliver one error, at a future that of the first", () => {
    for (const wait of [(future: Future<unknown>) => awaiting(future), () => sleep(9)]) {
      const log = trace(function* (log, loop) {
        function* work(): Coroutine<void> {
          log.push(yield* attemptAwait(wait(loop.createFuture())));
          yield* sleep(0);
          log.push(["second wait ok", me().cancelling()]);
        }
        const task = loop.createTask(work());
        yield* sleep(0);
        log.push([task.cancel("a"), task.cancel("b"), task.cancelling()]);
        yield* task;
      });
      expect(log).toEqual([[true, true, 2], "CancelledError('a')", ["second wait ok", 2]]);
    }
  });

  test("CANCEL-11 two before the first step, or while it gives way: the message of the last", () => {
    const log = trace(function* (log, loop) {
      for (const steps of [0, 1]) {
        const task = loop.createTask(spin(3));
        yield* spin(steps);
        task.cancel("a");
        task.cancel("b");
        log.push(yield* attemptAwait(task));
      }
    });
    expect(log).toEqual(["CancelledError('b')", "CancelledError('b')"]);
  });

  test("CANCEL-12 catching the error takes no request back, uncancel does, down to zero", () => {
    const log = trace(function* (log, loop) {
      function* work(): Coroutine<void> {
        yield* attemptAwait(loop.createFuture());
        log.push(me().cancelling(), me().uncancel(), me().uncancel());
      }
      const task = loop.createTask(work());
      yield* sleep(0);
      task.cancel();
      yield* task;
    });
    expect(log).toEqual([1, 0, 0]);
  });

  test("CANCEL-13 uncancel to zero withdraws an error that is not thrown yet", () => {
    const log = trace(function* (log, loop) {
      function* work(): Coroutine<void> {
        log.push("ran");
      }
      const task = loop.createTask(work());
      task.cancel();
      task.uncancel();
      yield* attemptAwait(task);
      log.push(task.cancelled());
      const twice = loop.createTask(work());
      twice.cancel();
      twice.cancel();
      log.push(twice.uncancel());
      yield* attemptAwait(twice);
      log.push(twice.cancelled(), twice.cancelling());
    });
    expect(log).toEqual(["ran", false, 1, true, 1]);
  });

  test("CANCEL-14 uncancel cannot withdraw one that has cancelled the future already", () => {
    const log = trace(function* (log, loop) {
      for (const wait of [awaiting(loop.createFuture()), sleep(9)]) {
        function* work(): Coroutine<void> {
          log.push(yield* attemptAwait(wait));
        }
        const task = loop.createTask(work());
        yield* sleep(0);
        task.cancel();
        task.uncancel();
        yield* task;
        log.push(task.cancelling());
      }
    });
    expect(log).toEqual(["CancelledError()", 0, "CancelledError()", 0]);
  });
});

describe("races", () => {
  test("CANCEL-15 the result comes first: the task gets the error all the same, the future keeps the result", () => {
    const log = trace(function* (log, loop) {
      const future = loop.createFuture<string>();
      const task = loop.createTask(attemptAwait(future));
      yield* sleep(0);
      future.setResult("R");
      log.push(task.cancel(), yield* task);
      log.push(future.result());
    });
    expect(log).toEqual([true, "CancelledError()", "R"]);
  });

  test("CANCEL-15 a failure comes first: the CancelledError hides it, and it counts as looked at", () => {
    const log = trace(function* (log, loop) {
      const future = loop.createFuture<string>();
      const task = loop.createTask(attemptAwait(future));
      yield* sleep(0);
      future.setException(new RangeError("lost"));
      task.cancel();
      log.push(yield* task);
    });
    expect(log).toEqual(["CancelledError()"]);
  });

  test("CANCEL-15 the timer of a sleep fires first, in the same iteration", () => {
    const log = trace(function* (log, loop) {
      const task = loop.createTask(attemptAwait(sleep(1)));
      yield* sleep(0);
      loop.callLater(1, () => log.push(task.cancel("late"))); // behind the sleep's timer
      log.push(yield* task);
    });
    expect(log).toEqual([true, "CancelledError('late')"]);
  });

  test("CANCEL-16 the cancellation comes first: the future takes no result any more", () => {
    const log = trace(function* (log, loop) {
      const future = loop.createFuture<number>();
      const task = loop.createTask(attemptAwait(future));
      yield* sleep(0);
      task.cancel();
      log.push(attempt(() => future.setResult(1)));
      yield* task;
    });
    expect(log).toEqual(["InvalidStateError('invalid state')"]);
  });

  test("CANCEL-17 the awaited task is done, its waiter not yet resumed: the waiter gets the error", () => {
    const log = trace(function* (log, loop) {
      const inner = loop.createTask(spin(1));
      const outer: Task<unknown> = loop.createTask(attemptAwait(inner));
      inner.addDoneCallback(() => outer.cancel());
      log.push(yield* outer);
    });
    expect(log).toEqual(["CancelledError()"]);
  });
});

describe("the error", () => {
  test("CANCEL-18 the first to ask a task gets the error that it ended with, later ones new ones", () => {
    const log = trace(function* (log, loop) {
      let thrown: unknown;
      function* inner(): Coroutine<void> {
        try {
          yield* loop.createFuture();
        } catch (error) {
          thrown = error;
          throw error;
        }
      }
      const task = loop.createTask(inner());
      yield* sleep(0);
      task.cancel("m");
      yield* sleep(0);
      const caught = [0, 1].map(() => {
        try {
          return task.result();
        } catch (error) {
          return error;
        }
      });
      log.push(caught[0] === thrown, caught[1] === thrown, describeError(caught[0]));
    });
    expect(log).toEqual([true, false, "CancelledError('m')"]);
  });

  test("CANCEL-19 the message goes with the error; a task that returned keeps it", () => {
    const log = trace(function* (log, loop) {
      function* cancelItself(): Coroutine<void> {
        me().cancel("m");
      }
      const waits = loop.createTask(awaiting(loop.createFuture()));
      yield* sleep(0);
      waits.cancel("m");
      const unstarted = loop.createTask(giving(1));
      unstarted.cancel("m");
      const itself = loop.createTask(cancelItself());
      yield* spin(2);
      for (const task of [waits, unstarted, itself])
        log.push([attempt(() => task.result()), attempt(() => task.exception())]);
    });
    expect(log).toEqual([
      ["CancelledError('m')", "CancelledError()"],
      ["CancelledError('m')", "CancelledError()"],
      ["CancelledError('m')", "CancelledError('m')"],
    ]);
  });

  test("CANCEL-20 the message reaches the coroutine and all that await it", () => {
    const log = trace(function* (log, loop) {
      function* inner(): Coroutine<void> {
        try {
          yield* loop.createFuture();
        } catch (error) {
          log.push(describeError(error));
          throw error;
        }
      }
      const task = loop.createTask(awaiting(loop.createTask(inner())));
      yield* spin(2);
      task.cancel("why");
      log.push(yield* attemptAwait(task));
    });
    expect(log).toEqual(["CancelledError('why')", "CancelledError('why')"]);
  });

  test("carries a stack of its own in debug mode only", () => {
    for (const debug of [false, true]) {
      trace(
        function* (_, loop) {
          const task = loop.createTask(sleep(1));
          task.cancel();
          try {
            yield* task;
          } catch (error) {
            expect((error as Error).stack?.includes("\n    at ")).toBe(debug);
          }
        },
        { debug },
      );
    }
    expect(new Error("limit is restored").stack).toContain("\n    at ");
  });
});

describe("how the task ends", () => {
  test("CANCEL-04 the awaited task swallows it: the outer one gets the value", () => {
    const log = trace(function* (log, loop) {
      function* inner(): Coroutine<number> {
        try {
          yield* loop.createFuture();
        } catch {
          log.push("swallowed");
        }
        return 42;
      }
      const task = loop.createTask(awaiting(loop.createTask(inner())));
      yield* spin(3);
      task.cancel();
      log.push(yield* task);
      log.push(task.cancelled(), task.cancelling());
    });
    expect(log).toEqual(["swallowed", 42, false, 1]);
  });

  test("CANCEL-05 a done task refuses, counts nothing, and its error counts as looked at", () => {
    const log = trace(function* (log, loop) {
      const task = loop.createTask(throwing(new RangeError()));
      yield* spin(2);
      log.push(task.cancel(), task.cancelling());
    });
    expect(log).toEqual([false, 0]);
  });

  test("CANCEL-21 it catches the error: what it returns or throws counts", () => {
    const log = trace(function* (log, loop) {
      function* work(error: Error | null): Coroutine<string> {
        try {
          yield* loop.createFuture();
        } catch {
          if (error !== null) throw error;
        }
        return "v";
      }
      const returns = loop.createTask(work(null));
      const throws = loop.createTask(work(new RangeError("k")));
      yield* sleep(0);
      returns.cancel();
      throws.cancel();
      log.push(yield* returns);
      log.push(returns.cancelled(), returns.cancelling(), yield* attemptAwait(throws));
    });
    expect(log).toEqual(["v", false, 1, "RangeError('k')"]);
  });

  test("CANCEL-22 it throws a CancelledError itself, or a subclass: it ends cancelled, and nobody asked", () => {
    class Special extends CancelledError {}
    const log = trace(function* (log, loop) {
      for (const error of [new CancelledError(), new Special()]) {
        const task = loop.createTask(throwing(error));
        yield* attemptAwait(task);
        log.push(task.cancelled(), task.cancelling());
      }
    });
    expect(log).toEqual([true, 0, true, 0]);
  });

  test("CANCEL-23 CANCEL-27 it awaits what is or gets cancelled: it ends cancelled, and nobody asked", () => {
    const log = trace(function* (log, loop) {
      for (const early of [true, false]) {
        const future = loop.createFuture();
        if (early) future.cancel();
        const task = loop.createTask(awaiting(future));
        yield* sleep(0);
        if (!early) future.cancel();
        yield* attemptAwait(task);
        log.push(task.cancelled(), task.cancelling());
      }
    });
    expect(log).toEqual([true, 0, true, 0]);
  });

  test("CANCEL-30 only cancelling() tells who was asked to stop", () => {
    const log = trace(function* (log, loop) {
      function* waiter(task: Task<void>): Coroutine<void> {
        const outcome = yield* attemptAwait(task);
        log.push([me().cancelling(), outcome]);
      }
      for (const which of ["inner", "outer"]) {
        const inner = loop.createTask(spin(9));
        const outer = loop.createTask(waiter(inner));
        yield* spin(2);
        (which === "inner" ? inner : outer).cancel();
        yield* outer;
      }
    });
    expect(log).toEqual([
      [0, "CancelledError()"],
      [1, "CancelledError()"],
    ]);
  });

  test("CANCEL-32 CANCEL-33 others that await the same future or task end with it", () => {
    const log = trace(function* (log, loop) {
      const future = loop.createFuture();
      const shared = loop.createTask(spin(50));
      for (const awaited of [future, shared]) {
        const [left, right] = [loop.createTask(awaiting(awaited)), loop.createTask(awaiting(awaited))];
        yield* spin(2);
        left.cancel();
        log.push(yield* attemptAwait(left));
        log.push(yield* attemptAwait(right));
        log.push(awaited.cancelled(), left.cancelling(), right.cancelling());
      }
    });
    expect(log).toEqual([1, 2].flatMap(() => ["CancelledError()", "CancelledError()", true, 1, 0]));
  });
});

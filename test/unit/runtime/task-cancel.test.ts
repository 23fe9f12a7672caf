// Cancellation where the facts of test/cpython/facts/chapters/cancel.ts leave something open.

import { types } from "node:util";
import { describe, expect, test } from "vitest";
import { CancelledError, type Coroutine, Event, EventLoop, type Task, currentTask, gather, sleep } from "wasyncio";
import { awaiting, giving, spin } from "../../support/coroutines.ts";
import { bareError } from "../../../src/hosts/parts/bare-error.ts";
import { iteration } from "../../support/counters.ts";
import { ManualHost } from "../../support/manual-host.ts";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { dispose, newLoop, trace } from "../../support/stage.ts";

const me = (): Task<unknown> => currentTask() as Task<unknown>;

describe("where it arrives", () => {
  test("a chain of tasks may be longer than the engine's stack", () => {
    const loop = newLoop();
    let last: Task<void> = loop.createTask(awaiting(loop.createFuture()));
    for (let i = 0; i < 50_000; i++) last = loop.createTask(awaiting(last));
    loop.callSoon(() => loop.callSoon(() => last.cancel("why")));
    expect(attempt(() => loop.runUntilCompleteSync(last))).toBe("CancelledError('why')");
    dispose(loop);
  });

  test("at itself: the next wait may be a sleep, or a waiter list", () => {
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

  test("at itself: a task that is awaited next takes the cancellation on, and may swallow it", () => {
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

  test("at a sleep: no time passes", () => {
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
  test("two at a sleep deliver one error, that of the first", () => {
    const log = trace(function* (log, loop) {
      function* work(): Coroutine<void> {
        log.push(yield* attemptAwait(sleep(9)));
        yield* sleep(0);
        log.push(["second wait ok", me().cancelling()]);
      }
      const task = loop.createTask(work());
      yield* sleep(0);
      log.push([task.cancel("a"), task.cancel("b"), task.cancelling()]);
      yield* task;
    });
    expect(log).toEqual([[true, true, 2], "CancelledError('a')", ["second wait ok", 2]]);
  });

  test("two while it gives way: the message of the last", () => {
    const log = trace(function* (log, loop) {
      const task = loop.createTask(spin(3));
      yield* spin(1);
      task.cancel("a");
      task.cancel("b");
      log.push(yield* attemptAwait(task));
    });
    expect(log).toEqual(["CancelledError('b')"]);
  });

  test("one uncancel of two withdraws nothing", () => {
    const log = trace(function* (log, loop) {
      const task = loop.createTask(giving(1));
      task.cancel();
      task.cancel();
      log.push(task.uncancel(), yield* attemptAwait(task));
      log.push(task.cancelled(), task.cancelling());
    });
    expect(log).toEqual([1, "CancelledError()", true, 1]);
  });

  test("uncancel cannot withdraw one that has ended a sleep already", () => {
    const log = trace(function* (log, loop) {
      const task = loop.createTask(attemptAwait(sleep(9)));
      yield* sleep(0);
      task.cancel();
      task.uncancel();
      log.push(yield* task, task.cancelling());
    });
    expect(log).toEqual(["CancelledError()", 0]);
  });
});

describe("races", () => {
  test("a failure comes first: the CancelledError hides it, and it counts as looked at", () => {
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

  test("the timer of a sleep fires first, in the same iteration", () => {
    const log = trace(function* (log, loop) {
      const task = loop.createTask(attemptAwait(sleep(1)));
      yield* sleep(0);
      loop.callLater(1, () => log.push(task.cancel("late"))); // behind the sleep's timer
      log.push(yield* task);
    });
    expect(log).toEqual([true, "CancelledError('late')"]);
  });
});

describe("the error", () => {
  test("is new for those who ask after the first one, by exception() too", () => {
    const log = trace(function* (log, loop) {
      function* cancelItself(): Coroutine<void> {
        me().cancel("m");
      }
      const unstarted = loop.createTask(giving(1));
      unstarted.cancel("m");
      const itself = loop.createTask(cancelItself());
      yield* spin(2);
      for (const task of [unstarted, itself]) log.push([attempt(() => task.result()), attempt(() => task.exception())]);
    });
    expect(log).toEqual([
      ["CancelledError('m')", "CancelledError()"],
      ["CancelledError('m')", "CancelledError('m')"],
    ]);
  });

  test("tells in debug mode who cancelled", () => {
    trace(
      function* (_, loop) {
        function* patient(): Coroutine<void> {
          yield* sleep(1);
        }
        const task = loop.createTask(patient());
        yield* sleep(0);
        (function theCulprit() {
          task.cancel();
        })();
        try {
          yield* task;
        } catch (error) {
          expect((error as Error).stack).toMatch(/\nCancelled at:\n    at .*theCulprit.*\n    at /);
        }
      },
      { debug: true },
    );
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
            expect((error as Error).stack?.includes("\n    at ") ?? false).toBe(debug);
          }
        },
        { debug },
      );
    }
    expect(new Error("limit is restored").stack).toContain("\n    at ");
  });

  test("is one of its class also where the host makes it", async () => {
    const host = Object.assign(new ManualHost(), { bareError });
    const loop = new EventLoop(host);
    const caught: unknown[] = [];
    function* work(): Coroutine<void> {
      try {
        yield* sleep(1);
      } catch (error) {
        caught.push(error);
        throw error;
      }
    }
    function* main(): Coroutine<unknown[]> {
      const task = loop.createTask(work());
      yield* sleep(0);
      task.cancel("why");
      return yield* gather([task], { returnExceptions: true });
    }
    const ended = loop.runUntilComplete(main());
    host.turn();
    const errors = [...caught, ...(await ended)] as Error[];
    loop.close();
    expect(errors.map(String)).toEqual(["CancelledError: why", "CancelledError"]);
    for (const error of errors) {
      expect([error instanceof CancelledError, error.stack]).toEqual([true, undefined]);
      expect(types.isNativeError(error)).toBe(false); // no constructor has made it
    }
  });
});

test("others that await the same future or task end with it, and nobody asked them to", () => {
  const log = trace(function* (log, loop) {
    const future = loop.createFuture();
    const shared = loop.createTask(spin(50));
    for (const awaited of [future, shared]) {
      const [left, right] = [loop.createTask(awaiting(awaited)), loop.createTask(awaiting(awaited))];
      yield* spin(2);
      left.cancel();
      yield* attemptAwait(left);
      yield* attemptAwait(right);
      log.push([right.cancelled(), left.cancelling(), right.cancelling()]);
    }
  });
  expect(log).toEqual([1, 2].map(() => [true, 1, 0]));
});

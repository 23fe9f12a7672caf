// CANCEL: cancellation.

import {
  type Awaitable,
  CancelledError,
  type Coroutine,
  Event,
  Future,
  Lock,
  type Task,
  currentTask,
  sleep,
} from "wasyncio";
import { type Facts, differs } from "../fact.ts";
import { awaiting, giving, spin, throwing } from "../../../support/coroutines.ts";
import { iteration } from "../../../support/counters.ts";
import { KeyError, attempt, attemptAwait, describeError } from "../../../support/outcomes.ts";
import { trace } from "../../../support/stage.ts";
import { waiterCount } from "../waiters.ts";

const me = (): Task<unknown> => currentTask() as Task<unknown>;

export const facts: Facts = {
  "CANCEL-01": () =>
    trace(function* (log, loop) {
      function* work(): Coroutine<void> {
        log.push("body");
      }
      const task = loop.createTask(work());
      log.push(task.cancel(), task.cancelled(), task.cancelling());
      task.addDoneCallback(() => {});
      yield* sleep(0);
      log.push(yield* attemptAwait(task));
      log.push(task.cancelled(), iteration(loop));
    }),

  "CANCEL-02": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture();
      let start = 0;
      function* work(): Coroutine<void> {
        try {
          yield* future;
        } catch (error) {
          log.push(["caught", iteration(loop) - start]);
          throw error;
        }
      }
      const task = loop.createTask(work());
      yield* sleep(0);
      start = iteration(loop);
      log.push(task.cancel(), future.cancelled(), task.done());
      yield* sleep(0);
      yield* sleep(0);
      log.push(task.cancelling());
    }),

  "CANCEL-03": () =>
    trace(function* (log, loop) {
      let start = 0;
      function* level(name: string, awaitable: Future<void>): Coroutine<void> {
        try {
          yield* awaitable;
        } catch (error) {
          log.push([name, iteration(loop) - start]);
          throw error;
        }
      }
      const inner = loop.createTask(level("inner", loop.createFuture()));
      const mid = loop.createTask(level("mid", inner));
      const outer = loop.createTask(level("outer", mid));
      yield* spin(3);
      start = iteration(loop);
      outer.cancel();
      yield* attemptAwait(outer);
      log.push([inner.cancelling(), mid.cancelling(), outer.cancelling()]);
    }),

  "CANCEL-04": () =>
    trace(function* (log, loop) {
      function* inner(): Coroutine<number> {
        try {
          yield* loop.createFuture();
        } catch {
          log.push("inner-swallowed");
        }
        return 42;
      }
      function* outer(): Coroutine<number> {
        return yield* loop.createTask(inner());
      }
      const task = loop.createTask(outer());
      yield* spin(3);
      task.cancel();
      log.push(yield* task);
      log.push(task.cancelled(), task.cancelling());
    }),

  // What nobody has looked at would be reported, and so logged, when the loop closes.
  "CANCEL-05": () =>
    trace(function* (log, loop) {
      const task = loop.createTask(throwing(new RangeError()));
      yield* spin(2);
      log.push(task.cancel(), task.cancelling());
      log.push([]);
    }),

  "CANCEL-06": () =>
    trace(function* (log, loop) {
      function* work(): Coroutine<void> {
        me().cancel();
        log.push("still running");
        const future = loop.createFuture();
        const start = iteration(loop);
        log.push(yield* attemptAwait(future));
        log.push(future.cancelled());
        log.push(iteration(loop) - start);
      }
      yield* loop.createTask(work());
    }),

  "CANCEL-07": () =>
    trace(function* (log, loop) {
      function* work(): Coroutine<string> {
        me().cancel();
        return "value";
      }
      const task = loop.createTask(work());
      log.push(yield* attemptAwait(task));
      log.push(task.cancelled());
    }),

  "CANCEL-08": () =>
    trace(function* (log, loop) {
      function* work(): Coroutine<void> {
        me().cancel();
        throw new RangeError("e");
      }
      const task = loop.createTask(work());
      log.push(yield* attemptAwait(task));
      log.push(task.cancelled());
    }),

  "CANCEL-09": () =>
    trace(function* (log, loop) {
      function* work(): Coroutine<void> {
        const future = loop.createFuture<number>();
        future.setResult(1);
        me().cancel();
        log.push(yield* future);
        const lock = new Lock();
        yield* lock.with(function* () {});
        yield* giving(null);
        log.push("passed");
        yield* sleep(0);
        log.push("not reached");
      }
      log.push(yield* attemptAwait(loop.createTask(work())));
    }),

  "CANCEL-10": () =>
    trace(function* (log, loop) {
      function* work(): Coroutine<void> {
        log.push(yield* attemptAwait(loop.createFuture()));
        yield* sleep(0);
        log.push(["second await ok", me().cancelling()]);
      }
      const task = loop.createTask(work());
      yield* sleep(0);
      log.push([task.cancel("a"), task.cancel("b"), task.cancelling()]);
      yield* task;
    }),

  "CANCEL-11": () =>
    trace(function* (log, loop) {
      const task = loop.createTask(giving(null));
      task.cancel("a");
      task.cancel("b");
      log.push(yield* attemptAwait(task));
    }),

  "CANCEL-12": () =>
    trace(function* (log, loop) {
      function* work(): Coroutine<void> {
        yield* attemptAwait(loop.createFuture());
        log.push(me().cancelling());
        log.push(me().uncancel());
        log.push(me().uncancel());
      }
      const task = loop.createTask(work());
      yield* sleep(0);
      task.cancel();
      yield* task;
    }),

  "CANCEL-13": () =>
    trace(function* (log, loop) {
      function* work(): Coroutine<void> {
        log.push("ran");
      }
      const task = loop.createTask(work());
      task.cancel();
      task.uncancel();
      yield* attemptAwait(task);
      log.push(task.cancelled());
    }),

  "CANCEL-14": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture();
      function* work(): Coroutine<void> {
        log.push(yield* attemptAwait(future));
      }
      const task = loop.createTask(work());
      yield* sleep(0);
      task.cancel();
      task.uncancel();
      yield* task;
      log.push(task.cancelling());
    }),

  "CANCEL-15": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture<string>();
      function* work(): Coroutine<void> {
        log.push(yield* attemptAwait(future));
      }
      const task = loop.createTask(work());
      yield* sleep(0);
      future.setResult("R");
      log.push(task.cancel());
      yield* task;
      log.push(future.result());
    }),

  "CANCEL-16": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture<number>();
      const task = loop.createTask(attemptAwait(future));
      yield* sleep(0);
      task.cancel();
      log.push(attempt(() => future.setResult(1)));
      yield* task;
    }),

  "CANCEL-17": () =>
    trace(function* (log, loop) {
      const inner = loop.createTask(spin(1));
      inner.addDoneCallback(() => outer.cancel());
      function* waiter(): Coroutine<void> {
        log.push(yield* attemptAwait(inner));
      }
      const outer = loop.createTask(waiter());
      yield* outer;
      log.push(9);
    }),

  "CANCEL-18": () =>
    trace(function* (log, loop) {
      const box: unknown[] = [];
      function* inner(): Coroutine<void> {
        try {
          yield* loop.createFuture();
        } catch (error) {
          box.push(error);
          throw error;
        }
      }
      const task = loop.createTask(inner());
      yield* sleep(0);
      task.cancel("m");
      yield* sleep(0);
      const got: unknown[] = [];
      for (let i = 0; i < 2; i++) {
        try {
          task.result();
        } catch (error) {
          got.push(error);
        }
      }
      log.push(got[0] === box[0], got[1] === box[0], describeError(got[0]));
    }),

  "CANCEL-19": () =>
    trace(function* (log, loop) {
      function* waits(): Coroutine<void> {
        yield* loop.createFuture();
      }
      function* cancelsItself(): Coroutine<void> {
        me().cancel("m");
      }
      const waiting = loop.createTask(waits());
      yield* sleep(0);
      waiting.cancel("m");
      const unstarted = loop.createTask(giving(null));
      unstarted.cancel("m");
      const itself = loop.createTask(cancelsItself());
      yield* spin(2);
      for (const task of [waiting, unstarted, itself]) {
        log.push([attempt(() => task.result()), attempt(() => task.result())]);
      }
    }),

  "CANCEL-20": () =>
    trace(function* (log, loop) {
      function* inner(): Coroutine<void> {
        try {
          yield* loop.createFuture();
        } catch (error) {
          log.push(describeError(error));
          throw error;
        }
      }
      function* outer(): Coroutine<void> {
        yield* loop.createTask(inner());
      }
      const task = loop.createTask(outer());
      yield* spin(2);
      task.cancel("why");
      log.push(yield* attemptAwait(task));
    }),

  "CANCEL-21": () =>
    trace(function* (log, loop) {
      function* work(error?: Error): Coroutine<string> {
        try {
          yield* loop.createFuture();
        } catch {
          if (error !== undefined) throw error;
        }
        return "v";
      }
      const [returns, throws] = [loop.createTask(work()), loop.createTask(work(new KeyError("k")))];
      yield* sleep(0);
      returns.cancel();
      throws.cancel();
      log.push(yield* returns);
      log.push(returns.cancelled(), returns.cancelling(), yield* attemptAwait(throws));
    }),

  "CANCEL-22": () => {
    class Special extends CancelledError {}
    return trace(function* (log, loop) {
      const task = loop.createTask(throwing(new CancelledError()));
      yield* attemptAwait(task);
      log.push(task.cancelled(), task.cancelling());
      const special = loop.createTask(throwing(new Special()));
      yield* attemptAwait(special);
      log.push(special.cancelled());
    });
  },

  "CANCEL-23": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture();
      future.cancel();
      function* work(): Coroutine<void> {
        yield* future;
      }
      const task = loop.createTask(work());
      yield* attemptAwait(task);
      log.push(task.cancelled(), task.cancelling());
    }),

  "CANCEL-24": differs(
    "CancelledError is an Error, so a catch must let it pass, because JavaScript has one kind of exception",
    [true, true, false],
    () => {
      const error: unknown = new CancelledError(); // Error is Exception and BaseException in one
      return [error instanceof Error, error instanceof Error, error instanceof DOMException];
    },
  ),

  "CANCEL-25": () =>
    trace(function* (log, loop) {
      function* work(): Coroutine<void> {
        try {
          yield* loop.createFuture();
        } finally {
          log.push("cleanup");
          try {
            yield* loop.createFuture();
          } catch (error) {
            log.push("cleanup-interrupted");
            throw error; // oxlint-disable-line no-unsafe-finally
          }
        }
      }
      const task = loop.createTask(work());
      yield* sleep(0);
      task.cancel();
      yield* sleep(0);
      task.cancel();
      yield* attemptAwait(task);
      log.push(task.cancelled(), task.cancelling());
    }),

  "CANCEL-26": () =>
    trace(function* (log, loop) {
      const task = loop.createTask(spin(10));
      loop.callSoon(() => task.cancel());
      log.push(yield* attemptAwait(task));
    }),

  "CANCEL-27": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture();
      function* work(): Coroutine<void> {
        yield* future;
      }
      const task = loop.createTask(work());
      yield* sleep(0);
      future.cancel();
      yield* attemptAwait(task);
      log.push(task.cancelled(), task.cancelling());
    }),

  "CANCEL-28": () => {
    class Stub extends Future<number> {
      override cancel(): boolean {
        return false;
      }
    }
    return trace(function* (log, loop) {
      const stub = new Stub({ loop });
      const task = loop.createTask(attemptAwait(stub));
      yield* sleep(0);
      task.cancel();
      stub.setResult(1);
      log.push(yield* task);
    });
  },

  "CANCEL-29": () =>
    trace(function* (log, loop) {
      const event = new Event();
      const task = loop.createTask(event.wait());
      yield* sleep(0);
      log.push(waiterCount(event));
      task.cancel();
      yield* attemptAwait(task);
      log.push(waiterCount(event));
    }),

  "CANCEL-30": () =>
    trace(function* (log, loop) {
      function* work(task: Awaitable<void>): Coroutine<void> {
        const error = yield* attemptAwait(task);
        log.push([me().cancelling(), error]);
      }
      const a = loop.createTask(spin(9));
      const waitsForA = loop.createTask(work(a));
      yield* spin(2);
      a.cancel();
      yield* waitsForA;
      const b = loop.createTask(spin(9));
      const waitsForB = loop.createTask(work(b));
      yield* spin(2);
      waitsForB.cancel();
      yield* waitsForB;
    }),

  "CANCEL-31": () =>
    trace(function* (log, loop) {
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
    }),

  "CANCEL-32": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture();
      const [a, b] = [loop.createTask(awaiting(future)), loop.createTask(awaiting(future))];
      yield* spin(1);
      a.cancel();
      log.push(yield* attemptAwait(a));
      log.push(yield* attemptAwait(b));
    }),

  "CANCEL-33": () =>
    trace(function* (log, loop) {
      const inner = loop.createTask(spin(50));
      const [a, b] = [loop.createTask(awaiting(inner)), loop.createTask(awaiting(inner))];
      yield* spin(2);
      a.cancel();
      const error = yield* attemptAwait(b);
      log.push(inner.cancelled(), error);
    }),
};

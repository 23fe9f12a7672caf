// WAITFOR: waitFor.

import {
  CancelledError,
  ContextVar,
  type Coroutine,
  TimeoutError,
  allTasks,
  currentTask,
  shield,
  sleep,
  waitFor,
} from "wasyncio";
import { OSError } from "wasyncio/streams";
import { type Facts, differs } from "../fact.ts";
import { giving, throwing } from "../../../support/coroutines.ts";
import { iteration } from "../../../support/counters.ts";
import { KeyError, attemptAwait, describeError } from "../../../support/outcomes.ts";
import { trace } from "../../../support/stage.ts";
import { counters } from "../../../support/counters.ts";

export const facts: Facts = {
  "WAITFOR-01": () =>
    trace(function* (log) {
      const me = currentTask();
      const count = allTasks().size;
      function* work(): Coroutine<void> {
        log.push(currentTask() === me);
        log.push(allTasks().size - count);
      }
      yield* waitFor(work(), 5);
    }),

  "WAITFOR-02": () => {
    const variable = new ContextVar("cv", { default: "unset" });
    return trace(function* (log, loop) {
      function* work(): Coroutine<void> {
        variable.set("set");
      }
      const start = iteration(loop);
      yield* waitFor(work(), 5);
      log.push(iteration(loop) - start, variable.get());
    });
  },

  "WAITFOR-03": () =>
    trace(function* (log, loop) {
      log.push(yield* waitFor(giving("r"), null));
      log.push(counters(loop).timers);
    }),

  "WAITFOR-04": () =>
    trace(function* (log, loop) {
      function* work(): Coroutine<void> {
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
        if (!(error instanceof TimeoutError)) throw error;
        log.push(describeError(error), describeError(error.cause), loop.time());
      }
    }),

  "WAITFOR-05": () =>
    trace(function* (log, loop) {
      const done = loop.createFuture<number>();
      done.setResult(7);
      log.push(yield* waitFor(done, 0));
      function* work(): Coroutine<void> {
        log.push("started");
      }
      log.push(yield* attemptAwait(waitFor(work(), 0)));
      const pending = loop.createFuture();
      yield* attemptAwait(waitFor(pending, -1));
      log.push(pending.cancelled());
    }),

  "WAITFOR-06": () =>
    trace(function* (log, loop) {
      function* work(value: string): Coroutine<string | null> {
        try {
          yield* loop.createFuture();
        } catch (error) {
          if (!(error instanceof CancelledError)) throw error;
          return value;
        }
        return null;
      }
      log.push(yield* waitFor(work("late"), 1));
      const task = loop.createTask(work("late0"));
      yield* sleep(0);
      log.push(yield* waitFor(task, 0));
    }),

  "WAITFOR-07": () =>
    trace(function* (log, loop) {
      function* work(): Coroutine<void> {
        try {
          yield* loop.createFuture();
        } catch {
          throw new KeyError("k");
        }
      }
      log.push(yield* attemptAwait(waitFor(work(), 1)));
    }),

  "WAITFOR-08": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture<string>();
      loop.callAt(1.0000000001, () => future.done() || future.setResult("v"));
      log.push(yield* attemptAwait(waitFor(future, 1)));
    }),

  "WAITFOR-09": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture<string>();
      loop.callAt(0.9999999999, () => future.setResult("v"));
      log.push(yield* attemptAwait(waitFor(future, 1)));
    }),

  "WAITFOR-10": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture();
      const task = loop.createTask(waitFor(future, 10));
      yield* sleep(0);
      task.cancel();
      log.push(yield* attemptAwait(task));
      log.push(future.cancelled());
    }),

  "WAITFOR-11": () =>
    trace(function* (log, loop) {
      log.push(yield* attemptAwait(waitFor(throwing(new RangeError("v")), 5)));
      const future = loop.createFuture();
      future.cancel();
      log.push(yield* attemptAwait(waitFor(future, 5)));
    }),

  "WAITFOR-12": differs(
    "JavaScript has no class TimeoutError: it is one of the library's own; an OSError it is as in Python",
    [false, true],
    () => ["TimeoutError" in globalThis, TimeoutError.prototype instanceof OSError],
  ),

  "WAITFOR-13": () =>
    trace(function* (log, loop) {
      const task = loop.createTask(sleep(9));
      log.push(yield* attemptAwait(waitFor(shield(task), 1)));
      log.push(task.done());
      task.cancel();
    }),
};

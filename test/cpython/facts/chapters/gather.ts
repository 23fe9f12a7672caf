// GATHER: gather.

import { type Awaitable, type Coroutine, Task, allTasks, gather, sleep } from "wasyncio";
import { type Facts, excused, reworded } from "../fact.ts";
import { giving, spin, throwing } from "../../../support/coroutines.ts";
import { iteration } from "../../../support/counters.ts";
import { KeyError, attempt, attemptAwait, describeError } from "../../../support/outcomes.ts";
import { newLoop, trace } from "../../../support/stage.ts";

export const facts: Facts = {
  "GATHER-01": () =>
    trace(function* (log) {
      const before = allTasks().size;
      const gathered = gather(spin(1), spin(1));
      log.push(gathered.constructor.name, gathered instanceof Task, allTasks().size - before);
      yield* gathered;
    }),

  "GATHER-02": () =>
    trace(function* (log) {
      log.push(yield* gather(sleep(2, "slow"), sleep(1, "fast")));
    }),

  "GATHER-03": () =>
    trace(function* (log) {
      let runs = 0;
      function* work(): Coroutine<string> {
        runs++;
        return "r";
      }
      const coroutine = work();
      log.push(yield* gather(coroutine, coroutine));
      log.push(runs);
    }),

  "GATHER-04": reworded(
    "there are no thread names to tell where a loop is missing",
    [true, [], "RuntimeError('There is no current event loop')"],
    () => {
      const log = trace(function* (log) {
        const gathered = gather();
        log.push(gathered.done(), yield* gathered);
      });
      return [...log, attempt(() => gather())];
    },
  ),

  "GATHER-05": () =>
    trace(function* (log, loop) {
      function* child(): Coroutine<void> {
        log.push(["child", iteration(loop)]);
      }
      const task = loop.createTask(child());
      task.addDoneCallback(() => log.push(["cb", iteration(loop)]));
      yield* gather(task);
      log.push(["woke", iteration(loop)]);
    }),

  "GATHER-06": () =>
    trace(function* (log, loop) {
      const [a, b] = [loop.createFuture<number>(), loop.createFuture<number>()];
      a.setResult(1);
      b.setResult(2);
      const gathered = gather(a, b);
      log.push(gathered.done());
      log.push(yield* gathered);
    }),

  "GATHER-07": () =>
    // What is never retrieved is reported when the loop is closed, at the latest.
    trace(function* (log, loop) {
      function* sibling(): Coroutine<void> {
        yield* sleep(2);
        log.push("sibling finished");
      }
      function* throwingLater(delay: number, error: Error): Coroutine<never> {
        yield* sleep(delay);
        throw error;
      }
      const a = loop.createTask(throwingLater(1, new RangeError("first")));
      const b = loop.createTask(sibling());
      const c = loop.createTask(throwingLater(1.5, new KeyError("second")));
      log.push(yield* attemptAwait(gather(a, b, c)));
      log.push([b.done(), c.done()]);
      yield* b;
    }),

  "GATHER-08": reworded(
    "an error with an empty message is one without a message",
    [[1, "RangeError('v')", "CancelledError()"]],
    () =>
      trace(function* (log, loop) {
        const task = loop.createTask(spin(5));
        loop.callSoon(() => task.cancel());
        const all = yield* gather([giving(1), throwing(new RangeError("v")), task], { returnExceptions: true });
        log.push(all.map((value) => (value instanceof Error ? describeError(value) : value)));
      }),
  ),

  "GATHER-09": () =>
    trace(function* (log, loop) {
      const task = loop.createTask(spin(5));
      const gathered = gather(task, spin(9));
      loop.callSoon(() => task.cancel());
      log.push(yield* attemptAwait(gathered));
      log.push(gathered.cancelled(), gathered.done(), describeError(gathered.exception()));
    }),

  "GATHER-10": () =>
    trace(function* (log, loop) {
      const [a, b] = [loop.createTask(spin(9)), loop.createTask(spin(9))];
      const gathered = gather(a, b);
      yield* sleep(0);
      log.push(gathered.cancel(), gathered.done());
      const outcome = yield* attemptAwait(gathered);
      yield* spin(2);
      log.push([a.cancelled(), b.cancelled()], outcome);
    }),

  "GATHER-11": () =>
    trace(function* (log) {
      const gathered = gather([spin(9), spin(9)], { returnExceptions: true });
      yield* sleep(0);
      gathered.cancel();
      log.push(yield* attemptAwait(gathered));
    }),

  "GATHER-12": () =>
    trace(function* (log, loop) {
      function* swallowing(value: string): Coroutine<string> {
        try {
          yield* loop.createFuture();
        } catch {
          return value;
        }
        return "not cancelled";
      }
      const [a, b] = [loop.createTask(swallowing("s1")), loop.createTask(swallowing("s2"))];
      const gathered = gather(a, b);
      yield* sleep(0);
      gathered.cancel();
      log.push(yield* attemptAwait(gathered));
      log.push([a.result(), b.result()]);
    }),

  "GATHER-13": () =>
    trace(function* (log, loop) {
      function* child(): Coroutine<void> {
        try {
          yield* loop.createFuture();
        } catch (error) {
          log.push(describeError(error));
          throw error;
        }
      }
      function* parent(): Coroutine<void> {
        yield* gather(child());
      }
      const task = loop.createTask(parent());
      yield* spin(2);
      task.cancel("m");
      log.push(yield* attemptAwait(task));
    }),

  "GATHER-14": () =>
    trace(function* (log, loop) {
      const task = loop.createTask(spin(9));
      const gathered = gather(throwing(new RangeError()), task);
      yield* attemptAwait(gathered);
      log.push(gathered.cancel());
      log.push(task.cancelled() || task.done());
      yield* task;
    }),

  "GATHER-15": () =>
    trace(function* (log) {
      log.push(String(attempt(() => gather(5 as unknown as Awaitable<void>))).startsWith("TypeError"));
      const other = newLoop();
      const future = other.createFuture();
      log.push(attempt(() => gather(future)));
      other.close();
    }),

  "GATHER-16": excused("the loop holds pending tasks until they are done, so that none is destroyed before"),

  "GATHER-17": () =>
    trace(function* (log, loop) {
      function* waiting(): Coroutine<void> {
        yield* loop.createFuture();
      }
      function* slow(): Coroutine<void> {
        try {
          yield* loop.createFuture();
        } finally {
          yield* sleep(1);
        }
      }
      const [a, b] = [loop.createTask(waiting()), loop.createTask(slow())];
      const gathered = gather(a, b);
      yield* sleep(0);
      gathered.cancel();
      log.push(yield* attemptAwait(gathered));
      log.push(a.done(), b.done());
      yield* attemptAwait(b);
    }),

  "GATHER-18": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture();
      future.setException(new RangeError("x"));
      function* other(): Coroutine<void> {
        log.push("other ran");
      }
      const gathered = gather(future, other());
      log.push(gathered.done());
      log.push(yield* attemptAwait(gathered));
      yield* spin(2);
    }),
};

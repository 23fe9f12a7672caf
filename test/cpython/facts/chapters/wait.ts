// WAIT: wait and asCompleted.

import {
  ALL_COMPLETED,
  type Awaitable,
  type Coroutine,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  type Future,
  type ReturnWhen,
  allTasks,
  asCompleted,
  forEach,
  sleep,
  wait,
  waitFor,
} from "wasyncio";
import { type Facts, differs } from "../fact.ts";
import { giving, spin, throwing } from "../../../support/coroutines.ts";
import { iteration } from "../../../support/counters.ts";
import { attempt, attemptAwait, describeError } from "../../../support/outcomes.ts";
import { newLoop, trace } from "../../../support/stage.ts";

type Futures = Iterable<Future<unknown>>;

export const facts: Facts = {
  "WAIT-01": () =>
    trace(function* (log, loop) {
      const [a, b] = [loop.createTask(throwing(new RangeError("x"))), loop.createTask(spin(50))];
      const [done, pending] = yield* wait([a, b], { timeout: 0 });
      log.push(done.size, pending.size, describeError(a.exception()));
      b.cancel();
    }),

  "WAIT-02": () =>
    trace(function* (log, loop) {
      const coroutine = giving(null);
      const future = loop.createFuture();
      log.push(
        attempt(() => wait([coroutine] as unknown as Futures)),
        attempt(() => wait(future as unknown as Futures)),
        attempt(() => wait([])),
        attempt(() => wait([future], { returnWhen: "X" as ReturnWhen })),
      );
      yield* coroutine;
    }),

  "WAIT-03": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture<number>();
      future.setResult(1);
      const before = iteration(loop);
      yield* wait([future]);
      log.push(iteration(loop) - before);
    }),

  "WAIT-04": () =>
    trace(function* (log, loop) {
      const tasks = [loop.createTask(spin(0)), loop.createTask(spin(1)), loop.createTask(spin(9))];
      const [done, pending] = yield* wait(tasks, { returnWhen: FIRST_COMPLETED });
      log.push(done.size, pending.size);
      tasks[2]?.cancel();
    }),

  "WAIT-05": () =>
    trace(function* (log, loop) {
      function* throwingLater(): Coroutine<void> {
        yield* spin(10);
        throw new RangeError();
      }
      const cancelled = loop.createTask(spin(50));
      const failing = loop.createTask(waitFor(throwingLater(), null));
      const slow = loop.createTask(spin(90));
      loop.callSoon(() => cancelled.cancel());
      const [done, pending] = yield* wait([cancelled, failing, slow], { returnWhen: FIRST_EXCEPTION });
      log.push(done.size, pending.size);
      for (const task of done) if (!task.cancelled()) task.exception();
      slow.cancel();
    }),

  "WAIT-06": () =>
    trace(function* (log, loop) {
      const task = loop.createTask(sleep(9));
      const [done, pending] = yield* wait([task], { timeout: 1 });
      log.push(done.size, pending.size, task.cancelled());
      task.cancel();
    }),

  "WAIT-07": () =>
    trace(function* (log, loop) {
      const [a, b] = [loop.createTask(spin(0)), loop.createTask(spin(9))];
      const before = iteration(loop);
      const [done, pending] = yield* wait([a, b], { timeout: 0 });
      log.push(iteration(loop) - before, [done.size, pending.size]);
      b.cancel();
    }),

  "WAIT-08": () =>
    trace(function* (log, loop) {
      const task = loop.createTask(spin(20));
      const waiting = loop.createTask(wait([task]));
      yield* spin(2);
      waiting.cancel();
      yield* attemptAwait(waiting);
      log.push(task.done());
      log.push(String(task).split("cb=").length - 1); // the task shows its callbacks
      task.cancel();
    }),

  "WAIT-09": differs(
    "a generator may be a coroutine, of which nothing must run: it is refused, and [...generator] is taken",
    ["TypeError('expect a list of futures, not a coroutine')", 1],
    () =>
      trace(function* (log, loop) {
        const task = loop.createTask(giving(null));
        function* three() {
          for (let count = 0; count < 3; count++) yield task;
        }
        log.push(attempt(() => wait(three())));
        const [done] = yield* wait([...three()]);
        log.push(done.size);
      }),
  ),

  "WAIT-10": () =>
    trace(function* (log) {
      const results: string[] = [];
      for (const next of asCompleted([sleep(2, "a"), sleep(1, "b")])) results.push(yield* next);
      log.push(results);
      for (const next of asCompleted([throwing(new RangeError("x"))])) log.push(yield* attemptAwait(next));
    }),

  "WAIT-11": () =>
    trace(function* (log, loop) {
      const [a, b] = [loop.createTask(sleep(2)), loop.createTask(sleep(1))];
      const got: Future<void>[] = [];
      yield* forEach(asCompleted([a, b]), (future) => void got.push(future));
      log.push(got[0] === b, got[1] === a);
      yield* forEach(asCompleted([giving(null)]), (future) => void log.push(future.constructor.name));
    }),

  "WAIT-12": () =>
    trace(function* (log, loop) {
      const [t, u] = [loop.createTask(sleep(9, "t")), loop.createTask(sleep(9, "u"))];
      for (const next of asCompleted([sleep(1, "a"), t, u], { timeout: 2 })) log.push(yield* attemptAwait(next));
      log.push(t.done());
      t.cancel();
      u.cancel();
    }),

  "WAIT-13": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture();
      log.push(attempt(() => asCompleted(future as unknown as Awaitable<void>[])));
      log.push([...asCompleted([])]);
      const task = loop.createTask(giving(null));
      let count = 0;
      for (const next of asCompleted([task, task])) {
        yield* next;
        count++;
      }
      log.push(count);
    }),

  "WAIT-14": () =>
    trace(function* (log) {
      const before = allTasks().size;
      const completed = asCompleted([spin(1)]);
      log.push(allTasks().size - before);
      for (const next of completed) yield* next;
    }),

  "WAIT-15": () => [allTasks(newLoop()) instanceof Set],

  "WAIT-16": () => [FIRST_COMPLETED, FIRST_EXCEPTION, ALL_COMPLETED],

  "WAIT-17": () =>
    trace(function* (log, loop) {
      const completed = asCompleted([sleep(5, "r")]);
      function* first(): Coroutine<string | undefined> {
        const { value } = completed.next();
        return value && (yield* value);
      }
      const task = loop.createTask(first());
      yield* spin(2);
      task.cancel();
      log.push(yield* attemptAwait(task));
      const results: string[] = [];
      for (const next of completed) results.push(yield* next);
      log.push(results);
    }),
};

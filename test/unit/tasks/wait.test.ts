import { describe, expect, test } from "vitest";
import { type Coroutine, type Delay, FIRST_EXCEPTION, type Future, createTask, sleep, wait, waitFor } from "wasyncio";
import { giving, nothing, spin, throwing } from "../../support/coroutines.ts";
import { timers } from "../../support/counters.ts";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { fullTrace } from "../../support/stage.ts";

type Futures = Iterable<Future<unknown>>;

describe("wait", () => {
  test("refuses wrong arguments at the call", () => {
    const log = fullTrace(function* (log, loop) {
      const future = loop.createFuture();
      const task = createTask(nothing());
      const bad: (() => Coroutine<unknown>)[] = [
        () => wait(task as unknown as Futures),
        () => wait(sleep(1) as unknown as Futures),
        () => wait([future, 5] as unknown as Futures),
        () => wait(5 as unknown as Futures),
        () => wait(null as unknown as Futures),
        () => wait([future], { timeout: NaN }),
        () => wait([future], { timeout: "1" as unknown as Delay }),
      ];
      for (const call of bad) log.push(attempt(call));
      log.push(future.done(), loop.pendingTasks().length, timers(loop).all);
    });
    expect(log).toEqual([
      "TypeError('expect a list of futures, not Task')",
      "TypeError('expect a list of futures, not a coroutine')",
      "TypeError('expect a list of futures, got 5 in it')",
      "TypeError('expect a list of futures, not 5')",
      "TypeError('expect a list of futures, not null')",
      "TypeError('Invalid timeout: NaN (not a number)')",
      "TypeError('Invalid timeout: expected seconds or a duration, got string')",
      false,
      2,
      0,
    ]);
  });

  test("refuses a coroutine in place of the list, runs nothing of it, and the task goes on unharmed", () => {
    const log = fullTrace(function* (log, loop) {
      const future = loop.createFuture<number>();
      function* sleeper(): Coroutine<void> {
        log.push("runs");
        yield* sleep(1);
      }
      function* giver(): Coroutine<void> {
        yield* sleep(0);
      }
      function* awaiter(): Coroutine<void> {
        yield* future;
      }
      for (const coroutine of [sleeper(), giver(), awaiter(), sleep(0), sleep(1)]) {
        log.push(attempt(() => wait(coroutine as unknown as Futures)));
      }
      log.push(future._asyncioFutureBlocking);
      const start = loop.time();
      yield* sleep(1);
      loop.callLater(1, () => future.setResult(7));
      log.push(loop.time() - start, yield* waitFor(future, 2));
    });
    expect(log).toEqual([
      ...Array<string>(5).fill("TypeError('expect a list of futures, not a coroutine')"),
      false,
      1,
      7,
    ]);
  });

  test("for the first exception waits for all when there is none", () => {
    const log = fullTrace(function* (log, loop) {
      const [all] = yield* wait([createTask(giving(1)), createTask(sleep(5))], { returnWhen: FIRST_EXCEPTION });
      log.push(all.size, loop.time());
    });
    expect(log).toEqual([2, 5]);
  });

  test.each([null, undefined, 0, ""])("for the first exception ends with the first error, be it %o", (error) => {
    const log = fullTrace(function* (log, loop) {
      const failing = createTask(throwing(error));
      const [done, pending] = yield* wait([createTask(sleep(60)), failing], { returnWhen: FIRST_EXCEPTION });
      log.push(done.has(failing), pending.size, loop.time());
    });
    expect(log).toEqual([true, 1, 0]);
  });

  test("waits for ever with a timeout of null", () => {
    const log = fullTrace(function* (log, loop) {
      const task = createTask(sleep(9));
      yield* wait([task], { timeout: null });
      log.push(task.done(), loop.time());
    });
    expect(log).toEqual([true, 9]);
  });

  test("leaves futures running when it is cancelled, and takes its callbacks off them", () => {
    const log = fullTrace(function* (log) {
      const task = createTask(spin(20));
      const waiting = createTask(wait([task], { timeout: 99 }));
      yield* spin(2);
      log.push(task.toString().includes("cb="));
      waiting.cancel("m");
      log.push(yield* attemptAwait(waiting), task.done(), task.toString().includes("cb="));
      task.cancel();
    });
    expect(log).toEqual([true, "CancelledError('m')", false, false]);
  });

  test("takes any iterable, each future once", () => {
    const log = fullTrace(function* (log) {
      const task = createTask(nothing());
      for (const futures of [
        new Set([task]),
        [task, task, task],
        new Map([[1, task]]).values(),
        [
          ...(function* () {
            yield task;
            yield task;
          })(),
        ],
      ]) {
        const [done, pending] = yield* wait(futures);
        log.push(done.size, pending.size);
      }
    });
    expect(log).toEqual([1, 0, 1, 0, 1, 0, 1, 0]);
  });

  test("passes the error of an iterable on, and closes it", () => {
    const log = fullTrace(function* (log, loop) {
      const future = loop.createFuture();
      /** As a generator, but no coroutine. */
      function listing(next: () => IteratorResult<Future<void>>): Futures {
        return { [Symbol.iterator]: () => ({ next, return: () => (log.push("closed"), { done: true, value: null }) }) };
      }
      const broken = [() => ({ done: false, value: future })];
      log.push(
        attempt(() =>
          wait(
            listing(() => {
              const next = broken.pop();
              if (next === undefined) throw new RangeError("broken");
              return next();
            }),
          ),
        ),
      );
      log.push(attempt(() => wait(listing(() => ({ done: false, value: 5 as unknown as Future<void> })))));
    });
    expect(log).toEqual(["RangeError('broken')", "closed", "TypeError('expect a list of futures, got 5 in it')"]);
  });

  test("keeps the order of its futures in both sets", () => {
    const log = fullTrace(function* (log) {
      const tasks = [3, 1, 2, 9, 8].map((delay) => createTask(sleep(delay), { name: `${delay}` }));
      const [done, pending] = yield* wait(tasks, { timeout: 5 });
      log.push(
        [...done].map((task) => task.getName()),
        [...pending].map((task) => task.getName()),
      );
    });
    expect(log).toEqual([
      ["3", "1", "2"],
      ["9", "8"],
    ]);
  });

  test("runs nothing and arms nothing before it is awaited", () => {
    const log = fullTrace(function* (log, loop) {
      const task = createTask(sleep(3));
      const waiting = wait([task], { timeout: 1 });
      yield* sleep(2);
      log.push(task.toString().includes("cb="));
      yield* waiting;
      log.push(loop.time());
    });
    expect(log).toEqual([false, 3]);
  });

  test("leaves no timer when it ended before its timeout", () => {
    fullTrace(function* (_, loop) {
      yield* wait([createTask(nothing())], { timeout: 1000 });
      expect(timers(loop).all - timers(loop).cancelled).toBe(0);
    });
  });
});

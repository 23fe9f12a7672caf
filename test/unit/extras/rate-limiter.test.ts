import { describe, expect, test } from "vitest";
import { type Coroutine, TaskGroup, createTask, gather, getRunningLoop, sleep } from "wasyncio";
import { RateLimiter } from "wasyncio/extras";
import { explore } from "wasyncio/testing";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { fullTrace } from "../../support/stage.ts";
import { goesOn, sweepEverywhere } from "../testing/sweep/everywhere.ts";

describe("RateLimiter", () => {
  test("lets in a burst, and then one whenever one has leaked, in order of arrival", () => {
    const log = fullTrace(function* (log, loop) {
      const limiter = new RateLimiter(2, { seconds: 1 });
      yield* gather(
        ...Array.from({ length: 6 }, (_, index) =>
          limiter.with(function* () {
            log.push([index, loop.time()]);
            yield* sleep(3); // how long it takes is of no concern
          }),
        ),
      );
    });
    expect(log).toEqual([
      [0, 0],
      [1, 0],
      [2, 0.5],
      [3, 1],
      [4, 1.5],
      [5, 2],
    ]);
  });

  test("counts amounts, and knows whether there is room", () => {
    fullTrace(function* (_, loop) {
      const limiter = new RateLimiter(10, 10);
      expect([limiter.maxRate, limiter.timePeriod, String(limiter)]).toEqual([10, 10, "<RateLimiter [10 in 10 s]>"]);
      yield* limiter.acquire(8);
      expect([limiter.hasCapacity(2), limiter.hasCapacity(3)]).toEqual([true, false]);
      yield* limiter.acquire(10);
      expect(loop.time()).toBe(8);
      yield* sleep(4);
      expect([limiter.hasCapacity(4), limiter.hasCapacity(5)]).toEqual([true, false]);
      yield* sleep(1000);
      yield* limiter.acquire(10);
      expect([limiter.hasCapacity(), loop.time()]).toEqual([false, 1012]);
    });
  });

  test("never lets in more in any period than the burst and the rate", () => {
    fullTrace(function* (_, loop) {
      const limiter = new RateLimiter(7, 3);
      const random = loop.random("test");
      const times: number[] = [];
      yield* new TaskGroup().with(function* (group) {
        for (let index = 0; index < 200; index++) {
          yield* sleep(random.integer(3) === 0 ? random.float() : 0);
          group.createTask(
            limiter.with(function* () {
              times.push(loop.time());
            }),
          );
        }
      });
      for (const [index, time] of times.entries()) {
        const level = times.slice(0, index + 1).filter((other) => other > time - 3 + 1e-9).length;
        expect(level).toBeLessThanOrEqual(14);
        if (index >= 7) expect(time - times[index - 7]).toBeGreaterThan(3 / 7 - 1e-9);
      }
      expect((times.at(-1) as number) - times[0]).toBeGreaterThan(((200 - 7) / 7) * 3 - 1e-6);
    });
  });

  test("one who is cancelled makes way, and takes no room", () => {
    fullTrace(function* (log, loop) {
      const limiter = new RateLimiter(1, 1);
      yield* limiter.acquire();
      const tasks = ["first", "second", "third"].map((name) =>
        createTask(
          (function* () {
            yield* limiter.acquire();
            log.push(`${name} at ${loop.time()}`);
          })(),
        ),
      );
      yield* sleep(0.5);
      expect(limiter.hasCapacity()).toBe(false);
      tasks[0].cancel();
      for (const task of tasks) yield* attemptAwait(task);
      expect(log).toEqual(["second at 1", "third at 2"]);
    });
  });

  test("refuses bad arguments at the call", () => {
    const refused: [unknown, unknown, string][] = [
      [0, 1, "RangeError('Invalid maxRate: expected a positive number, got 0')"],
      [NaN, 1, "RangeError('Invalid maxRate: expected a positive number, got NaN')"],
      ["5", 1, "TypeError('Invalid maxRate: expected a number, got '5'')"],
      [1, 0, "RangeError('Invalid timePeriod: expected a positive number, got 0')"],
      [1, Infinity, "RangeError('Invalid timePeriod: expected a positive number, got Infinity')"],
      [1, null, "TypeError('Invalid timePeriod: expected seconds or a duration, got null')"],
    ];
    for (const [rate, period, message] of refused)
      expect(attempt(() => new RateLimiter(rate as never, period as never))).toBe(message);
    fullTrace(function* () {
      const limiter = new RateLimiter(5);
      expect(attempt(() => limiter.acquire(6))).toBe(
        "RangeError('Cannot acquire 6: there is never room for more than 5')",
      );
      expect(attempt(() => limiter.hasCapacity(-1))).toContain("RangeError");
      expect(attempt(() => limiter.with(5 as never))).toContain("Cannot enter");
      yield* sleep(0);
    });
  });

  test("is swept and explored: nobody waits for ever, and no room is lost", () => {
    let done: string[];
    let limiter: RateLimiter;
    const program = function* (): Coroutine<number> {
      done = [];
      limiter = new RateLimiter(2, 1);
      yield* new TaskGroup().with(function* (group) {
        for (let index = 0; index < 5; index++) {
          const name = `worker ${index}`;
          const work = function* (): Coroutine<void> {
            yield* limiter.with(() => sleep(0.1));
            done.push(name);
          };
          group.createTask(work(), { name });
        }
      });
      const end = getRunningLoop().time();
      yield* sleep(1 - (end % 1) + 1);
      expect(limiter.hasCapacity(2)).toBe(true);
      return end;
    };
    sweepEverywhere(program, {
      check(_, at) {
        if (!goesOn(at)) return;
        for (let index = 0; index < 5; index++)
          if (at.task !== `worker ${index}`) expect(done).toContain(`worker ${index}`);
      },
    });
    expect(explore(program, { runs: 100, check: () => expect(done.length).toBe(5) }).failure).toBeNull();
  });
});

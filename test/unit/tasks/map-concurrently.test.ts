import { describe, expect, test } from "vitest";
import { type Coroutine, ExceptionGroup, allTasks, createTask, getRunningLoop, mapConcurrently, sleep } from "wasyncio";
import { explore, sweep } from "wasyncio/testing";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { fullTrace } from "../../support/stage.ts";

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe("mapConcurrently", () => {
  test("gives the results in the order of the items, and runs as many at once as it may", () => {
    const log = fullTrace(function* (log, loop) {
      let running = 0;
      let most = 0;
      function* work(item: number, index: number): Coroutine<string> {
        most = Math.max(most, ++running);
        yield* sleep(10 - item);
        running--;
        return `${index}: ${item}`;
      }
      log.push(yield* mapConcurrently(work, range(10), { limit: 3 }), most, loop.time());
    });
    // 0, 1 and 2 end at 10, 9 and 8 s; 3, 4 and 5 behind them all at 15 s; 6, 7 and 8 at 19, 18 and 17, and 9 at 18 s.
    expect(log).toEqual([range(10).map((item) => `${item}: ${item}`), 3, 19]);
  });

  test("makes no more tasks than run at once, however many items there are", () => {
    fullTrace(function* () {
      let most = 0;
      function* work(item: number): Coroutine<number> {
        most = Math.max(most, allTasks().size);
        yield* sleep(0);
        return item;
      }
      expect((yield* mapConcurrently(work, range(1000), { limit: 5 })).length).toBe(1000);
      expect(most).toBe(6);
      most = 0;
      expect(yield* mapConcurrently(work, [7], { limit: 1000 })).toEqual([7]);
      expect(most).toBe(2);
      expect(yield* mapConcurrently(work, [], { limit: 1 })).toEqual([]);
    });
  });

  test("takes an item when there is room for it, and what any function gives that can be awaited", () => {
    fullTrace(function* (_, loop) {
      const taken: number[] = [];
      function* items(): Generator<number> {
        for (let item = 0; item < 4; item++) {
          taken.push(loop.time());
          yield item;
        }
      }
      const doubled = yield* mapConcurrently(
        (item) => (item === 0 ? createTask(sleep(2, 0)) : sleep(1, item * 2)),
        items(),
        { limit: 2 },
      );
      expect(doubled).toEqual([0, 2, 4, 6]);
      expect(taken).toEqual([0, 0, 1, 2]);
    });
  });

  test("when one fails the others are cancelled and waited for, and the iterator is closed", () => {
    fullTrace(function* (_, loop) {
      const ends: string[] = [];
      function* items(): Generator<number> {
        try {
          for (let item = 0; ; item++) yield item;
        } finally {
          ends.push("items");
        }
      }
      function* work(item: number): Coroutine<void> {
        if (item === 1) {
          yield* sleep(1);
          throw new RangeError("one");
        }
        try {
          yield* sleep(9);
        } finally {
          yield* sleep(1);
          ends.push(`${item} at ${loop.time()}`);
        }
      }
      const error: unknown = yield* (function* () {
        try {
          return yield* mapConcurrently(work, items(), { limit: 3 });
        } catch (error) {
          return error;
        }
      })();
      expect(error).toBeInstanceOf(ExceptionGroup);
      expect((error as ExceptionGroup).errors).toEqual([new RangeError("one")]);
      expect(ends).toEqual(["0 at 2", "2 at 2", "items"]);
    });
  });

  test("an iterator or a function that throws fails it, and is not asked again", () => {
    fullTrace(function* () {
      let asked = 0;
      const items = {
        [Symbol.iterator]: () => ({
          next(): IteratorResult<number> {
            if (++asked === 3) throw new RangeError("no more");
            return { done: false, value: asked };
          },
        }),
      };
      expect(yield* attemptAwait(mapConcurrently(() => sleep(1), items, { limit: 2 }))).toContain("ExceptionGroup");
      expect(asked).toBe(3);
      const throws = (): never => {
        throw new RangeError("at once");
      };
      expect(yield* attemptAwait(mapConcurrently(throws, [1, 2], { limit: 2 }))).toContain("ExceptionGroup");
      expect(yield* attemptAwait(mapConcurrently((() => 5) as never, [1], { limit: 2 }))).toContain("ExceptionGroup");
    });
  });

  test("ends with the cancellation of what it awaits, or with its own", () => {
    fullTrace(function* (log, loop) {
      const stuck = createTask(sleep(9));
      loop.callLater(1, () => stuck.cancel("enough"));
      log.push(yield* attemptAwait(mapConcurrently((item) => (item === 1 ? stuck : sleep(5)), range(4), { limit: 2 })));
      expect([log.at(-1), loop.time()]).toEqual(["CancelledError('enough')", 1]);
      const all = createTask(mapConcurrently(() => sleep(5), range(4), { limit: 2 }));
      loop.callLater(1, () => all.cancel("all"));
      expect([yield* attemptAwait(all), all.cancelled(), loop.time()]).toEqual(["CancelledError('all')", true, 2]);
    });
  });

  test("refuses bad arguments at the call", () => {
    const fn = (): Coroutine<void> => sleep(0);
    expect(attempt(() => mapConcurrently(5 as never, [], { limit: 1 }))).toContain("TypeError");
    expect(attempt(() => mapConcurrently(fn, 5 as never, { limit: 1 }))).toBe(
      "TypeError('Invalid items: expected an iterable, got 5')",
    );
    expect(attempt(() => mapConcurrently(fn, [], { limit: 0 }))).toBe(
      "RangeError('Invalid limit: expected a whole number from 1, got 0')",
    );
    for (const limit of [1.5, -1, NaN, Infinity])
      expect(attempt(() => mapConcurrently(fn, [], { limit }))).toContain("RangeError");
    for (const limit of ["3", undefined, null])
      expect(attempt(() => mapConcurrently(fn, [], { limit } as never))).toContain("TypeError");
    expect(attempt(() => mapConcurrently(fn, [], undefined as never))).toContain("TypeError");
    expect(attempt(() => mapConcurrently(fn, [], { limit: 1, size: 2 } as never))).toContain("there is no 'size'");
  });

  function* program(): Coroutine<number> {
    let running = 0;
    let most = 0;
    function* work(item: number): Coroutine<number> {
      most = Math.max(most, ++running);
      try {
        yield* sleep(item % 2);
        return item;
      } finally {
        running--;
      }
    }
    const results = yield* mapConcurrently(work, range(5), { limit: 2 });
    if (String(results) !== String(range(5)) || running > 0 || most > 2) throw new Error(`${String(results)} ${most}`);
    return getRunningLoop().time();
  }

  test("holds its limit and its order in every order, and leaves nothing behind with a fault at any point", () => {
    expect(explore(program, { runs: 2000, noLeaks: true }).failure).toBeNull();
    expect(sweep(program, { allowed: (error) => error instanceof ExceptionGroup }).failures).toEqual([]);
  });
});

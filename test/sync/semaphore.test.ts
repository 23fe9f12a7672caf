import { describe, expect, test } from "vitest";
import type { Coroutine } from "../../src/runtime/suspension.ts";
import { BoundedSemaphore, Semaphore } from "../../src/sync/semaphore.ts";
import { attempt, attemptAwait, byNumber, settle, spin, trace } from "./support.ts";

/** A task's work: takes a permit, says so, and keeps it. */
function* take(semaphore: Semaphore, log: unknown[], name: string): Coroutine<void> {
  yield* semaphore.acquire();
  log.push(name);
}

describe("the number of permits", () => {
  test("SEM-01: is not negative", () => {
    expect(attempt(() => new Semaphore(-1))).toBe("RangeError('Semaphore initial value must be >= 0')");
    expect(attempt(() => new BoundedSemaphore(-1))).toBe("RangeError('Semaphore initial value must be >= 0')");
  });

  test("is a whole number, or Infinity", () => {
    expect(() => new Semaphore(1.5)).toThrow(RangeError);
    expect(new Semaphore(Infinity).locked()).toBe(false);
  });

  test.each([NaN, "1", null, {}, true])("is a number: not %j", (value) => {
    expect(() => new Semaphore(value as number)).toThrow(TypeError);
  });

  test("SEM-05: may become more than at the beginning", () => {
    const semaphore = new Semaphore();
    semaphore.release();
    expect(semaphore.toString()).toBe("<Semaphore [unlocked, value:2]>");
  });
});

describe("acquire", () => {
  test("SEM-05: does not suspend when there is a permit; its hold is truthy", () => {
    const log = trace(function* ({ log, iteration }) {
      const semaphore = new Semaphore(1);
      const before = iteration();
      log.push(Boolean(yield* semaphore.acquire()), iteration() - before);
    });
    expect(log).toEqual([true, 0]);
  });

  test("SEM-05: a semaphore shows who waits", () => {
    const log = trace(function* ({ log, start }) {
      const semaphore = new Semaphore(0);
      const task = start(semaphore.acquire());
      yield* spin(1);
      log.push(semaphore.toString());
      task.cancel();
      yield* attemptAwait(task);
    });
    expect(log).toEqual(["<Semaphore [locked, waiters:1]>"]);
  });

  test("SEM-02: a permit goes to the first waiter at once: no newcomer gets it first", () => {
    const log = trace(function* ({ log, start }) {
      const semaphore = new Semaphore(1);
      yield* semaphore.acquire();
      const task = start(
        (function* () {
          yield* take(semaphore, log, "waiter");
          semaphore.release();
        })(),
      );
      yield* spin(2);
      semaphore.release();
      log.push(semaphore.locked());
      yield* take(semaphore, log, "newcomer");
      semaphore.release();
      yield* task;
    });
    expect(log).toEqual([true, "waiter", "newcomer"]);
  });

  test("SEM-04: as many waiters run in the next iteration as permits came, in order of arrival", () => {
    const log = trace(function* ({ log, iteration, start }) {
      const semaphore = new Semaphore(0);
      let released = 0;
      const tasks = ["a", "b"].map((name) =>
        start(
          (function* () {
            yield* semaphore.acquire();
            log.push([name, iteration() - released]);
          })(),
        ),
      );
      yield* spin(2);
      released = iteration();
      semaphore.release();
      semaphore.release();
      yield* settle(tasks);
    });
    expect(log).toEqual([
      ["a", 1],
      ["b", 1],
    ]);
  });

  test("binds the semaphore to the loop in which somebody waits", () => {
    const semaphore = new Semaphore(0);
    trace(function* ({ start }) {
      const task = start(semaphore.acquire());
      yield* spin(1);
      semaphore.release();
      yield* task;
    });
    const log = trace(function* ({ log }) {
      log.push(yield* attemptAwait(semaphore.acquire()));
    });
    expect(log).toEqual(["RuntimeError('<Semaphore [locked]> is bound to a different event loop')"]);
  });
});

describe("cancellation", () => {
  test("SEM-03: of a waiter that has its permit gives that to the next one in the same step", () => {
    const log = trace(function* ({ log, start }) {
      const semaphore = new Semaphore(1);
      yield* semaphore.acquire();
      const a = start(take(semaphore, log, "a"));
      const b = start(take(semaphore, log, "b"));
      yield* spin(2);
      semaphore.release();
      a.cancel();
      log.push(yield* attemptAwait(a));
      yield* b;
      log.push(semaphore.toString());
    });
    expect(log).toEqual(["b", "CancelledError()", "<Semaphore [locked]>"]);
  });

  test("SEM-06: of all waiters leaves a permit that comes then for anybody", () => {
    const log = trace(function* ({ log, iteration, start }) {
      const semaphore = new Semaphore(0);
      const task = start(semaphore.acquire());
      yield* spin(2);
      task.cancel();
      semaphore.release();
      yield* attemptAwait(task);
      log.push(semaphore.toString());
      const before = iteration();
      yield* semaphore.acquire();
      log.push(iteration() - before);
    });
    expect(log).toEqual(["<Semaphore [unlocked, value:1]>", 0]);
  });

  test.each([0, 1, 2, 3, 4])("of task %i, in whichever iteration, loses no permit", (victim) => {
    for (let at = 0; at < 24; at++) {
      const log = trace(function* ({ log, start }) {
        const semaphore = new BoundedSemaphore(2);
        let inside = 0;
        function* worker(name: number): Coroutine<void> {
          for (let round = 0; round < 2; round++) {
            yield* semaphore.with(function* () {
              expect(++inside).toBeLessThanOrEqual(2);
              try {
                yield* spin(name % 3);
              } finally {
                inside--;
              }
            });
          }
          if (name !== victim) log.push(name);
        }
        const tasks = [0, 1, 2, 3, 4].map((name) => start(worker(name)));
        yield* spin(at);
        tasks[victim]?.cancel();
        yield* settle(tasks);
        log.push(semaphore.toString());
      });
      const others = [0, 1, 2, 3, 4].filter((name) => name !== victim);
      expect(log.slice(0, -1).toSorted(byNumber), `cancelled in iteration ${at}`).toEqual(others);
      expect(log.at(-1)).toBe("<BoundedSemaphore [unlocked, value:2]>");
    }
  });
});

describe("a hold", () => {
  test("gives its permit back once, at the end of a block or before", () => {
    const log = trace(function* ({ log }) {
      const semaphore = new Semaphore(2);
      {
        using hold = yield* semaphore.acquire();
        using _ = yield* semaphore.acquire();
        log.push(semaphore.locked());
        hold.release();
        hold.release();
        log.push(semaphore.toString());
      }
      log.push(semaphore.toString());
    });
    expect(log).toEqual([true, "<Semaphore [unlocked, value:1]>", "<Semaphore [unlocked, value:2]>"]);
  });
});

describe("with", () => {
  test("returns what its body returns, and gives the permit back when that throws", () => {
    const log = trace(function* ({ log }) {
      const semaphore = new Semaphore(1);
      log.push(
        yield* semaphore.with(function* () {
          return semaphore.locked();
        }),
      );
      log.push(
        yield* attemptAwait(
          semaphore.with(function* () {
            throw new RangeError("body");
          }),
        ),
      );
      log.push(semaphore.locked());
      log.push(yield* semaphore.aenter(), semaphore.locked(), yield* semaphore.aexit(), semaphore.locked());
    });
    expect(log).toEqual([true, "RangeError('body')", false, undefined, true, undefined, false]);
  });
});

describe("a bounded semaphore", () => {
  test("SEM-01: refuses to get more permits than it had", () => {
    const semaphore = new BoundedSemaphore(1);
    expect(attempt(() => semaphore.release())).toBe("RangeError('BoundedSemaphore released too many times')");
    expect(semaphore.toString()).toBe("<BoundedSemaphore [unlocked, value:1]>");
  });

  test("takes back what was taken", () => {
    const log = trace(function* ({ log }) {
      const semaphore = new BoundedSemaphore();
      yield* semaphore.acquire();
      semaphore.release();
      log.push(attempt(() => semaphore.release()));
    });
    expect(log).toEqual(["RangeError('BoundedSemaphore released too many times')"]);
  });
});

import { describe, expect, test } from "vitest";
import { BoundedSemaphore, type Coroutine, Semaphore, createTask } from "wasyncio";
import { byNumber } from "../../support/by-number.ts";
import { spin } from "../../support/coroutines.ts";
import { attempt, attemptAwait, settle } from "../../support/outcomes.ts";
import { tidyTrace } from "../../support/stage.ts";

describe("the number of permits", () => {
  test("is a whole number, or Infinity", () => {
    expect(() => new Semaphore(1.5)).toThrow(RangeError);
    expect(new Semaphore(Infinity).locked()).toBe(false);
  });
});

describe("acquire", () => {
  test("binds the semaphore to the loop in which somebody waits", () => {
    const semaphore = new Semaphore(0);
    tidyTrace(function* () {
      const task = createTask(semaphore.acquire());
      yield* spin(1);
      semaphore.release();
      yield* task;
    });
    const log = tidyTrace(function* (log) {
      log.push(yield* attemptAwait(semaphore.acquire()));
    });
    expect(log).toEqual(["RuntimeError('<Semaphore [locked]> is bound to a different event loop')"]);
  });
});

describe("cancellation", () => {
  test.each([0, 1, 2, 3, 4])("of task %i, in whichever iteration, loses no permit", (victim) => {
    for (let at = 0; at < 24; at++) {
      const log = tidyTrace(function* (log) {
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
        const tasks = [0, 1, 2, 3, 4].map((name) => createTask(worker(name)));
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
    const log = tidyTrace(function* (log) {
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
    const log = tidyTrace(function* (log) {
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
  test("is as it was when a permit too many was refused", () => {
    const semaphore = new BoundedSemaphore(1);
    expect(() => semaphore.release()).toThrow(RangeError);
    expect(semaphore.toString()).toBe("<BoundedSemaphore [unlocked, value:1]>");
  });

  test("takes back what was taken", () => {
    const log = tidyTrace(function* (log) {
      const semaphore = new BoundedSemaphore();
      yield* semaphore.acquire();
      semaphore.release();
      log.push(attempt(() => semaphore.release()));
    });
    expect(log).toEqual(["RangeError('BoundedSemaphore released too many times')"]);
  });
});

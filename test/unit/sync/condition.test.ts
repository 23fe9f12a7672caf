import { describe, expect, test } from "vitest";
import { Condition, type Coroutine, Lock, createTask } from "wasyncio";
import { spin } from "../../support/coroutines.ts";
import { attempt, attemptAwait, settle } from "../../support/outcomes.ts";
import { tidyTrace } from "../../support/stage.ts";

/** A task's work: waits for a notification and says so. */
function* waitFor(condition: Condition, log: unknown[], name: string): Coroutine<void> {
  yield* condition.with(function* () {
    yield* condition.wait();
    log.push(name);
  });
}

function* notify(condition: Condition, count?: number): Coroutine<void> {
  yield* condition.with(function* () {
    condition.notify(count);
  });
}

describe("without the lock", () => {
  test("release is not possible", () => {
    expect(attempt(() => new Condition().release())).toBe("RuntimeError('Lock is not acquired.')");
  });
});

describe("notify", () => {
  test.each<[number, string[]]>([
    [0, []],
    [-1, []],
    [1.5, ["w1", "w2"]],
    [99, ["w1", "w2", "w3"]],
    [Infinity, ["w1", "w2", "w3"]],
  ])("wakes as many as there are, at most: %d", (count, woken) => {
    const log = tidyTrace(function* (log) {
      const condition = new Condition();
      const tasks = ["w1", "w2", "w3"].map((name) => createTask(waitFor(condition, log, name)));
      yield* spin(2);
      yield* notify(condition, count);
      yield* spin(6);
      for (const task of tasks) task.cancel();
      yield* settle(tasks);
    });
    expect(log).toEqual(woken);
  });

  test("skips those who were notified before", () => {
    const log = tidyTrace(function* (log) {
      const condition = new Condition();
      const tasks = ["w1", "w2"].map((name) => createTask(waitFor(condition, log, name)));
      yield* spin(2);
      yield* condition.with(function* () {
        condition.notify();
        condition.notify();
      });
      yield* settle(tasks);
    });
    expect(log).toEqual(["w1", "w2"]);
  });
});

describe("waitFor", () => {
  test("asks at once and after each wake-up", () => {
    const log = tidyTrace(function* (log) {
      const condition = new Condition();
      const stock: string[] = [];
      yield* condition.with(function* () {
        log.push(yield* condition.waitFor(() => "truthy"));
      });
      let asked = 0;
      const task = createTask(
        condition.with(function* () {
          log.push(
            yield* condition.waitFor(() => {
              asked++;
              return stock[0];
            }),
          );
        }),
      );
      yield* spin(2);
      yield* condition.with(function* () {
        condition.notifyAll();
      });
      yield* spin(3);
      stock.push("later");
      yield* condition.with(function* () {
        condition.notifyAll();
      });
      yield* task;
      log.push(asked);
    });
    expect(log).toEqual(["truthy", "later", 3]);
  });

  test("throws what the predicate throws, with the lock held", () => {
    const log = tidyTrace(function* (log) {
      const condition = new Condition();
      yield* condition.acquire();
      const failing = condition.waitFor(() => {
        throw new RangeError("asked");
      });
      log.push(yield* attemptAwait(failing), condition.locked());
      condition.release();
    });
    expect(log).toEqual(["RangeError('asked')", true]);
  });
});

/** Waits, and writes down how that ended and whether the lock is held then. */
function* waitAndTell(condition: Condition, log: unknown[]): Coroutine<void> {
  yield* condition.acquire();
  const outcome = yield* attemptAwait(condition.wait());
  log.push([outcome, condition.locked()]);
  condition.release();
}

describe("cancellation", () => {
  test("further ones are absorbed until the lock is held, and the latest comes out", () => {
    const log = tidyTrace(function* (log) {
      const condition = new Condition();
      const task = createTask(waitAndTell(condition, log));
      yield* spin(2);
      yield* condition.acquire();
      for (const message of ["first", "second", "third"]) {
        task.cancel(message);
        yield* spin(2);
        log.push(task.done());
      }
      condition.release();
      yield* task;
    });
    expect(log).toEqual([false, false, false, ["CancelledError('third')", true]]);
  });

  // Three tasks wait; two are notified one after the other. Whoever is cancelled when: notifications get to those who
  // are left.
  test.each([0, 1, 2])("of waiter %i, in whichever iteration, loses neither notification nor lock", (victim) => {
    for (let at = 0; at < 16; at++) {
      const log = tidyTrace(function* (log) {
        const condition = new Condition();
        const tasks = [0, 1, 2].map((name) => createTask(waitFor(condition, log, `w${name}`)));
        const notifier = createTask(
          (function* () {
            yield* spin(3);
            yield* notify(condition);
            yield* spin(2);
            yield* notify(condition);
          })(),
        );
        yield* spin(at);
        tasks[victim]?.cancel();
        yield* notifier;
        yield* spin(8);
        const done = tasks.filter((task) => task.done() && !task.cancelled()).length;
        expect(done, `cancelled in iteration ${at}`).toBe(2);
        for (const task of tasks) task.cancel();
        yield* settle(tasks);
        log.push(condition.toString());
      });
      expect(log.at(-1), `cancelled in iteration ${at}`).toBe("<Condition [unlocked]>");
    }
  });
});

describe("the lock", () => {
  test("may be a given one, which is the same for all that share it", () => {
    const log = tidyTrace(function* (log) {
      const lock = new Lock();
      const left = new Condition(lock);
      const right = new Condition(lock);
      yield* left.with(function* () {
        log.push(lock.locked(), right.locked());
      });
      yield* lock.acquire();
      const task = createTask(
        right.with(function* () {
          log.push("right");
        }),
      );
      yield* spin(2);
      log.push("lock");
      left.release();
      yield* task;
    });
    expect(log).toEqual([true, true, "lock", "right"]);
  });

  test("`with` waits for one that is locked elsewhere", () => {
    const log = tidyTrace(function* (log) {
      const lock = new Lock();
      yield* lock.acquire();
      const condition = new Condition(lock);
      const task = createTask(
        condition.with(function* () {
          log.push("inside");
        }),
      );
      yield* spin(2);
      log.push("release");
      lock.release();
      yield* task;
    });
    expect(log).toEqual(["release", "inside"]);
  });

  test("may be null; anything else is refused", () => {
    expect(new Condition(null).locked()).toBe(false);
    expect(() => new Condition({ locked: () => false } as unknown as Lock)).toThrow(TypeError);
    expect(() => new Condition(7 as unknown as Lock)).toThrow("Invalid lock: expected a Lock, got 7");
  });

  test("is given back by a hold that was there before the wait", () => {
    const log = tidyTrace(function* (log) {
      const condition = new Condition();
      const task = createTask(
        (function* () {
          using _ = yield* condition.acquire();
          yield* condition.wait();
          log.push(condition.locked());
        })(),
      );
      yield* spin(2);
      yield* notify(condition);
      yield* task;
      log.push(condition.locked());
    });
    expect(log).toEqual([true, false]);
  });

  test("stays held when the wait is refused in another loop", () => {
    const condition = new Condition();
    tidyTrace(function* () {
      const task = createTask(waitFor(condition, [], "w"));
      yield* spin(1);
      task.cancel();
      yield* attemptAwait(task);
    });
    const log = tidyTrace(function* (log) {
      yield* condition.acquire();
      log.push(yield* attemptAwait(condition.wait()), condition.toString());
      condition.release();
    });
    expect(log).toEqual([
      "RuntimeError('<Condition [locked]> is bound to a different event loop')",
      "<Condition [locked]>",
    ]);
  });
});

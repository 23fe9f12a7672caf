import { describe, expect, test } from "vitest";
import { Barrier, type Coroutine, createTask } from "wasyncio";
import { spin } from "../../support/coroutines.ts";
import { attemptAwait, settle } from "../../support/outcomes.ts";
import { tidyTrace } from "../../support/stage.ts";
import { iteration } from "../../support/counters.ts";

/** Starts tasks that pass the barrier and write their index down. */
function startParties(barrier: Barrier, count: number, passed: unknown[]) {
  return Array.from({ length: count }, () =>
    createTask(
      (function* (): Coroutine<void> {
        passed.push(yield* barrier.wait());
      })(),
    ),
  );
}

describe("the number of parties", () => {
  test("is a whole number", () => {
    expect(() => new Barrier(1.5)).toThrow(RangeError);
    expect(() => new Barrier(Infinity)).toThrow(RangeError);
  });
});

describe("wait", () => {
  test("does not suspend when one is enough", () => {
    const log = tidyTrace(function* (log, loop) {
      const barrier = new Barrier(1);
      const before = iteration(loop);
      log.push(yield* barrier.wait(), yield* barrier.wait(), iteration(loop) - before);
    });
    expect(log).toEqual([0, 0, 0]);
  });

  test("shows who waits, and whether it fills or drains", () => {
    const log = tidyTrace(function* (log) {
      const barrier = new Barrier(3);
      const tasks = startParties(barrier, 2, []);
      yield* spin(3);
      log.push(barrier.toString());
      yield* barrier.wait();
      log.push(barrier.toString());
      yield* settle(tasks);
    });
    expect(log).toEqual(["<Barrier [filling, waiters:2/3]>", "<Barrier [draining, waiters:0/3]>"]);
  });

  test("many generations pass, one after the other", () => {
    const log = tidyTrace(function* (log) {
      const barrier = new Barrier(3);
      const passed: unknown[] = [];
      yield* settle(startParties(barrier, 30, passed));
      log.push(...passed, barrier.toString());
    });
    expect(log).toEqual([...Array.from({ length: 10 }, () => [2, 0, 1]).flat(), "<Barrier [filling, waiters:0/3]>"]);
  });
});

describe("abort", () => {
  test("shows that it is broken", () => {
    const log = tidyTrace(function* (log) {
      const barrier = new Barrier(2);
      yield* barrier.abort();
      log.push(barrier.toString());
    });
    expect(log).toEqual(["<Barrier [broken]>"]);
  });

  test("throws out those who wait outside, too", () => {
    const log = tidyTrace(function* (log) {
      const barrier = new Barrier(2);
      const tasks = [1, 2, 3].map(() => createTask(attemptAwait(barrier.wait())));
      yield* spin(1); // two are inside and leave, one is outside
      yield* barrier.abort();
      yield* settle(tasks);
      log.push(...tasks.map((task) => task.result()), barrier.broken);
    });
    expect(log).toEqual([
      "BrokenBarrierError('Abort or reset of barrier')",
      1,
      "BrokenBarrierError('Barrier aborted')",
      true,
    ]);
  });
});

describe("reset", () => {
  test("lets the next parties pass as soon as those who wait are out", () => {
    const log = tidyTrace(function* (log) {
      const barrier = new Barrier(2);
      const task = createTask(barrier.wait());
      yield* spin(2);
      yield* barrier.reset();
      log.push(barrier.toString(), yield* attemptAwait(task), barrier.broken);
      yield* settle(startParties(barrier, 2, log));
    });
    expect(log).toEqual([
      "<Barrier [resetting, waiters:0/2]>",
      "BrokenBarrierError('Abort or reset of barrier')",
      false,
      1,
      0,
    ]);
  });

  test("changes nothing where nobody waits", () => {
    const log = tidyTrace(function* (log) {
      const barrier = new Barrier(2);
      yield* barrier.reset();
      log.push(barrier.toString());
    });
    expect(log).toEqual(["<Barrier [filling, waiters:0/2]>"]);
  });
});

describe("cancellation", () => {
  test("of a task that waits leaves its place to another", () => {
    const log = tidyTrace(function* (log) {
      const barrier = new Barrier(2);
      const task = createTask(barrier.wait());
      yield* spin(2);
      task.cancel();
      yield* attemptAwait(task);
      yield* settle(startParties(barrier, 2, log));
    });
    expect(log).toEqual([1, 0]);
  });

  test.each([0, 1, 2])("of task %i, in whichever iteration, leaves a barrier that works", (victim) => {
    for (let at = 0; at < 12; at++) {
      tidyTrace(function* () {
        const barrier = new Barrier(2);
        const passed: unknown[] = [];
        const tasks = startParties(barrier, 3, passed);
        yield* spin(at);
        tasks[victim]?.cancel();
        yield* spin(12);
        for (const task of tasks) task.cancel();
        yield* settle(tasks);
        expect(barrier.toString(), `cancelled in iteration ${at}`).toBe("<Barrier [filling, waiters:0/2]>");
        passed.length = 0;
        yield* settle(startParties(barrier, 2, passed));
        expect(passed).toEqual([1, 0]);
      });
    }
  });
});

describe("with", () => {
  test("gives the index to its body, and what that returns; does nothing behind it", () => {
    const log = tidyTrace(function* (log) {
      const barrier = new Barrier(2);
      const tasks = [1, 2].map(() =>
        createTask(
          barrier.with(function* (index) {
            return index * 10;
          }),
        ),
      );
      yield* settle(tasks);
      log.push(...tasks.map((task) => task.result()), barrier.toString());
    });
    expect(log).toEqual([0, 10, "<Barrier [filling, waiters:0/2]>"]);
  });

  test("aenter and aexit do the same by hand", () => {
    const log = tidyTrace(function* (log) {
      const barrier = new Barrier(1);
      log.push(yield* barrier.aenter(), yield* barrier.aexit());
    });
    expect(log).toEqual([0, undefined]);
  });
});

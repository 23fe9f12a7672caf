import { describe, expect, test } from "vitest";
import type { Coroutine } from "../../src/runtime/suspension.ts";
import { Barrier } from "../../src/sync/barrier.ts";
import { type Stage, attempt, attemptAwait, settle, spin, trace } from "./support.ts";

/** Starts tasks that pass the barrier and write their index down. */
function startParties({ start }: Stage, barrier: Barrier, count: number, passed: unknown[]) {
  return Array.from({ length: count }, () =>
    start(
      (function* (): Coroutine<void> {
        passed.push(yield* barrier.wait());
      })(),
    ),
  );
}

describe("the number of parties", () => {
  test("BARRIER-01: is at least 1", () => {
    expect(attempt(() => new Barrier(0))).toBe("RangeError('parties must be >= 1')");
  });

  test("is a whole number", () => {
    expect(() => new Barrier(1.5)).toThrow(RangeError);
    expect(() => new Barrier(Infinity)).toThrow(RangeError);
  });

  test.each([NaN, "2", null, undefined])("is a number: not %j", (parties) => {
    expect(() => new Barrier(parties as number)).toThrow(TypeError);
  });

  test("BARRIER-07: can be asked for, as can who waits and whether it is broken", () => {
    const barrier = new Barrier(2);
    expect([barrier.parties, barrier.nWaiting, barrier.broken]).toEqual([2, 0, false]);
  });
});

describe("wait", () => {
  test("BARRIER-01: gives the order of arrival; the last one does not wait and goes first", () => {
    const log = trace(function* (stage) {
      yield* settle(startParties(stage, new Barrier(3), 3, stage.log));
    });
    expect(log).toEqual([2, 0, 1]);
  });

  test("does not suspend when one is enough", () => {
    const log = trace(function* ({ log, iteration }) {
      const barrier = new Barrier(1);
      const before = iteration();
      log.push(yield* barrier.wait(), yield* barrier.wait(), iteration() - before);
    });
    expect(log).toEqual([0, 0, 0]);
  });

  test("BARRIER-02: counts those who wait while it fills, and can be used again", () => {
    const log = trace(function* (stage) {
      const { log } = stage;
      const barrier = new Barrier(3);
      const passed: unknown[] = [];
      const tasks = startParties(stage, barrier, 2, passed);
      yield* spin(3);
      log.push(barrier.nWaiting, barrier.toString());
      passed.push(yield* barrier.wait());
      log.push(barrier.nWaiting, barrier.toString());
      yield* settle(tasks);
      yield* settle(startParties(stage, barrier, 3, passed));
      log.push(passed);
    });
    expect(log).toEqual([
      2,
      "<Barrier [filling, waiters:2/3]>",
      0,
      "<Barrier [draining, waiters:0/3]>",
      [2, 0, 1, 2, 0, 1],
    ]);
  });

  test("BARRIER-06: those who come while the others leave wait outside", () => {
    const log = trace(function* ({ log, start }) {
      const barrier = new Barrier(2);
      const tasks = ["a", "a", "b", "b"].map((name) =>
        start(
          (function* () {
            const index = yield* barrier.wait();
            log.push(`${name}${index}`);
          })(),
        ),
      );
      yield* settle(tasks);
    });
    expect(log).toEqual(["a1", "a0", "b1", "b0"]);
  });

  test("many generations pass, one after the other", () => {
    const log = trace(function* (stage) {
      const barrier = new Barrier(3);
      const passed: unknown[] = [];
      yield* settle(startParties(stage, barrier, 30, passed));
      stage.log.push(...passed, barrier.toString());
    });
    expect(log).toEqual([...Array.from({ length: 10 }, () => [2, 0, 1]).flat(), "<Barrier [filling, waiters:0/3]>"]);
  });
});

describe("abort", () => {
  test("BARRIER-03: throws out those who wait, and all that come, until a reset", () => {
    const log = trace(function* ({ log, start }) {
      const barrier = new Barrier(2);
      const task = start(barrier.wait());
      yield* spin(2);
      yield* barrier.abort();
      log.push(yield* attemptAwait(task), barrier.broken, barrier.toString());
      log.push(yield* attemptAwait(barrier.wait()));
      yield* barrier.reset();
      log.push(barrier.broken);
    });
    expect(log).toEqual([
      "BrokenBarrierError('Abort or reset of barrier')",
      true,
      "<Barrier [broken]>",
      "BrokenBarrierError('Barrier aborted')",
      false,
    ]);
  });

  test("throws out those who wait outside, too", () => {
    const log = trace(function* (stage) {
      const { log, start } = stage;
      const barrier = new Barrier(2);
      const tasks = [1, 2, 3].map(() => start(attemptAwait(barrier.wait())));
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
  test("BARRIER-04: throws out those who wait, and the barrier can be used again", () => {
    const log = trace(function* (stage) {
      const { log, start } = stage;
      const barrier = new Barrier(2);
      const task = start(barrier.wait());
      yield* spin(2);
      yield* barrier.reset();
      log.push(barrier.toString(), yield* attemptAwait(task), barrier.broken);
      yield* settle(startParties(stage, barrier, 2, log));
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
    const log = trace(function* ({ log }) {
      const barrier = new Barrier(2);
      yield* barrier.reset();
      log.push(barrier.toString());
    });
    expect(log).toEqual(["<Barrier [filling, waiters:0/2]>"]);
  });
});

describe("cancellation", () => {
  test("BARRIER-05: of a task that waits makes it leave, and does not break the barrier", () => {
    const log = trace(function* (stage) {
      const { log, start } = stage;
      const barrier = new Barrier(2);
      const task = start(barrier.wait());
      yield* spin(2);
      task.cancel();
      log.push(yield* attemptAwait(task), barrier.nWaiting, barrier.broken);
      yield* settle(startParties(stage, barrier, 2, log));
    });
    expect(log).toEqual(["CancelledError()", 0, false, 1, 0]);
  });

  test.each([0, 1, 2])("of task %i, in whichever iteration, leaves a barrier that works", (victim) => {
    for (let at = 0; at < 12; at++) {
      trace(function* (stage) {
        const barrier = new Barrier(2);
        const passed: unknown[] = [];
        const tasks = startParties(stage, barrier, 3, passed);
        yield* spin(at);
        tasks[victim]?.cancel();
        yield* spin(12);
        for (const task of tasks) task.cancel();
        yield* settle(tasks);
        expect(barrier.toString(), `cancelled in iteration ${at}`).toBe("<Barrier [filling, waiters:0/2]>");
        passed.length = 0;
        yield* settle(startParties(stage, barrier, 2, passed));
        expect(passed).toEqual([1, 0]);
      });
    }
  });
});

describe("with", () => {
  test("BARRIER-06, BARRIER-07: gives the index to its body, and does nothing behind it", () => {
    const log = trace(function* ({ log, start }) {
      const barrier = new Barrier(2);
      const tasks = [1, 2].map(() =>
        start(
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
    const log = trace(function* ({ log }) {
      const barrier = new Barrier(1);
      log.push(yield* barrier.aenter(), yield* barrier.aexit());
    });
    expect(log).toEqual([0, undefined]);
  });
});

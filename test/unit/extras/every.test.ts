import { describe, expect, test } from "vitest";
import { type Coroutine, createTask, getRunningLoop, moveOnAfter, sleep } from "wasyncio";
import { type EveryOptions, every } from "wasyncio/extras";
import { explore } from "wasyncio/testing";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { fullTrace } from "../../support/stage.ts";
import { sweepEverywhere } from "../testing/sweep/everywhere.ts";

/** When calls begin that take so long each. */
function timesOf(durations: readonly number[], options?: EveryOptions): [number, number][] {
  const times: [number, number][] = [];
  fullTrace(function* (_, loop) {
    let call = 0;
    yield* every(
      1,
      function* (time) {
        times.push([time, Number(loop.time().toFixed(9))]);
        yield* sleep(durations[call++]);
        return call < durations.length;
      },
      options,
    );
  });
  return times;
}

describe("every", () => {
  test("calls at once, and then after each period, however long a call takes", () => {
    expect(timesOf([0, 0.5, 0.9, 0])).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
  });

  test("skips the times that it missed", () => {
    expect(timesOf([2.5, 0.2, 1, 0])).toEqual([
      [0, 0],
      [3, 3],
      [4, 4],
      [5, 5], // the time has come when the call ends: it is not missed
    ]);
  });

  test("catches up on them, each in its order", () => {
    expect(timesOf([2.5, 0.2, 0, 0, 0], { missed: "catch up" })).toEqual([
      [0, 0],
      [1, 2.5],
      [2, 2.7],
      [3, 3],
      [4, 4],
    ]);
  });

  test("does not drift, and takes functions of all kinds", () => {
    fullTrace(function* (_, loop) {
      let calls = 0;
      yield* moveOnAfter(1000.05).with(() => every(0.1, () => void calls++));
      expect(calls).toBe(10_001);
      yield* every(1, () => false);
      const ends = loop.createFuture<boolean>();
      loop.callLater(5, () => ends.setResult(false));
      yield* every(1, () => ends);
      expect(loop.time()).toBeCloseTo(1005.05);
    });
  });

  test("ends with what the function throws, or when it is cancelled", () => {
    fullTrace(function* (_, loop) {
      const failing = every(1, function* (time) {
        if (time === 3) throw new RangeError(`at ${loop.time()}`);
      });
      expect(yield* attemptAwait(failing)).toBe("RangeError('at 3')");
      const task = createTask(every(1, () => {}));
      loop.callLater(5.5, () => task.cancel());
      expect([yield* attemptAwait(task), loop.time()]).toEqual(["CancelledError()", 8.5]);
    });
  });

  test("gives way though its calls wait for nothing", () => {
    fullTrace(function* (_, loop) {
      const task = createTask(every({ microseconds: 1 }, () => {}, { missed: "catch up" }));
      yield* sleep(0);
      yield* sleep(0);
      task.cancel();
      yield* attemptAwait(task);
      expect(loop.time()).toBeLessThan(1);
    });
  });

  test("refuses bad arguments at the call", () => {
    expect(attempt(() => every(0, () => {}))).toBe(
      "RangeError('Invalid period: expected a positive number of seconds, got 0')",
    );
    expect(attempt(() => every(Infinity, () => {}))).toContain("RangeError");
    expect(attempt(() => every(null as never, () => {}))).toContain("TypeError('Invalid period");
    expect(attempt(() => every(1, 5 as never))).toBe("TypeError('Invalid fn: expected a function, got 5')");
    expect(attempt(() => every(1, () => {}, { missed: "later" as never }))).toBe(
      "TypeError('Invalid missed: expected \"skip\" or \"catch up\", got 'later'')",
    );
    expect(attempt(() => every(1, () => {}, { first: 1 } as never))).toContain("there is no 'first'");
  });

  test("is swept and explored: no call goes on behind its end", () => {
    for (const missed of ["skip", "catch up"] as const) {
      let running: number;
      const program = function* (): Coroutine<number> {
        running = 0;
        const calls: number[] = [];
        yield* every(
          1,
          function* (time) {
            calls.push(time);
            running++;
            try {
              yield* sleep(time === 0 ? 2.5 : 0.5);
            } finally {
              running--;
            }
            return calls.length < 4;
          },
          { missed },
        );
        expect(calls).toEqual([...calls].sort((left, right) => left - right));
        return getRunningLoop().time();
      };
      sweepEverywhere(program, { check: () => expect(running).toBe(0) });
      expect(explore(program, { runs: 50 }).failure).toBeNull();
    }
  });
});

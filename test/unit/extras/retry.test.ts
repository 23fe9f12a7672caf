import { describe, expect, test } from "vitest";
import { type Coroutine, createTask, getRunningLoop, sleep } from "wasyncio";
import { retry } from "wasyncio/extras";
import { explore, simulate } from "wasyncio/testing";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { fullTrace } from "../../support/stage.ts";
import { sweepEverywhere } from "../testing/sweep/everywhere.ts";

/** Fails so many times, and then succeeds; writes down when it was called. */
function failing(times: number, log: number[] = []): (attempt: number) => Coroutine<string> {
  return function* (attempt) {
    log.push(getRunningLoop().time());
    yield* sleep(0);
    if (attempt <= times) throw new RangeError(`attempt ${attempt}`);
    return `attempt ${attempt}`;
  };
}

describe("retry", () => {
  test("calls again until it succeeds, and throws what the last attempt failed with", () => {
    fullTrace(function* () {
      expect(yield* retry(failing(0))).toBe("attempt 1");
      expect(yield* retry(failing(2))).toBe("attempt 3");
      expect(yield* attemptAwait(retry(failing(3)))).toBe("RangeError('attempt 3')");
      expect(yield* attemptAwait(retry(failing(1), { attempts: 1 }))).toBe("RangeError('attempt 1')");
      expect(yield* retry(failing(20), { attempts: Infinity })).toBe("attempt 21");
    });
  });

  test("waits twice as long each time, up to 10 s, or as it is told", () => {
    const timesOf = (wait?: Parameters<typeof retry>[1]): number[] => {
      const times: number[] = [];
      fullTrace(function* () {
        yield* retry(failing(9, times), { attempts: 10, jitter: 0, ...wait });
      });
      return times.map((time, index) => Number((time - (times[index - 1] ?? 0)).toFixed(6)));
    };
    expect(timesOf()).toEqual([0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10]);
    expect(timesOf({ wait: { milliseconds: 5 } })).toEqual([0, ...Array.from({ length: 9 }, () => 0.005)]);
    expect(timesOf({ wait: (attempt) => attempt })).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("takes part of each wait off, by the loop's seed", () => {
    const waits = (seed: number): number => {
      const { value } = simulate(
        function* () {
          yield* retry(failing(5), { attempts: 6, wait: 1, jitter: 0.5 });
          return getRunningLoop().time();
        },
        { seed },
      );
      return value as number;
    };
    expect(waits(1)).toBe(waits(1));
    expect(waits(1)).not.toBe(waits(2));
    for (const seed of [1, 2, 3, 4]) expect([waits(seed) > 2.5, waits(seed) < 5]).toEqual([true, true]);
  });

  test("does so for the errors that it is told, and never for a cancellation", () => {
    fullTrace(function* (_, loop) {
      expect(yield* attemptAwait(retry(failing(1), { on: TypeError }))).toBe("RangeError('attempt 1')");
      expect(yield* retry(failing(1), { on: RangeError })).toBe("attempt 2");
      expect(yield* retry(failing(1), { on: [TypeError, RangeError] })).toBe("attempt 2");
      expect(yield* attemptAwait(retry(failing(2), { on: (error) => String(error).endsWith("1") }))).toBe(
        "RangeError('attempt 2')",
      );
      let calls = 0;
      const task = createTask(retry(() => sleep(++calls), { attempts: Infinity, on: () => true }));
      loop.callLater(0.5, () => task.cancel("enough"));
      expect(yield* attemptAwait(task)).toBe("CancelledError('enough')");
      expect(calls).toBe(1);
    });
  });

  test("throws at once what is a mistake in the function", () => {
    fullTrace(function* (_, loop) {
      const throws = (): never => {
        throw new TypeError("mistake");
      };
      expect(yield* attemptAwait(retry(throws))).toBe("TypeError('mistake')");
      expect(yield* attemptAwait(retry((() => 5) as never))).toContain("Cannot await what fn returned");
      expect(loop.time()).toBe(0);
    });
  });

  test("refuses bad arguments at the call", () => {
    const fn = (): Coroutine<void> => sleep(0);
    const refused: [Parameters<typeof retry>[1], string][] = [
      [{ attempts: 0 }, "RangeError('Invalid attempts: expected a whole number from 1, or Infinity, got 0')"],
      [{ attempts: 1.5 }, "RangeError('Invalid attempts: expected a whole number from 1, or Infinity, got 1.5')"],
      [{ attempts: NaN }, "RangeError('Invalid attempts: expected a whole number from 1, or Infinity, got NaN')"],
      [{ attempts: "3" as never }, "TypeError('Invalid attempts: expected a whole number, got '3'')"],
      [{ jitter: 2 }, "RangeError('Invalid jitter: expected 0 to 1, got 2')"],
      [{ jitter: null as never }, "TypeError('Invalid jitter: expected a number, got null')"],
      [{ wait: NaN }, "TypeError('Invalid wait: NaN (not a number)')"],
      [{ on: 5 as never }, "TypeError('Cannot retry: expected a class or a predicate, got 5')"],
      [{ times: 3 } as never, "TypeError('Invalid options: there is no 'times', only attempts, wait, jitter, on')"],
    ];
    for (const [options, message] of refused) expect(attempt(() => retry(fn, options))).toBe(message);
    expect(attempt(() => retry(5 as never))).toBe("TypeError('Invalid fn: expected a function, got 5')");
  });

  test("is swept and explored: it ends at any point, and no attempt goes on", () => {
    let running = 0;
    const program = function* (): Coroutine<string> {
      running = 0;
      return yield* retry(
        function* (attempt) {
          running++;
          try {
            yield* sleep(0.1);
            if (attempt < 3) throw new RangeError("again");
            return "done";
          } finally {
            running--;
          }
        },
        { on: RangeError },
      );
    };
    sweepEverywhere(program, { check: () => expect(running).toBe(0) });
    expect(explore(program, { runs: 50, check: (value) => expect(value).toBe("done") }).failure).toBeNull();
  });
});

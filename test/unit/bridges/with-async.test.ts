import { describe, expect, test } from "vitest";
import { type AsyncContextManager, CancelledError, type Coroutine, createTask, sleep, withAsync } from "wasyncio";
import { giving, nothing, spin, throwing } from "../../support/coroutines.ts";
import { attempt, attemptAwait, describeError } from "../../support/outcomes.ts";
import { fullTrace } from "../../support/stage.ts";

/** A manager that says in a log what happens to it. */
function manager(
  log: unknown[],
  options: { swallow?: unknown; failEnter?: boolean; failExit?: boolean } = {},
): AsyncContextManager<string> {
  return {
    *aenter() {
      log.push("enter");
      yield* sleep(0);
      if (options.failEnter === true) throw new RangeError("aenter");
      return "value";
    },
    *aexit(error, failed) {
      log.push(failed ? `exit with ${describeError(error)}` : `exit with ${String(error)}`);
      yield* sleep(0);
      if (options.failExit === true) throw new RangeError("aexit");
      return options.swallow as boolean;
    },
  };
}

describe("withAsync", () => {
  test("gives the body what aenter gives, and returns what the body returns", () => {
    const log = fullTrace(function* (log) {
      const result = yield* withAsync(manager(log), function* (value) {
        log.push(value);
        yield* sleep(1);
        return "result";
      });
      log.push(result);
    });
    expect(log).toEqual(["enter", "value", "exit with undefined", "result"]);
  });

  test("leaves the manager with the error of the body, and throws that", () => {
    const log = fullTrace(function* (log) {
      log.push(yield* attemptAwait(withAsync(manager(log), () => throwing(new RangeError("body")))));
      log.push(yield* attemptAwait(withAsync(manager(log), () => throwing(undefined))));
    });
    expect(log).toEqual([
      "enter",
      "exit with RangeError('body')",
      "RangeError('body')",
      "enter",
      "exit with not an error: undefined",
      "not an error: undefined",
    ]);
  });

  test("returns undefined when aexit swallows the error", () => {
    const log = fullTrace(function* (log) {
      log.push(yield* withAsync(manager(log, { swallow: true }), () => throwing(new RangeError("body"))));
      log.push(yield* withAsync(manager(log, { swallow: true }), () => giving("kept")));
    });
    expect(log).toEqual(["enter", "exit with RangeError('body')", undefined, "enter", "exit with undefined", "kept"]);
  });

  test("does not enter the body or leave the manager when aenter throws", () => {
    const log = fullTrace(function* (log) {
      log.push(yield* attemptAwait(withAsync(manager(log, { failEnter: true }), () => giving(log.push("body")))));
    });
    expect(log).toEqual(["enter", "RangeError('aenter')"]);
  });

  test("throws the error of aexit over that of the body", () => {
    const log = fullTrace(function* (log) {
      log.push(yield* attemptAwait(withAsync(manager(log, { failExit: true }), nothing)));
      log.push(yield* attemptAwait(withAsync(manager(log, { failExit: true }), () => throwing(new Error("body")))));
    });
    expect(log.filter((entry) => entry === "RangeError('aexit')")).toHaveLength(2);
  });

  test("leaves the manager when the body is cancelled, and swallows even that if aexit says so", () => {
    const log = fullTrace(function* (log) {
      for (const swallow of [false, true]) {
        const task = createTask(withAsync(manager(log, { swallow }), () => sleep(9)));
        yield* spin(3);
        task.cancel("m");
        log.push(yield* attemptAwait(task), task.cancelling());
      }
    });
    expect(log).toEqual([
      "enter",
      "exit with CancelledError('m')",
      "CancelledError('m')",
      1,
      "enter",
      "exit with CancelledError('m')",
      undefined,
      1,
    ]);
  });

  test("may be cancelled while it enters and while it leaves", () => {
    const log = fullTrace(function* (log) {
      for (const point of [1, 2]) {
        const task = createTask(withAsync(manager(log), nothing));
        yield* spin(point);
        task.cancel();
        log.push(yield* attemptAwait(task));
      }
    });
    expect(log).toEqual(["enter", "CancelledError()", "enter", "exit with undefined", "CancelledError()"]);
  });

  test("takes managers with methods that are no generators", () => {
    const log = fullTrace(function* (log) {
      const plain: AsyncContextManager<number> = {
        aenter: () => giving(1),
        aexit: (error) => giving(error instanceof CancelledError),
      };
      log.push(yield* withAsync(plain, (value) => giving(value + 1)));
      log.push(yield* withAsync(plain, (): Coroutine<number> => throwing(new CancelledError())));
    });
    expect(log).toEqual([2, undefined]);
  });

  test("refuses what is no manager, and a body that is no function, at the call", () => {
    for (const bad of [5, null, undefined, {}, { aenter: nothing }]) {
      expect(attempt(() => withAsync(bad as AsyncContextManager<void>, nothing))).toMatch(
        /^TypeError\('Cannot enter: expected an object with aenter and aexit, got /,
      );
    }
    const log: unknown[] = [];
    expect(attempt(() => withAsync(manager(log), 5 as unknown as typeof nothing))).toBe(
      "TypeError('Cannot enter: expected a function for the body, got 5')",
    );
    expect(log).toEqual([]);
  });
});

import { describe, expect, test } from "vitest";
import { type Coroutine, TaskGroup, createTask, gather, getRunningLoop, sleep } from "wasyncio";
import { type MemoizeOptions, memoize, once } from "wasyncio/extras";
import { VirtualEventLoop, explore } from "wasyncio/testing";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { fullTrace } from "../../support/stage.ts";
import { goesOn, sweepEverywhere } from "../testing/sweep/everywhere.ts";

/** A function that takes a second, and writes down its calls and how they end. */
function slow(log: unknown[]) {
  return function* (key: string): Coroutine<string> {
    log.push(key);
    try {
      yield* sleep(1);
      if (key.startsWith("bad")) throw new RangeError(key);
      return key.toUpperCase();
    } catch (error) {
      log.push(`${key}: ${(error as Error).name}`);
      throw error;
    }
  };
}

describe("memoize", () => {
  test("makes each call once, for those who ask at the same time and for those who ask later", () => {
    fullTrace(function* (log, loop) {
      const load = memoize(slow(log));
      expect(yield* gather(load("a"), load("b"), load("a"))).toEqual(["A", "B", "A"]);
      expect([yield* load("a"), loop.time(), load.size]).toEqual(["A", 1, 2]);
      expect(log).toEqual(["a", "b"]);
    });
  });

  test("calls nothing before it is awaited", () => {
    fullTrace(function* (log) {
      const load = memoize(slow(log));
      const asked = load("a");
      yield* sleep(1);
      expect(log).toEqual([]);
      expect(yield* asked).toBe("A");
    });
  });

  test("does not keep what has failed", () => {
    fullTrace(function* (log) {
      const load = memoize(slow(log));
      const failed = yield* gather([load("bad"), load("bad")], { returnExceptions: true });
      expect(failed).toEqual([new RangeError("bad"), new RangeError("bad")]);
      expect([yield* attemptAwait(load("bad")), load.size]).toEqual(["RangeError('bad')", 0]);
      expect(log).toEqual(["bad", "bad: RangeError", "bad", "bad: RangeError"]);
      const wrong = memoize((() => 5) as never);
      expect(yield* attemptAwait(wrong())).toContain("Cannot await what fn returned");
    });
  });

  test("cancels a call with the last who waits for it, and has that one wait for its end", () => {
    fullTrace(function* (log, loop) {
      const load = memoize(function* (key: string) {
        try {
          return yield* slow(log)(key);
        } finally {
          yield* sleep(5);
        }
      });
      const [first, second] = [createTask(load("a")), createTask(load("a"))];
      yield* sleep(0.1);
      first.cancel();
      expect(yield* attemptAwait(first)).toBe("CancelledError()");
      expect([log, loop.time()]).toEqual([["a"], 0.1]);
      second.cancel();
      yield* sleep(0.1);
      const third = createTask(load("a")); // while the first call ends: another one
      expect([yield* attemptAwait(second), loop.time()]).toEqual(["CancelledError()", 5.1]);
      expect(log).toEqual(["a", "a: CancelledError", "a"]);
      expect(yield* third).toBe("A");
    });
  });

  test("keeps as many results as it may, those that were asked for last", () => {
    fullTrace(function* (log) {
      const load = memoize(slow(log), { maxsize: 2 });
      for (const key of ["a", "b", "a", "c", "a", "b"]) yield* load(key);
      expect([log, load.size]).toEqual([["a", "b", "c", "b"], 2]);
      expect([load.forget("a"), load.forget("a"), load.size]).toEqual([true, false, 1]);
      load.clear();
      expect(load.size).toBe(0);
    });
  });

  test("keeps results as long as it may, from when they came", () => {
    fullTrace(function* (log) {
      const load = memoize(slow(log), { ttl: { seconds: 10 } });
      yield* load("a");
      yield* sleep(9.5);
      yield* load("a");
      yield* sleep(1);
      yield* load("a");
      expect(log).toEqual(["a", "a"]);
    });
  });

  test("tells calls apart by their key", () => {
    fullTrace(function* () {
      const sum = memoize(
        function* (left: number, right: number) {
          yield* sleep(1);
          return left + right;
        },
        { key: (left, right) => `${left} ${right}` },
      );
      expect([yield* sum(1, 2), yield* sum(2, 2), yield* sum(1, 2), sum.size]).toEqual([3, 4, 3, 2]);
      const without = memoize((left: number, right: number) => sleep(0, left + right));
      expect(attempt(() => without(1, 2))).toBe("TypeError('Cannot tell calls with 2 arguments apart: give a key')");
    });
  });

  test("leaves a call that its loop has left behind", () => {
    const log: string[] = [];
    const load = memoize(slow(log));
    const [one, two] = [new VirtualEventLoop(), new VirtualEventLoop()];
    one.runUntilCompleteSync(
      (function* () {
        createTask(load("a"));
        yield* sleep(0.5);
      })(),
    );
    one.close();
    expect(two.runUntilCompleteSync(load("a"))).toBe("A");
    expect(log).toEqual(["a", "a"]);
    two.close();
  });

  test("refuses bad arguments at the call", () => {
    const fn = (): Coroutine<void> => sleep(0);
    const refused: [MemoizeOptions<[]>, string][] = [
      [{ maxsize: 0 }, "RangeError('maxsize must be greater than 0, and whole: got 0')"],
      [{ maxsize: "9" as never }, "TypeError('Invalid maxsize: expected a whole number, got '9'')"],
      [{ ttl: NaN }, "TypeError('Invalid ttl: NaN (not a number)')"],
      [{ key: 5 as never }, "TypeError('Invalid key: expected a function, got 5')"],
      [{ size: 5 } as never, "TypeError('Invalid options: there is no 'size', only maxsize, ttl, key')"],
    ];
    for (const [options, message] of refused) expect(attempt(() => memoize(fn, options))).toBe(message);
    expect(attempt(() => once(5 as never))).toBe("TypeError('Invalid fn: expected a function, got 5')");
  });
});

describe("once", () => {
  test("calls a function once, and again when that has failed", () => {
    fullTrace(function* (_, loop) {
      let calls = 0;
      const connect = once(function* () {
        yield* sleep(1);
        if (++calls === 1) throw new RangeError("refused");
        return `connection ${calls}`;
      });
      expect(yield* attemptAwait(connect())).toBe("RangeError('refused')");
      expect(yield* gather(connect(), connect())).toEqual(["connection 2", "connection 2"]);
      expect([yield* connect(), loop.time()]).toEqual(["connection 2", 2]);
    });
  });

  test("is swept and explored: nobody is cancelled for another, and no call goes on that nobody waits for", () => {
    let running: number;
    let done: string[];
    const program = function* (): Coroutine<number> {
      running = 0;
      done = [];
      const load = once(function* () {
        running++;
        try {
          yield* sleep(1);
          yield* sleep(1);
          return 42;
        } finally {
          running--;
        }
      });
      yield* new TaskGroup().with(function* (group) {
        for (const name of ["one", "two", "three"]) {
          const work = function* (): Coroutine<void> {
            if (name === "three") yield* sleep(0.5);
            expect(yield* load()).toBe(42);
            done.push(name);
          };
          group.createTask(work(), { name });
        }
      });
      return getRunningLoop().time();
    };
    sweepEverywhere(program, {
      // The call's own task is nobody's to cancel, but to those who cancel all tasks: it is left out.
      target: (name: string) => !name.startsWith("Task-") || name === "Task-1",
      check(_, at) {
        expect(running).toBe(0);
        if (!goesOn(at)) return;
        for (const name of ["one", "two", "three"]) if (at.task !== name) expect(done).toContain(name);
      },
    });
    expect(explore(program, { runs: 200, check: () => expect(done.length).toBe(3) }).failure).toBeNull();
  });
});

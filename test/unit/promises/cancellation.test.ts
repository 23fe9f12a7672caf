// Cancellation of lowered code: at each await, past what catches errors, and not past those who wait for the same.

import { describe, expect, test } from "vitest";
import { CancelledError, type Coroutine, TimeoutError, createTask, gather, sleep, timeout, wait } from "wasyncio";
import { Promise, agen, aiter, await_, d, pass, run, runAs, stack, yield_ } from "wasyncio/lowered";
import { setTimeout } from "../../../src/promises/timers.ts";
import { type Simulation, simulate, sweep } from "wasyncio/testing";

const delay = (ms: number): Promise<number> => new Promise((resolve) => setTimeout(() => resolve(ms), ms));

const rejected = (): Promise<never> => Promise.reject(new Error("rejected"));

/** Runs an async function's body as a program. */
function play<T>(body: () => Generator<unknown, T, unknown>): Simulation<unknown> {
  return simulate(() => run(body() as Coroutine<T>, "main") as Promise<T>, { debug: false });
}

/** What it returned, or the error that it ended with. */
function outcomeOf(body: () => Generator<unknown, unknown, unknown>): unknown {
  const { status, value, error } = play(body);
  return status === "ok" ? value : String(error);
}

describe("a lowered function that is cancelled", () => {
  test("unwinds from where it waits, and may wait in its finally", () => {
    const log: unknown[] = [];
    function* work(): Coroutine<void> {
      try {
        yield* await_(delay(10_000));
      } finally {
        yield* await_(delay(100));
        log.push("cleaned");
      }
    }
    const { value, time } = play(function* () {
      const task = createTask(work());
      yield* await_(delay(5));
      task.cancel();
      try {
        yield* await_(task);
      } catch (error) {
        log.push(error instanceof CancelledError);
      }
      return log;
    });
    expect(value).toEqual(["cleaned", true]);
    expect(time).toBe(0.105);
  });

  test("goes past a catch that does not speak of cancellation", () => {
    function* attempt(): Coroutine<unknown> {
      for (;;) {
        try {
          return yield* await_(delay(10_000));
        } catch (error) {
          pass(error);
        }
      }
    }
    const result = outcomeOf(function* () {
      yield* timeout(1).with(function* () {
        yield* await_(run(attempt(), "attempt"));
      });
    });
    expect(result).toMatch(/^TimeoutError/);
  });

  test("cancels what it awaits: members of Promise.all, and whatever a chain follows", () => {
    const log: string[] = [];
    function* member(n: number): Coroutine<void> {
      try {
        yield* await_(delay(n * 1000));
        log.push(`done ${n}`);
      } finally {
        log.push(`left ${n}`);
      }
    }
    const start = (n: number): Promise<void> => run(member(n), `member ${n}`) as Promise<void>;
    play(function* () {
      const all = Promise.all([1, 2, 3].map(start));
      const chain = start(4)
        .then(() => log.push("never"))
        .finally(() => log.push("finally"));
      try {
        yield* timeout(1.5).with(function* () {
          yield* await_(Promise.all([all, chain]));
        });
      } catch (error) {
        log.push(String(error instanceof TimeoutError));
      }
      yield* await_(delay(1));
    });
    expect(log).toEqual(["done 1", "left 1", "true", "finally", "left 4", "left 2", "left 3"]);
  });

  test("leaves a promise to the others who wait for it", () => {
    const log: string[] = [];
    function* load(): Coroutine<string> {
      yield* await_(delay(1000));
      return "loaded";
    }
    function* read(name: string, memo: unknown): Coroutine<void> {
      try {
        log.push(`${name} ${String(yield* await_(memo))}`);
      } catch (error) {
        log.push(`${name} ${String(error instanceof CancelledError)}`);
      }
    }
    const { time } = play(function* () {
      const memo = run(load(), "load");
      const readers = ["a", "b"].map((name) => run(read(name, memo), name));
      yield* await_(delay(10));
      (readers[0] as unknown as ReturnType<typeof createTask>).cancel();
      yield* await_(delay(1));
      log.push("soon");
      yield* await_(Promise.all(readers));
    });
    expect(log).toEqual(["a true", "soon", "b loaded"]);
    expect(time).toBe(1);
  });

  test("cancels a promise of which it is the only reader", () => {
    const log: string[] = [];
    function* load(): Coroutine<void> {
      try {
        yield* await_(delay(1000));
      } catch (error) {
        log.push(`load ${String(error instanceof CancelledError)}`);
        throw error;
      }
    }
    const result = outcomeOf(function* () {
      const memo = run(load(), "load");
      yield* timeout(0.1).with(function* () {
        yield* await_(memo);
      });
    });
    expect(result).toMatch(/^TimeoutError/);
    expect(log).toEqual(["load true"]);
  });

  test("is not told to handlers of then and catch, and runs those of finally", () => {
    const log: string[] = [];
    play(function* () {
      const promise = delay(1000);
      const handled = promise.then(
        () => log.push("then"),
        () => log.push("rejected"),
      );
      const caught = promise.catch(() => log.push("caught")).finally(() => log.push("finally"));
      promise.cancel();
      const settled = (yield* await_(Promise.allSettled([handled, caught]))) as { status: string; reason: unknown }[];
      for (const { status, reason } of settled) log.push(`${status} ${String(reason instanceof CancelledError)}`);
    });
    expect(log).toEqual(["finally", "rejected true", "rejected true"]);
  });

  test("ends a chain of any length", () => {
    const value = outcomeOf(function* () {
      const first = delay(1000);
      let last = first as Promise<unknown>;
      for (let count = 0; count < 20_000; count++) last = last.then(() => {});
      last.cancel();
      yield* await_(Promise.allSettled([first]));
      const [done] = yield* wait([first, last]);
      return [...done].map((each) => each.cancelled());
    });
    expect(value).toEqual([true, true]);
  });

  test.each<[string, () => Generator<unknown, unknown, unknown>]>([
    [
      "awaits",
      function* () {
        yield* await_(rejected());
      },
    ],
    [
      "returns",
      function* () {
        return rejected();
      },
    ],
    [
      "returns, and that is yet to reject",
      function* () {
        return run(
          (function* () {
            yield* await_(null);
            throw new Error("rejected");
          })(),
        );
      },
    ],
    [
      "awaits by a handler that gives it",
      function* () {
        yield* await_(Promise.resolve().then(rejected));
      },
    ],
    [
      "awaits by a finally",
      function* () {
        yield* await_(rejected().finally(() => {}));
      },
    ],
  ])("has handled the rejection of what it %s", (_, body) => {
    for (let ticks = 0; ticks < 8; ticks++) {
      const { status, error } = play(function* () {
        const task = run(body() as Coroutine<unknown>) as Promise<unknown>;
        const settled = Promise.allSettled([task]);
        for (let tick = 0; tick < ticks; tick++) yield* await_(null);
        task.cancel();
        yield* await_(settled);
        yield* await_(delay(1));
      });
      expect([ticks, status, error]).toEqual([ticks, "ok", undefined]);
    }
  });

  test("has an async generator clean up before it goes on", () => {
    const log: string[] = [];
    function* body(): Coroutine<void> {
      try {
        yield* yield_(1);
        yield* await_(delay(1000));
      } finally {
        yield* await_(delay(10));
        log.push("closed");
      }
    }
    function* consume(): Coroutine<void> {
      const it = aiter();
      try {
        while (it.going)
          for (const value of yield* it.step(it.begun ? undefined : agen(body()))) log.push(String(value));
      } catch (error) {
        throw it.failed(error);
      } finally {
        yield* it.close();
        log.push("left");
      }
    }
    const result = outcomeOf(function* () {
      yield* timeout(0.5).with(function* () {
        yield* await_(run(consume(), "consume"));
      });
    });
    expect(result).toMatch(/^TimeoutError/);
    expect(log).toEqual(["1", "closed", "left"]);
  });
});

test("a lowered program can be swept: its finally blocks run, and nothing is left", () => {
  let open = 0;
  function* job(n: number): Coroutine<number> {
    open++;
    try {
      yield* await_(delay(n));
      yield* await_(Promise.race([delay(3), delay(5)]));
      return n;
    } finally {
      open--;
      yield* await_(null);
    }
  }
  function start(n: number): unknown {
    return runAs(job(n), "start", start);
  }
  function* main(): Coroutine<number> {
    const first = start(1);
    const second = Number(yield* await_(((d.f = start), start(2))));
    const both = (yield* await_(Promise.all([first, start(3)]))) as number[];
    return second + both.reduce((sum, each) => sum + each);
  }
  const { failures, runs } = sweep(() => run(main(), "main") as Promise<number>, {
    cancel: true,
    cancelTwice: true,
    timeout: true,
    noLeaks: false,
    check: () => {
      const left = open;
      open = 0;
      expect(left).toBe(0);
    },
  });
  expect(runs).toBeGreaterThan(20);
  expect(failures.map(String)).toEqual([]);
});

test("await using leaves what has aexit as `async with` does", () => {
  function* slow(): Coroutine<void> {
    const s = stack();
    try {
      s.useAsync(timeout(1));
      yield* await_(delay(60_000));
    } catch (error) {
      s.fail(error);
    } finally {
      yield* s.dispose();
    }
  }
  const { status, error, time } = play(slow);
  expect([status, error instanceof TimeoutError, time]).toEqual(["error", true, 1]);
});

test("library calls run in place, and lowered ones are awaited by coroutines", () => {
  const value = outcomeOf(function* () {
    yield* await_(sleep(1));
    const lowered = (n: number): Promise<number> =>
      run(
        (function* () {
          yield* await_(delay(n));
          return n;
        })(),
      ) as Promise<number>;
    const gathered = yield* gather(lowered(1), lowered(2));
    return [gathered, yield* await_(gather(lowered(3), Promise.resolve(4)))];
  });
  expect(value).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

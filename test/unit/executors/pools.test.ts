// What pools of threads and of processes have in common.

import { describe, expect, test } from "vitest";
import { type Awaitable, CancelledError, TimeoutError, forEach, gather, run, sleep, timeout } from "wasyncio";
import {
  type Executor,
  InterpreterPoolExecutor,
  type PoolOptions,
  ProcessPoolExecutor,
  RemoteTraceback,
  ThreadPoolExecutor,
} from "wasyncio/executors";
import { attemptAwait } from "../../support/outcomes.ts";
import * as jobs from "./jobs.mjs";

const POOLS = [
  ["threads", ThreadPoolExecutor],
  ["interpreters", InterpreterPoolExecutor],
  ["processes", ProcessPoolExecutor],
] as const;

interface Failure extends AggregateError {
  readonly code?: number;
  readonly cause: Error;
}

/** What a promise rejects with. */
const failureOf = (promise: Promise<unknown>): Promise<Failure> =>
  promise.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: Failure) => error,
  );

describe.each(POOLS)("a pool of %s", (kind, Pool) => {
  /** Runs a program with a pool of its own. */
  const withPool = <T>(program: (pool: Executor) => Awaitable<T>, options: PoolOptions = {}): Promise<T> =>
    run(() => new Pool({ maxWorkers: 2, ...options }).with(program));

  test("gives what functions, async functions and coroutines give", async () => {
    expect(
      await withPool((pool) =>
        gather(pool.submit(jobs.add, 1, 2), pool.submit(jobs.later, "x"), pool.submit(jobs.sleepFor, 0.01, [1])),
      ),
    ).toEqual([3, "x", [1]]);
  });

  test("gives each of many results to its own future", async () => {
    const many = Array.from({ length: 5000 }, (_, index) => index);
    expect(await withPool((pool) => gather(many.map((index) => pool.submit(jobs.echo, index))))).toEqual(many);
  });

  test("runs functions that close over nothing by their text", async () => {
    const object = {
      method(value: number) {
        return value + 1;
      },
      *["generating"](value: number): Generator<never, number> {
        return value + 2;
      },
    };
    expect(
      await withPool((pool) =>
        gather(
          pool.submit((left: number, right: number) => left * right, 6, 7),
          pool.submit(async (value: number) => value, 1),
          pool.submit(function (value: number) {
            return value;
          }, 2),
          pool.submit(object.method, 3),
          pool.submit(object["generating"], 4),
        ),
      ),
    ).toEqual([42, 1, 2, 4, 6]);
  });

  test("says what a function that was sent as text does not know", async () => {
    const factor = 5;
    const error = await failureOf(withPool((pool) => pool.submit((value: number) => value * factor, 6)));
    expect(error).toBeInstanceOf(ReferenceError);
    expect(error.message).toMatch(/factor.*: a function that is sent as text knows its arguments and globals alone/);
  });

  test("fails with an error of its class, its own properties, and the stack of where it was thrown", async () => {
    const error = await failureOf(withPool((pool) => pool.submit(jobs.fail)));
    expect(error).toBeInstanceOf(RangeError);
    expect([error.message, error.code]).toEqual(["no such row", 42]);
    expect(error.cause).toBeInstanceOf(RemoteTraceback);
    expect(error.cause.stack).toMatch(/fail.*jobs\.mjs/);
  });

  test("brings the errors of a group, and causes", async () => {
    const error = await failureOf(withPool((pool) => pool.submit(jobs.failDeeply)));
    expect(error).toBeInstanceOf(AggregateError);
    expect(error.errors[0]).toBeInstanceOf(TypeError);
    expect(error.errors[1]).toBe("two");
    expect(error.cause.cause).toBeInstanceOf(SyntaxError);
  });

  test("fails only the job whose arguments or result cannot be copied", async () => {
    const outcomes = await withPool(function* (pool) {
      yield* pool.submit(jobs.echo, 0); // from here on several go in a message
      const futures = [
        pool.submit(jobs.echo, 1),
        pool.submit(jobs.echo, () => {}),
        pool.submit(jobs.unsendable),
        pool.submit(jobs.echo, 2),
      ];
      return yield* gather(futures, { returnExceptions: true });
    });
    expect(outcomes.map((each) => (each instanceof Error ? /could not be cloned/.test(each.message) : each))).toEqual([
      1,
      true,
      true,
      2,
    ]);
  });

  test("says which argument of which job cannot be copied", async () => {
    const outcome = await withPool((pool) => attemptAwait(pool.submit(jobs.add, 1, (() => 2) as never)) as never);
    expect(outcome).toMatch(/^DataCloneError\('Cannot send argument 2 of add: .* could not be cloned/);
  });

  test("passes on what a job tells of itself, in order, until it has ended", async () => {
    const told: unknown[] = [];
    const result = await withPool(function* (pool) {
      const future = pool.submit(jobs.counting, 5);
      yield* forEach(future.progress, (value) => void told.push(value));
      return yield* future;
    });
    expect([told, result]).toEqual([[0, 1, 2, 3, 4], 5]);
  });

  test("calls an initializer in each worker before the first job", async () => {
    const options = { maxWorkers: 1, initializer: jobs.setUp, initargs: ["database"] };
    expect(await withPool((pool) => pool.submit(jobs.whatWasSetUp), options)).toBe("database");
  });

  test("is broken for good when an initializer fails", async () => {
    const broken = `Broken${kind === "processes" ? "Process" : "Thread"}Pool`;
    const outcomes = await withPool(
      function* (pool) {
        const first = yield* attemptAwait(pool.submit(jobs.echo, 1));
        let second: unknown;
        try {
          pool.submit(jobs.echo, 2);
        } catch (error) {
          second = String((error as Error).cause);
        }
        return [first, second];
      },
      { initializer: jobs.failingSetUp },
    );
    expect(outcomes[0]).toMatch(new RegExp(`^${broken}\\('A (thread|process) initializer failed, the \\1 pool is not`));
    expect(outcomes[1]).toBe("Error: no database");
  });

  test("is broken for good when an initializer ends its worker", async () => {
    const options = { initializer: jobs.exit, initargs: [3] };
    const outcome = await withPool((pool) => attemptAwait(pool.submit(jobs.echo, 1)) as never, options);
    expect(outcome).toMatch(/Cannot start a (thread|process) for jobs, or its initializer has ended it: .*code 3/);
  });

  test("fails the job in which a worker ends, and goes on", async () => {
    const outcomes = await withPool(
      function* (pool) {
        const before = yield* attemptAwait(pool.submit(jobs.exit, 3));
        return [before, yield* pool.submit(jobs.add, 20, 22)];
      },
      { maxWorkers: 1 },
    );
    expect(outcomes[0]).toMatch(
      /^Broken\w+\('The (thread|process) of the job has ended before it gave a result: it ended/,
    );
    expect(outcomes[1]).toBe(42);
  });

  test("gives what was computed before the job in which a worker ends", async () => {
    const outcomes = await withPool(
      function* (pool) {
        const options = { chunksize: 4 }; // all in one message
        const first = pool.map(jobs.echo, ["of another function"], options);
        const long = pool.map(jobs.workOrExit, [5, 5, 0], [false, false, true], options);
        return [
          yield* attemptAwait(first.anext()),
          yield* attemptAwait(long.anext()),
          yield* attemptAwait(long.anext()),
          yield* attemptAwait(long.anext()),
        ];
      },
      { maxWorkers: 1 },
    );
    expect(outcomes.slice(0, 3)).toEqual([
      { done: false, value: "of another function" },
      { done: false, value: 5 },
      { done: false, value: 5 },
    ]);
    expect(outcomes[3]).toMatch(/it ended with code 3/);
  });

  test("takes the first word of what says twice what has become of it", async () => {
    const program = (pool: Executor) => gather(pool.submit(jobs.twice, 1), pool.submit(jobs.twice, 5));
    expect(await withPool(program, { maxWorkers: 1 })).toEqual([1, 5]);
  });

  test("gives an error for one that cannot be read, and keeps the worker", async () => {
    const outcomes = await withPool(
      function* (pool) {
        const error = yield* attemptAwait(pool.submit(jobs.throwWithTrap));
        return [error, yield* pool.submit(jobs.workerName)];
      },
      { maxWorkers: 1 },
    );
    expect(outcomes[0]).toMatch(/^Error\('RangeError\('why'\)/);
    expect(outcomes[1]).toMatch(/_0$/);
  });

  test("stops a cancelled job that does not give way, and is whole again", async () => {
    const outcomes = await withPool(
      function* (pool) {
        const late = yield* attemptAwait(timeout(0.01).with(() => pool.submit(jobs.spin)));
        return [late, yield* pool.submit(jobs.add, 1, 1)];
      },
      { maxWorkers: 1, grace: 0.01 },
    );
    expect(outcomes).toEqual(["TimeoutError()", 2]);
  });

  test("gives a worker no more than maxTasksPerChild jobs", async () => {
    const pids = await withPool(
      function* (pool) {
        const names: (string | undefined)[] = [];
        for (let i = 0; i < 4; i++) names.push(yield* pool.submit(jobs.workerName));
        return names;
      },
      { maxWorkers: 1, maxTasksPerChild: 2 },
    );
    const prefix = Pool.name;
    expect(pids).toEqual([`${prefix}_0`, `${prefix}_0`, `${prefix}_1`, `${prefix}_1`]);
  });

  test("takes no jobs after its shutdown, which waits for those that it has", async () => {
    const outcome = await run(function* () {
      const pool = new Pool({ maxWorkers: 1 });
      const futures = [pool.submit(jobs.sleepFor, 0.02, "a"), pool.submit(jobs.sleepFor, 0.02, "b")];
      yield* pool.shutdown();
      yield* pool.shutdown(); // a second time
      const refused = (): unknown => pool.submit(jobs.echo, 1);
      expect(refused).toThrow("cannot schedule new futures after shutdown");
      return futures.map((future) => future.result());
    });
    expect(outcome).toEqual(["a", "b"]);
  });

  test("cancels what has not begun when its shutdown is asked to", async () => {
    const outcome = await run(function* () {
      const pool = new Pool({ maxWorkers: 1 });
      const first = pool.submit(jobs.sleepFor, 0.05, "a");
      const others = [pool.submit(jobs.echo, 1), pool.submit(jobs.echo, 2)];
      yield* sleep(0.01);
      yield* pool.shutdown({ cancelFutures: true });
      return [first.done(), others.map((future) => future.cancelled())];
    });
    expect(outcome[1]).toEqual([true, true]);
  });

  describe("map", () => {
    test("gives results in order, of as many arguments as there are iterables", async () => {
      const sums: number[] = [];
      await withPool((pool) => forEach(pool.map(jobs.add, [1, 2, 3], [10, 20, 30, 40]), (sum) => void sums.push(sum)));
      expect(sums).toEqual([11, 22, 33]);
    });

    test("may be iterated by for await", async () => {
      const collect = async <T>(values: AsyncIterable<T>): Promise<T[]> => {
        const all: T[] = [];
        for await (const value of values) all.push(value);
        return all;
      };
      expect(await withPool((pool) => collect(pool.map(jobs.later<string>, "abc", { chunksize: 3 })))).toEqual([
        "a",
        "b",
        "c",
      ]);
    });

    test("submits no more than buffersize ahead", async () => {
      let taken = 0;
      const numbers = function* (): Generator<number, void> {
        for (let i = 0; i < 10; i++) {
          taken++;
          yield i;
        }
      };
      const ahead: number[] = [];
      await withPool(function* (pool) {
        const mapped = pool.map(jobs.echo, numbers(), { buffersize: 3 });
        ahead.push(taken);
        yield* forEach(mapped, (value) => void ahead.push(taken - value));
      });
      expect(ahead[0]).toBe(3);
      expect(Math.max(...ahead)).toBeLessThanOrEqual(4);
      expect(ahead.length).toBe(11);
    });

    test("ends with the first error, and cancels what is left", async () => {
      const outcome = withPool((pool) =>
        forEach(
          pool.map(
            (value: number) => {
              if (value === 2) throw new RangeError("two");
              return value;
            },
            [1, 2, 3, 4],
          ),
          () => {},
        ),
      );
      await expect(outcome).rejects.toThrow(RangeError);
    });

    test("is too late at its timeout", async () => {
      const outcome = withPool((pool) => forEach(pool.map(jobs.sleepFor, [60], ["x"], { timeout: 0.01 }), () => {}), {
        grace: 0.01,
      });
      await expect(outcome).rejects.toThrow(new TimeoutError("timed out after 0.01 s"));
    });
  });

  test("cancels jobs with the task that waits for them", async () => {
    const outcome = await withPool(
      function* (pool) {
        const future = pool.submit(jobs.sleepFor, 60, "x");
        yield* sleep(0.01);
        future.cancel("enough");
        try {
          yield* future;
        } catch (error) {
          return error instanceof CancelledError && error.message;
        }
        return null;
      },
      { grace: 1 },
    );
    expect(outcome).toBe("enough");
  });
});

// Executors in simulations: jobs are tasks of the program's own loop, in virtual time.

import { describe, expect, test } from "vitest";
import { type Coroutine, forEach, gather, sleep, timeout } from "wasyncio";
import {
  ThreadPoolExecutor,
  currentJob,
  job,
  runInExecutor,
  shutdownDefaultExecutor,
  toThread,
} from "wasyncio/executors";
import { explore, runSync, simulate, sweep } from "wasyncio/testing";
import { attemptAwait } from "../../support/outcomes.ts";

let log: unknown[] = [];
/** What several jobs change, which threads could not share. */
let balance = 0;

const nap = job(import.meta, function* nap(seconds: number, name: string) {
  log.push(`${name} begins`);
  try {
    yield* sleep(seconds);
    log.push(`${name} ends`);
    return name;
  } finally {
    log.push(`${name} over`);
  }
});

const double = job(import.meta, function double(value: number) {
  currentJob()?.progress(value);
  return 2 * value;
});

const withdraw = job(import.meta, function* withdraw(amount: number) {
  const seen = balance;
  yield* sleep(0);
  balance = seen - amount;
});

const add = job(import.meta, function add(list: number[]) {
  list.push(1);
  return list;
});

const withPool = <T>(body: (pool: ThreadPoolExecutor) => Coroutine<T>, maxWorkers = 2): Coroutine<T> =>
  new ThreadPoolExecutor({ maxWorkers }).with(body);

describe("a simulated job", () => {
  test("takes no time but its own, and not more run at once than there are workers", () => {
    log = [];
    const { time, value } = simulate(() =>
      withPool((pool) =>
        (function* () {
          return yield* gather(["a", "b", "c"].map((name) => pool.submit(nap, 3600, name)));
        })(),
      ),
    );
    expect(value).toEqual(["a", "b", "c"]);
    expect(time).toBe(7200);
    expect(log.indexOf("c begins")).toBeGreaterThan(log.indexOf("a over"));
  });

  test("gets copies, and gives some", () => {
    const list: number[] = [];
    const { value } = simulate(() => withPool((pool) => pool.submit(add, list) as never));
    expect([list, value]).toEqual([[], [1]]);
  });

  test("tells of itself", () => {
    const { value } = simulate(() =>
      withPool(function* (pool) {
        const future = pool.submit(double, 21);
        const told: unknown[] = [];
        yield* forEach(future.progress, (each) => void told.push(each));
        return [told, yield* future];
      }),
    );
    expect(value).toEqual([[21], 42]);
  });

  test("is cancelled, and its clean-up waited for by toThread", () => {
    log = [];
    const { value } = simulate(function* () {
      return yield* attemptAwait(timeout(1).with(() => toThread(nap, 60, "x")));
    });
    expect([value, log]).toEqual(["TimeoutError()", ["x begins", "x over"]]);
  });

  test("is the same in a loop in virtual time", () => {
    log = [];
    const value = runSync(function* () {
      const result = yield* runInExecutor(null, nap, 1, "y");
      yield* shutdownDefaultExecutor();
      return result;
    });
    expect([value, log]).toEqual(["y", ["y begins", "y ends", "y over"]]);
  });

  test("has the same digest each time", () => {
    const program = () => withPool((pool) => gather([1, 2, 3].map((value) => pool.submit(double, value))) as never);
    expect(simulate(program).digest).toBe(simulate(program).digest);
  });
});

test("explore finds what goes wrong between jobs", () => {
  const { failure } = explore(
    function* () {
      balance = 3;
      yield* withPool((pool) => gather([pool.submit(withdraw, 1), pool.submit(withdraw, 2)]) as never);
      if (balance !== 0) throw new RangeError(`balance is ${balance}`);
    },
    { runs: 200, seed: 1 },
  );
  expect(failure?.toString()).toContain("balance is ");
});

test("a sweep leaves nothing behind, whoever is cancelled where", () => {
  log = [];
  const { failures, runs } = sweep(
    function* () {
      log = [];
      return yield* withPool(function* (pool) {
        const jobs = ["a", "b", "c"].map((name) => pool.submit(nap, 1, name));
        const value = yield* gather(jobs);
        yield* forEach(pool.map(double, [1, 2, 3], { buffersize: 2 }), () => {});
        return value;
      });
    },
    {
      cancelTwice: false, // a block is left though its clean-up was cancelled, and nothing waits for the jobs
      check: () => {
        const begun = log.filter((line) => String(line).endsWith("begins")).length;
        const over = log.filter((line) => String(line).endsWith("over")).length;
        expect(over).toBe(begun);
      },
    },
  );
  expect(failures.map(String)).toEqual([]);
  expect(runs).toBeGreaterThan(25);
});

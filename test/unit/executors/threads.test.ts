// What only threads can show, by memory that both sides have: when a job begins, and how it is cancelled.

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { type Coroutine, gather, run, sleep, timeout } from "wasyncio";
import {
  InterpreterPoolExecutor,
  ThreadPoolExecutor,
  type ThreadPoolOptions,
  job,
  setDefaultExecutor,
  toThread,
  transfer,
} from "wasyncio/executors";
import { attemptAwait } from "../../support/outcomes.ts";
import * as jobs from "./jobs.mjs";

const sharedFlags = (): Int32Array => new Int32Array(new SharedArrayBuffer(1024));

function* untilSet(flags: Int32Array, index: number): Coroutine<void> {
  while (Atomics.load(flags, index) === 0) yield* sleep(0.001);
}

const withPool = <T>(
  options: ThreadPoolOptions,
  program: (pool: ThreadPoolExecutor, flags: Int32Array) => Coroutine<T>,
): Promise<T> => run(() => new ThreadPoolExecutor(options).with((pool) => program(pool, sharedFlags())));

describe("a cancelled job", () => {
  test("that is a coroutine ends in its worker as any task does", async () => {
    const counted = await withPool({ maxWorkers: 1 }, function* (pool, flags) {
      yield* pool.submit(jobs.echo, 0);
      const outcome = yield* attemptAwait(timeout(0.05).with(() => pool.submit(jobs.nap, 60, flags)));
      yield* pool.submit(jobs.echo, 1); // behind it
      return [outcome, Atomics.load(flags, 0)];
    });
    expect(counted).toEqual(["TimeoutError()", 1]);
  });

  test.each([
    ["an async function", jobs.untilAborted],
    ["a function that does not give way", jobs.spinUntilAborted],
  ])("that is %s is told by its signal", async (_what, until) => {
    const told = await withPool({ maxWorkers: 1, grace: Infinity }, function* (pool, flags) {
      const future = pool.submit<[Int32Array], unknown>(until, flags);
      yield* untilSet(flags, 0);
      future.cancel();
      yield* pool.submit(jobs.echo, 1);
      return Atomics.load(flags, 1);
    });
    expect(told).toBe(1);
  });

  test("that has not begun never begins, though it was sent", async () => {
    const counts = await withPool({ maxWorkers: 1, grace: 0.02 }, function* (pool, flags) {
      for (let i = 0; i < 5; i++) yield* pool.submit(jobs.step, 9, flags); // it is known to be short now
      const blocking = pool.submit(jobs.step, 0, flags);
      const cancelled = pool.submit(jobs.step, 1, flags);
      const kept = pool.submit(jobs.step, 2, flags);
      yield* untilSet(flags, 0);
      cancelled.cancel();
      blocking.cancel();
      return [yield* kept, ...[1, 2].map((index) => Atomics.load(flags, index))];
    });
    expect(counts).toEqual([2, 0, 1]);
  });

  test("is stopped at once by terminate, and what waits behind it goes elsewhere, once", async () => {
    const counts = await withPool({ maxWorkers: 1, onCancel: "terminate" }, function* (pool, flags) {
      for (let i = 0; i < 5; i++) yield* pool.submit(jobs.step, 99, flags);
      const blocking = pool.submit(jobs.step, 0, flags);
      const others = Array.from({ length: 20 }, (_, index) => pool.submit(jobs.step, index + 1, flags));
      yield* untilSet(flags, 0);
      blocking.cancel();
      const results = yield* gather(others);
      return [results, results.map((index) => Atomics.load(flags, index))];
    });
    expect(counts).toEqual([Array.from({ length: 20 }, (_, index) => index + 1), Array(20).fill(1)]);
  });

  test("goes on when it is abandoned", async () => {
    const flags = sharedFlags();
    const outcome = await withPool({ maxWorkers: 1, onCancel: "abandon" }, function* (pool) {
      const future = pool.submit(jobs.blockUntilTold, flags);
      yield* untilSet(flags, 0);
      future.cancel();
      const next = pool.submit(jobs.echo, "next");
      Atomics.store(flags, 1, 1);
      Atomics.notify(flags, 1);
      return yield* next;
    });
    expect(outcome).toBe("next");
  });

  test("of toThread is waited for", async () => {
    const flags = sharedFlags();
    const outcome = await run(function* () {
      yield* toThread(jobs.echo, 0);
      const late = yield* attemptAwait(timeout(0.05).with(() => toThread(jobs.nap, 60, flags)));
      return [late, Atomics.load(flags, 0)];
    });
    expect(outcome).toEqual(["TimeoutError()", 1]);
  });

  test("that is abandoned while its module is loaded leaves its worker alone", async () => {
    const url = "data:text/javascript,await new Promise((go) => setTimeout(go, 300)); export const slow = () => {};";
    const slow = job({ url }, function slow() {});
    const name = await withPool({ maxWorkers: 1, onCancel: "abandon", grace: 0.01 }, function* (pool) {
      yield* pool.submit(jobs.echo, 0);
      const loading = pool.submit(slow);
      yield* sleep(0.05);
      loading.cancel();
      yield* sleep(0.05);
      return yield* pool.submit(jobs.workerName);
    });
    expect(name).toBe("ThreadPoolExecutor_0");
  });

  test("of a program that ends is stopped", async () => {
    const flags = sharedFlags();
    const outcome = run(function* () {
      setDefaultExecutor(new ThreadPoolExecutor({ maxWorkers: 1, grace: 0.01 }));
      yield* timeout(0.05).with(() => toThread(jobs.step, 0, flags));
    });
    await expect(outcome).rejects.toThrow("timed out");
  });
});

test("short jobs do not wait behind one that is long after all, while another worker is idle", async () => {
  const results = await withPool({ maxWorkers: 2, grace: 0.01 }, function* (pool, flags) {
    for (let round = 0; round < 5; round++)
      yield* gather([90, 91].map((index) => pool.submit(jobs.step, index, flags)));
    const long = pool.submit(jobs.step, 0, flags);
    const all = yield* gather(Array.from({ length: 40 }, (_, index) => pool.submit(jobs.step, index + 1, flags)));
    long.cancel();
    return all.filter((index) => Atomics.load(flags, index) === 1).length;
  });
  expect(results).toBe(40);
});

describe("what is transferred", () => {
  test("is given away, to the job and back", async () => {
    const outcome = await withPool({ maxWorkers: 1 }, function* (pool) {
      const bytes = new Uint8Array(16);
      const future = pool.submit(jobs.lengthOf, transfer(bytes, [bytes.buffer]));
      yield* sleep(0);
      return [yield* future, bytes.byteLength, (yield* pool.submit(jobs.given, 4)).join()];
    });
    expect(outcome).toEqual([16, 0, "7,7,7,7"]);
  });

  test("is what structuredClone can transfer", async () => {
    const outcome = await withPool({ maxWorkers: 1 }, function* (pool) {
      const value = {};
      return yield* attemptAwait(pool.submit(jobs.echo, transfer(value, [{}])));
    });
    expect(outcome).toMatch(/^(DataCloneError|TypeError|Error)\(/);
  });
});

test("shared memory is shared", async () => {
  const flags = sharedFlags();
  await withPool({ maxWorkers: 2 }, (pool) => pool.submit(jobs.step, 5, flags) as never);
  expect(Atomics.load(flags, 5)).toBe(1);
});

test("a worker that cannot be told its initializer's arguments is ended", async () => {
  const workers: Worker[] = [];
  const options: ThreadPoolOptions = {
    worker: () => {
      workers.push(new Worker("setInterval(() => {}, 1000)", { eval: true }));
      return workers.at(-1);
    },
    initializer: jobs.echo,
    initargs: [() => 1],
  };
  await run(function* () {
    const pool = new ThreadPoolExecutor(options);
    expect(() => pool.submit(jobs.echo, 1)).toThrow("could not be cloned");
    const [worker] = workers as [Worker];
    yield* gather(pool.shutdown(), once(worker, "exit"));
  });
  expect(workers).toHaveLength(1);
});

test("a pool of interpreters is one of threads, under its own name", async () => {
  const names = await run(function* () {
    setDefaultExecutor(new InterpreterPoolExecutor({ maxWorkers: 1 }));
    const first = yield* toThread(jobs.workerName);
    setDefaultExecutor(new InterpreterPoolExecutor({ maxWorkers: 1, threadNamePrefix: "mine" }));
    return [first, yield* toThread(jobs.workerName)];
  });
  expect(names).toEqual(["InterpreterPoolExecutor_0", "mine_0"]);
});

// Queues between threads: what is put in comes out, once, in order, whoever waits how.

import { describe, expect, test } from "vitest";
import { type Coroutine, createTask, gather, run, sleep, timeout } from "wasyncio";
import { Lock, Pool, Queue, Value } from "wasyncio/multiprocessing";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import * as jobs from "./jobs.mjs";

const withPool = <T>(program: (pool: Pool) => Coroutine<T>, processes = 2): Promise<T> =>
  run(() => new Pool(processes).with(program));

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

describe("a queue", () => {
  test("takes items of a thread into the loop, in order, and keeps to its size", async () => {
    await withPool(function* (pool) {
      const queue = new Queue<number>(3);
      const producing = pool.applyAsync(jobs.produce, [queue, 0, 50]);
      yield* queue.put(-1);
      const items: number[] = [];
      for (let i = 0; i <= 50; i++) {
        expect(queue.qsize()).toBeLessThanOrEqual(3);
        items.push(yield* queue.get());
      }
      yield* producing.get();
      expect(items.filter((item) => item >= 0)).toEqual(range(0, 50));
      expect([queue.empty(), queue.full()]).toEqual([true, false]);
    });
  });

  test.each([
    ["a blocked thread", jobs.consume],
    ["a task of a worker", jobs.consumeAsTask],
  ])("gives items to %s, in order", async (_what, consume) => {
    await withPool(function* (pool) {
      const queue = new Queue<number>(4);
      const consumed = pool.applyAsync<[Queue<number>, number], unknown>(consume, [queue, 40]);
      for (const item of range(0, 40)) yield* queue.put(item);
      expect(yield* consumed.get()).toEqual(range(0, 40));
    });
  });

  test("gives each item once, from several to several", async () => {
    await withPool(function* (pool) {
      const queue = new Queue<number>(5);
      const [, , first, second, mine] = yield* gather(
        pool.apply(jobs.produce, [queue, 0, 100]),
        pool.apply(jobs.produce, [queue, 100, 200]),
        pool.apply(jobs.consume, [queue, 60]),
        pool.apply(jobs.consumeAsTask, [queue, 60]),
        jobs.consumeAsTask(queue, 80),
      );
      const all = [...first, ...second, ...mine];
      expect(all.sort((left, right) => left - right)).toEqual(range(0, 200));
    }, 4);
  });

  test("loses nothing to waits that are cancelled, here and in a worker", async () => {
    await withPool(function* (pool) {
      const queue = new Queue<number>();
      const delays = Array.from({ length: 40 }, (_, index) => (index % 7) / 2000);
      const taking = gather(
        pool.apply(jobs.getWithin, [queue, delays]),
        jobs.getWithin(queue, delays),
        jobs.getWithin(queue, delays),
      );
      for (const item of range(0, 60)) {
        queue.putNowait(item);
        yield* sleep(0.001);
      }
      const items = (yield* taking).flat();
      yield* sleep(0.05); // what was given back has come
      while (!queue.empty()) items.push(queue.getNowait());
      expect(items.sort((left, right) => left - right)).toEqual(range(0, 60));
    });
  });

  test("takes shared objects along", async () => {
    await withPool(function* (pool) {
      const queue = new Queue<{ lock: Lock }>();
      const [lock, value] = [new Lock(), new Value("d", 0)];
      yield* gather(
        pool.apply(jobs.lockOfQueue, [queue, value, 500]),
        pool.apply(jobs.lockOfQueue, [queue, value, 500]),
        queue.put({ lock }),
        queue.put({ lock }),
      );
      expect(value.value).toBe(1000);
    });
  });

  test("is the same when it comes back, and copies what is put in", async () => {
    await withPool(function* (pool) {
      const queue = new Queue<number[]>();
      expect(yield* pool.apply(jobs.identity, [queue])).toBe(queue);
      const item = [1];
      queue.putNowait(item);
      item.push(2);
      expect(queue.getNowait()).toEqual([1]);
    });
  });

  test("is empty, full and late as asked", async () => {
    await withPool(function* (pool) {
      const queue = new Queue<number>(1);
      expect(attempt(() => queue.getNowait())).toBe("QueueEmpty()");
      expect(yield* attemptAwait(pool.apply(jobs.getOr, [queue, 0.02]))).toBe("QueueEmpty()");
      queue.putNowait(1);
      expect(attempt(() => queue.putNowait(2))).toBe("QueueFull()");
      expect([queue.full(), String(queue)]).toEqual([true, "<Queue [1 items]>"]);
      const waiting = createTask(attemptAwait(timeout(0.02).with(() => queue.put(3))));
      expect(yield* waiting).toMatch(/^TimeoutError/);
      expect(yield* attemptAwait(pool.apply(jobs.getNowaitInLoop, [queue]))).toMatch(
        /^RuntimeError\('Cannot get at once/,
      );
      expect(queue.getNowait()).toBe(1);
      expect([queue.qsize(), queue.full()]).toEqual([0, false]);
    });
  });

  test("keeps its place for what can be copied", async () => {
    await run(function* () {
      const queue = new Queue<unknown>(1);
      expect(attempt(() => queue.putNowait(() => 1))).toMatch(/^DataCloneError/);
      expect(yield* attemptAwait(queue.put(() => 1))).toMatch(/^DataCloneError/);
      queue.putNowait("fits");
      expect(yield* queue.get()).toBe("fits");
    });
  });

  test("is closed for all", async () => {
    await withPool(function* (pool) {
      const queue = new Queue<number>();
      yield* pool.apply(jobs.identity, [queue]);
      queue.close();
      expect(attempt(() => queue.putNowait(1))).toBe("RangeError('<Queue [0 items]> is closed')");
      expect(yield* attemptAwait(queue.get())).toMatch(/^RangeError/);
    });
  });
});

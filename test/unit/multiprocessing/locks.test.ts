// Locks, semaphores, events, conditions and barriers, between threads: blocked ones, and tasks of several loops.

import { expect, describe, test } from "vitest";
import { type Coroutine, createTask, gather, run, sleep, timeout } from "wasyncio";
import {
  Array as SharedArray,
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  Lock,
  Pool,
  RLock,
  Semaphore,
  Value,
} from "wasyncio/multiprocessing";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import * as jobs from "./jobs.mjs";

const withPool = <T>(program: (pool: Pool) => Coroutine<T>, processes = 3): Promise<T> =>
  run(() => new Pool(processes).with(program));

const TIMES = 20_000;

describe("a value", () => {
  test.each([
    ["its own lock", () => null],
    ["a Lock", () => new Lock()],
    ["an RLock", () => new RLock()],
    ["a Semaphore", () => new Semaphore(1)],
    ["a Condition", () => new Condition()],
  ])("is counted exactly by two threads under %s", async (_what, make) => {
    const total = await withPool(function* (pool) {
      const value = new Value("d", 0);
      const lock = make() ?? value;
      yield* gather(pool.apply(jobs.count, [value, TIMES, lock]), pool.apply(jobs.count, [value, TIMES, lock]));
      return value.value;
    }, 2);
    expect(total).toBe(2 * TIMES);
  });

  test.each([
    ["its own lock", () => null],
    ["a Lock", () => new Lock()],
    ["a Semaphore", () => new Semaphore(1)],
  ])("is counted exactly by blocked threads and tasks of two loops under %s", async (_what, make) => {
    const total = await withPool(function* (pool) {
      const value = new Value("d", 0);
      const lock = make() ?? value;
      yield* gather(
        pool.apply(jobs.count, [value, 1000, lock]),
        pool.apply(jobs.countAsTask, [value, 500, lock]),
        jobs.countAsTask(value, 500, lock),
        jobs.countAsTask(value, 500, lock),
      );
      return value.value;
    });
    expect(total).toBe(2500);
  });

  test.each([
    ["i", -5, 2 ** 31 - 1],
    ["B", 0, 255],
    ["d", 0.1, 1e300],
    ["q", -1n, 2n ** 62n],
  ] as const)("of type %s is in all threads", async (typecode, first, second) => {
    const seen = await withPool(function* (pool) {
      const value = new Value(typecode, first);
      const same = yield* pool.apply(jobs.identity, [value]);
      same.value = second as never;
      return value.value;
    });
    expect(seen).toBe(second);
  });
});

test("an array is in all threads", async () => {
  await withPool(function* (pool) {
    const array = new SharedArray("i", [1, 2, 3]);
    const same = yield* pool.apply(jobs.identity, [{ deep: [array] }]);
    same.deep[0].items[1] = 7;
    expect([...array]).toEqual([1, 7, 3]);
    expect([array.length, String(array)]).toEqual([3, "<Array [1, 7, 3]>"]);
  });
});

describe("a semaphore", () => {
  test("lets as many in as it has permits", async () => {
    const [most, left] = await withPool(function* (pool) {
      const [places, inside, top] = [new Semaphore(2), new Value("i"), new Value("i")] as never as [
        Semaphore,
        Value,
        Value,
      ];
      yield* gather([1, 2, 3].map(() => pool.apply(jobs.enter, [places, inside, top, 300])));
      return [top.value, places.getValue()];
    });
    expect(most).toBeLessThanOrEqual(2);
    expect(left).toBe(2);
  });

  test("that is bounded stays so in a worker", async () => {
    await withPool(function* (pool) {
      const places = new BoundedSemaphore(1);
      const same = yield* pool.apply(jobs.identity, [places]);
      expect(same).toBeInstanceOf(BoundedSemaphore);
      expect(attempt(() => same.release())).toBe("RangeError('semaphore or lock released too many times')");
    });
  });
});

describe("a lock", () => {
  test("is not had in time when another thread holds it", async () => {
    await withPool(function* (pool) {
      for (const lock of [new Lock(), new RLock(), new Semaphore(1)]) {
        using hold = yield* lock.acquire();
        expect(yield* pool.apply(jobs.tryLock, [lock, 0])).toBe(false);
        expect(yield* pool.apply(jobs.tryLock, [lock, 0.02])).toBe(false);
        hold.release();
        expect(yield* pool.apply(jobs.tryLock, [lock, 0])).toBe(true);
        expect(lock.locked()).toBe(false);
      }
    });
  });

  test("that somebody else has released is released once more by its hold, as by Python's `with`", () => {
    const lock = new Lock();
    const hold = lock.acquireSync();
    lock.release();
    expect(attempt(() => hold.release())).toBe("RangeError('semaphore or lock released too many times')");
    hold.release(); // it has nothing any more
    expect(lock.locked()).toBe(false);
  });

  test("that may be locked again is, by the same thread or task alone", async () => {
    await withPool(function* (pool) {
      const lock = new RLock();
      expect(yield* pool.apply(jobs.recursive, [lock])).toBe(true);
      yield* lock.acquire();
      yield* lock.acquire();
      const other = createTask(attemptAwait(timeout(0.02).with(() => lock.acquire())));
      expect(yield* other).toMatch(/^TimeoutError/);
      lock.release();
      expect(yield* pool.apply(jobs.tryLock, [lock, 0])).toBe(false);
      lock.release();
      expect(attempt(() => lock.release())).toMatch(/^RuntimeError\('Cannot release a recursive lock/);
    });
  });

  test("is left alone by waits that were cancelled, in whatever state", async () => {
    await withPool(function* (pool) {
      const lock = new Lock();
      const value = new Value("d", 0);
      const counting = gather(pool.apply(jobs.count, [value, 3000, lock]), pool.apply(jobs.count, [value, 3000, lock]));
      const waiters = Array.from({ length: 60 }, (_, index) =>
        createTask(attemptAwait(timeout(index / 2000).with(() => jobs.countAsTask(value, 1e6, lock)))),
      );
      yield* gather(waiters);
      yield* counting;
      expect(lock.locked()).toBe(false);
      expect(yield* pool.apply(jobs.tryLock, [lock, 0])).toBe(true);
    });
  });

  test("goes to the next one when who was woken is cancelled in the same turn", async () => {
    await withPool(function* () {
      const lock = new Lock();
      yield* lock.acquire();
      const [first, second] = [createTask(lock.acquire()), createTask(lock.acquire())];
      yield* sleep(0.01);
      lock.release();
      first.cancel();
      yield* timeout(5).with(() => second);
      lock.release();
    });
  });

  test("of a process that was ended stays locked", async () => {
    await withPool(function* (pool) {
      const [lock, flag] = [new Lock(), new Event()];
      const holding = pool.applyAsync(jobs.holdForEver, [lock, flag]);
      yield* flag.wait();
      pool.terminate();
      yield* pool.join();
      expect([holding.ready(), lock.acquireSync(0), String(lock)]).toEqual([true, null, "<Lock [locked]>"]);
    });
  });

  test("blocks no running loop", async () => {
    await run(function* () {
      const lock = new Lock();
      lock.acquireSync().release(); // that is free
      using hold = yield* lock.acquire();
      expect(attempt(() => lock.acquireSync())).toMatch(/^RuntimeError\('Cannot block the thread of a running loop/);
      expect(lock.acquireSync(0)).toBeNull();
      void hold;
    });
  });

  test("comes back from a worker that has made it", async () => {
    await withPool(function* (pool) {
      const lock = yield* pool.apply(jobs.newLock, []);
      yield* lock.with(function* () {
        expect(yield* pool.apply(jobs.tryLock, [lock, 0])).toBe(false);
      });
    });
  });
});

describe("an event", () => {
  test("is waited for in threads and tasks", async () => {
    await withPool(function* (pool) {
      const event = new Event();
      const waits = gather(pool.apply(jobs.awaitEvent, [event, null]), event.wait(), event.wait());
      expect(yield* pool.apply(jobs.awaitEvent, [event, 0.02])).toBe(false);
      event.set();
      expect(yield* waits).toEqual([true, true, true]);
    });
  });

  test("tells who has waited, though it is cleared at once", async () => {
    await run(function* () {
      const event = new Event();
      const waits = [createTask(event.wait()), createTask(event.wait())];
      yield* sleep(0);
      event.set();
      event.clear();
      expect(yield* gather(waits)).toEqual([true, true]);
      expect([event.isSet(), String(event)]).toEqual([false, "<Event [unset]>"]);
    });
  });
});

describe("a condition", () => {
  test("tells those that wait, in threads and tasks, and nobody twice", async () => {
    await withPool(function* (pool) {
      const [condition, value] = [new Condition(), new Value("d", 0)];
      const taken = gather(
        pool.apply(jobs.take, [condition, value]),
        pool.apply(jobs.take, [condition, value]),
        jobsTakeAsTask(condition, value),
        jobsTakeAsTask(condition, value),
      );
      for (let i = 0; i < 4; i++) {
        yield* sleep(0.02);
        yield* condition.with(function* () {
          value.value += 1;
          condition.notify();
        });
      }
      yield* timeout(10).with(() => taken);
      expect(value.value).toBe(0);
    });
  });

  test("tells the one that has waited longest, and passes on what a cancelled one was told", async () => {
    await run(function* () {
      const condition = new Condition(new Lock());
      const log: string[] = [];
      const waiter = (name: string) =>
        createTask(
          condition.with(function* () {
            yield* condition.wait();
            log.push(name);
          }),
        );
      const [a, b, c, d] = [waiter("a"), waiter("b"), waiter("c"), waiter("d")];
      yield* sleep(0.02);
      a.cancel();
      yield* attemptAwait(a);
      yield* condition.with(function* () {
        condition.notify();
        b.cancel(); // it was told, and leaves
      });
      yield* attemptAwait(b);
      yield* timeout(5).with(() => c);
      expect(log).toEqual(["c"]);
      yield* condition.with(function* () {
        condition.notifyAll();
      });
      yield* d;
      expect(log).toEqual(["c", "d"]);
    });
  });

  test("forgets any number of those that have left", async () => {
    await run(function* () {
      const condition = new Condition();
      const wait = () => condition.with(() => condition.wait());
      const leaving = Array.from({ length: 100 }, () => createTask(wait()));
      const last = createTask(wait());
      yield* sleep(0.02);
      for (const task of leaving) task.cancel();
      yield* gather(leaving.map((task) => attemptAwait(task)));
      yield* condition.with(function* () {
        condition.notify();
      });
      yield* timeout(5).with(() => last);
      expect(condition.locked()).toBe(false);
    });
  });

  test("is for those that hold its lock", async () => {
    await withPool(function* (pool) {
      const condition = new Condition();
      expect(attempt(() => condition.notify())).toBe("RuntimeError('cannot notify on un-acquired lock')");
      expect(yield* attemptAwait(condition.wait())).toBe("RuntimeError('cannot wait on un-acquired lock')");
      yield* condition.with(function* () {
        expect(yield* attemptAwait(pool.apply(jobs.notify, [condition]))).toMatch(/^RuntimeError/);
      });
    });
  });
});

function* jobsTakeAsTask(condition: Condition, value: Value): Coroutine<void> {
  yield* condition.with(function* () {
    yield* condition.waitFor(() => value.value > 0);
    value.value -= 1;
  });
}

describe("a barrier", () => {
  test("has threads and tasks wait for each other, round by round", async () => {
    await withPool(function* (pool) {
      const barrier = new Barrier(3);
      for (let round = 0; round < 20; round++) {
        const numbers = yield* gather(
          pool.apply(jobs.meet, [barrier, null]),
          pool.apply(jobs.meet, [barrier, null]),
          barrier.wait(),
        );
        expect(numbers.sort()).toEqual([0, 1, 2]);
      }
      expect([barrier.nWaiting, barrier.broken, barrier.parties]).toEqual([0, false, 3]);
    });
  });

  test("is broken for all by one that gives up, until it is reset", async () => {
    await withPool(function* (pool) {
      const barrier = new Barrier(3);
      const waiting = createTask(attemptAwait(barrier.wait()));
      expect(yield* attemptAwait(pool.apply(jobs.meet, [barrier, 0.02]))).toMatch(/^BrokenBarrierError/);
      expect(yield* waiting).toMatch(/^BrokenBarrierError/);
      expect([barrier.broken, yield* attemptAwait(barrier.wait())]).toEqual([true, "BrokenBarrierError()"]);
      barrier.reset();
      const cancelled = createTask(barrier.wait());
      const other = createTask(attemptAwait(barrier.wait()));
      yield* sleep(0.01);
      expect([barrier.nWaiting, String(barrier)]).toEqual([2, "<Barrier [filling, 2/3]>"]);
      cancelled.cancel();
      expect(yield* other).toBe("BrokenBarrierError()");
      barrier.reset();
      expect(barrier.broken).toBe(false);
    });
  });

  test("that is reset or broken on purpose tells those that wait", async () => {
    await run(function* () {
      const barrier = new Barrier(2);
      for (const act of ["reset", "abort"] as const) {
        const waiting = createTask(attemptAwait(barrier.wait()));
        yield* sleep(0.01);
        barrier[act]();
        expect(yield* waiting).toBe("BrokenBarrierError()");
      }
      expect(barrier.broken).toBe(true);
    });
  });
});

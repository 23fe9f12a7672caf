// What other threads ask of a loop, and what a manager's objects answer.

import { beforeEach, describe, expect, test } from "vitest";
import { type Coroutine, createTask, newEventLoop, run, sleep } from "wasyncio";
import { Manager, Pool, Process, loopHandle, runCoroutineThreadsafe } from "wasyncio/multiprocessing";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import * as jobs from "./jobs.mjs";

const withPool = <T>(program: (pool: Pool) => Coroutine<T>): Promise<T> => run(() => new Pool(2).with(program));

beforeEach(() => {
  jobs.arrived.length = 0;
});

describe("a loop's handle", () => {
  test("has the loop call functions, in order", async () => {
    await withPool(function* (pool) {
      yield* pool.apply(jobs.arriveFrom, [loopHandle(), [1, { two: 2 }, 3]]);
      while (jobs.arrived.length < 3) yield* sleep(0.001);
      expect(jobs.arrived).toEqual([1, { two: 2 }, 3]);
    });
  });

  test("runs coroutines for blocked threads, tasks of workers, and processes", async () => {
    await withPool(function* (pool) {
      const handle = loopHandle();
      expect(loopHandle()).toBe(handle);
      expect(yield* pool.apply(jobs.squareFrom, [handle, [2, 3]])).toEqual([4, 9]);
      expect(yield* pool.apply(jobs.squareFromTask, [handle, 4])).toBe(16);
      expect(yield* pool.apply(jobs.closureFrom, [handle])).toBe(42);
      expect(yield* attemptAwait(pool.apply(jobs.squareFrom, [handle, [-1]]))).toBe("RangeError('negative')");
      expect(yield* attemptAwait(pool.apply(jobs.noCoroutineFrom, [handle]))).toBe(
        "TypeError('A coroutine object is required')",
      );
      yield* new Pool(1, { context: "process" }).with(function* (processes) {
        expect(yield* processes.apply(jobs.squareFromTask, [handle, 5])).toBe(25);
      });
    });
  });

  test("cancels the task, which ends in its own loop", async () => {
    await withPool(function* (pool) {
      const handle = loopHandle();
      expect(yield* pool.apply(jobs.napFrom, [handle, 0.02])).toEqual(["TimeoutError", false, "CancelledError"]);
      expect(yield* pool.apply(jobs.napFromTask, [handle])).toBe("CancelledError");
      while (jobs.arrived.length < 2) yield* sleep(0.001);
      expect(jobs.arrived).toEqual(["nap over", "nap over"]);
    });
  });

  test("serves its own thread, too", async () => {
    await run(function* () {
      const future = runCoroutineThreadsafe(jobs.square, [3], loopHandle());
      expect(attempt(() => future.result())).toMatch(/^RuntimeError\('Cannot block the thread of a running loop/);
      expect([yield* future, future.done(), future.result(), String(future)]).toEqual([
        9,
        true,
        9,
        "<ThreadsafeFuture finished>",
      ]);
    });
  });

  test("is none of a loop that is closed", async () => {
    const loop = newEventLoop();
    const handle = loopHandle(loop);
    loop.close();
    expect(attempt(() => loopHandle(loop))).toBe("RuntimeError('Event loop is closed')");
    await run(function* () {
      const late = attemptAwait(runCoroutineThreadsafe(jobs.square, [3], handle)[Symbol.iterator]());
      expect(yield* late).toMatch(/^RuntimeError\('Cannot reach the object/);
    });
  });

  test("answers what is open when its loop is closed", async () => {
    const loop = newEventLoop();
    const future = await run(function* () {
      const asked = createTask(attemptAwait(runCoroutineThreadsafe(jobs.square, [3], loopHandle(loop)) as never));
      yield* sleep(0);
      loop.close();
      return yield* asked;
    });
    expect(future).toBe("RuntimeError('Event loop is closed')");
  });

  test("is what the functions take, which need something that can be sent", async () => {
    await run(function* () {
      const handle = loopHandle();
      const wrong = (value: unknown): never => value as never;
      expect(attempt(() => runCoroutineThreadsafe(jobs.square, [1], wrong({})))).toMatch(/^TypeError\('Invalid handle/);
      expect(attempt(() => runCoroutineThreadsafe(jobs.square, wrong(1), handle))).toMatch(/^TypeError\('Invalid args/);
      expect(attempt(() => runCoroutineThreadsafe(wrong(1), wrong([]), handle))).toMatch(
        /^TypeError\('Invalid function/,
      );
      const begun = jobs.square(1);
      expect(attempt(() => runCoroutineThreadsafe(wrong(begun), wrong([]), handle))).toMatch(
        /^TypeError\('Cannot send a coro/,
      );
      begun.return(0);
      expect(attempt(() => handle.callSoonThreadsafe(jobs.square, 1))).toMatch(
        /^TypeError\('coroutines cannot be used/,
      );
    });
  });
});

describe("a manager", () => {
  test("has maps, arrays and names", async () => {
    await run(() =>
      new Manager().with(function* (manager) {
        const dict = manager.dict<string, number>([["a", 1]]);
        yield* dict.set("b", 2);
        yield* dict.update(new Map([["c", 3]]));
        expect(yield* dict.setdefault("a", 9)).toBe(1);
        expect([yield* dict.get("a"), yield* dict.get("z"), yield* dict.get("z", 7)]).toEqual([1, undefined, 7]);
        expect([yield* dict.pop("a"), yield* dict.has("a"), yield* dict.delete("b"), yield* dict.delete("b")]).toEqual([
          1,
          false,
          true,
          false,
        ]);
        expect([yield* dict.keys(), yield* dict.values(), yield* dict.items(), yield* dict.size()]).toEqual([
          ["c"],
          [3],
          [["c", 3]],
          1,
        ]);
        yield* dict.clear();
        expect(yield* dict.size()).toBe(0);
        const list = manager.list([1, 2]);
        yield* list.append(4);
        yield* list.insert(2, 3);
        yield* list.extend([5, 6]);
        yield* list.set(-1, 7);
        expect([yield* list.pop(), yield* list.pop(0), yield* list.get(-1), yield* list.size()]).toEqual([7, 1, 5, 4]);
        expect(yield* list.items()).toEqual([2, 3, 4, 5]);
        expect(yield* attemptAwait(list.set(9, 1))).toBe("RangeError('list index out of range')");
        yield* list.clear();
        expect(yield* attemptAwait(list.pop())).toBe("RangeError('list index out of range')");
        const names = manager.namespace({ x: 1 });
        yield* names.set("x", 2);
        expect(yield* names.get("x")).toBe(2);
      }),
    );
  });

  test("copies what goes in and out, and gives errors as they are", async () => {
    await withPool(function* (pool) {
      const manager = new Manager();
      const list = manager.list<string>();
      const lists = manager.list<number[]>();
      const item = [1];
      yield* lists.append(item);
      item.push(2);
      (yield* lists.get(0))?.push(3);
      expect(yield* lists.items()).toEqual([[1]]);
      expect(yield* attemptAwait(lists.append((() => 1) as never))).toMatch(/^DataCloneError/);
      expect(yield* attemptAwait(pool.apply(jobs.popEmpty, [list]))).toBe("RangeError('list index out of range')");
      manager.shutdown();
      expect(yield* attemptAwait(list.size())).toMatch(/^RuntimeError\('Cannot reach the object/);
      const process = new Process(jobs.identity, { args: [list] });
      process.start();
      yield* process.join();
      expect(process.exitcode).toBe(0);
    });
  });
});

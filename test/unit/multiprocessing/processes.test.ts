// Processes and pools: how they are started, how they end, and what is known of that.

import { describe, expect, test } from "vitest";
import { type Coroutine, forEach, gather, getRunningLoop, run } from "wasyncio";
import {
  type ProcessContext,
  Event,
  Manager,
  Pool,
  Process,
  Value,
  activeChildren,
  cpuCount,
  currentProcess,
} from "wasyncio/multiprocessing";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import * as jobs from "./jobs.mjs";

const CONTEXTS: readonly ProcessContext[] = ["thread", "process"];

describe("a process", () => {
  test.each(CONTEXTS)("in a %s ends with the code that it has", async (context) => {
    await run(function* () {
      const reports: unknown[] = [];
      getRunningLoop().setExceptionHandler((_loop, { message, exception }) => reports.push(`${message}: ${exception}`));
      const fine = new Process(jobs.identity, { args: [1], context });
      const failing = new Process(jobs.fail, { name: "failing", context });
      const leaving = new Process(jobs.exit, { args: [3], context });
      const all = [fine, failing, leaving];
      expect(all.map((each) => [each.exitcode, each.isAlive(), each.pid])).toEqual(Array(3).fill([null, false, null]));
      for (const each of all) each.start();
      expect(activeChildren()).toEqual(all);
      expect(all.map((each) => [each.exitcode, each.isAlive(), each.pid === null])).toEqual(
        Array(3).fill([null, true, context === "thread"]),
      );
      for (const each of all) yield* each.join();
      expect(all.map((each) => [each.exitcode, each.isAlive()])).toEqual([
        [0, false],
        [1, false],
        [3, false],
      ]);
      expect(activeChildren()).toEqual([]);
      expect(reports).toEqual(["Exception in process failing: RangeError: no such row"]);
      expect(String(failing)).toBe("<Process failing stopped exitcode=1>");
    });
  });

  test.each(CONTEXTS)("in a %s is ended while it computes", async (context) => {
    await run(function* () {
      for (const [end, code] of [
        ["terminate", -15],
        ["kill", -9],
      ] as const) {
        const process = new Process(jobs.spin, { context });
        process.start();
        yield* process.join(0.2);
        expect([process.isAlive(), process.exitcode]).toEqual([true, null]);
        process[end]();
        process[end]();
        yield* process.join();
        expect([process.isAlive(), process.exitcode]).toEqual([false, code]);
        process[end]();
      }
    });
  });

  test("ends with the loop that has started it", async () => {
    const flag = new Event();
    const process = new Process(jobs.spin, { args: [flag] });
    await run(function* () {
      process.start();
      yield* flag.wait();
    });
    expect([process.isAlive(), process.exitcode]).toEqual([false, -15]);
  });

  test("is started once, in a loop, and joined then", async () => {
    const process = new Process(jobs.identity, { args: [1], name: "one" });
    expect(attempt(() => process.start())).toBe("RuntimeError('There is no current event loop')");
    await run(function* () {
      for (const act of ["join", "terminate", "kill"] as const)
        expect(attempt(() => process[act]())).toBe(`RuntimeError('can only ${act} a started process')`);
      process.start();
      expect(attempt(() => process.start())).toBe("RuntimeError('cannot start a process twice')");
      yield* gather(process.join(), process.join());
      yield* process.join();
    });
  });

  test("knows its name", async () => {
    await run(() =>
      new Manager().with(function* (manager) {
        const [dict, list, names] = [
          manager.dict<string, string>(),
          manager.list<string>(),
          manager.namespace({ last: "" }),
        ];
        for (const context of CONTEXTS) {
          const process = new Process(jobs.fill, {
            args: [dict, list, names, context],
            name: `my ${context}`,
            context,
          });
          process.start();
          yield* process.join();
          expect(process.exitcode).toBe(0);
        }
        expect(yield* dict.items()).toEqual([
          ["thread", "my thread"],
          ["process", "my process"],
        ]);
        expect([yield* list.items(), yield* names.get("last")]).toEqual([["thread", "process"], "process"]);
      }),
    );
    expect(currentProcess()).toEqual({ name: "MainProcess" });
    expect(cpuCount()).toBeGreaterThanOrEqual(1);
  });

  test("of the system shares no memory, and says so", async () => {
    await run(function* () {
      const reports: unknown[] = [];
      getRunningLoop().setExceptionHandler((_loop, { exception }) => reports.push(String(exception)));
      const process = new Process(jobs.count, { args: [new Value("d", 0), 1], context: "process" });
      process.start();
      yield* process.join();
      expect(process.exitcode).toBe(1);
      expect(reports).toEqual(["TypeError: Cannot send a Value to or from a process: only threads share memory"]);
      yield* new Pool(1, { context: "process" }).with(function* (pool) {
        expect(yield* attemptAwait(pool.apply(jobs.newLock, []))).toMatch(/Cannot send a Lock to or from a process/);
      });
    });
  });
});

describe("a pool", () => {
  const withPool = <T>(context: ProcessContext, program: (pool: Pool) => Coroutine<T>): Promise<T> =>
    run(() => new Pool(2, { context }).with(program));

  test.each(CONTEXTS)("of %ss applies, maps and iterates", async (context) => {
    await withPool(context, function* (pool) {
      expect(yield* pool.apply(jobs.identity, ["Jeff"])).toBe("Jeff");
      const result = pool.applyAsync(jobs.identity, [2]);
      expect([result.ready(), String(result)]).toEqual([false, "<AsyncResult pending>"]);
      expect(attempt(() => result.successful())).toBe("RangeError('<AsyncResult pending> not ready')");
      expect(yield* result.get()).toBe(2);
      expect([result.ready(), result.successful()]).toEqual([true, true]);
      expect(yield* pool.map(jobs.identity, [1, 2, 3], 2)).toEqual([1, 2, 3]);
      expect(yield* pool.map(jobs.identity, [])).toEqual([]);
      expect(yield* pool.mapAsync(jobs.identity, new Set([1, 2])).get()).toEqual([1, 2]);
      const sum = (left: number, right: number): number => left + right;
      expect(yield* pool.starmap(sum, [[1, 2] as [number, number], [3, 4]])).toEqual([3, 7]);
      const [ordered, unordered]: [number[], number[]] = [[], []];
      yield* forEach(pool.imap(jobs.identity, [3, 1, 2]), (each) => void ordered.push(each));
      yield* forEach(pool.imapUnordered(jobs.identity, [3, 1, 2]), (each) => void unordered.push(each));
      expect([ordered, unordered.sort((left, right) => left - right)]).toEqual([
        [3, 1, 2],
        [1, 2, 3],
      ]);
    });
  });

  test("gives errors, to callbacks too", async () => {
    await withPool("thread", function* (pool) {
      expect(yield* attemptAwait(pool.apply(jobs.fail, []))).toBe("RangeError('no such row')");
      const told: unknown[] = [];
      const options = {
        callback: (value: unknown) => void told.push(value),
        errorCallback: (error: unknown) => void told.push(String(error)),
      };
      const failed = pool.applyAsync(jobs.fail, [], options);
      yield* failed.wait();
      yield* pool.applyAsync(jobs.identity, [1], options).wait();
      expect([failed.successful(), told]).toEqual([false, ["RangeError: no such row", 1]]);
      expect(yield* attemptAwait(pool.map(jobs.square, [3, -1, 4]))).toBe("RangeError('negative')");
    });
  });

  test("is late as asked, and what is late goes on", async () => {
    await withPool("thread", function* (pool) {
      const event = new Event();
      const result = pool.applyAsync(jobs.awaitEvent, [event, null]);
      yield* result.wait(0.02);
      expect(yield* attemptAwait(result.get(0.02))).toBe("TimeoutError()");
      event.set();
      expect(yield* result.get()).toBe(true);
    });
  });

  test("has workers that were set up, and changes them", async () => {
    await run(function* () {
      const value = new Value("i", 0);
      const options = { initializer: jobs.count, initargs: [value, 5], maxtasksperchild: 1 };
      yield* new Pool(1, options).with(function* (pool) {
        const names = [];
        for (let i = 0; i < 3; i++) names.push(yield* pool.apply(jobs.processName, []));
        expect(names).toEqual(["PoolWorker-1", "PoolWorker-2", "PoolWorker-3"]);
      });
      expect(value.value).toBe(15);
    });
  });

  test("is closed, and joined then; or ended at once", async () => {
    await run(function* () {
      const pool = new Pool(1);
      expect(attempt(() => pool.join())).toBe("RangeError('Pool is still running')");
      const result = pool.applyAsync(jobs.identity, [1]);
      pool.close();
      expect(attempt(() => pool.applyAsync(jobs.identity, [1]))).toBe("RangeError('Pool not running')");
      yield* pool.join();
      expect([yield* result.get(), String(pool)]).toEqual([1, "<Pool closed>"]);
      const other = new Pool(1);
      const spinning = [other.applyAsync(jobs.spin, []), other.applyAsync(jobs.spin, [])];
      other.terminate();
      yield* other.join();
      expect(spinning.map((each) => each.ready())).toEqual([true, true]);
    });
  });
});

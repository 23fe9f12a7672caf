// What executors and workers of queues refuse, at the call: no Redis is needed for that.

import { describe, expect, test } from "vitest";
import { type Awaitable, run } from "wasyncio";
import { BullMQExecutor, serveQueue } from "wasyncio/bullmq";
import { job, runInExecutor } from "wasyncio/executors";
import * as jobs from "./jobs.mjs";

/** What a call throws. */
const thrown = (call: () => unknown): string => {
  try {
    call();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  return "nothing";
};

describe("an executor", () => {
  const given = (options: object): string => thrown(() => new BullMQExecutor({ queue: "jobs", ...options }));

  test("refuses options that are not what they are to be", () => {
    expect([
      given({ queue: undefined }),
      given({ queue: "a:b" }),
      given({ que: "jobs" }),
      given({ connection: "127.0.0.1" }),
      given({ connection: 6379 }),
      given({ attempts: 0 }),
      given({ backoff: -1 }),
      given({ backoff: Infinity }),
      given({ backoffType: "linear" }),
      given({ priority: 2 ** 21 }),
      given({ keep: 1 }),
      given({ patience: NaN }),
      thrown(() => new BullMQExecutor(undefined as never)),
    ]).toEqual([
      "TypeError: Invalid queue: expected a name, got undefined",
      "RangeError: Invalid queue: expected a name without a colon, got 'a:b'",
      "TypeError: Invalid options: there is no 'que', only attempts, backoff, backoffType, priority, queue, connection, keep, patience",
      "TypeError: Invalid connection: expected a URL such as redis://127.0.0.1:6379, got '127.0.0.1'",
      "TypeError: Invalid connection: expected a URL, or options of ioredis, got 6379",
      "RangeError: attempts must be greater than 0, and whole: got 0",
      "RangeError: backoff must be 0 s at least: got -1",
      "RangeError: backoff must be finite",
      'RangeError: Invalid backoffType: expected "fixed" or "exponential", got \'linear\'',
      "RangeError: priority must be whole, from 0 to 2097151: got 2097152",
      "RangeError: keep must be 60 s at least: got 1",
      "TypeError: Invalid patience: NaN (not a number)",
      "TypeError: Invalid options: expected an object, got undefined",
    ]);
  });
});

describe("a job", () => {
  /** What happens in a program with an executor. */
  const inProgram = (call: (cluster: BullMQExecutor) => unknown): Promise<string> =>
    run(function* () {
      return thrown(() => call(new BullMQExecutor({ queue: "jobs" })));
    });

  test.each([
    [{ key: "a:b" }, "RangeError: Invalid key: expected a text without a colon, got 'a:b'"],
    [{ key: "" }, "RangeError: Invalid key: expected a text without a colon, got ''"],
    [{ key: "17" }, "RangeError: Invalid key: integers are those that BullMQ counts itself, got '17'"],
    [{ key: "-1" }, "RangeError: Invalid key: integers are those that BullMQ counts itself, got '-1'"],
    [{ key: "failed" }, "RangeError: Invalid key: a queue has its own of the name 'failed'"],
    [{ key: 17 }, "TypeError: Invalid key: expected a string, got 17"],
    [{ delay: Infinity }, "RangeError: delay must be finite"],
    [{ priority: 0.5 }, "RangeError: priority must be whole, from 0 to 2097151: got 0.5"],
    [
      { prio: 1 },
      "TypeError: Invalid options: there is no 'prio', only attempts, backoff, backoffType, priority, key, delay",
    ],
  ])("refuses %o", async (options, message) => {
    expect(await inProgram((cluster) => cluster.submitWith(options as object, jobs.add, 1, 2))).toBe(message);
  });

  test("is looked for by a key that there can be", async () => {
    expect(await inProgram((cluster) => cluster.attach("17"))).toMatch(/^RangeError: Invalid key/);
  });

  test.each<[what: string, argument: unknown, at?: string]>([
    ["undefined", undefined],
    ["NaN", NaN],
    ["1n", 1n],
    ["<function f>", function f() {}],
    ["objects of Date", new Date(0)],
    ["objects of Map", new Map()],
    ["objects of Uint8Array", new Uint8Array(1)],
    ["what has a toJSON of its own", { toJSON: () => 1 }],
    ["undefined", [1, , 2], "[1]"], // oxlint-disable-line no-sparse-arrays -- that is what it is about
    ["objects of Date", { list: [{ when: new Date(0) }] }, ".list[0].when"],
  ])("refuses %s as an argument", async (what, argument, at = "") => {
    expect(await inProgram((cluster) => cluster.submit(jobs.echo, argument))).toBe(
      `TypeError: Cannot send argument 0${at}: JSON does not keep ${what}`,
    );
  });

  test("refuses a circle", async () => {
    const circle: unknown[] = [];
    circle.push({ circle });
    expect(await inProgram((cluster) => cluster.submit(jobs.echo, circle))).toBe(
      "TypeError: Cannot send argument 0[0].circle: JSON does not keep a circle",
    );
  });

  test("is made by job()", async () => {
    expect(await inProgram((cluster) => cluster.submit(() => 1))).toMatch(
      /^TypeError: Cannot send .*: workers find a function by its name; make it a job\(\)$/,
    );
    expect(await inProgram((cluster) => cluster.submit(1 as never))).toMatch(/^TypeError: Invalid job: expected a fu/);
  });

  test("is not taken behind the shutdown", () =>
    run(function* () {
      const cluster = new BullMQExecutor({ queue: "jobs" });
      yield* cluster.shutdown();
      expect(thrown(() => runInExecutor(cluster, jobs.add, 1, 2))).toBe(
        "RuntimeError: cannot schedule new futures after shutdown",
      );
      yield* cluster.shutdown(); // once more is nothing
    }));

  test("needs a loop", () => {
    expect(thrown(() => new BullMQExecutor({ queue: "jobs" }).submit(jobs.add, 1, 2))).toMatch(/^RuntimeError/);
  });
});

describe("a worker", () => {
  const serving = (options: object): Promise<string> =>
    run((): Awaitable<string> =>
      (function* () {
        return thrown(() => serveQueue({ queue: "jobs", jobs, ...options }));
      })(),
    );

  test("refuses options that are not what they are to be", async () => {
    expect([
      await serving({ queue: "" }),
      await serving({ jobs: 1 }),
      await serving({ modules: "jobs.ts" }),
      await serving({ modules: ["./jobs.ts"] }),
      await serving({ modules: [1] }),
      await serving({ concurrency: 1.5 }),
      await serving({ grace: -1 }),
      await serving({ lock: 2 }),
      await serving({ mostLost: 0 }),
      await serving({ log: "x" }),
      await serving({ connection: "http://localhost" }),
      await serving({ connection: { tls: { checkServerIdentity: () => undefined } } }),
      await serving({ name: "x" }),
    ]).toEqual([
      "RangeError: Invalid queue: expected a name without a colon, got ''",
      "TypeError: Invalid jobs: expected an object of functions, got 1",
      "TypeError: Invalid modules: expected an array, got 'jobs.ts'",
      `TypeError: Invalid modules: expected URLs, as new URL("jobs.js", import.meta.url), got './jobs.ts'`,
      `TypeError: Invalid modules: expected URLs, as new URL("jobs.js", import.meta.url), got 1`,
      "RangeError: concurrency must be greater than 0, and whole: got 1.5",
      "RangeError: grace must be 0 s at least: got -1",
      "RangeError: lock must be 10 s at least: got 2",
      "RangeError: mostLost must be greater than 0, and whole: got 0",
      "TypeError: Invalid log: expected a function, got 'x'",
      "TypeError: Invalid connection: expected a URL such as redis://127.0.0.1:6379, got 'http://localhost'",
      expect.stringMatching(/^TypeError: Invalid connection: locks are renewed in a thread, which cannot get tls: /),
      "TypeError: Invalid options: there is no 'name', only queue, connection, jobs, modules, concurrency, grace, lock, mostLost, log",
    ]);
  });

  test("serves no two jobs of one name", async () => {
    const meta = (url: string): { url: string } => ({ url });
    job(meta("file:///a.js"), function sameName() {});
    job(meta("file:///b.js"), function sameName() {});
    await expect(run(() => serveQueue({ queue: "jobs" }))).rejects.toThrow(
      new TypeError("Cannot serve two jobs of the name 'sameName': a queue finds them by that"),
    );
  });
});

// A worker inside a program: serveQueue, in the loop of who waits for it.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Queue } from "bullmq";
import { afterAll, beforeAll, describe, expect, test as plainTest } from "vitest";
import { type Coroutine, type Task, createTask, gather, run, sleep } from "wasyncio";
import { BullMQExecutor, type ServeQueueOptions, serveQueue } from "wasyncio/bullmq";
import { failedWith } from "../../../src/bullmq/messages.ts";
import { testWith } from "../../tools/tool.ts";
import { isInstalled } from "../../support/installed.ts";
import { attemptAwait, settle } from "../../support/outcomes.ts";
import { RedisServer } from "../../support/redis.ts";
import { notes } from "./cluster.ts";
import * as jobs from "./jobs.mjs";

const test = testWith("redis-server");
const folder = mkdtempSync(join(tmpdir(), "wasyncio-"));
const file = join(folder, "notes");
let redis: RedisServer;

beforeAll(async () => {
  if (isInstalled("redis-server")) redis = await RedisServer.start();
});

afterAll(async () => {
  await redis?.stop();
  rmSync(folder, { recursive: true });
});

/** Runs a program beside a worker, which is ended behind it. Gives what the worker has said. */
function beside(
  options: Omit<ServeQueueOptions, "connection">,
  program: (cluster: BullMQExecutor, worker: Task<void>) => Coroutine<void>,
): Promise<string[]> {
  const lines: string[] = [];
  const { queue } = options;
  return run(function* () {
    const serving = serveQueue({ connection: { port: redis.port }, log: (line) => lines.push(line), ...options });
    const worker = createTask(serving);
    yield* new BullMQExecutor({ queue, connection: redis.url }).with((cluster) => program(cluster, worker));
    worker.cancel();
    yield* settle([worker]);
    return lines;
  });
}

describe("serveQueue", () => {
  test("runs jobs as tasks of its loop, beside who waits for them", async () => {
    const lines = await beside({ queue: "inside", jobs }, function* (cluster) {
      expect(yield* gather(cluster.submit(jobs.add, 1, 2), cluster.submit(jobs.later, "x"))).toEqual([3, "x"]);
      expect(yield* attemptAwait(cluster.submit(jobs.fail))).toBe("RangeError('no such row')");
    });
    expect(lines[0]).toMatch(/^serves add, echo, later/);
    expect(lines.slice(1)).toEqual([`takes jobs of inside at localhost:${redis.port}`]);
  });

  test("loads modules, and runs no program of theirs", async () => {
    const queue = new Queue("loaded", { connection: { port: redis.port } });
    await queue.add("quadruple", { args: [3] }, { jobId: "by-hand" });
    await queue.close();
    const modules = [new URL("program.mjs", import.meta.url)];
    await beside({ queue: "loaded", modules }, function* (cluster) {
      expect(yield* cluster.attach("by-hand")).toBe(12);
    });
  });

  test("ends at once when it is cancelled again, and its jobs go back", async () => {
    await beside({ queue: "again", jobs, grace: Infinity }, function* (cluster, worker) {
      const job = cluster.submit(jobs.nap, 60, file);
      while (notes(file).length === 0) yield* sleep(0.01);
      worker.cancel();
      yield* sleep(0.1);
      expect(notes(file)).toEqual(["begins"]);
      worker.cancel();
      yield* settle([worker]);
      expect(notes(file)).toEqual(["begins", "CancelledError", "over"]);
      yield* sleep(0.1);
      expect(job.done()).toBe(false); // it waits for another worker
      job.cancel();
    });
  });
});

plainTest("a job whose workers have ended too often has a broken executor", () => {
  const outcome = failedWith({ args: [] }, "job stalled more than allowable limit", []);
  expect(outcome).toMatchObject({ kind: "error", error: { name: "BrokenExecutor" } });
});

plainTest("a failure that was noted for an earlier message is not taken for a later one", () => {
  const failure = { reason: "before", error: null };
  expect(failedWith({ args: [], failure }, "before", [])).toEqual({ kind: "cancelled" });
  expect(failedWith({ args: [], failure }, "later", ["Error: later\n    at there"])).toMatchObject({
    kind: "error",
    error: { message: "later", cause: { stack: "Error: later\n    at there" } },
  });
});

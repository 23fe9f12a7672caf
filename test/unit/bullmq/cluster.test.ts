// Executors of queues over a real Redis, with workers in processes of their own.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { CancelledError, type Coroutine, forEach, gather, run, sleep, timeout, wrapFuture } from "wasyncio";
import { BullMQExecutor, JobNotFoundError, type QueuedJobOptions } from "wasyncio/bullmq";
import { RemoteTraceback, runInExecutor } from "wasyncio/executors";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { testWith } from "../../tools/tool.ts";
import { isInstalled } from "../../support/installed.ts";
import { attemptAwait, settle } from "../../support/outcomes.ts";
import { type Running, runInNode, start } from "../../support/processes.ts";
import { RedisServer } from "../../support/redis.ts";
import { freePort } from "../../support/servers.ts";
import { until } from "../../support/until.ts";
import { endWorker, notes, startWorker, withCluster } from "./cluster.ts";
import * as jobs from "./jobs.mjs";

const test = testWith("redis-server");
const folder = mkdtempSync(join(tmpdir(), "wasyncio-"));
let redis: RedisServer;
/** Serves the queue "jobs". */
let worker: Running;
let files = 0;

const newFile = (): string => join(folder, `notes-${++files}`);

beforeAll(async () => {
  if (!isInstalled("redis-server")) return;
  redis = await RedisServer.start();
  worker = await startWorker(redis, "jobs");
});

afterAll(async () => {
  if (worker !== undefined) await endWorker(worker);
  await redis?.stop();
  rmSync(folder, { recursive: true });
});

const withJobs: typeof withCluster = (options, program) => withCluster({ connection: redis.url, ...options }, program);

describe("a job", () => {
  test("gives what functions, async functions and coroutines give", async () => {
    const results = await withJobs({ queue: "jobs" }, (cluster) =>
      gather(
        runInExecutor(cluster, jobs.add, 1, 2),
        cluster.submit(jobs.later, { list: [1, null, "x"] }),
        cluster.submit(jobs.nothing),
        cluster.submit(jobs.echo, null),
      ),
    );
    expect(results).toEqual([3, { list: [1, null, "x"] }, undefined, null]);
  });

  test("knows its key, its attempt and its queue", async () => {
    const about = await withJobs({ queue: "jobs" }, (cluster) => cluster.submitWith({ key: "mine" }, jobs.about));
    expect(about).toEqual({ key: "mine", attempt: 1, workerName: "jobs", aborted: false });
  });

  test("gives many results, in order", async () => {
    const numbers = Array.from({ length: 300 }, (_, index) => index);
    const squares: number[] = [];
    await withJobs({ queue: "jobs" }, function* (cluster) {
      yield* forEach(cluster.map(jobs.add, numbers, numbers), (square) => void squares.push(square));
    });
    expect(squares).toEqual(numbers.map((number) => 2 * number));
  });

  test("tells of itself", async () => {
    const told: unknown[] = [];
    await withJobs({ queue: "jobs" }, function* (cluster) {
      const future = cluster.submit(jobs.tell, 3);
      yield* forEach(future.progress, (each) => void told.push(each));
      expect(yield* future).toBe(3);
    });
    expect(told).toEqual([{ step: 0 }, { step: 1 }, { step: 2 }]);
  });

  test("fails with its error, whose cause has the stack there", async () => {
    const error = (await withJobs({ queue: "jobs" }, (cluster) => cluster.submit(jobs.fail)).catch(
      (thrown: unknown) => thrown,
    )) as RangeError & { code: number };
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ message: "no such row", code: 42 });
    expect("when" in error).toBe(false); // JSON does not keep it
    expect(error.cause).toBeInstanceOf(RemoteTraceback);
    expect((error.cause as Error).stack).toMatch(/at fail .*jobs\.mjs/);
  });

  test("fails with whatever it has thrown", async () => {
    const thrown = await withJobs({ queue: "jobs" }, (cluster) => cluster.submit(jobs.failWith, { code: 7 })).catch(
      (value: unknown) => value,
    );
    expect(thrown).toEqual({ code: 7 });
  });

  test("fails also without a reason, and with one that is no text", async () => {
    const outcomes = await withJobs({ queue: "jobs" }, (cluster) =>
      gather(
        attemptAwait(cluster.submit(jobs.failWithMessage, "")),
        attemptAwait(cluster.submit(jobs.failWithMessage, null)),
        attemptAwait(cluster.submit(jobs.failWithSymbol)),
      ),
    );
    expect(outcomes).toEqual(["RangeError()", "RangeError('null')", expect.stringMatching(/^Error\(/)]);
  });

  test("fails when JSON does not keep its result", async () => {
    await expect(withJobs({ queue: "jobs" }, (cluster) => cluster.submit(jobs.unsendable))).rejects.toThrow(
      "Cannot send the result.at: JSON does not keep objects of Date",
    );
  });

  test("is tried again, as often as it may fail, and later each time", async () => {
    const file = newFile();
    const { attempt, failure } = await withJobs({ queue: "jobs", attempts: 3, backoff: 0.05 }, function* (cluster) {
      return {
        attempt: yield* cluster.submit(jobs.flaky, 3, file),
        failure: yield* attemptAwait(
          cluster.submitWith({ attempts: 2, backoffType: "exponential" }, jobs.flaky, 9, file),
        ),
      };
    });
    expect(attempt).toBe(3);
    expect(failure).toBe("Error('not at 2')");
    expect(notes(file)).toEqual(["attempt 1", "attempt 2", "attempt 3", "attempt 1", "attempt 2"]);
  });

  test("that nobody serves fails, and says who does", async () => {
    const queue = new Queue("jobs", { connection: { port: redis.port } });
    await queue.add("unknown", { args: [] }, { jobId: "of-others" });
    const error = await withJobs({ queue: "jobs" }, (cluster) => cluster.attach("of-others")).catch(
      (thrown: unknown) => thrown,
    );
    expect(String(error)).toMatch(/^RuntimeError: Cannot find the job 'unknown': this worker serves add, echo, later/);
    await queue.close();
  });
});

describe("a key", () => {
  test("is one job, whoever submits it", async () => {
    const file = newFile();
    const submit = (cluster: BullMQExecutor) => cluster.submitWith({ key: "once" }, jobs.noted, file, "run");
    await withJobs({ queue: "jobs" }, (cluster) => gather(submit(cluster), submit(cluster), cluster.attach("once")));
    await withJobs({ queue: "jobs" }, submit);
    expect(notes(file)).toEqual(["run"]);
  });

  test("gives the result to who asks later, also when it failed", async () => {
    await withJobs({ queue: "jobs" }, function* (cluster) {
      yield* cluster.submitWith({ key: "kept" }, jobs.add, 20, 22);
      yield* attemptAwait(cluster.submitWith({ key: "has-failed" }, jobs.fail));
    });
    await withJobs({ queue: "jobs" }, function* (cluster) {
      expect(yield* cluster.attach<number>("kept")).toBe(42);
      expect(yield* attemptAwait(cluster.attach("has-failed"))).toBe("RangeError('no such row')");
    });
  });

  test("that is not there is told", async () => {
    const error = await withJobs({ queue: "jobs" }, (cluster) => cluster.attach("nowhere")).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(JobNotFoundError);
    expect(error).toMatchObject({ key: "nowhere", message: expect.stringContaining("the queue 'jobs' has none") });
  });

  test("outlives the process that has submitted it", async () => {
    const file = newFile();
    const program = `
      import { run, sleep } from "wasyncio";
      import { BullMQExecutor } from "wasyncio/bullmq";
      import { nap } from "./test/unit/bullmq/jobs.mjs";
      await run(function* () {
        const cluster = new BullMQExecutor({ queue: "jobs", connection: "${redis.url}" });
        cluster.submitWith({ key: "outlives" }, nap, 1, ${JSON.stringify(file)});
        yield* sleep(60);
      });`;
    const { child, ended } = start([process.execPath, "--input-type=module", "--eval", program]);
    await until(() => notes(file).includes("begins"));
    child.kill("SIGKILL");
    await ended;
    expect(await withJobs({ queue: "jobs" }, (cluster) => cluster.attach("outlives"))).toBe("slept");
  });
});

describe("a cancelled job", () => {
  test("is cancelled where it runs, with its finally", async () => {
    const file = newFile();
    await withJobs({ queue: "jobs" }, function* (cluster) {
      const other = cluster.submitWith({ key: "cancelled" }, jobs.nap, 60, file);
      const again = () => cluster.submitWith({ key: "cancelled" }, jobs.nap, 60, file);
      expect(yield* attemptAwait(timeout(0.5).with(again))).toBe("TimeoutError()");
      expect(other.cancelled()).toBe(true);
    });
    await until(() => notes(file).includes("over"));
    expect(notes(file)).toEqual(["begins", "CancelledError", "over"]);
    const later = withJobs({ queue: "jobs" }, (cluster) => cluster.attach("cancelled"));
    await expect(later).rejects.toThrow(CancelledError);
  });

  test("never begins when it has not, and tells others who wait for it", async () => {
    await withJobs({ queue: "unserved" }, function* (cluster) {
      yield* new BullMQExecutor({ queue: "unserved", connection: redis.url }).with(function* (other) {
        const job = cluster.submitWith({ key: "first" }, jobs.nothing);
        const delayed = cluster.submitWith({ key: "second", delay: { hours: 1 } }, jobs.nothing);
        yield* untilCounted("unserved", { waiting: 1, delayed: 1 });
        const [first, second] = [other.attach("first"), other.attach("second")];
        yield* sleep(0.3); // it listens
        job.cancel();
        delayed.cancel();
        yield* settle([first, second]);
        expect([first.cancelled(), second.cancelled()]).toEqual([true, true]);
      });
    });
    await run(untilCounted("unserved", { waiting: 0, delayed: 0 }));
  });

  test("is one that shutdown cancels, unless it runs", async () => {
    const file = newFile();
    await run(function* () {
      const cluster = new BullMQExecutor({ queue: "jobs", connection: redis.url });
      const running = cluster.submit(jobs.nap, 0.5, file);
      const delayed = cluster.submitWith({ delay: 60 }, jobs.nothing);
      while (!notes(file).includes("begins")) yield* sleep(0.01);
      const unsent = cluster.submit(jobs.nothing);
      yield* cluster.shutdown({ cancelFutures: true });
      expect([running.result(), delayed.cancelled(), unsent.cancelled()]).toEqual(["slept", true, true]);
    });
  });
});

describe("the queue", () => {
  test("runs jobs by priority, those of one in order, and delayed ones later", async () => {
    const file = newFile();
    await withJobs({ queue: "ordered" }, function* (cluster) {
      const submit = (text: string, options: QueuedJobOptions) => cluster.submitWith(options, jobs.noted, file, text);
      const all = [
        submit("low", { priority: 9 }),
        submit("late", { delay: { seconds: 3 } }),
        submit("high", { priority: 1 }),
        submit("higher", { priority: 0 }),
        submit("low too", { priority: 9 }),
      ];
      yield* untilCounted("ordered", { waiting: 1, prioritized: 3, delayed: 1 });
      const worker = yield* wrapFuture(startWorker(redis, "ordered", "--concurrency", "1"));
      yield* gather(all);
      yield* wrapFuture(endWorker(worker));
    });
    expect(notes(file)).toEqual(["higher", "high", "low", "low too", "late"]);
  });

  test("is let go of when its programs have ended", async () => {
    const program = `
      import { run } from "wasyncio";
      import { BullMQExecutor } from "wasyncio/bullmq";
      import { add } from "./test/unit/bullmq/jobs.mjs";
      const cluster = new BullMQExecutor({ queue: "jobs", connection: "${redis.url}" });
      for (let i = 0; i < 2; i++) await run(function* () { console.log(yield* cluster.submit(add, i, 1)); });
      await run(function* () { cluster.submitWith({ key: "left-behind" }, add, 1, 1); });`;
    const { end, stdout } = await runInNode(program);
    expect([end, stdout]).toEqual([0, "1\n2\n"]);
    expect(await withJobs({ queue: "jobs" }, (cluster) => cluster.attach("left-behind"))).toBe(2);
  });

  test("is let go of, too, while a connection of it waits to be tried again", async () => {
    const client = new Redis(redis.port);
    await withJobs({ queue: "jobs" }, function* (cluster) {
      yield* cluster.submit(jobs.add, 1, 2);
      const reading = (list: unknown): string[] =>
        String(list)
          .split("\n")
          .filter((line) => line.includes("cmd=xread"));
      let found: string[] = [];
      while (found.length === 0) found = reading(yield* wrapFuture(client.client("LIST")));
      for (const [, id = ""] of found.map((line) => /id=(\d+)/.exec(line) ?? []))
        yield* wrapFuture(client.client("KILL", "ID", id));
      yield* sleep(0.01); // it is noticed, and tried again 50 ms later
    });
    client.disconnect();
  });

  test("that cannot be reached is told, when patience is over", async () => {
    const port = await run(freePort());
    const connection = `redis://:secret@127.0.0.1:${port}`;
    const error = (await run(function* () {
      const cluster = new BullMQExecutor({ queue: "jobs", connection, patience: 0.5 });
      return yield* attemptAwait(gather(cluster.submit(jobs.nothing), cluster.attach("x")));
    })) as string;
    expect(error).toBe(
      `BrokenExecutor('Cannot reach Redis at 127.0.0.1:${port} within 0.5 s: connect ECONNREFUSED 127.0.0.1:${port}')`,
    );
  });
});

describe.concurrent("a worker", () => {
  test("that is told to end lets jobs end, and puts those back that do not", async () => {
    const [short, long] = [newFile(), newFile()];
    await withJobs({ queue: "ended" }, function* (cluster) {
      const worker = yield* wrapFuture(startWorker(redis, "ended", "--grace", "1"));
      const [first, second] = [cluster.submit(jobs.nap, 0.4, short), cluster.submit(jobs.nap, 3, long)];
      while (notes(long).length === 0) yield* sleep(0.01);
      const { end } = yield* wrapFuture(endWorker(worker));
      expect(end).toBe(0);
      expect(yield* first).toBe("slept");
      expect(notes(long)).toEqual(["begins", "CancelledError", "over"]);
      const next = yield* wrapFuture(startWorker(redis, "ended"));
      expect(yield* second).toBe("slept");
      expect(notes(long).slice(3)).toEqual(["begins", "ends", "over"]);
      yield* wrapFuture(endWorker(next));
    });
  });

  test("that is told to end does so also when a job goes on all the same", async () => {
    const file = newFile();
    await withJobs({ queue: "stubborn" }, function* (cluster) {
      const worker = yield* wrapFuture(startWorker(redis, "stubborn", "--grace", "0"));
      const job = cluster.submit(jobs.goOn, file);
      while (!notes(file).includes("begins")) yield* sleep(0.01);
      expect((yield* wrapFuture(endWorker(worker))).end).toBe(0);
      expect(notes(file).slice(0, 2)).toEqual(["begins", "CancelledError"]);
      job.cancel();
    });
  });

  test("keeps the lock of a job that does not give way", async () => {
    const file = newFile();
    await withJobs({ queue: "blocked" }, function* (cluster) {
      const both = [startWorker(redis, "blocked", "--lock", "10"), startWorker(redis, "blocked", "--lock", "10")];
      const workers = yield* wrapFuture(Promise.all(both));
      expect(yield* cluster.submit(jobs.block, 22, file)).toBe("computed");
      yield* wrapFuture(Promise.all(workers.map(endWorker)));
    });
    expect(notes(file)).toEqual(["blocks"]);
  });

  test("that dies leaves its jobs to others", async () => {
    const file = newFile();
    await withJobs({ queue: "lost" }, function* (cluster) {
      const first = yield* wrapFuture(startWorker(redis, "lost", "--lock", "10"));
      const job = cluster.submit(jobs.nap, 1, file);
      while (!notes(file).includes("begins")) yield* sleep(0.01);
      first.child.kill("SIGKILL");
      yield* wrapFuture(first.ended);
      const second = yield* wrapFuture(startWorker(redis, "lost", "--lock", "10"));
      expect(yield* job).toBe("slept");
      yield* wrapFuture(endWorker(second));
    });
    expect(notes(file)).toEqual(["begins", "begins", "ends", "over"]);
  });
});

describe("when Redis dies and comes back", () => {
  test("nothing is lost: not what waits, nor what runs, nor a cancel", async () => {
    const own = await RedisServer.start();
    const [file, napping] = [newFile(), newFile()];
    const worker = await startWorker(own, "jobs");
    await withCluster({ queue: "jobs", connection: own.url }, function* (cluster) {
      const running = cluster.submit(jobs.nap, 1, file);
      const cancelled = cluster.submit(jobs.nap, 60, napping);
      while (notes(file).length === 0 || notes(napping).length === 0) yield* sleep(0.01);
      yield* wrapFuture(own.kill());
      const meanwhile = cluster.submit(jobs.add, 1, 2);
      cancelled.cancel();
      yield* sleep(0.3);
      yield* wrapFuture(own.start());
      expect(yield* gather(running, meanwhile)).toEqual(["slept", 3]);
      while (!notes(napping).includes("over")) yield* sleep(0.01);
    });
    const { end, stderr } = await endWorker(worker);
    expect(end).toBe(0);
    expect(stderr).toMatch(/cannot reach Redis at 127\.0\.0\.1:\d+, and tries on: .*\n.*has reached Redis .* again/);
    await own.stop();
  });
});

/** The jobs of a queue, by state. */
async function counts(name: string): Promise<Record<string, number>> {
  const queue = new Queue(name, { connection: { port: redis.port } });
  const all = await queue.getJobCounts("waiting", "prioritized", "delayed");
  await queue.close();
  return all;
}

function* untilCounted(name: string, expected: Record<string, number>): Coroutine<void> {
  const isSo = (all: Record<string, number>) =>
    Object.entries(expected).every(([state, count]) => all[state] === count);
  while (!isSo(yield* wrapFuture(counts(name)))) yield* sleep(0.02);
}

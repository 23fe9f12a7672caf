// A Redis, workers in processes of their own, and executors of queues, for tests.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Awaitable, run } from "wasyncio";
import { BullMQExecutor, type BullMQExecutorOptions } from "wasyncio/bullmq";
import type { RedisServer } from "../../support/redis.ts";
import { type Ended, type Running, root, start } from "../../support/processes.ts";

const COMMAND = [process.execPath, join(root, "dist/cli/main.js")];
const JOBS = "test/unit/bullmq/jobs.mjs";

/** `wasyncio` with arguments. */
export const startCommand = (...args: string[]): Running => start([...COMMAND, ...args]);

/** Starts a worker, and waits until it takes jobs. */
export async function startWorker(redis: RedisServer, queue: string, ...options: string[]): Promise<Running> {
  const worker = startCommand("worker", "--queue", queue, "--connection", redis.url, ...options, JOBS);
  await worker.wrote(/takes jobs/);
  return worker;
}

/** Tells a worker to end, and waits until it has. */
export async function endWorker({ child, ended }: Running): Promise<Ended> {
  child.kill("SIGTERM");
  return ended;
}

/** Runs a program with an executor of its own. */
export function withCluster<T>(
  options: BullMQExecutorOptions,
  program: (cluster: BullMQExecutor) => Awaitable<T>,
): Promise<T> {
  return run(() => new BullMQExecutor(options).with(program));
}

/** What jobs have noted in a file. */
export const notes = (file: string): string[] => {
  try {
    return readFileSync(file, "utf8").trim().split("\n");
  } catch {
    return [];
  }
};

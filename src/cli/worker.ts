// `wasyncio worker`: runs jobs of a queue, until it is told to end.

import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { serveQueue } from "../bullmq/serve-queue.ts";
import { CancelledError } from "../errors/asyncio.ts";
import { loadUntilRun } from "../executors/find-function.ts";
import { allJobs, nameOfJob } from "../executors/job.ts";
import { run } from "../runners/runner.ts";
import { getRunningLoop } from "../runtime/running.ts";
import { UsageError } from "./usage-error.ts";

const USAGE = `Usage: wasyncio worker --queue NAME [options] MODULE...

Runs the jobs of a queue that programs fill by a BullMQExecutor. It serves the
functions that the modules make a job().

  --queue NAME         the queue
  --connection URL     where Redis is (REDIS_URL, or redis://127.0.0.1:6379)
  --concurrency N      most jobs at once (10)
  --grace SECONDS      how long jobs have to end when it is told to end (30);
                       what has not ended then goes back into the queue
  --lock SECONDS       how long a job stays that of a worker that has died (30)
  --help               this text

SIGTERM and Ctrl-C end it in order; a second one at once.`;

const OPTIONS = {
  queue: { type: "string" },
  connection: { type: "string", default: process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379" },
  concurrency: { type: "string", default: "10" },
  grace: { type: "string", default: "30" },
  lock: { type: "string", default: "30" },
  help: { type: "boolean", short: "h", default: false },
} as const;

export async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const { queue, connection } = values;
  if (queue === undefined) throw new UsageError(`--queue is missing\n\n${USAGE}`);
  if (positionals.length === 0) throw new UsageError(`a module is missing, whose jobs are to be run\n\n${USAGE}`);
  const numbers = {
    concurrency: numberOf("concurrency", values.concurrency),
    grace: numberOf("grace", values.grace),
    lock: numberOf("lock", values.lock),
  };
  for (const file of positionals) await load(file);
  const names = allJobs().map(nameOfJob);
  if (names.length === 0) throw new UsageError(`${positionals.join(", ")} make no job()`);
  const log = (line: string): void => console.error(`wasyncio worker ${line}`);
  log(`serves ${names.join(", ")}`);
  return run(function* () {
    const serving = serveQueueOrUsage({ queue, connection, log, ...numbers });
    const loop = getRunningLoop();
    const task = loop.createTask(serving, { name: "worker" });
    for (const signal of ["SIGTERM", "SIGINT"]) loop.addSignalHandler(signal, () => void task.cancel());
    try {
      yield* task;
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error; // it was asked to end, and has
    }
    return 0;
  });
}

/** What is wrong with an option is a mistake in the command. */
function serveQueueOrUsage(options: Parameters<typeof serveQueue>[0]): ReturnType<typeof serveQueue> {
  try {
    return serveQueue(options);
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (text.trim() !== "" && !Number.isNaN(number)) return number;
  throw new UsageError(`--${name} is a number: got '${text}'`);
}

/** Loads a module until it has made its jobs. */
async function load(file: string): Promise<void> {
  try {
    await loadUntilRun(pathToFileURL(resolve(file)).href);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_UNKNOWN_FILE_EXTENSION" && /\.[cm]?tsx?\b/.test(message))
      throw new UsageError(
        `cannot load ${file}: Node ${process.versions.node} reads no TypeScript; take Node 22.18 or newer, or have a ` +
          `loader read it, as in NODE_OPTIONS="--import tsx"`,
      );
    if (code === "ERR_MODULE_NOT_FOUND" && message.includes(resolve(file)))
      throw new UsageError(`cannot load ${file}: there is no such file`);
    throw error;
  }
}

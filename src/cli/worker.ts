// `wasyncio worker`: runs jobs of a queue, until it is told to end.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { CancelledError, type Coroutine, createTask, getRunningLoop, run } from "wasyncio";
import { type ServeQueueOptions, serveQueue } from "wasyncio/bullmq";
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

SIGTERM and Ctrl-C end it in order; a second one without the grace.`;

const OPTIONS = {
  queue: { type: "string" },
  connection: { type: "string", default: process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379" },
  concurrency: { type: "string", default: "10" },
  grace: { type: "string", default: "30" },
  lock: { type: "string", default: "30" },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** Milliseconds that the process may go on when the worker has ended. */
const LEAVE = 1000;

export async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const { queue, connection } = values;
  if (queue === undefined) throw new UsageError("--queue is missing");
  if (positionals.length === 0) throw new UsageError("a module is missing, whose jobs are to be run");
  const missing = positionals.find((file) => !existsSync(file));
  if (missing !== undefined) throw new UsageError(`cannot load ${missing}: there is no such file`);
  const options = {
    queue,
    connection,
    concurrency: numberOf("concurrency", values.concurrency),
    grace: numberOf("grace", values.grace),
    lock: numberOf("lock", values.lock),
    modules: positionals.map((file) => pathToFileURL(resolve(file))),
    log: (line: string) => console.error(`wasyncio worker ${line}`),
  };
  try {
    await run(() => serveUntilTold(options));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_UNKNOWN_FILE_EXTENSION") throw error;
    const instead = `take Node 22.18 or newer, or have a loader read it, as in NODE_OPTIONS="--import tsx"`;
    throw new UsageError(`${(error as Error).message}: if it is TypeScript, ${instead}`);
  }
  return process.exit(0); // timers of BullMQ's would keep it for some seconds when Redis is gone
}

/** Serves a queue until a signal comes, and in order to its end. */
function* serveUntilTold(options: ServeQueueOptions): Coroutine<void> {
  const serving = createTask(servingOf(options), { name: "worker" });
  const loop = getRunningLoop();
  for (const signal of ["SIGTERM", "SIGINT"]) loop.addSignalHandler(signal, () => void serving.cancel());
  try {
    yield* serving;
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error; // it was told to end, and has
  }
  setTimeout(() => process.exit(0), LEAVE); // a job that is cancelled, and goes on all the same, does not keep it
}

/** What is wrong with an option, at the call, is wrong with the command. */
function servingOf(options: ServeQueueOptions): Coroutine<void> {
  try {
    return serveQueue(options);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (text.trim() !== "" && !Number.isNaN(number)) return number;
  throw new UsageError(`--${name} is a number: got '${text}'`);
}

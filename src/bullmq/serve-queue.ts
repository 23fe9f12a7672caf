// Serves a queue in a program: what `npx wasyncio worker` does.

import { checkCount, checkFunction, checkNames } from "../support/checks.ts";
import type { Delay } from "../support/delay.ts";
import { format } from "../support/format.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import { writeLog } from "../runtime/reports.ts";
import { getRunningLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { wrapFuture } from "../runtime/wrap-future.ts";
import { operation } from "../waiting/operation.ts";
import { type Registry, loadUntilRun } from "../executors/find-function.ts";
import { type AnyFunction, allJobs, nameOfJob } from "../executors/job.ts";
import { type RedisConnection, checkConnection } from "./connection.ts";
import { checkForThread } from "./lock-keeper.ts";
import { CONCURRENCY, LOCAL, checkQueue, secondsFrom } from "./options.ts";
import { QueueWorker, type WorkerSettings } from "./queue-worker.ts";

/** Options of `serveQueue`. */
export interface ServeQueueOptions {
  /** The name of the queue, without a colon. */
  queue: string;
  /** Where Redis is. Default: "redis://127.0.0.1:6379". */
  connection?: RedisConnection;
  /** The functions that it serves, by name. Default: those that were made a `job`. */
  jobs?: Readonly<Record<string, unknown>>;
  /** Addresses of modules that it loads first, for the jobs that they make. A program that one runs is not run. */
  modules?: readonly (string | URL)[];
  /** Most jobs that it runs at once. Default: 10. */
  concurrency?: number;
  /** How long the jobs that run have to end when it is cancelled, or Infinity. Default: 30 seconds. */
  grace?: Delay;
  /** How long a job stays that of a worker which has died: 10 seconds at least. Default: 30 seconds. */
  lock?: Delay;
  /** How many workers may die with a job until it fails. Default: 5. */
  mostLost?: number;
  /** Told what happens to the worker, in a line. Default: the host's log. */
  log?: (line: string) => void;
}

const OPTIONS: readonly (keyof ServeQueueOptions)[] = [
  "queue",
  "connection",
  "jobs",
  "modules",
  "concurrency",
  "grace",
  "lock",
  "mostLost",
  "log",
];

/** Seconds: a busy machine renews a shorter lock too late. */
const SHORTEST_LOCK = 10;

/**
 * Runs the jobs of a queue, each as a task of the running loop, until it is cancelled: then it takes no more, waits for
 * those that run, and cancels what has not ended after `grace`, which goes back into the queue. It goes on when Redis
 * goes away and comes back.
 * @param options.jobs the functions that it serves, by name; default: those that were made a `job`
 * @param options.modules addresses of modules that it loads first, for the jobs that they make
 * @param options.concurrency most jobs that it runs at once; default: 10
 * @param options.grace how long jobs have to end when it is cancelled; default: 30 seconds
 * @param options.lock how long a job stays that of a worker which has died; default: 30 seconds
 * @throws TypeError or RangeError for options that are not what they are to be; RuntimeError when no loop runs
 * @throws TypeError when there are no jobs, or two of one name; what a module throws
 *
 * @example
 * import * as jobs from "./jobs.ts";
 * await run(() => serveQueue({ queue: "jobs", jobs, concurrency: 20 }));
 */
export function serveQueue(options: ServeQueueOptions): Coroutine<void> {
  const {
    queue,
    connection = LOCAL,
    jobs = null,
    modules = [],
    concurrency = CONCURRENCY,
    grace = 30,
    lock = 30,
    mostLost = 5,
    log,
  } = checkNames(options, OPTIONS);
  if (typeof jobs !== "object")
    throw new TypeError(`Invalid jobs: expected an object of functions, got ${format(jobs)}`);
  if (!Array.isArray(modules)) throw new TypeError(`Invalid modules: expected an array, got ${format(modules)}`);
  modules.forEach(checkAddress);
  if (log !== undefined) checkFunction(log, "log");
  const loop = getRunningLoop();
  const settings = {
    queue: checkQueue(queue),
    connection: checkForThread(checkConnection(connection)),
    concurrency: checkCount(concurrency, "concurrency"),
    grace: secondsFrom(0, grace, "grace"),
    lock: secondsFrom(SHORTEST_LOCK, lock, "lock"),
    mostLost: checkCount(mostLost, "mostLost"),
    log: log ?? ((line: string) => writeLog(loop.host, "warning", `The worker ${line}`)),
  };
  return operation("serveQueue", serve(loop, settings, jobs, modules.map(String)));
}

function* serve(
  loop: EventLoop,
  settings: Omit<WorkerSettings, "registry">,
  jobs: Registry | null,
  modules: readonly string[],
): Coroutine<void> {
  for (const url of modules) yield* wrapFuture(loadUntilRun(url));
  const registry = jobs ?? registryOf(allJobs());
  const names = Object.keys(registry);
  if (names.length === 0) throw new TypeError("Cannot serve a queue: nothing was made a job()");
  settings.log(`serves ${names.join(", ")}`);
  const worker = new QueueWorker(loop, { ...settings, registry });
  try {
    yield* loop.createExternalFuture();
  } finally {
    yield* worker.close();
  }
}

/** Throws TypeError for what is no address: a path would be taken as one beside this file. */
function checkAddress(module: string | URL): void {
  if (module instanceof URL || (typeof module === "string" && URL.canParse(module))) return;
  throw new TypeError(`Invalid modules: expected URLs, as new URL("jobs.js", import.meta.url), got ${format(module)}`);
}

/** Jobs by name. Throws TypeError for two of one name. */
function registryOf(jobs: readonly AnyFunction[]): Registry {
  const registry: Record<string, unknown> = {};
  for (const job of jobs) {
    const name = nameOfJob(job) as string;
    if (Object.hasOwn(registry, name))
      throw new TypeError(`Cannot serve two jobs of the name ${format(name)}: a queue finds them by that`);
    registry[name] = job;
  }
  return registry;
}

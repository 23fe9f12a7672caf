// Executors of pools: their options, and a pool for each loop in virtual time, where all else has one.

import { checkBoolean, checkCount, checkFunction, checkNames } from "../support/checks.ts";
import { type Delay, secondsOf } from "../support/delay.ts";
import { format } from "../support/format.ts";
import type { WorkerKind } from "../drivers/workers.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import { getEventLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { operation } from "../waiting/operation.ts";
import type { BrokenExecutor } from "./errors.ts";
import { hostWorkers } from "./host-workers.ts";
import { Executor, type JobResult, type ShutdownOptions } from "./executor.ts";
import type { JobFuture } from "./job-future.ts";
import { referenceOf } from "./job.ts";
import { type OnCancel, Pool, type PoolSettings } from "./pool.ts";
import { virtualWorkers } from "./virtual-workers.ts";

/** Options of pools. */
export interface PoolOptions {
  /**
   * Most workers, up to 1024; they are started when jobs need them. Default: cores + 4, but 32 at most; for processes,
   * cores.
   */
  maxWorkers?: number;
  /** Called in each worker before its first job. Also a job, or a function that closes over nothing. */
  initializer?: (...args: never[]) => unknown;
  /** What the initializer is called with. Default: nothing. */
  initargs?: readonly unknown[];
  /**
   * What becomes of a running job whose future is cancelled. "signal": a coroutine is cancelled in its worker, the
   * `signal` of `currentJob` is aborted, and what has not ended after `grace` is ended with its worker; "terminate":
   * that at once; "abandon": it goes on, and what comes of it is lost, as in Python. Default: "signal".
   */
  onCancel?: OnCancel;
  /** How long a cancelled job has to end, or Infinity. Default: 5 seconds. */
  grace?: Delay;
  /** Most jobs that a worker runs before another one takes its place, or null for any number. Default: null. */
  maxTasksPerChild?: number | null;
}

/** Options of pools of threads. */
export interface ThreadPoolOptions extends PoolOptions {
  /** What the names of workers begin with. */
  threadNamePrefix?: string;
  /**
   * Starts a worker, whose script calls `serveJobs`: a Worker of node:worker_threads on Node and Bun, a Web Worker
   * elsewhere. Default: the package's own.
   */
  worker?: () => unknown;
  /**
   * The functions that `worker` serves, by the names that it serves them by: the module that it has given to
   * `serveJobs`. Default: jobs are found by their modules, or sent as text.
   */
  jobs?: Readonly<Record<string, unknown>>;
}

const POOL_OPTIONS = ["maxWorkers", "initializer", "initargs", "onCancel", "grace", "maxTasksPerChild"];
export const THREAD_POOL_OPTIONS: readonly string[] = [...POOL_OPTIONS, "threadNamePrefix", "worker", "jobs"];
export const PROCESS_POOL_OPTIONS: readonly string[] = POOL_OPTIONS;

const WAYS: readonly unknown[] = ["signal", "terminate", "abandon"] satisfies OnCancel[];

/** What differs between kinds of pools. */
export interface PoolKind {
  readonly kind: WorkerKind;
  /** What the names of workers begin with, by default. */
  readonly prefix: string;
  /** The name of the n-th worker, from 0. */
  nameWorker(prefix: string, n: number): string;
  readonly names: readonly string[];
  readonly Broken: new (message: string, options?: ErrorOptions) => BrokenExecutor;
  /** How many workers there are by default. */
  maxWorkers(cores: number): number;
}

/** Most workers of a pool: each takes some megabytes, and as many are started as jobs wait. */
const MOST_WORKERS = 1024;

/** Throws TypeError for what is no number, and RangeError for one that there cannot be of workers. Returns it. */
export function checkWorkerCount(count: number, name: string): number {
  if (checkCount(count, name) <= MOST_WORKERS) return count;
  throw new RangeError(`${name} must be at most ${MOST_WORKERS}: got ${count}`);
}

/** How executors name their workers. */
export const numbered = (prefix: string, n: number): string => `${prefix}_${n}`;

/** An executor whose jobs are run by workers. */
export abstract class PoolExecutor extends Executor {
  /** @internal */
  static override readonly name: string = "PoolExecutor";
  readonly #settings: Omit<PoolSettings, "later" | "sendsAhead">;
  readonly #jobs: Readonly<Record<string, unknown>> | null;
  #pool: Pool | null = null;
  /** Those of loops in virtual time. */
  readonly #virtual = new WeakMap<EventLoop, Pool>();

  constructor(of: PoolKind, options: ThreadPoolOptions) {
    super();
    const {
      maxWorkers,
      initializer = null,
      initargs = [],
      onCancel = "signal",
      grace = 5,
      maxTasksPerChild = null,
      threadNamePrefix = of.prefix,
      worker = null,
      jobs = null,
    } = checkNames(options, of.names);
    if (initializer !== null) checkFunction(initializer, "initializer");
    if (!Array.isArray(initargs)) throw new TypeError(`Invalid initargs: expected an array, got ${format(initargs)}`);
    if (!WAYS.includes(onCancel))
      throw new RangeError(`Invalid onCancel: expected one of ${WAYS.join(", ")}, got ${format(onCancel)}`);
    if (typeof threadNamePrefix !== "string")
      throw new TypeError(`Invalid threadNamePrefix: expected a string, got ${format(threadNamePrefix)}`);
    if (worker !== null) checkFunction(worker, "worker");
    if (jobs !== null && typeof jobs !== "object")
      throw new TypeError(`Invalid jobs: expected an object of functions, got ${format(jobs)}`);
    if (jobs !== null && worker === null) throw new TypeError("Invalid jobs: there is no worker that serves them");
    const registry = jobs === null ? null : new Map(Object.entries(jobs).map(([name, fn]) => [fn, name]));
    if (initializer !== null) referenceOf(initializer, registry);
    const seconds = secondsOf(grace, "grace");
    if (seconds < 0) throw new RangeError(`grace must not be negative: got ${seconds}`);
    this.#jobs = jobs;
    this.#settings = {
      kind: of.kind,
      maxWorkers:
        maxWorkers === undefined ? of.maxWorkers(hostWorkers().cores) : checkWorkerCount(maxWorkers, "maxWorkers"),
      nameWorker: (n) => of.nameWorker(threadNamePrefix, n),
      initializer,
      initargs,
      worker,
      registry,
      onCancel,
      grace: seconds,
      maxTasksPerChild: maxTasksPerChild === null ? Infinity : checkCount(maxTasksPerChild, "maxTasksPerChild"),
      Broken: of.Broken,
    };
  }

  submit<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): JobFuture<JobResult<R>> {
    return this.submitChunked(fn, args, 1);
  }

  protected override submitChunked<A extends unknown[], R>(
    fn: (...args: A) => R,
    args: A,
    chunk: number,
  ): JobFuture<JobResult<R>> {
    checkFunction(fn, "job");
    const loop = getEventLoop();
    return this.#poolOf(loop).submit(loop, fn, args, chunk) as JobFuture<JobResult<R>>;
  }

  shutdown(options: ShutdownOptions = {}): Coroutine<void> {
    const { wait = true, cancelFutures = false } = checkNames(options, ["wait", "cancelFutures"]);
    checkBoolean(wait, "wait");
    checkBoolean(cancelFutures, "cancelFutures");
    return operation(`${this.constructor.name}.shutdown`, this.#shutdown(wait, cancelFutures));
  }

  *#shutdown(wait: boolean, cancelFutures: boolean): Coroutine<void> {
    const loop = getEventLoop();
    const pool = this.#poolOf(loop);
    pool.close(cancelFutures);
    if (wait) yield* pool.waitClosed(loop);
  }

  /** @internal Takes no more jobs: its loop was closed. */
  close(loop: EventLoop): void {
    this.#poolOf(loop).close(false);
  }

  /** @internal The ids of the processes that it has for a loop; null for each thread. */
  pids(loop: EventLoop): (number | null)[] {
    return this.#poolOf(loop).pids;
  }

  /** @internal Ends its workers at once: what is not over is cancelled. */
  terminate(loop: EventLoop): void {
    this.#poolOf(loop).terminate();
  }

  /** @internal Calls a function in the turn of a loop when all workers have ended. */
  whenEnded(loop: EventLoop, fn: () => void): void {
    this.#poolOf(loop).whenEnded(loop, fn);
  }

  #poolOf(loop: EventLoop): Pool {
    if (loop.host.virtual !== true) {
      const settings = { ...this.#settings, later: (fn: () => void) => queueMicrotask(fn), sendsAhead: true };
      return (this.#pool ??= new Pool(settings, hostWorkers()));
    }
    let pool = this.#virtual.get(loop);
    if (pool === undefined) {
      const later = (fn: () => void): void => void loop.callSoon(fn);
      pool = new Pool({ ...this.#settings, later, sendsAhead: false }, virtualWorkers(loop, this.#jobs));
      this.#virtual.set(loop, pool);
    }
    return pool;
  }
}

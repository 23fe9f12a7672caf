// An executor whose jobs are run by workers on any machine, by way of a queue.

import { checkBoolean, checkFunction, checkNames } from "../support/checks.ts";
import { nameOf } from "../support/format.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import { getEventLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { operation } from "../waiting/operation.ts";
import { Executor, type JobResult, type ShutdownOptions } from "../executors/executor.ts";
import { type AnyFunction, nameOfJob } from "../executors/job.ts";
import { checkJson } from "./json.ts";
import {
  type BullMQExecutorOptions,
  type QueueSettings,
  type QueuedJobDefaults,
  type QueuedJobOptions,
  checkExecutorOptions,
  checkJobOptions,
  checkKey,
} from "./options.ts";
import type { QueuedJob } from "./queued-job.ts";
import { RedisQueue } from "./redis-queue.ts";
import { Submissions } from "./submissions.ts";
import { VirtualQueue } from "./virtual-queue.ts";

/**
 * An executor whose jobs wait in a queue of BullMQ's, in Redis, for workers on any machine: those of `npx wasyncio
 * worker`, or of `serveQueue`. Jobs outlive the process that has submitted them, and the workers that run them: each is
 * run at least once, and may be run again when its worker has died.
 *
 * Workers find a function by the name that it was made a `job` by. Arguments and results travel as JSON.
 *
 * @example
 * const cluster = new BullMQExecutor({ queue: "jobs", attempts: 3, backoff: { seconds: 1 } });
 * const page = yield* runInExecutor(cluster, render, 5);
 */
export class BullMQExecutor extends Executor {
  /** @internal */
  static override readonly name: string = "BullMQExecutor";
  readonly #settings: QueueSettings;
  readonly #defaults: QueuedJobDefaults;
  readonly #submissions: Submissions;
  /** Those of loops in virtual time. */
  readonly #virtual = new WeakMap<EventLoop, Submissions>();

  /** @throws TypeError or RangeError for options that are not what they are to be */
  constructor(options: BullMQExecutorOptions) {
    super();
    const { settings, defaults } = checkExecutorOptions(options);
    this.#settings = settings;
    this.#defaults = defaults;
    this.#submissions = new Submissions((events) => new RedisQueue(settings, events));
  }

  /**
   * Puts `fn(...args)` into the queue, and gives a future of the running loop for what comes of it. Mirrors
   * Executor.submit.
   * @throws TypeError for what is no `job`, and for arguments that JSON does not keep; RuntimeError after `shutdown`
   */
  submit<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): QueuedJob<JobResult<R>> {
    return this.submitWith({}, fn, ...args);
  }

  /**
   * As `submit`, with options of this job.
   * @param options.key what the queue knows it by; a job of a key that is there is not added, but waited for
   * @param options.priority jobs of 0 go first; default: the executor's
   * @param options.delay how long it waits before it can begin; default: 0
   * @param options.attempts how many times it is tried when it fails; default: the executor's
   * @param options.backoff how long it waits before it is tried again; default: the executor's
   * @param options.backoffType whether that is doubled each time; default: the executor's
   * @throws what `submit` throws; TypeError or RangeError for options that are not what they are to be
   *
   * @example
   * const invoice = yield* cluster.submitWith({ key: "invoice-7", delay: { minutes: 5 } }, render, 7);
   */
  submitWith<A extends unknown[], R>(
    options: QueuedJobOptions,
    fn: (...args: A) => R,
    ...args: A
  ): QueuedJob<JobResult<R>> {
    const { key, ...settings } = checkJobOptions(options, this.#defaults);
    const name = nameOfJob(checkFunction(fn, "job"));
    if (name === undefined)
      throw new TypeError(`Cannot send ${nameOf(fn)}: workers find a function by its name; make it a job()`);
    args.forEach((each, index) => checkJson(each, `argument ${index}`));
    const loop = getEventLoop();
    const order = { key: key ?? newKey(loop), name, fn: fn as AnyFunction, args, settings };
    return this.#of(loop).submit(loop, order) as QueuedJob<JobResult<R>>;
  }

  /**
   * A future for a job that is in the queue, whoever has submitted it: in a process that has died, for instance. It
   * fails with a JobNotFoundError when the queue has none of that key.
   * @throws TypeError or RangeError for what cannot be a key; RuntimeError after `shutdown`
   *
   * @example
   * const invoice = yield* cluster.attach("invoice-7");
   */
  attach<T = unknown>(key: string): QueuedJob<T> {
    checkKey(key);
    const loop = getEventLoop();
    return this.#of(loop).attach(loop, key) as QueuedJob<T>;
  }

  /**
   * Takes no more jobs, and lets go of Redis when all are done. Mirrors Executor.shutdown. Workers go on.
   * @param options.wait whether to wait until all jobs are done; default: true
   * @param options.cancelFutures whether jobs that have not begun are cancelled; default: false
   */
  shutdown(options: ShutdownOptions = {}): Coroutine<void> {
    const { wait = true, cancelFutures = false } = checkNames(options, ["wait", "cancelFutures"]);
    checkBoolean(wait, "wait");
    checkBoolean(cancelFutures, "cancelFutures");
    return operation("BullMQExecutor.shutdown", this.#shutdown(wait, cancelFutures));
  }

  *#shutdown(wait: boolean, cancelFutures: boolean): Coroutine<void> {
    const loop = getEventLoop();
    const submissions = this.#of(loop);
    submissions.close(cancelFutures);
    if (wait) yield* submissions.waitClosed(loop);
  }

  #of(loop: EventLoop): Submissions {
    if (loop.host.virtual !== true) return this.#submissions;
    let submissions = this.#virtual.get(loop);
    if (submissions === undefined) {
      submissions = new Submissions((events) => new VirtualQueue(loop, this.#settings.queue, events));
      this.#virtual.set(loop, submissions);
    }
    return submissions;
  }
}

/** A key that no queue has. In virtual time it follows from the seed. */
function newKey(loop: EventLoop): string {
  if (loop.host.virtual !== true) return crypto.randomUUID();
  const stream = loop.random("keys of jobs");
  return Array.from({ length: 4 }, () => stream.uint32().toString(16)).join("-");
}

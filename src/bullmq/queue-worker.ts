// A worker of a queue: takes jobs from it, and runs each as a task of its loop.

import { Job, UnrecoverableError, WaitingError, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { RuntimeError } from "../errors/base.ts";
import { format } from "../support/format.ts";
import { isA } from "../support/is-a.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Future } from "../runtime/future.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { wrapFuture } from "../runtime/wrap-future.ts";
import { moveOnAfter } from "../tasks/move-on.ts";
import { RunningJob } from "../executors/current-job.ts";
import type { Registry } from "../executors/find-function.ts";
import type { AnyFunction } from "../executors/job.ts";
import { inTask, startJob } from "../executors/job-task.ts";
import type { RemoteError } from "../executors/messages.ts";
import { describeError } from "../executors/remote-error.ts";
import { type RedisConnection, addressOf, createClient, reasonOf } from "./connection.ts";
import { checkJson, isJson } from "./json.ts";
import { LockKeeper } from "./lock-keeper.ts";
import { type Answer, type Failure, type JobData, cancelChannel } from "./messages.ts";

/** What a worker is made of, with times in seconds. */
export interface WorkerSettings {
  readonly queue: string;
  readonly connection: RedisConnection;
  /** The functions that it serves, by name. */
  readonly registry: Registry;
  readonly concurrency: number;
  readonly grace: number;
  readonly lock: number;
  readonly mostLost: number;
  log(line: string): void;
}

/** Seconds that jobs which are cancelled at the end have for their clean-up, before others may have them. */
const CLEAN_UP = 5;

/** Milliseconds until Redis is asked for jobs again, when it could not be reached. */
const RETRY = 1000;

/** Milliseconds for which a cancel is remembered: its job may be on its way here. */
const EARLY = 10_000;

type QueueJob = Job<JobData, Answer>;

/** A job that it has. */
interface Taken {
  readonly job: QueueJob;
  readonly running: RunningJob;
  /** Whether it goes back into the queue when it is cancelled. */
  isReturned: boolean;
  /** What it has told of itself is on its way. */
  told: Promise<void>;
  /** It is not waited for any longer. */
  readonly leave: () => void;
}

/** A job whose task is done, or null: it is not waited for any longer. In an object, because a task can be awaited. */
interface Ended {
  readonly taken: Taken;
  readonly task: Future<unknown> | null;
}

export class QueueWorker {
  readonly #loop: EventLoop;
  readonly #settings: WorkerSettings;
  readonly #client: Redis;
  /** Commands have another connection. */
  readonly #subscriber: Redis;
  readonly #worker: Worker<JobData, Answer>;
  readonly #locks: LockKeeper;
  /** By token: a job may be here twice, when its lock was lost while Redis was away. */
  readonly #taken = new Map<string, Taken>();
  /** Jobs that it was told are cancelled, and does not have: one may be on its way here. */
  readonly #early = new Set<string>();
  /** Whether Redis can be reached; null: that is not known yet. */
  #isReached: boolean | null = null;
  /** Told when it has no job. */
  #whenIdle: (() => void) | null = null;
  #isClosed = false;

  constructor(loop: EventLoop, settings: WorkerSettings) {
    this.#loop = loop;
    this.#settings = settings;
    const { queue, connection, concurrency, lock, mostLost } = settings;
    this.#client = createClient(connection, () => this.#isClosed);
    this.#client.on("error", (error) => this.#lost(error));
    this.#client.on("ready", () => this.#reached());
    this.#subscriber = this.#client.duplicate();
    this.#subscriber.on("error", ignore); // the other one tells
    this.#subscriber.on("message", (_, id) => this.#told(id));
    this.#subscriber.on("ready", () => void this.#subscribe().catch(ignore));
    this.#locks = new LockKeeper({ queue, connection, duration: 1000 * lock });
    this.#worker = new Worker<JobData, Answer>(queue, (job, token) => this.#run(job, token ?? ""), {
      connection: this.#client,
      autorun: false,
      concurrency,
      lockDuration: 1000 * lock,
      stalledInterval: 500 * lock,
      maxStalledCount: mostLost,
      runRetryDelay: RETRY,
      skipLockRenewal: true, // the thread does that
    });
    this.#worker.on("error", ignore); // of Redis the client tells; a job whose lock is lost is another worker's
  }

  /**
   * Takes no more jobs. Those that it has may end; after the grace they are cancelled, and go back into the queue. A
   * cancellation ends each step.
   */
  *close(): Coroutine<void> {
    const closed = wrapFuture(this.#worker.close());
    try {
      yield* this.#waitIdle(this.#settings.grace);
    } finally {
      yield* this.#giveBack(closed);
    }
  }

  *#giveBack(closed: Future<void>): Coroutine<void> {
    for (const taken of this.#taken.values()) {
      taken.isReturned = true;
      taken.running.cancel();
    }
    try {
      yield* this.#waitIdle(CLEAN_UP);
    } finally {
      yield* this.#letGo(closed);
    }
  }

  *#letGo(closed: Future<void>): Coroutine<void> {
    for (const { leave } of this.#taken.values()) leave();
    try {
      if (this.#client.status === "ready") yield* moveOnAfter(CLEAN_UP).with(() => closed);
    } finally {
      this.#isClosed = true;
      this.#locks.close();
      for (const client of [this.#client, this.#subscriber]) client.disconnect();
    }
  }

  /** Waits until it has no job. */
  *#waitIdle(seconds: number): Coroutine<void> {
    if (this.#taken.size === 0) return;
    const idle = this.#loop.createExternalFuture();
    this.#whenIdle = () => {
      if (!idle.done()) idle.setResult();
    };
    yield* moveOnAfter(seconds).with(() => idle);
  }

  #reached(): void {
    const { queue, log } = this.#settings;
    const address = addressOf(this.#client);
    log(this.#isReached === null ? `takes jobs of ${queue} at ${address}` : `has reached Redis at ${address} again`);
    this.#isReached = true;
  }

  #lost(error: Error): void {
    if (this.#isReached !== false)
      this.#settings.log(`cannot reach Redis at ${addressOf(this.#client)}, and tries on: ${reasonOf(error)}`);
    this.#isReached = false;
  }

  /**
   * Listens to cancels, and sees which were missed while nobody listened. Takes jobs when it would hear that they are
   * cancelled.
   */
  async #subscribe(): Promise<void> {
    await this.#subscriber.subscribe(cancelChannel(this.#settings.queue));
    if (!this.#worker.isRunning() && !this.#isClosed) void this.#worker.run().catch(ignore);
    for (const taken of this.#taken.values()) await this.#look(taken);
  }

  /** Somebody has cancelled a job of that id. */
  #told(id: string): void {
    const all = [...this.#taken.values()].filter(({ job }) => job.id === id);
    for (const taken of all) void this.#look(taken).catch(ignore);
    if (all.length > 0) return;
    this.#early.add(id);
    setTimeout(() => this.#early.delete(id), EARLY).unref();
  }

  /** Sees whether a job was cancelled: its data say so. */
  async #look({ job, running }: Taken): Promise<void> {
    const found = await Job.fromId(this.#worker, job.id as string);
    if ((found?.data as JobData | undefined)?.cancelled === true)
      this.#loop.arrivals.deliver("job", () => running.cancel());
  }

  /** Runs a job, for BullMQ: what this gives is its result, and what this throws its failure. */
  async #run(job: QueueJob, token: string): Promise<Answer> {
    this.#locks.keep(token, job.id as string);
    try {
      if (job.data.cancelled === true) return await this.#fail(job, null);
      const { task, taken } = await this.#end(job, token, this.#functionOf(job));
      if (taken.isReturned && (task === null || task.cancelled())) {
        await job.moveToWait(token);
        throw new WaitingError();
      }
      await taken.told;
      if (task === null || task.cancelled()) return await this.#fail(job, null);
      const value = task.result();
      return value === undefined ? {} : { value: checkJson(value, "the result") };
    } catch (error) {
      if (isA(error, WaitingError) || isA(error, UnrecoverableError)) throw error;
      return await this.#fail(job, { error });
    } finally {
      this.#taken.delete(token);
      this.#locks.release(token);
      if (this.#taken.size === 0 && this.#whenIdle !== null) this.#loop.arrivals.deliver("job", this.#whenIdle);
    }
  }

  #functionOf({ name, data }: QueueJob): AnyFunction {
    const { registry } = this.#settings;
    const found = Object.hasOwn(registry, name) ? registry[name] : undefined;
    if (typeof found !== "function")
      throw new RuntimeError(
        `Cannot find the job ${format(name)}: this worker serves ${Object.keys(registry).join(", ")}`,
      );
    if (!Array.isArray((data as Partial<JobData>).args))
      throw new TypeError(`Cannot run the job ${format(name)}: its data have no list of args`);
    return found as AnyFunction;
  }

  /** Runs the task of a job to its end. */
  #end(job: QueueJob, token: string, fn: AnyFunction): Promise<Ended> {
    const id = job.id as string;
    return new Promise((resolve) => {
      const running = new RunningJob({
        workerName: this.#settings.queue,
        key: id,
        attempt: job.attemptsStarted,
        tell: (value) => {
          checkJson(value, "progress");
          taken.told = taken.told.then(() => job.updateProgress(value as object)).catch(ignore);
        },
        isAborted: () => false,
      });
      const taken: Taken = {
        job,
        running,
        isReturned: false,
        told: Promise.resolve(),
        leave: () => resolve({ taken, task: null }),
      };
      this.#taken.set(token, taken);
      if (this.#early.delete(id)) this.#told(id);
      this.#loop.arrivals.deliver("job", () =>
        startJob(this.#loop, running, inTask(fn, job.data.args), `${job.name} ${id}`, (task) =>
          resolve({ taken, task }),
        ),
      );
    });
  }

  /** Has a job fail. Who waits for it gets the error as it was, as far as it can be sent. null: it was cancelled. */
  async #fail(job: QueueJob, thrown: { readonly error: unknown } | null): Promise<never> {
    const described = thrown === null ? null : describeError(thrown.error, isJson);
    const error = described === null ? new UnrecoverableError("cancelled") : asError(described);
    const isLast = thrown === null || job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    const failure: Failure = { reason: error.message, error: described };
    if (isLast) await job.updateData({ ...job.data, failure }).catch(ignore);
    throw error;
  }
}

/** For the queue, in which what has failed without a reason would have succeeded. */
function asError(thrown: RemoteError): Error {
  if ("value" in thrown) return new Error(format(thrown.value));
  const { name, message, stack } = thrown;
  return Object.assign(new Error(message || name || "Error"), { stack });
}

function ignore(): void {}

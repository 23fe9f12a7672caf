// A queue in Redis, by BullMQ.
//
// What becomes of jobs comes as events of the queue, which are read from where they were before the first job was
// added: so none is missed, also behind a connection that broke. But Redis keeps some ten thousand of them, and who
// reads too slowly loses the oldest. So each second some jobs are looked at in the queue itself, those first that were
// not for the longest time.
//
// Whatever is sent to Redis may be made twice, when a connection broke before the answer: a job has a key, and a queue
// has that once.

import { type Job, Queue, QueueEvents } from "bullmq";
import type { Redis } from "ioredis";
import { BrokenExecutor } from "../executors/errors.ts";
import { addressOf, createClient, reasonOf } from "./connection.ts";
import { JobNotFoundError } from "./errors.ts";
import type { JobQueue, JobQueueEvents, Order } from "./job-queue.ts";
import {
  type Answer,
  CANCELLED,
  type JobData,
  type Outcome,
  answered,
  cancelChannel,
  failed,
  failedWith,
} from "./messages.ts";
import type { QueueSettings } from "./options.ts";

/** Most jobs that are added together. */
const MOST_ADDED = 500;

/** Most jobs that are looked at each second. */
const MOST_LOOKED_AT = 500;

/** Milliseconds until the next look. */
const EACH = 1000;

/** Milliseconds until something is tried again that was cut off. */
const PAUSE = 50;

/** Milliseconds for BullMQ to close its connections: of one that is about to be tried again it would wait for ever. */
const LONGEST_CLOSE = 1000;

interface Watched {
  readonly key: string;
  /** null: it is in the queue already. */
  readonly order: Order | null;
  /** When it was asked for, in milliseconds. */
  readonly since: number;
  /** Whether Redis may know of it: then nobody can say that it does not. */
  isSent: boolean;
  /** Whether Redis has said that it is there. */
  isThere: boolean;
  /** Whether it was cancelled before that. */
  isCancelled: boolean;
}

export class RedisQueue implements JobQueue {
  readonly #settings: QueueSettings;
  readonly #events: JobQueueEvents;
  readonly #client: Redis;
  readonly #queue: Queue<JobData, Answer>;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #watched = new Map<string, Watched>();
  #stream: QueueEvents | null = null;
  #unsent: Watched[] = [];
  #isSending = false;
  /** What was asked of Redis, beside jobs, and is under way. */
  #errands = 0;
  #isClosed = false;
  /** Why Redis could not be reached last. */
  #fault: NodeJS.ErrnoException | null = null;

  constructor(settings: QueueSettings, events: JobQueueEvents) {
    this.#settings = settings;
    this.#events = events;
    this.#client = createClient(settings.connection, () => this.#isClosed);
    this.#client.on("error", (error: Error) => (this.#fault = error));
    this.#client.on("ready", () => void this.#send());
    this.#queue = new Queue(settings.queue, { connection: this.#client });
    this.#queue.on("error", ignore); // the client tells the same
    this.#timer = setInterval(() => this.#look(), EACH);
    this.#timer.unref();
  }

  add(order: Order): void {
    this.#watch(order.key, order);
  }

  watch(key: string): void {
    this.#watch(key, null);
  }

  #watch(key: string, order: Order | null): void {
    if (this.#watched.has(key)) return;
    const watched = { key, order, since: Date.now(), isSent: false, isThere: false, isCancelled: false };
    this.#watched.set(key, watched);
    this.#unsent.push(watched);
    if (this.#unsent.length === 1) queueMicrotask(() => void this.#send());
  }

  forget(key: string): void {
    this.#watched.delete(key);
  }

  cancel(key: string): void {
    const watched = this.#watched.get(key);
    if (watched === undefined) return;
    watched.isCancelled = true;
    if (watched.isThere || watched.order === null) this.#cancel(key);
    this.#watched.delete(key);
  }

  withdraw(key: string): void {
    const watched = this.#watched.get(key);
    if (watched === undefined) return;
    if (watched.isSent) return this.#doErrand(() => this.#remove(key));
    watched.isCancelled = true;
    this.#end(key, CANCELLED);
  }

  /** The queue tells of it when it is removed. */
  async #remove(key: string): Promise<void> {
    const job = await this.#queue.getJob(key);
    if (job?.finishedOn === undefined) await this.#queue.remove(key);
  }

  async close(): Promise<void> {
    const latest = Date.now() + 1000 * this.#settings.patience;
    while ((this.#unsent.length > 0 || this.#isSending || this.#errands > 0) && Date.now() < latest) await pause(PAUSE);
    this.#isClosed = true;
    clearInterval(this.#timer);
    const closing = Promise.all([this.#stream?.close(), this.#queue.close()]).catch(ignore);
    if (this.#client.status === "ready") await Promise.race([closing, pause(LONGEST_CLOSE)]);
    this.#client.disconnect();
  }

  /** Sends what there is to be sent, as long as Redis can be reached. */
  async #send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    while (this.#unsent.length > 0 && this.#client.status === "ready") {
      const batch = this.#unsent.splice(0, MOST_ADDED);
      try {
        if (this.#stream === null) await this.#unlessBroken(this.#listen());
        await this.#unlessBroken(this.#ask(batch));
      } catch {
        this.#unsent = [...batch.filter(({ isThere }) => !isThere), ...this.#unsent];
        await pause(PAUSE); // the connection broke: what was sent is sent again
      }
    }
    this.#isSending = false;
  }

  /** What Redis answers. Throws when the connection breaks before: not all that was asked then has an answer, ever. */
  #unlessBroken<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const broken = (): void => reject(new Error("Connection is closed"));
      this.#client.once("close", broken);
      answer.then(resolve, reject).finally(() => this.#client.off("close", broken));
    });
  }

  /** Adds jobs, and looks at those that are to be there. Throws when the connection has broken. */
  async #ask(batch: readonly Watched[]): Promise<void> {
    const asked = batch.filter(({ isCancelled, isSent }) => isSent || !isCancelled);
    const orders = asked.flatMap(({ order }) => order ?? []);
    for (const watched of asked) watched.isSent = true;
    try {
      if (orders.length > 0) await this.#queue.addBulk(orders.map((order) => this.#entryOf(order)));
    } catch (error) {
      if (isCutOff(error)) throw error;
      if (asked.length > 1) {
        for (const watched of asked) await this.#ask([watched]);
        return;
      }
      for (const { key } of orders) this.#end(key, failed(refused(key, error)));
      return;
    }
    for (const watched of asked) {
      watched.isThere = true;
      if (watched.order !== null && watched.isCancelled) this.#cancel(watched.key);
    }
    await this.#lookAt(asked.filter(({ order }) => order === null));
  }

  #entryOf({ key, name, args, settings }: Order): Parameters<Queue<JobData, Answer>["addBulk"]>[0][number] {
    const { attempts, backoff, backoffType, priority, delay } = settings;
    const kept = this.#settings.keep === Infinity ? false : { age: Math.ceil(this.#settings.keep) };
    return {
      name,
      data: { args },
      opts: {
        jobId: key,
        attempts,
        priority,
        delay: millisecondsOf(delay),
        removeOnComplete: kept,
        removeOnFail: kept,
        ...(backoff > 0 ? { backoff: { type: backoffType, delay: millisecondsOf(backoff) } } : {}),
      },
    };
  }

  /** Listens to the events of the queue, from now on. */
  async #listen(): Promise<void> {
    const [last] = await this.#client.xrevrange(this.#queue.toKey("events"), "+", "-", "COUNT", 1);
    if (this.#stream !== null) return;
    const stream = new QueueEvents(this.#settings.queue, {
      connection: this.#client,
      lastEventId: last?.[0] ?? "0-0",
    });
    stream.on("error", ignore); // it goes on by itself
    stream.on("completed", ({ jobId, returnvalue }) => this.#end(jobId, answered(returnvalue)));
    stream.on("failed", ({ jobId }) => this.#lookSoon(jobId));
    stream.on("duplicated", ({ jobId }) => this.#lookSoon(jobId)); // it was there, and may have ended
    stream.on("removed", ({ jobId }) => this.#end(jobId, CANCELLED));
    stream.on("progress", ({ jobId, data }) => {
      if (this.#watched.has(jobId)) this.#events.told(jobId, data);
    });
    this.#stream = stream;
  }

  #lookSoon(key: string): void {
    const watched = this.#watched.get(key);
    if (watched !== undefined) this.#doErrand(() => this.#lookAt([watched]));
  }

  /** Looks after jobs, each second. */
  #look(): void {
    if (this.#client.status !== "ready") return this.#giveUp();
    const some: Watched[] = [];
    for (const watched of this.#watched.values()) {
      if (some.length === MOST_LOOKED_AT) break;
      if (watched.isThere) some.push(watched);
    }
    for (const watched of some) {
      this.#watched.delete(watched.key); // behind all others
      this.#watched.set(watched.key, watched);
    }
    this.#doErrand(() => this.#lookAt(some));
  }

  /** Sees how jobs have ended, if they have. */
  async #lookAt(some: readonly Watched[]): Promise<void> {
    await Promise.all(
      some.map(async ({ key }) => {
        let outcome: Outcome | null;
        try {
          const job = await this.#queue.getJob(key);
          outcome = job === undefined ? failed(new JobNotFoundError(key, this.#queue.name)) : outcomeOf(job);
        } catch (error) {
          if (isCutOff(error)) throw error;
          outcome = failed(refused(key, error));
        }
        if (outcome !== null) this.#end(key, outcome);
      }),
    );
  }

  /** Lets those jobs fail that Redis cannot know of, and that have waited for it for long enough. */
  #giveUp(): void {
    const { patience } = this.#settings;
    const earliest = Date.now() - 1000 * patience;
    const left = this.#unsent.filter(({ isSent, since }) => !isSent && since <= earliest);
    this.#unsent = this.#unsent.filter((watched) => !left.includes(watched));
    const message = `Cannot reach Redis at ${addressOf(this.#client)} within ${patience} s: ${reasonOf(this.#fault)}`;
    for (const { key } of left) this.#end(key, failed(new BrokenExecutor(message, { cause: this.#fault })));
  }

  #end(key: string, outcome: Outcome): void {
    if (this.#watched.delete(key)) this.#events.ended(key, outcome);
  }

  /**
   * Cancels a job wherever it is. Who takes it from now on sees that it is cancelled. It may be waiting, and is taken
   * out; else a worker has it, and all are told.
   */
  #cancel(key: string): void {
    this.#doErrand(async () => {
      while (!this.#isClosed) {
        try {
          if (this.#client.status === "ready") return await this.#unlessBroken(this.#askToCancel(key));
        } catch (error) {
          if (!isCutOff(error)) throw error;
        }
        await pause(PAUSE);
      }
    });
  }

  async #askToCancel(key: string): Promise<void> {
    const job = await this.#queue.getJob(key);
    if (job === undefined || job.finishedOn !== undefined) return;
    await job.updateData({ ...job.data, cancelled: true });
    if ((await this.#queue.remove(key)) === 0) await this.#client.publish(cancelChannel(this.#queue.name), key);
  }

  /** What fails is asked again by the next look, or was about a job that is gone. */
  #doErrand(errand: () => Promise<void>): void {
    this.#errands++;
    void errand()
      .catch(ignore)
      .finally(() => this.#errands--);
  }
}

function ignore(): void {}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

const millisecondsOf = (seconds: number): number => Math.ceil(1000 * seconds);

/** Whether the connection has broken, or Redis is not what it was yet: what else goes wrong was refused. */
function isCutOff(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code !== undefined || /connection|^(LOADING|READONLY|MASTERDOWN|TRYAGAIN|CLUSTERDOWN)\b/i.test(message);
}

const refused = (key: string, cause: unknown): BrokenExecutor =>
  new BrokenExecutor(`Redis refuses the job '${key}': ${(cause as Error).message}`, { cause });

/** How a job has ended, or null. */
function outcomeOf(job: Job<JobData, Answer>): Outcome | null {
  if (job.finishedOn === undefined) return null;
  const { returnvalue, failedReason } = job;
  // what has failed at first, and succeeded then, has a reason, too
  if ((returnvalue as Answer | null) !== null || failedReason === undefined) return answered(returnvalue);
  return failedWith(job.data, failedReason, job.stacktrace);
}

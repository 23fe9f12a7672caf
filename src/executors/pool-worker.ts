// A worker, as its pool knows it: the jobs that it has, in its order, and the message that it will be sent.

import type { WorkerEnd } from "../drivers/workers.ts";
import { isA } from "../support/is-a.ts";
import { copying } from "./copying.ts";
import type { PoolJob } from "./pool-job.ts";
import {
  ABORTED,
  BEGUN,
  type Batch,
  CANCELLED,
  DONE,
  MOST_JOBS,
  type Order,
  SENT,
  type Setup,
  moveOn,
} from "./messages.ts";
import { isCloneable } from "./remote-error.ts";
import type { SentFunction } from "./sent-function.ts";

/** Seconds of work that a worker may have ahead. */
const AHEAD = 0.004;

/** Seconds from which on a worker that has others waiting is late. */
export const LATE = 0.02;

/** A job that could not be sent. */
interface Refused {
  readonly job: PoolJob;
  readonly error: unknown;
}

export class PoolWorker {
  /** Whether it has begun to serve. */
  isReady = false;
  /** Whether it is sent no more. */
  isLeaving = false;
  /** Whether it is to end at once. */
  isStopped = false;
  /** When it has last answered, or was sent something while it had nothing to do. */
  since = 0;
  readonly #end: WorkerEnd;
  readonly #slots: Int32Array | null;
  readonly #known = new Map<SentFunction, number>();
  /** Those that it was sent, and has not answered; null in place of one that was taken from it. */
  #jobs: (PoolJob | null)[] = [];
  /** The number of the first of these. */
  #first = 0;
  /** Those that it will be sent. */
  #next: PoolJob[] = [];
  /** Most jobs that it may have. */
  #room = Infinity;
  /** Whether it has to find a function first, which takes longer than to call it. */
  #isLearning = false;
  /** Jobs that it may still take before it is replaced. */
  #left: number;

  constructor(end: WorkerEnd, slots: Int32Array | null, maxTasks: number) {
    this.#end = end;
    this.#slots = slots;
    this.#left = maxTasks;
  }

  /** Tells it what it is told first. Throws when that cannot be copied. */
  setUp(setup: Setup): void {
    this.#post({ setup });
  }

  /** The id of the process that it is; null for a thread. */
  get pid(): number | null {
    return this.#end.pid ?? null;
  }

  /** Tells it something else than jobs; what cannot be copied is an error of who tells it. */
  tell(told: unknown): void {
    this.#post({ told });
  }

  /** How many jobs it has. */
  get load(): number {
    return this.#jobs.length + this.#next.length;
  }

  /** The jobs that it was sent. */
  get jobs(): PoolJob[] {
    return this.#jobs.filter((job) => job !== null);
  }

  /** Whether a job may be sent to it: a job is not to wait behind a long one. */
  hasRoomFor(job: PoolJob): boolean {
    return !this.isLeaving && (this.load === 0 || this.load < Math.min(this.#room, roomOf(job)));
  }

  take(job: PoolJob): void {
    this.#room = this.load === 0 ? roomOf(job) : Math.min(this.#room, roomOf(job));
    job.worker = this;
    this.#next.push(job);
    if (--this.#left <= 0) this.isLeaving = true;
  }

  /** Sends what it is to be sent. Returns the jobs whose arguments cannot be copied. */
  send(): Refused[] {
    const jobs = this.#next;
    if (jobs.length === 0) return [];
    this.#next = [];
    if (this.#jobs.length === 0) this.since = jobs[0].loop.time();
    try {
      this.#sendTogether(jobs);
      return [];
    } catch {
      return jobs.flatMap((job) => {
        try {
          this.#sendTogether([job]);
          return [];
        } catch (error) {
          return [{ job, error: explain(error, job) }];
        }
      });
    }
  }

  /** Throws when one of them cannot be copied: none is sent then. */
  #sendTogether(jobs: readonly PoolJob[]): void {
    const added = new Map<SentFunction, number>();
    const numberOf = (fn: SentFunction): number => {
      const known = this.#known.get(fn) ?? added.get(fn);
      if (known !== undefined) return known;
      const number = this.#known.size + added.size;
      added.set(fn, number);
      return number;
    };
    const batch: Batch = {
      functions: jobs.map(({ fn }) => numberOf(fn)),
      args: copying.pack(jobs.map(({ args }) => args)),
      references: [...added.keys()].map(({ reference }) => reference),
    };
    if (this.#slots !== null)
      for (let i = 0; i < jobs.length; i++) Atomics.store(this.#slots, this.#slotOf(this.#jobs.length + i), SENT);
    this.#post({ batch }, jobs.length === 1 ? jobs[0].transfers : []);
    this.#jobs.push(...jobs);
    for (const [fn, number] of added) this.#known.set(fn, number);
    if (added.size > 0) this.#isLearning = true;
  }

  /** It has answered its next `count` jobs: returns them. `measures`: that tells how long such jobs take. */
  answered(count: number, measures: boolean): (PoolJob | null)[] {
    const jobs = this.#jobs.splice(0, count);
    this.#first += jobs.length;
    if (this.#jobs.length === 0) this.#room = Infinity;
    const last = jobs.at(-1) ?? null;
    if (last === null) return jobs;
    const now = last.loop.time();
    if (measures && !this.#isLearning) measure(last.fn, (now - this.since) / jobs.length);
    this.#isLearning = false;
    this.since = now;
    return jobs;
  }

  /** It has begun to serve. */
  begin(): void {
    this.isReady = true;
    const [job = null] = this.#jobs;
    if (job !== null) this.since = job.loop.time();
  }

  /** The job of a number, or undefined when that was answered. */
  jobOf(serial: number): PoolJob | undefined {
    return this.#jobs[serial - this.#first] ?? undefined;
  }

  /** Sees to it that a job does not begin. Returns whether that is certain. */
  withdraw(job: PoolJob): boolean {
    const index = this.#jobs.indexOf(job);
    return index >= 0 && this.#slots !== null && moveOn(this.#slots, this.#slotOf(index), CANCELLED);
  }

  /** Whether a job has certainly not begun. */
  hasNotBegun(job: PoolJob): boolean {
    const index = this.#jobs.indexOf(job);
    return index >= 0 && this.#slots !== null && Atomics.load(this.#slots, this.#slotOf(index)) === SENT;
  }

  /** Tells it that a job is cancelled. */
  tellCancelled(job: PoolJob): void {
    const index = this.#jobs.indexOf(job);
    if (index < 0) return;
    if (this.#slots !== null) Atomics.compareExchange(this.#slots, this.#slotOf(index), BEGUN, ABORTED);
    this.#post({ cancelled: this.#first + index });
  }

  /** Whether it is at a job, as far as that can be told: a module that it loads belongs to the first of them. */
  isAt(job: PoolJob): boolean {
    const index = this.#jobs.indexOf(job);
    if (index < 0 || this.#slots === null) return index === 0;
    const state = Atomics.load(this.#slots, this.#slotOf(index));
    return state === BEGUN || state === ABORTED || (index === 0 && state !== DONE);
  }

  /** Takes those jobs from it that it has certainly not begun: it will answer for them, and nobody will listen. */
  takeWaiting(): PoolJob[] {
    const waiting: PoolJob[] = [];
    // the first may be why it does not go on, while its module is loaded
    for (let index = 1; index < this.#jobs.length; index++) {
      const job = this.#jobs[index];
      if (job === null || !this.withdraw(job)) continue;
      this.#jobs[index] = null;
      job.worker = null;
      waiting.push(job);
    }
    return waiting;
  }

  /** Takes all jobs from it. */
  takeRest(): PoolJob[] {
    return this.#jobs.splice(0).filter((job) => job !== null);
  }

  /** Whether others wait behind a job that takes longer than such jobs did: they were sent for nothing. */
  isLate(now: number): boolean {
    return this.isReady && this.#jobs.length > 1 && now - this.since > LATE;
  }

  /** Lets it end when it has done what it has. */
  end(): void {
    this.isLeaving = true;
    this.#post(null);
  }

  /** Ends it at once. */
  stop(): void {
    this.isLeaving = true;
    this.isStopped = true;
    this.#end.stop();
  }

  #slotOf(index: number): number {
    return (this.#first + index) % MOST_JOBS;
  }

  #post(order: Order, transfers: readonly object[] = []): void {
    copying.send(this.#slots !== null, () => this.#end.post(order, transfers));
  }
}

/** The error for arguments that cannot be copied: it says which. */
function explain(error: unknown, { args, fn: { reference } }: PoolJob): unknown {
  const at = args.findIndex((argument) => !isCloneable(argument));
  if (at < 0 || !isA(error, Error)) return error;
  const name = "text" in reference ? "a function" : "url" in reference ? reference.name : reference.registered;
  return new DOMException(`Cannot send argument ${at + 1} of ${name}: ${error.message}`, "DataCloneError");
}

/** Takes a job's time into what is known of its function: what took longer counts at once. */
function measure(fn: SentFunction, seconds: number): void {
  const average = fn.seconds === Infinity ? seconds : (fn.seconds + seconds) / 2;
  fn.seconds = Math.max(seconds, average);
}

/** Most jobs that a worker may have when it has this one. */
function roomOf({ fn, chunk, transfers }: PoolJob): number {
  if (transfers.length > 0) return 1;
  return Math.min(MOST_JOBS, Math.max(chunk, Math.floor(AHEAD / fn.seconds)));
}

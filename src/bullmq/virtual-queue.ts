// A queue in virtual time: its jobs are tasks of the program's own loop. So what a program does with a queue has an
// order in a simulation, which follows from the program, and which searches choose.
//
// It does what queue and workers do together: priorities, delays, attempts, one job a key. There is one worker, which
// never dies, and nothing is ever forgotten.

import type { EventLoop } from "../runtime/event-loop.ts";
import type { Future } from "../runtime/future.ts";
import type { TimerHandle } from "../runtime/handle.ts";
import { RunningJob } from "../executors/current-job.ts";
import { inTask, startJob } from "../executors/job-task.ts";
import { describeError, reviveError } from "../executors/remote-error.ts";
import { JobNotFoundError } from "./errors.ts";
import type { JobQueue, JobQueueEvents, Order } from "./job-queue.ts";
import { checkJson, isJson } from "./json.ts";
import { CANCELLED, type Outcome, failed } from "./messages.ts";
import { CONCURRENCY } from "./options.ts";

interface VirtualJob {
  readonly order: Order;
  attempts: number;
  /** Makes it wait no longer for its time. */
  timer: TimerHandle | null;
  running: RunningJob | null;
  outcome: Outcome | null;
}

export class VirtualQueue implements JobQueue {
  readonly #loop: EventLoop;
  readonly #name: string;
  readonly #events: JobQueueEvents;
  readonly #jobs = new Map<string, VirtualJob>();
  /** Those that could begin, in order. */
  #waiting: VirtualJob[] = [];
  #running = 0;

  constructor(loop: EventLoop, name: string, events: JobQueueEvents) {
    this.#loop = loop;
    this.#name = name;
    this.#events = events;
  }

  add(order: Order): void {
    if (this.#jobs.has(order.key)) return this.watch(order.key);
    const job: VirtualJob = { order, attempts: 0, timer: null, running: null, outcome: null };
    this.#jobs.set(order.key, job);
    this.#enqueue(job, order.settings.delay);
  }

  watch(key: string): void {
    const job = this.#jobs.get(key);
    const outcome = job === undefined ? failed(new JobNotFoundError(key, this.#name)) : job.outcome;
    if (outcome !== null) this.#loop.callSoon(() => this.#events.ended(key, outcome));
  }

  forget(): void {}

  cancel(key: string): void {
    this.#jobs.get(key)?.running?.cancel();
    this.withdraw(key);
  }

  withdraw(key: string): void {
    const job = this.#jobs.get(key);
    if (job !== undefined && job.running === null && job.outcome === null) this.#drop(job);
  }

  close(): null {
    return null;
  }

  #enqueue(job: VirtualJob, seconds: number): void {
    const begin = (): void => {
      job.timer = null;
      const { priority } = job.order.settings;
      const index = this.#waiting.findIndex(({ order }) => order.settings.priority > priority);
      this.#waiting.splice(index < 0 ? this.#waiting.length : index, 0, job);
      this.#loop.callSoon(() => this.#fill());
    };
    if (seconds > 0) job.timer = this.#loop.callLater(seconds, begin);
    else begin();
  }

  #fill(): void {
    while (this.#running < CONCURRENCY) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      this.#begin(job);
    }
  }

  #begin(job: VirtualJob): void {
    const { key, name, fn, args } = job.order;
    this.#running++;
    job.attempts++;
    job.running = new RunningJob({
      workerName: this.#name,
      key,
      attempt: job.attempts,
      tell: (value) => this.#events.told(key, copyOf(checkJson(value, "progress"))),
      isAborted: () => false,
    });
    const copies = copyOf(args) as unknown[];
    startJob(this.#loop, job.running, inTask(fn, copies), `${this.#name} ${name}`, (task) => this.#ended(job, task));
  }

  #ended(job: VirtualJob, task: Future<unknown>): void {
    const isCancelled = job.running?.isCancelled === true;
    this.#running--;
    job.running = null;
    const { attempts, backoff, backoffType } = job.order.settings;
    const outcome = outcomeOf(task);
    if (outcome.kind === "error" && job.attempts < attempts && !isCancelled)
      this.#enqueue(job, backoffType === "fixed" ? backoff : backoff * 2 ** (job.attempts - 1));
    else this.#end(job, outcome);
    this.#fill();
  }

  #drop(job: VirtualJob): void {
    job.timer?.cancel();
    this.#waiting = this.#waiting.filter((other) => other !== job);
    this.#end(job, CANCELLED);
  }

  #end(job: VirtualJob, outcome: Outcome): void {
    job.outcome = outcome;
    this.#events.ended(job.order.key, outcome);
  }
}

const copyOf = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

function outcomeOf(task: Future<unknown>): Outcome {
  if (task.cancelled()) return CANCELLED;
  if (task.failed) return failed(copyOfError(task.takeError()));
  const value = task.result();
  try {
    return { kind: "value", value: copyOf(value === undefined ? value : checkJson(value, "the result")) };
  } catch (error) {
    return failed(copyOfError(error));
  }
}

function copyOfError(error: unknown): unknown {
  const described = describeError(error, isJson);
  return reviveError("value" in described ? described : { ...described, original: error });
}

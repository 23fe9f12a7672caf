// A pool: jobs, the workers that run them, and who gets which.
//
// Jobs wait here. A worker has those that it was sent, in its order; all that are sent to it in a turn go in one
// message. It is sent more than one only where jobs are short, as seen so far: as many as take a few milliseconds. When
// one is long after all, what waits behind it is taken back for workers that have nothing to do.
//
// What a worker says comes at any time. Workers get their next jobs at once; futures are settled in the turn of their
// loop, as arrivals.

import { RuntimeError } from "../errors/base.ts";
import type { Workers, WorkerKind } from "../drivers/workers.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { type Packed, copying } from "./copying.ts";
import type { BrokenExecutor } from "./errors.ts";
import type { Employer } from "./job-future.ts";
import { type AnyFunction, referenceOf } from "./job.ts";
import { type Failure, MOST_JOBS, type Report } from "./messages.ts";
import { PoolJob } from "./pool-job.ts";
import { LATE, PoolWorker } from "./pool-worker.ts";
import { reviveError } from "./remote-error.ts";
import { sideChannel } from "./side-channel.ts";
import { SentFunctions } from "./sent-function.ts";

/** What becomes of a running job whose future is cancelled. */
export type OnCancel = "signal" | "terminate" | "abandon";

/** What a pool is made of. */
export interface PoolSettings {
  readonly kind: WorkerKind;
  readonly maxWorkers: number;
  /** The name of its n-th worker, from 0. */
  readonly nameWorker: (n: number) => string;
  readonly initializer: AnyFunction | null;
  readonly initargs: readonly unknown[];
  readonly worker: (() => unknown) | null;
  readonly registry: ReadonlyMap<unknown, string> | null;
  readonly onCancel: OnCancel;
  readonly grace: number;
  /** Infinity: any number. */
  readonly maxTasksPerChild: number;
  /** The error that it fails with when a worker is lost. */
  readonly Broken: new (message: string, options?: ErrorOptions) => BrokenExecutor;
  /** Calls a function when the turn has ended. */
  readonly later: (fn: () => void) => void;
  /** Whether a worker may be sent more than one job. */
  readonly sendsAhead: boolean;
}

export class Pool implements Employer {
  readonly settings: PoolSettings;
  readonly #workers: Workers;
  /** Those that it may have: not those that are to end. */
  #staff: PoolWorker[] = [];
  /** Those that have not ended. */
  readonly #living = new Set<PoolWorker>();
  #hired = 0;
  #queue: PoolJob[] = [];
  #head = 0;
  /** How many jobs of the queue were cancelled. */
  #dropped = 0;
  readonly #functions: SentFunctions;
  /** The loops that it has jobs of, with what lets go of each. */
  readonly #loops = new Map<EventLoop, () => void>();
  #isFilling = false;
  #isLooking = false;
  #isShutDown = false;
  /** Why it can take no jobs at all, or null. */
  #broken: Error | null = null;
  /** Told when the last worker has ended. */
  #waiters: (() => void)[] = [];

  constructor(settings: PoolSettings, workers: Workers) {
    this.settings = settings;
    this.#workers = workers;
    this.#functions = new SentFunctions(settings.registry);
  }

  /** Throws RuntimeError when it takes no more jobs, and NotAvailableError where there are no workers. */
  submit(loop: EventLoop, fn: AnyFunction, args: readonly unknown[], chunk: number): PoolJob {
    if (this.#broken !== null) throw this.#broken;
    if (this.#isShutDown) throw new RuntimeError("cannot schedule new futures after shutdown");
    loop.checkOpen();
    const sent = this.#functions.get(fn);
    if (this.#staff.length === 0) this.#hire();
    if (!this.#loops.has(loop))
      this.#loops.set(
        loop,
        loop.arrivals.listen(() => this.#loopClosed(loop)),
      );
    const job = new PoolJob(loop, this, sent, args, chunk);
    loop.arrivals.expect(1);
    this.#queue.push(job);
    this.#fillSoon();
    return job;
  }

  /** A future was cancelled. */
  cancelled(job: PoolJob): void {
    const { worker, loop } = job;
    if (job.isOver) return;
    if (worker === null) {
      this.#dropped++;
      this.#over(job);
      return this.#compact();
    }
    const { onCancel, grace } = this.settings;
    const hasNotBegun = worker.withdraw(job);
    if (onCancel === "abandon") return;
    if (!hasNotBegun) {
      job.fn.seconds = Infinity; // what is cancelled takes too long
      if (onCancel === "terminate" && worker.isAt(job)) return this.#stop(worker);
      worker.tellCancelled(job);
    }
    const stopIfAt = (): void => {
      if (!job.isOver && worker.isReady && worker.isAt(job)) this.#stop(worker);
    };
    loop.arrivals.deliver("executor", () => {
      if (!job.isOver && grace !== Infinity) job.graceTimer = loop.callLater(grace, stopIfAt);
    });
  }

  /** Takes no more jobs, and its workers end when all are done. `cancelFutures`: what has not begun is cancelled. */
  close(cancelFutures: boolean): void {
    this.#isShutDown = true;
    if (cancelFutures) {
      for (const job of this.#queue.slice(this.#head)) job.cancel();
      for (const worker of this.#staff) for (const job of worker.jobs) if (worker.hasNotBegun(job)) job.cancel();
    }
    this.#dismiss();
  }

  /** The ids of the processes that it has; null for each thread. */
  get pids(): (number | null)[] {
    return [...this.#living].map(({ pid }) => pid);
  }

  /** Takes no more jobs, and ends its workers at once: what is not over is cancelled. */
  terminate(): void {
    this.close(true);
    for (const worker of this.#staff) {
      for (const job of worker.jobs) job.cancel();
      this.#stop(worker);
    }
  }

  /** Calls a function in the turn of a loop when all workers have ended, unless the loop was closed before. */
  whenEnded(loop: EventLoop, fn: () => void): void {
    const tell = (): void => {
      if (!loop.isClosed()) loop.arrivals.deliver("executor", fn);
    };
    if (this.#living.size === 0) tell();
    else this.#waiters.push(tell);
  }

  /** Waits until all workers have ended. */
  *waitClosed(loop: EventLoop): Coroutine<void> {
    if (this.#living.size === 0) return;
    const ended = loop.createExternalFuture();
    this.whenEnded(loop, () => {
      if (!ended.done()) ended.setResult();
    });
    yield* ended;
  }

  /** Lets those workers end that have nothing to do any more. */
  #dismiss(): void {
    const isOver = this.#isShutDown && this.#head === this.#queue.length;
    for (const worker of this.#staff) if (worker.load === 0 && (isOver || worker.isLeaving)) worker.end();
    this.#staff = this.#staff.filter((worker) => worker.load > 0 || !worker.isLeaving);
    if (!isOver || this.#living.size > 0) return;
    for (const letGo of this.#loops.values()) letGo();
    for (const tell of this.#waiters.splice(0)) tell();
  }

  #fillSoon(): void {
    if (this.#isFilling) return;
    this.#isFilling = true;
    this.settings.later(() => this.#fill());
  }

  /** Gives workers what they have room for. */
  #fill(): void {
    this.#isFilling = false;
    while (this.#head < this.#queue.length) {
      const job = this.#queue[this.#head];
      const worker = job.isOver ? null : this.#workerFor(job);
      if (worker === null && !job.isOver) break;
      this.#head++;
      if (worker === null) this.#dropped--;
      else worker.take(job);
    }
    if (this.#head === this.#queue.length || this.#head > 1024) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    for (const worker of this.#staff) {
      const refused = worker.send();
      this.#deliver(
        refused.map(({ job }) => job),
        (job, index) => this.#fail(job, refused[index]?.error),
      );
    }
    this.#dismiss();
    this.#lookLater();
  }

  /** Looks again when a worker may be late, while another one has nothing to do. */
  #lookLater(): void {
    if (this.#isLooking || !this.#staff.some(({ load }) => load === 0)) return;
    const [job] = this.#staff.find(({ load }) => load > 1)?.jobs ?? [];
    if (job === undefined || job.loop.isClosed()) return;
    this.#isLooking = true;
    const { loop } = job;
    const look = (): void => {
      this.#isLooking = false;
      const now = loop.time();
      for (const worker of this.#staff) if (worker.isLate(now)) this.#requeue(worker.takeWaiting());
      this.#lookLater();
    };
    loop.arrivals.deliver("executor", () => loop.callLater(LATE, look));
  }

  #workerFor(job: PoolJob): PoolWorker | null {
    let best: PoolWorker | null = null;
    for (const worker of this.#staff) {
      if (!worker.hasRoomFor(job)) continue;
      if (worker.load === 0) return worker;
      if (best === null || worker.load < best.load) best = worker;
    }
    if (this.#broken === null && this.#staff.length < this.settings.maxWorkers) {
      try {
        return this.#hire();
      } catch (error) {
        this.#break(error as Error);
        return null;
      }
    }
    return this.settings.sendsAhead ? best : null;
  }

  /** Throws NotAvailableError where there are no workers, and for `initargs` that cannot be copied. */
  #hire(): PoolWorker {
    const { kind, nameWorker, initializer, initargs, worker: make, registry, maxTasksPerChild } = this.settings;
    const name = nameWorker(this.#hired++);
    const events = {
      message: (message: unknown) => this.#reported(worker, message as Report),
      ended: (reason: string, exitCode: number | null) => this.#ended(worker, reason, exitCode),
    };
    const setup = {
      name,
      slots: this.#workers.sharesMemory(kind) ? new Int32Array(new SharedArrayBuffer(4 * MOST_JOBS)) : null,
      initializer:
        initializer === null ? null : { reference: referenceOf(initializer, registry), args: copying.pack(initargs) },
    };
    const end = make === null ? this.#workers.spawn(kind, name, events) : this.#workers.adopt(make(), events);
    const worker: PoolWorker = new PoolWorker(end, setup.slots, maxTasksPerChild);
    this.#living.add(worker);
    try {
      worker.setUp(setup);
    } catch (error) {
      worker.stop();
      throw error;
    }
    this.#staff.push(worker);
    return worker;
  }

  #reported(worker: PoolWorker, report: Report): void {
    if ("values" in report) this.#answered(worker, report.values, report.failures);
    else if ("ready" in report) worker.begin();
    else if ("broken" in report) this.#initializerFailed(reviveError(report.broken));
    else if ("asked" in report) sideChannel.asked(report.asked, (message) => worker.tell(message));
    else {
      const job = worker.jobOf(report.of);
      if (job?.done() === false) job.loop.arrivals.deliver("executor", () => job.tell(copying.unpack(report.progress)));
    }
  }

  #answered(
    worker: PoolWorker,
    { value: values, hasShared }: Packed<readonly unknown[]>,
    failures: readonly Failure[],
  ): void {
    const measures = failures.every(({ kind }) => kind === "error");
    const jobs = worker.answered(values.length, measures);
    const failed = failures.length === 0 ? null : new Map(failures.map((failure) => [failure.at, failure]));
    this.#deliver(jobs, (job, index) => {
      const failure = failed?.get(index);
      if (job.done()) return;
      if (failure === undefined) succeed(job, { value: values[index], hasShared });
      else if (failure.kind === "cancelled") job.endCancelled(null);
      else job.fail(reviveError(failure.error));
    });
    this.#fill();
  }

  #initializerFailed(cause: unknown): void {
    const what = this.settings.kind;
    const message = `A ${what} initializer failed, the ${what} pool is not usable anymore`;
    this.#break(new this.settings.Broken(message, { cause }));
  }

  /** It can take no jobs any more, and those that it has fail. */
  #break(error: Error): void {
    this.#broken ??= error;
    const jobs = this.#queue.splice(this.#head).filter((job) => !job.isOver);
    this.#dropped = 0;
    this.#deliver(jobs, (job) => this.#fail(job, this.#broken));
    for (const worker of this.#staff) this.#stop(worker);
  }

  /** Ends a worker at once. What it has certainly not begun goes to others. */
  #stop(worker: PoolWorker): void {
    if (worker.isStopped) return;
    worker.stop();
    this.#staff = this.#staff.filter((other) => other !== worker);
    this.#requeue(worker.takeWaiting());
  }

  #ended(worker: PoolWorker, reason: string, exitCode: number | null): void {
    this.#living.delete(worker);
    this.#staff = this.#staff.filter((other) => other !== worker);
    const { Broken, initializer, kind } = this.settings;
    if (!worker.isReady && !worker.isLeaving) {
      const by = initializer === null ? "" : ", or its initializer has ended it";
      this.#break(new Broken(`Cannot start a ${kind} for jobs${by}: ${reason}`));
    }
    this.#requeue(worker.takeWaiting());
    const why = worker.isStopped ? "it was stopped because of another job" : reason;
    const message = `The ${kind} of the job has ended before it gave a result: ${why}`;
    this.#deliver(worker.takeRest(), (job) =>
      this.#fail(job, this.#broken ?? Object.assign(new Broken(message), { exitCode })),
    );
    this.#fill();
  }

  /** Puts jobs at the head of the queue again. */
  #requeue(jobs: PoolJob[]): void {
    if (jobs.length === 0) return;
    this.#queue = [...jobs, ...this.#queue.slice(this.#head)];
    this.#head = 0;
    if (this.#broken === null) this.#fillSoon();
    else this.#break(this.#broken);
  }

  /** Nobody can wait for the jobs of a loop that was closed. */
  #loopClosed(loop: EventLoop): void {
    this.#loops.delete(loop);
    this.#isLooking = false; // its timers are gone
    for (const job of this.#queue.slice(this.#head)) {
      if (job.loop !== loop || job.isOver) continue;
      job.isOver = true;
      this.#dropped++;
    }
    for (const worker of this.#staff) {
      for (const job of worker.jobs.filter((each) => each.loop === loop)) {
        job.isOver = true;
        if (!worker.withdraw(job) && worker.isAt(job) && this.settings.onCancel !== "abandon") this.#stop(worker);
      }
    }
    this.#fill();
  }

  #fail(job: PoolJob, error: unknown): void {
    if (!job.done()) job.fail(error);
  }

  /** Settles jobs in the turns of their loops: those of one loop together. */
  #deliver(jobs: readonly (PoolJob | null)[], settle: (job: PoolJob, index: number) => void): void {
    for (let begin = 0; begin < jobs.length;) {
      const loop = jobs[begin]?.loop;
      let end = begin + 1;
      while (end < jobs.length && jobs[end]?.loop === loop) end++;
      const from = begin;
      begin = end;
      if (loop === undefined || loop.isClosed()) continue;
      loop.arrivals.deliver("executor", () => {
        for (let index = from; index < end; index++) {
          const job = jobs[index] as PoolJob;
          settle(job, index);
          this.#over(job);
        }
      });
    }
  }

  /** Nothing is left of a job in any worker. */
  #over(job: PoolJob): void {
    if (job.isOver) return;
    job.isOver = true;
    job.worker = null;
    job.graceTimer?.cancel();
    job.loop.arrivals.expect(-1);
    job.whenOver?.();
  }

  /** Forgets cancelled jobs when they are most of the queue. */
  #compact(): void {
    if (this.#dropped < 32 || 2 * this.#dropped < this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#head).filter((job) => !job.isOver);
    this.#head = 0;
    this.#dropped = 0;
  }
}

/** Gives a job its result. One that cannot be taken here is an error of the job. */
function succeed(job: PoolJob, result: Packed<unknown>): void {
  let value: unknown;
  try {
    value = copying.unpack(result);
  } catch (error) {
    return job.fail(error);
  }
  job.succeed(value);
}

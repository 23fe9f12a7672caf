// What a worker does: runs the jobs that it is sent, one after the other, and answers in that order.
//
// A coroutine is run as a task of the worker's own loop. While one is waited for, cancels still come; while a function
// runs that does not give way, nothing does.

import { CancelledError } from "../errors/asyncio.ts";
import { isA } from "../support/is-a.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Future } from "../runtime/future.ts";
import { type Coroutine, isCoroutine, isThenable } from "../runtime/suspension.ts";
import { wrapFuture } from "../runtime/wrap-future.ts";
import { copying } from "./copying.ts";
import { RunningJob, enterJob } from "./current-job.ts";
import { type Registry, findFunction, withHint } from "./find-function.ts";
import type { AnyFunction } from "./job.ts";
import { inTask, startJob } from "./job-task.ts";
import {
  ABORTED,
  BEGUN,
  type Batch,
  CANCELLED,
  DONE,
  type Failure,
  MOST_JOBS,
  type Order,
  type Reference,
  type Report,
  SENT,
  type Setup,
  moveOn,
} from "./messages.ts";
import { describeError } from "./remote-error.ts";
import { sideChannel } from "./side-channel.ts";
import { transfersOf } from "./transfer.ts";

/** Most answers in a message: those behind them are not kept waiting by what is still to be run. */
const MOST_ANSWERS = 32;

/** Milliseconds of work whose answers may be kept back: they would be lost if the next job ended the worker. */
const MOST_KEPT = 1;

/** What a server stands on. */
export interface ServerBase {
  post(report: Report, transfer: readonly object[]): void;
  /** Ends the worker. */
  end(): void;
  /** Milliseconds on a clock by which answers are kept back. */
  now(): number;
  /** The loop that coroutines run on. */
  loop(): EventLoop;
  /** Calls a function soon, outside of what is being called. */
  later(fn: () => void): void;
  /** Whether the loop is the program's own, where each job has to be a task. */
  readonly inPlace: boolean;
}

interface QueuedJob {
  readonly serial: number;
  readonly function: number;
  readonly args: readonly unknown[];
  readonly hasShared: boolean;
}

/** Serves jobs. */
export class JobServer {
  readonly #base: ServerBase;
  readonly #registry: Registry | null;
  #name = "";
  #slots: Int32Array = new Int32Array(MOST_JOBS);
  /** Whether the pool sets and reads them, too. */
  #sharesSlots = false;
  /** By number; one that was not needed yet is a reference. */
  readonly #functions: (AnyFunction | Reference)[] = [];
  /** The numbers of those that were sent as text. */
  readonly #textual = new Set<number>();
  #queue: QueuedJob[] = [];
  #head = 0;
  #serial = 0;
  /** Whether something is waited for: a module, a coroutine, a promise. */
  #isWaiting = false;
  #running: { readonly serial: number; readonly job: RunningJob } | null = null;
  #values: unknown[] = [];
  #failures: Failure[] = [];
  /** When the work has begun whose answers these are, in milliseconds. */
  #since = 0;

  constructor(base: ServerBase, registry: Registry | null) {
    this.#base = base;
    this.#registry = registry;
  }

  receive(order: Order): void {
    if (order === null) this.#base.end();
    else if ("batch" in order) this.#take(order.batch);
    else if ("cancelled" in order) this.#cancel(order.cancelled);
    else if ("told" in order) sideChannel.told(order.told);
    else this.#setUp(order.setup);
  }

  /** Whether it has memory together with whoever has started it. */
  get sharesMemory(): boolean {
    return this.#sharesSlots;
  }

  /** Cancels the job that runs, if it can be: for a worker that is nothing but this server. */
  stop(): void {
    this.#running?.job.cancel();
  }

  #take({ references, functions, args: packed }: Batch): void {
    const { value: args, hasShared } = packed;
    for (const reference of references) {
      if ("text" in reference) this.#textual.add(this.#functions.length);
      this.#functions.push(reference);
    }
    for (let i = 0; i < functions.length; i++) {
      const serial = this.#serial++;
      if (!this.#sharesSlots) this.#slots[serial % MOST_JOBS] = SENT;
      this.#queue.push({ serial, function: functions[i], args: args[i], hasShared });
    }
    this.#since = this.#base.now();
    this.#advance();
  }

  #cancel(serial: number): void {
    if (this.#running?.serial === serial) this.#running.job.cancel();
    else moveOn(this.#slots, serial, CANCELLED);
  }

  #setUp({ name, slots, initializer }: Setup): void {
    this.#name = name;
    if (!this.#base.inPlace) sideChannel.workerName = name;
    if (slots !== null) {
      this.#slots = slots;
      this.#sharesSlots = true;
    }
    if (initializer === null) return this.#base.post({ ready: true }, []);
    this.#isWaiting = true;
    this.#inLoop((loop) => {
      const task = loop.createTask(this.#initialize(initializer), { name: `${name} initializer` });
      task.whenDone(() => this.#base.later(() => this.#initialized(task, "text" in initializer.reference)), null);
    });
  }

  *#initialize({ reference, args }: NonNullable<Setup["initializer"]>): Coroutine<void> {
    const found = findFunction(reference, this.#registry);
    yield* inTask(typeof found === "function" ? found : yield* wrapFuture(found), copying.unpack(args));
  }

  /** The initializer has ended. When it has failed, no job is run. */
  #initialized(task: Future<void>, isTextual: boolean): void {
    if (task.failed) {
      const error = task.takeError();
      return this.#base.post({ broken: describeError(isTextual ? withHint(error) : error) }, []);
    }
    this.#base.post({ ready: true }, []);
    this.#isWaiting = false;
    this.#advance();
  }

  /** Runs jobs until something has to be waited for, or there is none. */
  #advance(): void {
    while (!this.#isWaiting && this.#head < this.#queue.length) {
      const job = this.#queue[this.#head++];
      if (this.#head === this.#queue.length) {
        this.#queue = [];
        this.#head = 0;
      }
      if (this.#values.length > 0 && this.#isDue()) this.#flush();
      this.#begin(job);
    }
    this.#flush();
  }

  /** Whether answers were kept back for long enough. */
  #isDue(): boolean {
    return this.#base.now() - this.#since >= MOST_KEPT;
  }

  #begin(job: QueuedJob): void {
    const known = this.#functions[job.function];
    if (typeof known === "function") return this.#call(job, known);
    this.#flush(); // nobody knows yet how long it takes
    let found: AnyFunction | Promise<AnyFunction>;
    try {
      found = findFunction(known, this.#registry);
    } catch (error) {
      return this.#fail(job, error);
    }
    const take = (fn: AnyFunction): void => {
      this.#functions[job.function] = fn;
      this.#call(job, fn);
    };
    if (typeof found === "function") take(found);
    else this.#waitFor(job, found, take);
  }

  #call(job: QueuedJob, fn: AnyFunction): void {
    if (!moveOn(this.#slots, job.serial, BEGUN)) return this.#cancelled(job.serial);
    const { serial } = job;
    const running = new RunningJob({
      workerName: this.#name,
      key: null,
      attempt: 1,
      tell: (value) => this.#tell(serial, value),
      isAborted: () => this.#isAborted(serial),
    });
    this.#running = { serial, job: running };
    if (this.#base.inPlace) return this.#runAsTask(job, running, inTask(fn, job.args));
    enterJob(running);
    try {
      const args = job.hasShared ? copying.unpack({ value: job.args, hasShared: true }) : job.args;
      const value = fn(...(args as never[]));
      if (isCoroutine(value)) this.#runAsTask(job, running, value);
      else if (isThenable(value)) this.#waitFor(job, value, (result) => this.#succeed(job, result));
      else this.#succeed(job, value);
    } catch (error) {
      this.#fail(job, error);
    }
  }

  /** Passes a value on that a job tells of itself, as long as it runs. */
  #tell(serial: number, progress: unknown): void {
    if (this.#running?.serial === serial) this.#base.post({ progress: copying.pack(progress), of: serial }, []);
  }

  #isAborted(serial: number): boolean {
    return this.#running?.serial === serial && Atomics.load(this.#slots, serial % MOST_JOBS) === ABORTED;
  }

  /** Waits for a promise; what it rejects with is what the job fails with. */
  #waitFor<T>(job: QueuedJob, promise: PromiseLike<T>, take: (value: T) => void): void {
    this.#isWaiting = true;
    const then = (go: () => void): void => {
      this.#isWaiting = false;
      go();
      this.#advance();
    };
    // of its own making, a thenable might call back at once, or twice
    void Promise.resolve(promise).then(
      (value) => then(() => take(value)),
      (error: unknown) => then(() => this.#fail(job, error)),
    );
  }

  /** Runs a coroutine as a task, in the turn of the loop. */
  #runAsTask(job: QueuedJob, running: RunningJob, coroutine: Coroutine<unknown>): void {
    this.#isWaiting = true;
    const ended = (task: Future<unknown>): void => {
      this.#base.later(() => {
        this.#isWaiting = false;
        if (task.cancelled()) this.#cancelled(job.serial);
        else if (task.failed) this.#fail(job, task.takeError());
        else this.#succeed(job, task.result());
        this.#advance();
      });
    };
    this.#inLoop((loop) => startJob(loop, running, coroutine, `${this.#name} job ${job.serial}`, ended));
  }

  #inLoop(fn: (loop: EventLoop) => void): void {
    const loop = this.#base.loop();
    loop.arrivals.deliver("job", () => fn(loop));
  }

  #succeed(job: QueuedJob, value: unknown): void {
    this.#over(job.serial);
    this.#values.push(value);
    if (this.#values.length >= MOST_ANSWERS) this.#flush();
  }

  #fail(job: QueuedJob, error: unknown): void {
    if (isA(error, CancelledError)) return this.#cancelled(job.serial);
    this.#over(job.serial);
    const told = this.#textual.has(job.function) ? withHint(error) : error;
    const described = describeError(told);
    const known = this.#base.inPlace && !("value" in described) ? { ...described, original: error } : described;
    this.#failures.push({ at: this.#values.length, kind: "error", error: known });
    this.#values.push(undefined);
  }

  #cancelled(serial: number): void {
    this.#over(serial);
    this.#failures.push({ at: this.#values.length, kind: "cancelled" });
    this.#values.push(undefined);
  }

  #over(serial: number): void {
    Atomics.store(this.#slots, serial % MOST_JOBS, DONE);
    this.#running = null;
    enterJob(null);
  }

  /** Sends the answers that there are. Of those that cannot be copied only the job fails that has given it. */
  #flush(): void {
    if (this.#values.length === 0) return;
    this.#since = this.#base.now();
    const values = this.#values;
    const failures = this.#failures;
    this.#values = [];
    this.#failures = [];
    try {
      this.#base.post({ values: copying.pack(values), failures }, transfersOf(values));
    } catch {
      const failed = new Map(failures.map((failure) => [failure.at, failure]));
      values.forEach((value, at) => this.#answerAlone(value, failed.get(at)));
    }
  }

  #answerAlone(value: unknown, failure: Failure | undefined): void {
    try {
      this.#base.post(
        { values: copying.pack([value]), failures: failure === undefined ? [] : [{ ...failure, at: 0 }] },
        transfersOf([value]),
      );
    } catch (error) {
      const failures: Failure[] = [{ at: 0, kind: "error", error: describeError(error) }];
      this.#base.post({ values: copying.pack([undefined]), failures }, []);
    }
  }
}

// What loops have submitted to a queue, and wait for. The queue is opened for the first of them, and let go of with the
// last loop: so nothing keeps a process that has ended its programs.

import { RuntimeError } from "../errors/base.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import type { Employer } from "../executors/job-future.ts";
import type { JobQueue, JobQueueEvents, Order } from "./job-queue.ts";
import type { Outcome } from "./messages.ts";
import { QueuedJob } from "./queued-job.ts";

export class Submissions implements Employer, JobQueueEvents {
  readonly #open: (events: JobQueueEvents) => JobQueue;
  #queue: JobQueue | null = null;
  /** By key: several may wait for one job. */
  readonly #jobs = new Map<string, QueuedJob<unknown>[]>();
  /** Those that are not over. */
  readonly #pending = new Set<QueuedJob<unknown>>();
  /** The loops that wait, with what lets go of each. */
  readonly #loops = new Map<EventLoop, () => void>();
  #isShutDown = false;
  #isClosing = false;
  #isClosed = false;
  /** Told when the queue is closed. */
  #waiters: (() => void)[] = [];

  constructor(open: (events: JobQueueEvents) => JobQueue) {
    this.#open = open;
  }

  /** Throws RuntimeError when it takes no more jobs. */
  submit(loop: EventLoop, order: Order): QueuedJob<unknown> {
    const job = this.#wait(loop, order.key);
    this.#opened().add(order);
    return job;
  }

  /** Waits for a job that is in the queue. Throws as `submit` does. */
  attach(loop: EventLoop, key: string): QueuedJob<unknown> {
    const job = this.#wait(loop, key);
    this.#opened().watch(key);
    return job;
  }

  #wait(loop: EventLoop, key: string): QueuedJob<unknown> {
    if (this.#isShutDown) throw new RuntimeError("cannot schedule new futures after shutdown");
    loop.checkOpen();
    this.#opened();
    if (!this.#loops.has(loop))
      this.#loops.set(
        loop,
        loop.arrivals.listen(() => this.#loopClosed(loop)),
      );
    const job = new QueuedJob<unknown>(loop, this, key);
    const jobs = this.#jobs.get(key);
    if (jobs === undefined) this.#jobs.set(key, [job]);
    else jobs.push(job);
    this.#pending.add(job);
    loop.arrivals.expect(1);
    return job;
  }

  #opened(): JobQueue {
    return (this.#queue ??= this.#open(this));
  }

  cancelled(job: QueuedJob<unknown>): void {
    const { key } = job;
    const jobs = this.#jobs.get(key);
    if (jobs?.includes(job) !== true) return;
    this.#queue?.cancel(key);
    this.ended(key, { kind: "cancelled" });
  }

  ended(key: string, outcome: Outcome): void {
    const jobs = this.#jobs.get(key) ?? [];
    this.#jobs.delete(key);
    for (const job of jobs)
      this.#deliver(job, () => {
        if (!job.done()) settle(job, outcome);
        this.#over(job);
      });
  }

  told(key: string, value: unknown): void {
    for (const job of this.#jobs.get(key) ?? [])
      this.#deliver(job, () => {
        if (!job.done()) job.tell(value);
      });
  }

  #deliver({ loop }: QueuedJob<unknown>, apply: () => void): void {
    if (!loop.isClosed()) loop.arrivals.deliver("executor", apply);
  }

  #over(job: QueuedJob<unknown>): void {
    job.isOver = true;
    this.#pending.delete(job);
    job.loop.arrivals.expect(-1);
    job.whenOver?.();
    this.#closeIfOver();
  }

  /**
   * Takes no more jobs, and lets go of the queue when all are done. `cancelFutures`: what has not begun is cancelled.
   */
  close(cancelFutures: boolean): void {
    this.#isShutDown = true;
    if (cancelFutures) for (const key of this.#jobs.keys()) this.#queue?.withdraw(key);
    this.#closeIfOver();
  }

  /** Waits until the queue is closed. */
  *waitClosed(loop: EventLoop): Coroutine<void> {
    if (this.#isClosed) return;
    const closed = loop.createExternalFuture();
    this.#waiters.push(() => {
      if (closed.done() || loop.isClosed()) return;
      loop.arrivals.deliver("executor", () => {
        if (!closed.done()) closed.setResult();
      });
    });
    yield* closed;
  }

  #closeIfOver(): void {
    if (!this.#isShutDown || this.#pending.size > 0 || this.#isClosing) return;
    this.#isClosing = true;
    const closing = this.#letGo();
    for (const stop of this.#loops.values()) stop();
    const closed = (): void => {
      this.#isClosed = true;
      for (const tell of this.#waiters.splice(0)) tell();
    };
    if (closing === null) closed();
    else void closing.then(closed);
  }

  #letGo(): Promise<void> | null {
    const queue = this.#queue;
    this.#queue = null;
    return queue?.close() ?? null;
  }

  /** Nobody can wait for the jobs of a loop that was closed. They go on. */
  #loopClosed(loop: EventLoop): void {
    this.#loops.delete(loop);
    for (const job of this.#pending) if (job.loop === loop) this.#pending.delete(job);
    for (const [key, jobs] of this.#jobs) {
      const others = jobs.filter((job) => job.loop !== loop);
      if (others.length > 0) this.#jobs.set(key, others);
      else {
        this.#jobs.delete(key);
        this.#queue?.forget(key);
      }
    }
    if (this.#loops.size === 0) void this.#letGo();
    this.#closeIfOver();
  }
}

function settle(job: QueuedJob<unknown>, outcome: Outcome): void {
  if (outcome.kind === "value") job.succeed(outcome.value);
  else if (outcome.kind === "error") job.fail(outcome.error);
  else job.endCancelled(null);
}

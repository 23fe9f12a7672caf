// A job as its pool knows it, which is its future.

import type { TimerHandle } from "../runtime/handle.ts";
import type { Loop } from "../runtime/loop.ts";
import { type Employer, JobFuture } from "./job-future.ts";
import type { PoolWorker } from "./pool-worker.ts";
import type { SentFunction } from "./sent-function.ts";
import { transfersOf } from "./transfer.ts";

export class PoolJob extends JobFuture<unknown> {
  readonly fn: SentFunction;
  readonly args: readonly unknown[];
  /** Most jobs that may be sent to a worker with it, whatever time they take. */
  readonly chunk: number;
  /** What is given away with it: then it can be sent once. */
  readonly transfers: readonly object[];
  /** The worker that it was sent to, or null. */
  worker: PoolWorker | null = null;
  /** Ends the worker that does not let go of it. */
  graceTimer: TimerHandle | null = null;

  constructor(loop: Loop, employer: Employer, fn: SentFunction, args: readonly unknown[], chunk: number) {
    super(loop, employer);
    this.fn = fn;
    this.args = args;
    this.chunk = chunk;
    this.transfers = transfersOf(args);
  }
}

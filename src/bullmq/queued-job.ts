// The future of a job in a queue.

import type { Loop } from "../runtime/loop.ts";
import { type Employer, JobFuture } from "../executors/job-future.ts";

/**
 * The result of a job in a queue that is not there yet: a future of the loop that asked for it. The job outlives it,
 * and this process: `attach` gives another future for the same key.
 *
 * Cancelling it cancels the job, whoever else waits for that: one that has not begun is taken out of the queue, one
 * that runs is cancelled in its worker.
 */
export class QueuedJob<T> extends JobFuture<T> {
  /** @internal */
  static override readonly name: string = "Future";
  /** What the queue knows the job by. */
  declare readonly key: string;

  /** @internal */
  constructor(loop: Loop, employer: Employer, key: string) {
    super(loop, employer);
    this.key = key;
  }
}

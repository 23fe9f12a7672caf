// The workers of processes and pools: an executor's, under other names.

import type { WorkerKind } from "../drivers/workers.ts";
import { format } from "../support/format.ts";
import type { JobResult } from "../executors/executor.ts";
import { BrokenProcessPool, BrokenThreadPool } from "../executors/errors.ts";
import type { JobFuture } from "../executors/job-future.ts";
import { PoolExecutor, THREAD_POOL_OPTIONS, type ThreadPoolOptions } from "../executors/pool-executor.ts";
import { knowShared } from "./known.ts";

/** What a process is: a thread, which shares memory with the others, or a process of the system, which does not. */
export type ProcessContext = WorkerKind;

/** Options of processes and pools. */
export interface ChildOptions extends Pick<ThreadPoolOptions, "worker" | "jobs"> {
  /** "thread" or "process". Default: "thread", because only threads share memory. */
  context?: ProcessContext;
}

export const CHILD_OPTIONS = ["context", "worker", "jobs"];

/** Throws TypeError for what is no context. */
function checkContext(context: ProcessContext): ProcessContext {
  if (context === "thread" || context === "process") return context;
  throw new TypeError(`Invalid context: expected "thread" or "process", got ${format(context)}`);
}

export class Children extends PoolExecutor {
  /** Throws TypeError or RangeError for options that are not what they are to be. */
  constructor(context: ProcessContext, nameWorker: (n: number) => string, options: ThreadPoolOptions) {
    checkContext(context);
    knowShared();
    super(
      {
        kind: context,
        prefix: "",
        names: THREAD_POOL_OPTIONS,
        nameWorker: (_prefix, n) => nameWorker(n),
        Broken: context === "thread" ? BrokenThreadPool : BrokenProcessPool,
        maxWorkers: (cores) => cores,
      },
      options,
    );
  }

  /** As `submit`; `chunk` is how many may be sent to a worker at once. */
  send<A extends unknown[], R>(fn: (...args: A) => R, args: A, chunk: number): JobFuture<JobResult<R>> {
    return this.submitChunked(fn, args, chunk);
  }
}

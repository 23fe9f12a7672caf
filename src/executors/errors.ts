// What executors fail with. Mirrors the errors of concurrent.futures.

import { RuntimeError } from "../errors/base.ts";

/** An executor, or the worker that a job was in, is broken. Mirrors concurrent.futures.BrokenExecutor. */
export class BrokenExecutor extends RuntimeError {
  /** What the worker of the job has ended with: its exit code, or minus a signal's number; null: not known. */
  exitCode: number | null = null;

  static {
    this.prototype.name = "BrokenExecutor";
  }
}

/**
 * A thread has ended while it ran a job, or could not begin. Mirrors concurrent.futures.thread.BrokenThreadPool. Only
 * the jobs of that thread fail, and the pool goes on, unless an initializer has failed.
 */
export class BrokenThreadPool extends BrokenExecutor {
  static {
    this.prototype.name = "BrokenThreadPool";
  }
}

/**
 * A process has ended while it ran a job, or could not begin. Mirrors concurrent.futures.process.BrokenProcessPool.
 * Only the jobs of that process fail, and the pool goes on, unless an initializer has failed.
 */
export class BrokenProcessPool extends BrokenExecutor {
  static {
    this.prototype.name = "BrokenProcessPool";
  }
}

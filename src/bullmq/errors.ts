// What executors of queues fail with, beside what all executors fail with.

import { RuntimeError } from "../errors/base.ts";

/**
 * A queue has no job of a key: it never had, its result was kept for long enough, somebody has removed it, or Redis has
 * lost it.
 */
export class JobNotFoundError extends RuntimeError {
  static {
    this.prototype.name = "JobNotFoundError";
  }
  readonly key: string;

  constructor(key: string, queue: string) {
    super(`Cannot find the job '${key}': the queue '${queue}' has none of that key, or no longer`);
    this.key = key;
  }
}

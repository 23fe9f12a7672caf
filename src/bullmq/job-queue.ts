// A queue of jobs, as an executor knows it: one in Redis, or a simulation's.

import type { AnyFunction } from "../executors/job.ts";
import type { Outcome } from "./messages.ts";
import type { JobSettings } from "./options.ts";

/** A job for a queue. */
export interface Order {
  readonly key: string;
  /** What workers find the function by. */
  readonly name: string;
  readonly fn: AnyFunction;
  readonly args: readonly unknown[];
  readonly settings: JobSettings;
}

/** Who is told what becomes of jobs, at any time. */
export interface JobQueueEvents {
  /** A job that is watched has ended: from now on it is no longer. */
  ended(key: string, outcome: Outcome): void;
  /** It has told something of itself. */
  told(key: string, value: unknown): void;
}

export interface JobQueue {
  /** Puts a job into the queue, unless one of its key is there, and watches it. */
  add(order: Order): void;
  /** Watches a job that is in the queue. */
  watch(key: string): void;
  /** Watches a job no longer. It goes on. */
  forget(key: string): void;
  /** Cancels a job, and watches it no longer. */
  cancel(key: string): void;
  /** Takes a job out of the queue, if it has not begun. */
  withdraw(key: string): void;
  /** Lets go of the queue when what was asked has been done; null: at once. */
  close(): Promise<void> | null;
}

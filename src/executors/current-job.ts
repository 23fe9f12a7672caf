// The job that runs, as its own code knows it.

import { ContextVar } from "../runtime/context-var.ts";
import type { Signal } from "../runtime/abort.ts";
import type { Task } from "../runtime/task.ts";

/** A job, as its own code knows it. */
export interface Job {
  /**
   * Aborted when the job is cancelled. A function that does not give way sees it in a thread, when it asks the job for
   * its signal again; in a process, and in a page without shared memory, it does not.
   */
  readonly signal: Signal;
  /** The name of the worker that it runs in, such as "ThreadPoolExecutor_0". */
  readonly workerName: string;
  /** What a queue knows it by, each time that it is run; null in a pool. */
  readonly key: string | null;
  /** How many times it has been tried, this time included; 1 in a pool. */
  readonly attempt: number;
  /**
   * Tells whoever iterates the `progress` of the job's future.
   * @param value what can be copied
   * @throws DataCloneError for what cannot
   */
  progress(value: unknown): void;
}

/** What a job that runs is made of. */
export interface JobBase extends Pick<Job, "workerName" | "key" | "attempt"> {
  /** Tells whoever has submitted it. */
  tell(value: unknown): void;
  /** Whether it was cancelled, though its message may not have come. */
  isAborted(): boolean;
}

/** A job that runs, as its worker knows it. */
export class RunningJob implements Job {
  /** The task that it is, when it is one. */
  task: Task<unknown> | null = null;
  isCancelled = false;
  readonly #base: JobBase;
  /** Made when somebody asks: most jobs are short. */
  #controller: AbortController | null = null;

  constructor(base: JobBase) {
    this.#base = base;
  }

  get workerName(): string {
    return this.#base.workerName;
  }

  get key(): string | null {
    return this.#base.key;
  }

  get attempt(): number {
    return this.#base.attempt;
  }

  get signal(): Signal {
    this.#controller ??= new AbortController();
    if (this.isCancelled || this.#base.isAborted()) this.#controller.abort();
    return this.#controller.signal;
  }

  progress(value: unknown): void {
    this.#base.tell(value);
  }

  cancel(): void {
    this.isCancelled = true;
    this.#controller?.abort();
    this.task?.cancel();
  }
}

/** That of the function that is being called, or, where one job runs at a time, of the promise that is waited for. */
let called: Job | null = null;

/** That of a task. */
export const taskJob = /* @__PURE__ */ new ContextVar<Job | null>("job", { default: null });

/** Makes a job the current one. */
export function enterJob(job: Job | null): void {
  called = job;
}

/**
 * The job whose code calls, or null where none runs: when a job's function is called directly.
 *
 * @example
 * export const render = job(import.meta, function render(frames: number) {
 *   for (let frame = 0; frame < frames && currentJob()?.signal.aborted !== true; frame++) {
 *     draw(frame);
 *     currentJob()?.progress(frame);
 *   }
 * });
 */
export function currentJob(): Job | null {
  return called ?? taskJob.get();
}

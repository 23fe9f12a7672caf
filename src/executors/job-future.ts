// The future of a job.

import { Future } from "../runtime/future.ts";
import type { Loop } from "../runtime/loop.ts";
import { Progress } from "./progress.ts";

/** What a job is given to, as its future knows it. */
export interface Employer {
  /** The future was cancelled, for good. */
  cancelled(job: JobFuture<unknown>): void;
}

/**
 * The result of a job that is not there yet: a future of the loop that the job was submitted in.
 *
 * Cancelling it takes effect on this side at once. The job itself never begins, if it has not; one that runs is
 * cancelled in its worker as the executor's `onCancel` says.
 */
export class JobFuture<T> extends Future<T> {
  /** @internal */
  static override readonly name: string = "Future"; // it is no class of its own in asyncio's messages
  // Assigned in the constructor, and not private to the engine, as in Future.
  /** @internal Whether nothing of it is left in any worker. */
  declare isOver: boolean;
  /** @internal Called when that is so. */
  declare whenOver: (() => void) | null;
  declare private readonly _employer: Employer;
  declare private _progress: Progress<unknown> | null;

  /** @internal */
  constructor(loop: Loop, employer: Employer) {
    super(loop.own);
    this._employer = employer;
    this.isOver = false;
    this.whenOver = null;
    this._progress = null;
  }

  /**
   * What the job tells of itself by `currentJob().progress`, for `forEach`, until it has ended. What it told before
   * this was read for the first time is not kept.
   *
   * @example
   * const future = pool.submit(render, 100);
   * yield* forEach(future.progress, (frame) => console.log(frame));
   */
  get progress(): Progress<unknown> {
    if (this._progress === null) {
      this._progress = new Progress();
      if (this.done()) this._progress.end();
    }
    return this._progress;
  }

  override cancel(message?: string): boolean {
    if (!super.cancel(message)) return false;
    this._employer.cancelled(this);
    return true;
  }

  /** @internal It has told something of itself. */
  tell(value: unknown): void {
    this._progress?.add(value);
  }

  protected override settle(state: number, outcome: unknown): void {
    super.settle(state, outcome);
    this._progress?.end();
  }
}

// Executors: where jobs are given to. What all of them have in common stands on `submit`.

import { checkFunction } from "../support/checks.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { type AsyncContextManager, withManager } from "../waiting/async-with.ts";
import type { JobFuture } from "./job-future.ts";
import { type MapOptions, MappedJobs, argumentsAndOptions } from "./mapped-jobs.ts";

/** What a job gives for what its function returns: what a coroutine or a promise of it gives. */
export type JobResult<R> = R extends Coroutine<infer T> ? T : Awaited<R>;

/** Options of `shutdown`. */
export interface ShutdownOptions {
  /** Whether to wait until all is done and gone. Default: true. */
  wait?: boolean;
  /** Whether jobs that have not begun are cancelled. Default: false. */
  cancelFutures?: boolean;
}

/** The iterables that give the arguments of a function. */
export type Iterables<A extends readonly unknown[]> = { readonly [K in keyof A]: Iterable<A[K]> };

/**
 * Where jobs are given to: base of all executors. Mirrors concurrent.futures.Executor.
 *
 * @example
 * yield* new ThreadPoolExecutor().with(function* (pool) {
 *   const [a, b] = yield* gather(pool.submit(countPrimes, 0, 1e6), pool.submit(countPrimes, 1e6, 2e6));
 * });
 */
export abstract class Executor implements AsyncContextManager<Executor, void> {
  /** @internal */
  static readonly name: string = "Executor";

  /**
   * Has `fn(...args)` called, and gives a future of the running loop for what comes of it. Mirrors Executor.submit.
   * @throws RuntimeError after `shutdown`
   */
  abstract submit<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): JobFuture<JobResult<R>>;

  /**
   * Takes no more jobs. Mirrors Executor.shutdown.
   * @param options.wait whether to wait until all jobs are done and all workers have ended; default: true
   * @param options.cancelFutures whether jobs that have not begun are cancelled; default: false
   */
  abstract shutdown(options?: ShutdownOptions): Coroutine<void>;

  /**
   * Has a function called with the next item of each iterable, until one has no more: what they give comes in order, by
   * `forEach` or `for await`. Mirrors Executor.map. The jobs that are left are cancelled when one fails, when it is too
   * late, and when the iteration ends early.
   * @param options.timeout longest time from the call on to wait for results, or null for ever; default: null
   * @param options.chunksize how many jobs are sent to a worker at once, though it is not known yet how long they take;
   *   default: 1
   * @param options.buffersize most jobs whose results were not taken; null: all are submitted at the call; default:
   *   null
   * @throws TypeError for what is no function, and what is not iterable; RangeError for a size that is not positive
   *
   * @example
   * yield* forEach(pool.map(thumbnail, files, { buffersize: 16 }), (image) => write(image));
   */
  map<A extends unknown[], R>(fn: (...args: A) => R, ...iterables: Iterables<A>): MappedJobs<JobResult<R>>;
  map<A extends unknown[], R>(
    fn: (...args: A) => R,
    ...iterables: [...Iterables<A>, MapOptions]
  ): MappedJobs<JobResult<R>>;
  map<A extends unknown[], R>(fn: (...args: A) => R, ...iterables: unknown[]): MappedJobs<JobResult<R>> {
    checkFunction(fn, "job");
    const { options, argumentsOf } = argumentsAndOptions(iterables);
    return new MappedJobs<JobResult<R>>(
      (args, chunk) => this.submitChunked(fn, args as A, chunk),
      argumentsOf,
      options,
    );
  }

  /** As `submit`; `chunk` is how many jobs may be sent at once, as far as the executor can make use of it. */
  protected submitChunked<A extends unknown[], R>(
    fn: (...args: A) => R,
    args: A,
    _chunk: number,
  ): JobFuture<JobResult<R>> {
    return this.submit(fn, ...args);
  }

  /** Gives the executor itself. */
  *aenter(): Coroutine<this> {
    return this;
  }

  /** Shuts it down, and waits. */
  aexit(): Coroutine<void> {
    return this.shutdown();
  }

  /** Runs a block with the executor, which is shut down behind it, and returns what it returns. */
  with<R>(body: (executor: this) => Awaitable<R>): Coroutine<R> {
    return withManager<this, R>(this as AsyncContextManager<this, void>, body);
  }
}

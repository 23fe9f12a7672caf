// Jobs in threads.

import { checkOptions } from "../support/checks.ts";
import { BrokenThreadPool } from "./errors.ts";
import { PoolExecutor, THREAD_POOL_OPTIONS, numbered, type PoolKind, type ThreadPoolOptions } from "./pool-executor.ts";

const THREADS: PoolKind = {
  kind: "thread",
  prefix: "ThreadPoolExecutor",
  nameWorker: numbered,
  names: THREAD_POOL_OPTIONS,
  Broken: BrokenThreadPool,
  maxWorkers: (cores) => Math.min(32, cores + 4),
};

/**
 * Runs jobs in threads, each of which has a realm of its own: what goes there and back is copied. Mirrors
 * concurrent.futures.ThreadPoolExecutor. Threads are started when they are needed; they keep no process alive, jobs do
 * while their loop runs. In virtual time, in simulations too, jobs are tasks of the loop itself.
 *
 * @example
 * const countPrimes = job(import.meta, function countPrimes(from: number, to: number) { ... });
 * await run(function* () {
 *   yield* new ThreadPoolExecutor({ maxWorkers: 4 }).with(function* (pool) {
 *     console.log(yield* pool.submit(countPrimes, 0, 1e7));
 *   });
 * });
 */
export class ThreadPoolExecutor extends PoolExecutor {
  /** @internal */
  static override readonly name: string = "ThreadPoolExecutor";

  /** @throws TypeError or RangeError for options that are not what they are to be */
  constructor(options: ThreadPoolOptions = {}) {
    super(THREADS, options);
  }
}

/**
 * Runs jobs in interpreters of their own, one in each thread. Mirrors concurrent.futures.InterpreterPoolExecutor.
 * Threads are that here anyway: so it is a ThreadPoolExecutor by another name.
 */
export class InterpreterPoolExecutor extends ThreadPoolExecutor {
  /** @internal */
  static override readonly name: string = "InterpreterPoolExecutor";

  /** @throws TypeError or RangeError for options that are not what they are to be */
  constructor(options: ThreadPoolOptions = {}) {
    super({ threadNamePrefix: "InterpreterPoolExecutor", ...checkOptions(options) });
  }
}

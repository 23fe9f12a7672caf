// Jobs in processes.

import { BrokenProcessPool } from "./errors.ts";
import { PROCESS_POOL_OPTIONS, PoolExecutor, numbered, type PoolKind, type PoolOptions } from "./pool-executor.ts";

const PROCESSES: PoolKind = {
  kind: "process",
  prefix: "ProcessPoolExecutor",
  nameWorker: numbered,
  names: PROCESS_POOL_OPTIONS,
  Broken: BrokenProcessPool,
  maxWorkers: (cores) => cores,
};

/**
 * Runs jobs in processes of their own. Mirrors concurrent.futures.ProcessPoolExecutor. A crash takes nothing with it
 * but the job of its process, and what that has given in the last millisecond. Starting one, and sending to it, takes
 * longer than with threads, and no memory is shared.
 *
 * Available on Node, Deno and Bun.
 */
export class ProcessPoolExecutor extends PoolExecutor {
  /** @internal */
  static override readonly name: string = "ProcessPoolExecutor";

  /** @throws TypeError or RangeError for options that are not what they are to be */
  constructor(options: PoolOptions = {}) {
    super(PROCESSES, options);
  }
}

// The door `wasyncio/executors`: work beside the loop, in threads and processes.

export { Executor, type Iterables, type JobResult, type ShutdownOptions } from "./executor.ts";
export { InterpreterPoolExecutor, ThreadPoolExecutor } from "./thread-pool-executor.ts";
export { ProcessPoolExecutor } from "./process-pool-executor.ts";
export type { PoolOptions, ThreadPoolOptions } from "./pool-executor.ts";
export type { OnCancel } from "./pool.ts";
export type { JobFuture } from "./job-future.ts";
export type { MapOptions, MappedJobs } from "./mapped-jobs.ts";
export type { Progress } from "./progress.ts";
export { runInExecutor, setDefaultExecutor, shutdownDefaultExecutor, toThread } from "./default-executor.ts";
export { job, type ModuleMeta } from "./job.ts";
export { serveJobs } from "./serve-jobs.ts";
export { currentJob, type Job } from "./current-job.ts";
export { transfer } from "./transfer.ts";
export { BrokenExecutor, BrokenProcessPool, BrokenThreadPool } from "./errors.ts";
export { RemoteTraceback } from "./remote-error.ts";

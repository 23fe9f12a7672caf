// The door `wasyncio/bullmq`: jobs in a queue of BullMQ's, run by workers on any machine.

export { BullMQExecutor } from "./bullmq-executor.ts";
export type { BullMQExecutorOptions, QueuedJobOptions } from "./options.ts";
export type { RedisConnection } from "./connection.ts";
export type { QueuedJob } from "./queued-job.ts";
export { serveQueue, type ServeQueueOptions } from "./serve-queue.ts";
export { JobNotFoundError } from "./errors.ts";

// The door `wasyncio/multiprocessing`: processes and pools, memory and locks that threads share, and what other threads
// ask of a loop.

export { Process, type ProcessOptions, activeChildren, currentProcess } from "./process.ts";
export { type CallbackOptions, Pool, type PoolOptions } from "./pool.ts";
export type { AsyncResult } from "./async-result.ts";
export type { UnorderedResults } from "./unordered-results.ts";
export type { ChildOptions, ProcessContext } from "./children.ts";
export { cpuCount } from "./cpu-count.ts";
export { Lock } from "./lock.ts";
export { RLock } from "./rlock.ts";
export { BoundedSemaphore, Semaphore } from "./semaphore.ts";
export { Event } from "./event.ts";
export { Condition } from "./condition.ts";
export { Barrier } from "./barrier.ts";
export { type Item, type ItemArrays, SharedArray as Array, type SharedOptions, type TypeCode, Value } from "./value.ts";
export { Queue } from "./queue.ts";
export { Manager } from "./manager.ts";
export type { DictProxy, ListProxy, NamespaceProxy } from "./proxies.ts";
export { LoopHandle, loopHandle } from "./loop-handle.ts";
export { runCoroutineThreadsafe, type ThreadsafeFuture } from "./threadsafe-future.ts";
export { serveProcesses } from "./serve-processes.ts";

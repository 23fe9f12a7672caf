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
export { type DictProxy, type ListProxy, Manager, type NamespaceProxy } from "./manager.ts";
export { LoopHandle, loopHandle, runCoroutineThreadsafe, type ThreadsafeFuture } from "./loop-handle.ts";
export { serveProcesses } from "./serve-processes.ts";

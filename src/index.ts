// The public door `wasyncio`: names only, no logic.

// running
export type { Main } from "./runners/main-coroutine.ts";
export { Runner, run, type RunOptions, type RunnerOptions } from "./runners/runner.ts";
export { newEventLoop, setEventLoop } from "./runners/event-loops.ts";
export { getEventLoop, getRunningLoop } from "./runtime/running.ts";
export { EventLoop, type TaskFactory } from "./runtime/event-loop.ts";
export type { CallArguments, CallOptions } from "./runtime/callback.ts";
export type { ExceptionHandler } from "./runtime/reports.ts";
export type { ExceptionContext, Loop } from "./runtime/loop.ts";
export { Handle, TimerHandle } from "./runtime/handle.ts";
export type { Host, HostEvents } from "./drivers/clock.ts";
export type { HostSignals } from "./drivers/signals.ts";

// tasks
export {
  allTasks,
  createEagerTaskFactory,
  createTask,
  currentTask,
  eagerTaskFactory,
  type TaskConstructor,
} from "./tasks/create-task.ts";
export { Task, type TaskOptions } from "./runtime/task.ts";
export { sleep } from "./tasks/sleep.ts";
export { gather, type GatherOptions } from "./tasks/gather.ts";
export {
  ALL_COMPLETED,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  wait,
  type ReturnWhen,
  type WaitOptions,
} from "./tasks/wait.ts";
export { waitFor } from "./tasks/wait-for.ts";
export { asCompleted, type AsCompleted } from "./tasks/as-completed.ts";
export { shield } from "./tasks/shield.ts";
export { shielded } from "./tasks/shielded.ts";
export { Timeout, timeout, timeoutAt } from "./tasks/timeout.ts";
export { moveOnAfter, moveOnAt, type MoveOn } from "./tasks/move-on.ts";
export { mapConcurrently, type MapConcurrentlyOptions } from "./tasks/map-concurrently.ts";
export { race } from "./tasks/race.ts";
export { TaskGroup } from "./tasks/task-group.ts";

// futures and coroutines
export { Future, isFuture } from "./runtime/future.ts";
export { ensureFuture } from "./runtime/ensure-future.ts";
export { wrapFuture } from "./runtime/wrap-future.ts";
export type { Awaitable, Result } from "./runtime/awaitable.ts";
export {
  isCoroutine,
  isCoroutineFunction,
  type Coroutine,
  type CoroutineFunction,
  type Suspension,
} from "./runtime/suspension.ts";
export type { Delay, DurationLike } from "./support/delay.ts";

// synchronisation
export { Lock } from "./sync/lock.ts";
export { Event } from "./sync/event.ts";
export { Condition } from "./sync/condition.ts";
export { BoundedSemaphore, Semaphore } from "./sync/semaphore.ts";
export { Barrier } from "./sync/barrier.ts";
export { Hold } from "./sync/hold.ts";

// queues
export { Queue } from "./queues/queue.ts";
export { LifoQueue } from "./queues/lifo-queue.ts";
export { PriorityQueue, type Priority, type PriorityQueueOptions } from "./queues/priority-queue.ts";

// context variables
export { Context, copyContext } from "./runtime/context.ts";
export { ContextVar, Token } from "./runtime/context-var.ts";

// introspection
export {
  FrameCallGraphEntry,
  FutureCallGraph,
  captureCallGraph,
  formatCallGraph,
  futureAddToAwaitedBy,
  futureDiscardFromAwaitedBy,
  printCallGraph,
  type CallGraphOptions,
} from "./introspection/call-graph.ts";
export { dumpTasks } from "./introspection/dump-tasks.ts";
export { TaskDump, type TaskReport } from "./runtime/task-dump.ts";
export type { StackFrame } from "./support/stack.ts";

// bridges
export { abortable } from "./bridges/abortable.ts";
export { forEach, type CoroutineIterator } from "./bridges/for-each.ts";
export { withAsync } from "./bridges/with-async.ts";
export { AsyncExitStack, type AsyncExit } from "./bridges/async-exit-stack.ts";
export { aclosing, type Aclosing, type AsyncClosable } from "./bridges/aclosing.ts";
export { nullContext, type NullContext } from "./bridges/null-context.ts";
export type { AsyncContextManager } from "./waiting/async-with.ts";

// errors
export {
  BrokenBarrierError,
  CancelledError,
  IncompleteReadError,
  InvalidStateError,
  LimitOverrunError,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  TimeoutError,
} from "./errors/asyncio.ts";
export {
  DeadlockError,
  InternalError,
  KeyboardInterrupt,
  MemoryError,
  NotAvailableError,
  RuntimeError,
} from "./errors/base.ts";
export { ExceptionGroup, type ErrorCondition } from "./support/exception-group.ts";

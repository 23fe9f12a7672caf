// The door `wasyncio/async`: asyncio for async functions that are lowered. The names are those of `wasyncio`; what they
// give are promises.

export type { Operation } from "./operation.ts";
export {
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  LifoQueue,
  Lock,
  PriorityQueue,
  Queue,
  Semaphore,
} from "./primitives.ts";
export { TaskGroup, moveOnAfter, moveOnAt, timeout, timeoutAt } from "./scopes.ts";
export {
  abortable,
  asCompleted,
  createTask,
  gather,
  mapConcurrently,
  race,
  run,
  shield,
  shielded,
  sleep,
  wait,
  waitFor,
} from "./tasks.ts";

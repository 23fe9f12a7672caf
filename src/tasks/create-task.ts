// Making tasks, and looking at those that there are.

import type { EventLoop, TaskFactory } from "../runtime/event-loop.ts";
import { format } from "../support/format.ts";
import { revealed } from "../runtime/future.ts";
import { checkLoop } from "../runtime/loop.ts";
import { getRunningLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { Task, type TaskOptions } from "../runtime/task.ts";

/**
 * Runs a coroutine as a task of the running loop; its first step comes in the next iteration. Mirrors
 * asyncio.create_task.
 * @throws RuntimeError when no loop runs
 * @throws TypeError for what is not a coroutine
 *
 * @example
 * const task = createTask(download(url), { name: "download" });
 */
export function createTask<T>(coro: Coroutine<T>, options?: TaskOptions): Task<T> {
  return getRunningLoop().createTask(coro, options);
}

/**
 * The task that is being stepped, or null, as in a plain callback. Mirrors asyncio.current_task.
 * @param loop default: the running one
 * @throws RuntimeError when no loop is given or runs
 */
export function currentTask(loop: EventLoop = getRunningLoop()): Task<unknown> | null {
  return revealed(checkLoop(loop).currentTask);
}

/**
 * The tasks of a loop that are not done, in order of creation. Mirrors asyncio.all_tasks.
 * @param loop default: the running one
 * @throws RuntimeError when no loop is given or runs
 */
export function allTasks(loop: EventLoop = getRunningLoop()): Set<Task<unknown>> {
  return new Set(checkLoop(loop).pendingTasks().map(revealed));
}

/** Makes a task as `Task`'s constructor does; or a subclass of `Task`. */
export type TaskConstructor = <T>(coro: Coroutine<T>, options: TaskOptions & { loop: EventLoop }) => Task<T>;

/**
 * A task factory that starts tasks eagerly. Mirrors asyncio.create_eager_task_factory.
 * @param constructor what makes the tasks: a function, or a subclass of Task
 *
 * @example
 * loop.setTaskFactory(createEagerTaskFactory(MyTask));
 */
export function createEagerTaskFactory(constructor: TaskConstructor | typeof Task): TaskFactory {
  if (typeof constructor !== "function") {
    throw new TypeError(
      `Cannot create eager task factory: expected a Task class or a function, got ${format(constructor)}`,
    );
  }
  const isClass = constructor === Task || constructor.prototype instanceof Task;
  const make: TaskConstructor = isClass
    ? (coro, options) => new (constructor as typeof Task)(coro, options)
    : (constructor as TaskConstructor);
  return (loop, coro, options) => make(coro, { eagerStart: true, ...options, loop });
}

/** A task factory that starts tasks eagerly. Mirrors asyncio.eager_task_factory. */
export const eagerTaskFactory: TaskFactory = (loop, coro, options) =>
  new Task(coro, { eagerStart: true, ...options, loop });

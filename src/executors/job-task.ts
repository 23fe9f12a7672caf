// Jobs as tasks.

import { copyContext } from "../runtime/context.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Future } from "../runtime/future.ts";
import { type Coroutine, isCoroutine, isThenable } from "../runtime/suspension.ts";
import { wrapFuture } from "../runtime/wrap-future.ts";
import { type RunningJob, taskJob } from "./current-job.ts";
import type { AnyFunction } from "./job.ts";

/** Calls a function, and waits for what it gives. */
export function* inTask(fn: AnyFunction, args: readonly unknown[]): Coroutine<unknown> {
  const value = fn(...(args as never[]));
  if (isCoroutine(value)) return yield* value;
  return isThenable(value) ? yield* wrapFuture(value) : value;
}

/** Makes a task of a job, in whose context it is the current job. */
export function startJob(
  loop: EventLoop,
  running: RunningJob,
  coroutine: Coroutine<unknown>,
  name: string,
  ended: (task: Future<unknown>) => void,
): void {
  const context = copyContext();
  context.run(() => taskJob.set(running));
  const task = loop.createTask(coroutine, { name, context });
  running.task = task;
  task.whenDone(ended, null);
  if (running.isCancelled) task.cancel();
}

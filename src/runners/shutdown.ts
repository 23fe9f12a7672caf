// The orderly end of a loop: the tasks that a program has left are cancelled and waited for.

import type { EventLoop } from "../runtime/event-loop.ts";
import type { Future } from "../runtime/future.ts";
import { gather } from "../tasks/gather.ts";

/** What is left to do when tasks were cancelled. */
export interface Shutdown {
  /** Done when all of them have ended. */
  readonly ended: Future<unknown>;
  /** Reports those that failed, when they have. */
  report(): void;
}

/** Cancels the tasks that are left in a loop; null when there are none. */
export function beginShutdown(loop: EventLoop): Shutdown | null {
  const tasks = loop.pendingTasks();
  if (tasks.length === 0) return null;
  for (const task of tasks) task.cancel();
  return {
    ended: gather(tasks, { returnExceptions: true }),
    report: () => {
      for (const task of tasks) {
        if (task.isCancelled || !task.failed) continue;
        loop.callExceptionHandler({
          message: "unhandled exception during run() shutdown",
          exception: task.takeError(),
          task,
        });
      }
    },
  };
}

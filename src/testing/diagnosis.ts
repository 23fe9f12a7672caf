// A loop that stands still: who waits for what. (A first version: to be replaced as a whole.)

import { deadlockIn } from "../runtime/driver.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import { format } from "../runtime/format.ts";
import { originOf } from "../runtime/origins.ts";
import type { Task } from "../runtime/task.ts";

/** What was left when a program ended. */
export interface Leak {
  readonly kind: "task" | "timer" | "permit" | "waiter";
  readonly description: string;
  /** Where it was made, innermost first; empty outside debug mode. */
  readonly origin: readonly string[];
}

export function leaksOf(loop: EventLoop): Leak[] {
  return loop.pendingTasks().map((task) => ({
    kind: "task",
    description: format(task),
    origin: originOf(task)?.split("\n") ?? [],
  }));
}

/** The message of a deadlock. */
export function describeDeadlock(loop: EventLoop): string {
  return deadlockIn(loop).message;
}

/** What a task that waits is waiting for, in a few words: for the log. */
export function describeWait(task: Task<unknown>): string {
  const deadline = task.loop.core.simulation.wakeTime(task.id);
  if (!Number.isNaN(deadline)) return `until ${deadline} s`;
  return task.awaited === null ? "a waiter list" : format(task.awaited);
}

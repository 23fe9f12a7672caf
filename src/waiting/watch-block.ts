// Blocks that nobody has left: in debug mode they are reported, since one that is entered in place may be forgotten.

import type { Task } from "../runtime/task.ts";

/**
 * Watches a block that `task` enters, in debug mode. Returns what tells that it is left, or null. A task that is
 * destroyed while it waits in a block has forgotten nothing.
 */
export function watchBlock(block: object, task: Task<unknown>): (() => void) | null {
  if (!task.loop.getDebug()) return null;
  return task.loop.watchForgotten(block, () => (task.isDone ? "block was never left\nentered" : null));
}

// dumpTasks: what all tasks of a loop do, at any moment, in any program.

import { deadlinesIn } from "../core/dumps.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import { checkLoop } from "../runtime/loop.ts";
import { getRunningLoop } from "../runtime/running.ts";
import { type TaskDump, readTasks } from "../runtime/task-dump.ts";

/**
 * What each task of a loop that is not done does, waits for, and who holds that, at the moment of the call; where, in
 * debug mode. Takes some tenths of a microsecond a task, and costs nothing before. As text, it is `String(dump)`.
 * @param loop default: the running one. Between a loop's turns, as in a signal's listener, none runs: give it then
 * @throws RuntimeError when no loop is given or runs
 *
 * @example
 * console.log(String(dumpTasks()));
 * // Task 'load' is waiting for <Lock [locked, waiters:1]> in Lock.acquire, held by task 'save'
 */
export function dumpTasks(loop: EventLoop = getRunningLoop()): TaskDump {
  const { core } = checkLoop(loop);
  return readTasks(core, loop.pendingTasks(), loop.isClosed() ? undefined : deadlinesIn(core));
}

// shielded: a block that requests to stop do not enter.
//
// The block runs in its own task, so that all else stays as it is: the current task, its context variables, its place
// in `allTasks`. A request from outside is kept until the block has ended, and made then. Meanwhile it does not count:
// deadlines and groups inside the block tell by the count whether a cancellation is theirs, and would take a kept
// request for somebody else's that has come.
//
// Deadlines and groups ask their own task to stop, too. Each knows by which shield its task was covered when it was
// entered; what was entered inside a shield is not kept out by it. So each request is kept by the outermost shield
// between who asks and what runs.

import { check } from "../core/codes.ts";
import { RuntimeError } from "../errors/base.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import { getRunningLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import type { Shield, Task } from "../runtime/task.ts";
import { type Ways, checkBody, enterAndLeave } from "../waiting/async-with.ts";

/**
 * Runs a block in the current task, and lets no cancellation into it: for what has to be done to its end, such as a
 * clean-up. A request to stop that comes meanwhile is made when the block has ended, and so is thrown where the task
 * waits next: what the block returned is not lost. Until then `cancelling` does not count it. Deadlines and groups
 * inside the block work as anywhere; those around it wait for its end. Mirrors trio.CancelScope(shield=True).
 *
 * It keeps out requests to the task. What the block awaits may still be cancelled by others: a task or a future that
 * they know.
 * @returns what the block returns
 * @throws TypeError, at the call, when the block is not a function
 * @throws RuntimeError outside a task
 *
 * @example
 * try {
 *   yield* work(connection);
 * } finally {
 *   yield* shielded(function* () {
 *     yield* moveOnAfter(5).with(() => connection.close());
 *   });
 * }
 */
export function shielded<T>(body: () => Awaitable<T>): Coroutine<T> {
  checkBody(body);
  return enterAndLeave(BY_SHIELD, new TaskShield(), body);
}

const BY_SHIELD: Ways<TaskShield> = {
  enter: (shield) => shield.enter(),
  gives: false,
  leave(shield) {
    shield.leave();
    return null;
  },
  close: (shield) => shield.leave(),
};

/** A request to stop that came meanwhile. */
interface Kept {
  readonly message: string | undefined;
  /** What who asked stands inside. */
  readonly from: Shield | null;
}

class TaskShield implements Shield {
  outer: TaskShield | null = null;
  #task: Task<unknown> | null = null;
  readonly #kept: Kept[] = [];
  /** Whether a request was made before, and not thrown yet. */
  #isOwed = false;

  *enter(): Coroutine<void> {
    const task = getRunningLoop().currentTask;
    if (task === null) throw new RuntimeError("shielded should be used inside a task");
    this.#task = task;
    this.outer = task.shield as TaskShield | null; // there is no other class of them
    task.shield = this;
    const { core } = task.loop;
    this.#isOwed = check(core.mustCancel(task.id)) === 1;
    if (this.#isOwed) check(core.clearCancel(task.id));
  }

  keep(message: string | undefined, from: Shield | null): null {
    if (this.outer !== null && this.outer !== from) return this.outer.keep(message, from);
    this.#kept.push({ message, from });
    return null;
  }

  leave(): void {
    const task = this.#task as Task<unknown>;
    this.#unlink(task);
    if (task.isDone) return;
    // Unless the request was taken back meanwhile.
    if (this.#isOwed && task.cancelling() > 0) check(task.loop.core.requireCancel(task.id));
    for (const { message, from } of this.#kept) task.cancel(message, from);
  }

  /** Not always the innermost one: coroutines that a task steps by hand end in any order. */
  #unlink(task: Task<unknown>): void {
    if (task.shield === this) task.shield = this.outer;
    for (let each = task.shield as TaskShield | null; each !== null; each = each.outer)
      if (each.outer === this) each.outer = this.outer;
  }
}

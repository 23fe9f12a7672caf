// Deadlines and groups for lowered code: what `await using` enters and leaves, as `async with` does in Python.

import { RuntimeError } from "../errors/base.ts";
import type { Task, TaskOptions } from "../runtime/task.ts";
import type { Delay } from "../support/delay.ts";
import { type MoveOn, moveOnAfter as after, moveOnAt as at } from "../tasks/move-on.ts";
import { TaskGroup as BaseTaskGroup } from "../tasks/task-group.ts";
import { type Timeout, timeout as deadlineAfter, timeoutAt as deadlineAt } from "../tasks/timeout.ts";
import { asPromise } from "../promises/as-promise.ts";
import { type Main, bodyOf } from "./main.ts";
import { HOW } from "./not-lowered.ts";

/** Only lowered code enters it: others ask for the language's own method, and would leave without having entered. */
function entered<M extends object>(manager: M, name: string): M & AsyncDisposable {
  const get = (): never => {
    throw new RuntimeError(`Cannot use ${name} by \`await using\`: the function around it is not lowered: ${HOW}`);
  };
  return Object.defineProperty(manager, Symbol.asyncDispose, { get, configurable: true }) as M & AsyncDisposable;
}

/**
 * A deadline for the rest of a block: see `timeout` of `wasyncio`.
 *
 * @example
 * await using _ = timeout(5);
 * const page = await load(url);
 */
export function timeout(delay: Delay | null): Timeout & AsyncDisposable {
  return entered(deadlineAfter(delay), "timeout");
}

/** As `timeout`, at a time of the loop. See `timeoutAt` of `wasyncio`. */
export function timeoutAt(when: number | null): Timeout & AsyncDisposable {
  return entered(deadlineAt(when), "timeoutAt");
}

/**
 * A deadline for the rest of a block, which is left without an error: see `moveOnAfter` of `wasyncio`.
 *
 * @example
 * {
 *   await using scope = moveOnAfter(5);
 *   answer = await ask();
 * }
 */
export function moveOnAfter(delay: Delay | null): MoveOn & AsyncDisposable {
  return entered(after(delay), "moveOnAfter");
}

/** As `moveOnAfter`, at a time of the loop. See `moveOnAt` of `wasyncio`. */
export function moveOnAt(when: number | null): MoveOn & AsyncDisposable {
  return entered(at(when), "moveOnAt");
}

/**
 * Tasks that belong to a block, which ends when all have ended: see TaskGroup of `wasyncio`.
 *
 * @example
 * await using group = new TaskGroup();
 * for (const url of urls) group.createTask(() => load(url));
 */
export class TaskGroup extends BaseTaskGroup implements AsyncDisposable {
  /** @internal */
  static override readonly name: string = "TaskGroup";
  declare readonly [Symbol.asyncDispose]: () => Promise<void>;

  constructor() {
    super();
    entered(this, "TaskGroup");
  }

  /** Runs a function as a task of the group, from the next iteration on. */
  override createTask<T>(main: Main<T>, options?: TaskOptions): Task<T> {
    return asPromise(super.createTask(bodyOf(main), options)) as unknown as Task<T>;
  }
}

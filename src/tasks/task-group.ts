// Task groups: tasks that belong to a block, which does not end before they have ended.
//
// When one fails, the others are cancelled, and so is the parent, to get it out of what it waits for in the block; the
// group takes that request back when it ends, so that to the outside it only throws. `cancel` does the same
// without an error: then there is nothing to throw.

import { check } from "../core/codes.ts";
import { Shown } from "../support/shown.ts";
import { CancelledError } from "../errors/asyncio.ts";
import { RuntimeError } from "../errors/base.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import { type AsyncContextManager, withManager } from "../waiting/async-with.ts";
import { watchBlock } from "../waiting/watch-block.ts";
import { operation } from "../waiting/operation.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import { ExceptionGroup } from "../support/exception-group.ts";
import { format } from "../support/format.ts";
import type { Future } from "../runtime/future.ts";
import { DerivedFuture } from "../runtime/derived-future.ts";
import { Join } from "../runtime/join.ts";
import { getRunningLoop } from "../runtime/running.ts";
import { type Coroutine, isCoroutine } from "../runtime/suspension.ts";
import type { Shield, Task, TaskOptions } from "../runtime/task.ts";

/**
 * Tasks that belong to a block, which ends when all have ended. When one fails, the others are cancelled, and an
 * ExceptionGroup with all errors is thrown. Mirrors asyncio.TaskGroup.
 *
 * @example
 * const [user, posts] = yield* new TaskGroup().with(function* (group) {
 *   const user = group.createTask(loadUser(id));
 *   const posts = group.createTask(loadPosts(id));
 *   return [yield* user, yield* posts];
 * });
 */
export class TaskGroup extends Shown implements AsyncContextManager<TaskGroup, void> {
  /** @internal */
  static override readonly name: string = "TaskGroup";
  #entered = false;
  #exiting = false;
  #aborting = false;
  #loop: EventLoop | null = null;
  #parent: Task<unknown> | null = null;
  /**
   * Cancel requests whose errors the parent had before it entered, and what it was shielded by: requests of the group's
   * own pass that.
   */
  #cancelling = 0;
  #shield: Shield | null = null;
  /** Whether the group asked the parent to stop. */
  #parentCancelled = false;
  /** Whether `cancel` was called. */
  #cancelled = false;
  /** Its tasks that were not counted as done. */
  #tasks: Join | null = null;
  #errors: unknown[] = [];
  /** What the block has thrown. */
  #failure: { readonly error: unknown } | null = null;
  /** Tells debug mode that the block is left. */
  #unwatch: (() => void) | null = null;
  /** What the exit waits on, while it waits. */
  #allDone: Future<void> | null = null;

  /**
   * Enters the block. Mirrors Python's __aenter__.
   * @throws RuntimeError outside a task, or when it was entered before
   */
  *aenter(): Coroutine<this> {
    return this.enter();
  }

  /**
   * Waits for the tasks. Mirrors Python's __aexit__.
   * @throws ExceptionGroup when some of them failed
   */
  aexit(error: unknown, failed: boolean): Coroutine<void> {
    if (failed) this.fail(error);
    // It swallows what `cancel` threw into the block. To say so would put `| undefined` into all blocks of groups that
    // nobody cancels.
    return this.#leave() as Coroutine<unknown> as Coroutine<void>;
  }

  *#leave(): Coroutine<boolean> {
    const parent = this.#enteredIn();
    this.#exiting = true;
    this.#unwatch?.();
    const failure = this.#failure;
    this.#failure = null;
    let cancellation: unknown = null;

    // A loop, because the wait may be cancelled more than once.
    while (this.#size > 0) {
      this.#allDone = new DerivedFuture(this.#loop as EventLoop, "TaskGroup", this.#tasks as Join);
      try {
        yield* this.#allDone;
      } catch (interruption) {
        if (!(interruption instanceof CancelledError)) throw interruption;
        // Behind a failure the error counts for more; behind `cancel` it may be the group's own: that shows below.
        if (!this.#aborting) this.#abort();
        else if (!this.#cancelled) continue;
        cancellation ??= interruption;
      } finally {
        this.#allDone = null;
      }
    }

    const isCancelled = failure?.error instanceof CancelledError;
    if (isCancelled) cancellation = failure.error;
    if (this.#parentCancelled && parent.uncancel() <= this.#cancelling) {
      cancellation = null;
      // The block may not have waited since: the request must not be thrown behind it.
      if (!parent.isDone) check(parent.getLoop().core.clearCancel(parent.id));
    }
    if (failure !== null && !isCancelled) this.#errors.push(failure.error);
    if (cancellation !== null && this.#errors.length === 0) throw cancellation;
    if (this.#errors.length === 0) return true;
    // Who is shielded had the requests of before already.
    if (parent.cancelling() > (this.#shield === null ? 0 : this.#cancelling)) {
      // Someone else asked the parent to stop, which the errors hide: the request is renewed, and stays counted once.
      parent.uncancel();
      parent.cancel(undefined, this.#shield);
    }
    const errors = this.#errors;
    this.#errors = [];
    throw new ExceptionGroup("unhandled errors in a TaskGroup", errors);
  }

  /**
   * Runs a block with the group, and returns what it returns; undefined when `cancel` got it out of a wait. Mirrors
   * Python's `async with`.
   */
  with<T>(body: (group: this) => Awaitable<T>): Coroutine<T> {
    return withManager<this, T>(this, body);
  }

  /**
   * Enters the block in place: it is the `try` that follows, and costs no function of its own. Whatever it throws is
   * told to `fail`, and however it ends `exit` is awaited: then all is as under `with`.
   * @throws RuntimeError outside a task, or when it was entered before
   *
   * @example
   * const group = new TaskGroup().enter();
   * try {
   *   for (const url of urls) group.createTask(load(url));
   * } catch (error) {
   *   group.fail(error);
   * } finally {
   *   yield* group.exit();
   * }
   */
  enter(): this {
    if (this.#entered) throw new RuntimeError(`TaskGroup ${this.toString()} has already been entered`);
    this.#loop = getRunningLoop();
    this.#parent = this.#loop.currentTask;
    if (this.#parent === null) throw new RuntimeError(`TaskGroup ${this.toString()} cannot determine the parent task`);
    this.#entered = true;
    this.#cancelling = this.#parent.cancelling() - check(this.#loop.core.mustCancel(this.#parent.id));
    this.#shield = this.#parent.shield;
    this.#tasks = new Join(this.#loop, this.#onTaskDone, this.#parent, "failures");
    if (this.#cancelled) this.cancel();
    this.#unwatch = watchBlock(this, this.#parent);
    return this;
  }

  /**
   * Says that the block has thrown `error`, and cancels the tasks: to be called in its `catch`. What goes on behind
   * the block is for `exit` to throw.
   * @throws RuntimeError before the block is entered
   */
  fail(error: unknown): void {
    this.#enteredIn();
    this.#failure = { error };
    this.#exiting = true;
    if (!this.#aborting) this.#abort();
  }

  /**
   * Ends the block that was entered in place, and waits for the tasks: to be awaited in its `finally`.
   * @throws ExceptionGroup when the block or some of the tasks failed; CancelledError when somebody else cancelled
   */
  exit(): Coroutine<void> {
    return operation("TaskGroup.exit", this.aexit(undefined, false));
  }

  /**
   * Ends the group without an error: its tasks are cancelled, and so is what the block waits for; the block is left
   * when all have ended. Before the block is entered, it ends the group as soon as that is; behind its end and the
   * second time it does nothing. Errors of tasks and of the block are thrown all the same, and so is a request of
   * somebody else to stop. Mirrors TaskGroup.cancel of Python 3.15.
   *
   * @example
   * yield* new TaskGroup().with(function* (group) {
   *   for (const mirror of mirrors) {
   *     group.createTask(function* () {
   *       page ??= yield* download(mirror);
   *       group.cancel(); // the first one is enough
   *     }());
   *   }
   * });
   */
  cancel(): void {
    this.#cancelled = true;
    if (!this.#entered || (this.#exiting && this.#size === 0)) return;
    if (!this.#aborting) this.#abort();
    if (this.#parentCancelled) return;
    this.#parentCancelled = true;
    (this.#parent as Task<unknown>).cancel(undefined, this.#shield);
  }

  /**
   * Runs a coroutine as a task of the group. Mirrors TaskGroup.create_task.
   * @throws TypeError for what is not a coroutine
   * @throws RuntimeError before the block is entered, when it has ended, and while it is shutting down; the coroutine
   *   is closed then
   */
  createTask<T>(coro: Coroutine<T>, options?: TaskOptions): Task<T> {
    if (!isCoroutine(coro)) throw new TypeError(`a coroutine was expected, got ${format(coro)}`);
    const refusal = this.#refusal();
    if (refusal !== null) {
      coro.return(undefined as T);
      throw new RuntimeError(`TaskGroup ${this.toString()} ${refusal}`);
    }
    const task = (this.#loop as EventLoop).createTask(coro, options);
    // A task that finished eagerly is counted later, too: its failure must not cancel the parent in the middle of this
    // call.
    (this.#tasks as Join).add(task);
    if (this.#aborting) task.cancel(); // its eager first step ended the group
    return task;
  }

  override toString(): string {
    const parts = ["TaskGroup"];
    if (this.#size > 0) parts.push(`tasks=${this.#size}`);
    if (this.#errors.length > 0) parts.push(`errors=${this.#errors.length}`);
    if (this.#aborting) parts.push("cancelling");
    else if (this.#entered) parts.push("entered");
    return `<${parts.join(" ")}>`;
  }

  /** The task that entered the block. Throws RuntimeError before that. */
  #enteredIn(): Task<unknown> {
    if (this.#parent === null) throw new RuntimeError(`TaskGroup ${this.toString()} has not been entered`);
    return this.#parent;
  }

  /** Why no task can be added, or null. */
  #refusal(): string | null {
    if (!this.#entered) return "has not been entered";
    if (this.#exiting && this.#size === 0) return "is finished";
    return this.#aborting ? "is shutting down" : null;
  }

  #abort(): void {
    this.#aborting = true;
    for (const task of this.#tasks as Join) task.cancel();
  }

  get #size(): number {
    return this.#tasks?.size ?? 0;
  }

  readonly #onTaskDone = (task: Future<unknown> | null, left: number): void => {
    const parent = this.#parent as Task<unknown>;
    if (left === 0 && this.#allDone !== null && !this.#allDone.done()) this.#allDone.setResult();
    if (task === null) return;
    const error = task.takeError();
    this.#errors.push(error);
    if (parent.isDone) {
      task.getLoop().callExceptionHandler({
        message: `Task ${task.toString()} has errored out but its parent task ${parent.toString()} is already completed`,
        exception: error,
        task: task as Task<unknown>,
      });
    } else if (!this.#aborting && !this.#parentCancelled) {
      this.#abort();
      this.#parentCancelled = true;
      parent.cancel(undefined, this.#shield);
    }
  };
}

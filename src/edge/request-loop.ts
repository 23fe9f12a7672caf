// The event loop of one request, and how long it runs.
//
// It runs while there is a task that it is kept for. When the last of those has ended, what is left is cancelled and
// waited for, as `run` does. It runs again when a body is asked for its first chunk after that, and is closed when no
// such body is left. The driving is done by callbacks, not by a task: a program may cancel all that it finds with
// `allTasks`.

import type { Context } from "../runtime/context.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import type { Task } from "../runtime/task.ts";
import { gather } from "../tasks/gather.ts";

/** What the owner of the loop has to do with it. */
export interface RequestLoopOwner {
  /** Is told each time that the loop begins to run; the promise is of the end of that run, and never rejects. */
  running(ended: Promise<void>): void;
  /** The loop cannot go on: the host has failed, or nothing can ever wake it. */
  crashed(error: unknown): void;
}

export class RequestLoop {
  readonly loop: EventLoop;
  readonly #owner: RequestLoopOwner;
  /** Tasks that it runs for. */
  readonly #kept = new Set<Task<unknown>>();
  /**
   * Tasks that were cancelled because they were left. Once is enough: a second time would hit them in their clean-up.
   */
  readonly #cancelled = new WeakSet<Task<unknown>>();
  /** Number of bodies that nobody has begun to read. */
  #awaited = 0;
  #isRunning = false;
  #isWindingUp = false;
  #isIdle = false;

  constructor(loop: EventLoop, owner: RequestLoopOwner) {
    this.loop = loop;
    this.#owner = owner;
  }

  /** Runs a coroutine as a task that the loop runs for, and calls `ended` in its context when it is done. */
  keep<T>(coro: Coroutine<T>, options: { context: Context; name?: string }, ended?: (task: Task<T>) => void): Task<T> {
    const task = this.loop.createTask(coro, options);
    this.#kept.add(task);
    const onDone = (): void => {
      try {
        ended?.(task);
      } finally {
        this.#kept.delete(task);
        this.#windUp();
      }
    };
    task.addDoneCallback(onDone, { context: options.context });
    this.#resume();
    return task;
  }

  /** Something came from the host: `apply` is what it does to the request. */
  deliver(source: string, apply: () => void): void {
    this.loop.arrivals.deliver(source, apply);
  }

  /** Keeps the loop from being closed until the returned function is called. */
  stayOpen(): () => void {
    let isOver = false;
    this.#awaited++;
    return () => {
      if (isOver) return;
      isOver = true;
      if (--this.#awaited === 0) this.#resume(); // to close it
    };
  }

  /** Cancels the tasks that are left, but for those that `isLasting` says to last. */
  cancelLeft(isLasting: (task: Task<unknown>) => boolean): Task<unknown>[] {
    const left = this.loop.pendingTasks().filter((task) => !isLasting(task));
    for (const task of left) {
      if (!this.#cancelled.has(task)) task.cancel();
      this.#cancelled.add(task);
    }
    return left;
  }

  #resume(): void {
    this.#isIdle = false;
    if (this.#isRunning || this.loop.isClosed()) return;
    this.#isRunning = true;
    // Later, because this may be inside a turn of another loop.
    this.#owner.running(Promise.resolve().then(() => this.#run()));
  }

  async #run(): Promise<void> {
    try {
      while (!this.#isIdle) {
        if (this.#kept.size === 0) this.loop.callSoon(() => this.#windUp());
        await this.loop.runForever(); // again, when the program has stopped it
      }
      this.#isRunning = false;
      if (this.#awaited > 0) return;
    } catch (error) {
      this.#owner.crashed(error);
    }
    this.loop.close();
  }

  /** Ends the run when there is nothing that it goes on for. */
  #windUp(): void {
    if (this.#kept.size > 0 || this.#isWindingUp) return;
    const left = this.cancelLeft(() => false);
    if (left.length > 0) {
      this.#isWindingUp = true;
      gather(left, { returnExceptions: true }).addDoneCallback(() => {
        this.#isWindingUp = false;
        left.forEach(reportFailure);
        this.#windUp();
      });
    } else if (this.#awaited > 0) {
      this.#rest();
    } else {
      this.loop.createTask(this.loop.shutdownAsyncgens()).addDoneCallback(() => this.#rest());
    }
  }

  #rest(): void {
    if (this.#kept.size > 0) return;
    this.#isIdle = true;
    this.loop.stop();
  }
}

function reportFailure(task: Task<unknown>): void {
  if (task.cancelled() || !task.failed) return;
  task.getLoop().callExceptionHandler({
    message: "Unhandled error in a task that the request left behind",
    exception: task.takeError(),
    task,
  });
}

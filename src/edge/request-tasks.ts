// The tasks of one request, and how long it goes on.
//
// It goes on while there is a task that it is kept for: the handler, background tasks, bodies that are read. When the
// last of those has ended, what is left is cancelled and waited for, as `run` does. It goes on again when a body is
// asked for its first chunk after that. Done-callbacks see to all this, not a task: a program may cancel all that it
// finds with `allTasks`.
//
// Most requests have one task. So nothing is written down of others until there is one.

import type { Context } from "../runtime/context.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import type { Task } from "../runtime/task.ts";
import { gather } from "../tasks/gather.ts";
import type { ServedRequest, ServingLoop } from "./serving.ts";

/** Tasks that are written down before those that are done are left out, at first; then twice as many as were left. */
const FIRST_MOST = 32;

export class RequestTasks {
  readonly #request: ServedRequest;
  readonly #serving: ServingLoop;
  /** Is told each time that the request goes on; the promise is of the end of that, and never rejects. */
  readonly #tellHost: ((ended: Promise<void>) => void) | null;
  /** How many it goes on for: tasks, and what may still make one. */
  #kept = 0;
  /** Number of bodies that nobody has begun to read. */
  #awaited = 0;
  /** What it has made beside its handler, in order. Those that are done are left out now and then. */
  #made: Task<unknown>[] | null = null;
  #mostMade = FIRST_MOST;
  /**
   * Tasks that were cancelled because they were left. Once is enough: a second time would hit them in their clean-up.
   */
  #cancelled: WeakSet<Task<unknown>> | null = null;
  #goesOn = false;
  #isWindingUp = false;
  #isAbandoned = false;
  /** Tells the host that the request does not go on any more. */
  #tellEnd: () => void = () => {};

  constructor(request: ServedRequest, serving: ServingLoop, tellHost: ((ended: Promise<void>) => void) | null) {
    this.#request = request;
    this.#serving = serving;
    this.#tellHost = tellHost;
  }

  /** Goes on until `drop` is called. */
  hold(): void {
    this.#kept++;
    this.#goOn();
  }

  /** Takes a `hold` back. */
  drop(): void {
    if (this.#isAbandoned) return;
    this.#kept--;
    this.#windUp();
  }

  /** Runs a coroutine as a task that the request goes on for, and calls `ended` in its context when it is done. */
  keep<T>(coro: Coroutine<T>, options: { context: Context; name?: string }, ended?: (task: Task<T>) => void): Task<T> {
    this.hold();
    let task: Task<T>;
    try {
      task = this.#serving.loop.createTask(coro, options);
    } catch (error) {
      this.drop();
      throw error;
    }
    const onDone = (): void => {
      try {
        ended?.(task);
      } finally {
        this.drop();
      }
    };
    task.addDoneCallback(onDone, { context: options.context });
    return task;
  }

  /** Keeps the request from being over until the returned function is called. */
  stayOpen(): () => void {
    let isOver = false;
    this.#awaited++;
    return () => {
      if (isOver) return;
      isOver = true;
      if (--this.#awaited > 0 || this.#goesOn || this.#isAbandoned) return;
      this.#goOn(); // to end it
      this.#serving.loop.arrivals.deliver("end", () => this.#windUp());
    };
  }

  /** A task was made that belongs to the request. One that is made when that is over belongs to nobody. */
  add(task: Task<unknown>): void {
    if (!this.#goesOn) return;
    this.#made ??= [];
    if (this.#made.length >= this.#mostMade) {
      this.#made = this.#made.filter((each) => !each.isDone);
      this.#mostMade = Math.max(FIRST_MOST, 2 * this.#made.length);
    }
    this.#made.push(task);
  }

  /** Cancels the tasks that are left, but for those that `isLasting` says to last. Returns what was left. */
  cancelLeft(isLasting: (task: Task<unknown>) => boolean): Task<unknown>[] {
    if (this.#made === null) return [];
    const left = this.#made.filter((task) => !task.isDone && !isLasting(task));
    if (left.length === 0) return left;
    const cancelled = (this.#cancelled ??= new WeakSet());
    for (const task of left) {
      if (!cancelled.has(task)) task.cancel();
      cancelled.add(task);
    }
    return left;
  }

  /** Leaves the tasks as they are: the request is over. */
  abandon(): void {
    this.#isAbandoned = true;
    if (this.#goesOn) this.#settle(true);
  }

  #goOn(): void {
    if (this.#goesOn || this.#isAbandoned) return;
    this.#goesOn = true;
    this.#serving.hold(this.#request);
    if (this.#tellHost !== null) this.#tellHost(new Promise((resolve) => (this.#tellEnd = resolve)));
  }

  /** Ends the request when there is nothing that it goes on for. */
  #windUp(): void {
    if (this.#kept > 0 || this.#isWindingUp || this.#isAbandoned) return;
    const left = this.cancelLeft(() => false);
    if (left.length === 0) {
      this.#settle(this.#awaited === 0);
      return;
    }
    this.#isWindingUp = true;
    gather(left, { returnExceptions: true }).addDoneCallback(() => {
      this.#isWindingUp = false;
      for (const task of left) {
        if (!task.isCancelled) reportFailure(task, "Unhandled error in a task that the request left behind");
      }
      this.#windUp();
    });
  }

  #settle(isOver: boolean): void {
    const made = this.#made;
    const tellEnd = this.#tellEnd;
    this.#goesOn = false;
    this.#made = null;
    this.#tellEnd = () => {};
    if (made !== null) {
      for (const task of made) {
        if (task.isFailureUnseen) reportFailure(task, `${task.constructor.name} exception was never retrieved`);
      }
    }
    this.#serving.release(this.#request, isOver, tellEnd);
  }
}

/** Reports what a task failed with, if it did. */
function reportFailure(task: Task<unknown>, message: string): void {
  if (task.failed) task.getLoop().callExceptionHandler({ message, exception: task.takeError(), task });
}

/// <reference lib="esnext.disposable" preserve="true" />
// Running whole programs: a loop of their own, Ctrl-C, and an orderly end.

import { CancelledError } from "../errors/asyncio.ts";
import { KeyboardInterrupt, RuntimeError } from "../errors/base.ts";
import { type Context, checkContext, copyContext } from "../runtime/context.ts";
import { checkSignal, onAbort } from "../runtime/abort.ts";
import { isAwaitable } from "../runtime/awaitable.ts";
import { EventLoop } from "../runtime/event-loop.ts";
import { format } from "../support/format.ts";
import { checkFunction, checkOptions } from "../support/checks.ts";
import { chooseLoop, runningLoop, unchooseLoop } from "../runtime/loop.ts";
import type { Task } from "../runtime/task.ts";
import { gather } from "../tasks/gather.ts";
import { newEventLoop } from "./event-loops.ts";
import { type Main, mainCoroutine } from "./main-coroutine.ts";

/** Options of `run` and `Runner`. */
export interface RunnerOptions {
  /** Whether the loop is in debug mode. Default: as the environment variable WASYNCIO_DEBUG says. */
  debug?: boolean;
  /** Makes the loop. Default: `newEventLoop`. */
  loopFactory?: () => EventLoop;
}

/** Options of `run`. */
export interface RunOptions extends RunnerOptions {
  /** Cancels the program when it is aborted; before its first step when it is already. */
  signal?: AbortSignal;
}

/**
 * A loop that runs programs one after the other, and ends in order: asyncio.Runner.
 *
 * @example
 * await using runner = new Runner({ debug: true });
 * await runner.run(prepare);
 * await runner.run(main);
 */
export class Runner {
  /** @internal */
  static readonly name: string = "Runner";
  readonly #options: RunnerOptions;
  #loop: EventLoop | null = null;
  #context: Context | null = null;
  #closed = false;

  constructor(options: RunnerOptions = {}) {
    if (checkOptions(options).loopFactory !== undefined)
      checkFunction(options.loopFactory as () => EventLoop, "loopFactory");
    this.#options = options;
  }

  /** The loop; the first call makes it. Throws RuntimeError when the runner is closed. */
  getLoop(): EventLoop {
    if (this.#closed) throw new RuntimeError("Runner is closed");
    if (this.#loop !== null) return this.#loop;
    const { loopFactory, debug } = this.#options;
    const loop: unknown = loopFactory === undefined ? newEventLoop() : loopFactory();
    if (!(loop instanceof EventLoop))
      throw new TypeError(`Cannot run: an EventLoop was expected of loopFactory, got ${format(loop)}`);
    if (loopFactory === undefined) chooseLoop(loop);
    if (debug !== undefined) loop.setDebug(debug);
    this.#loop = loop;
    this.#context = copyContext();
    return loop;
  }

  /**
   * Runs a program and settles with its outcome. All programs of a runner share one context, unless one is given. Ctrl-C cancels
   * the program; the promise then rejects with KeyboardInterrupt, unless the program went on to return.
   * `signal` cancels it, too; the promise then rejects with the signal's reason, as fetch does.
   * On Node it rejects with DeadlockError, a RuntimeError of `wasyncio/testing`, when nothing can ever wake the program.
   * Rejects with RuntimeError from within a running loop, while another program of the runner runs, and when it is closed;
   * with TypeError for what cannot be awaited.
   */
  async run<T>(main: Main<T>, options: { context?: Context; signal?: AbortSignal } = {}): Promise<T> {
    if (runningLoop() !== null) throw new RuntimeError("Runner.run() cannot be called from a running event loop");
    checkMain(main);
    checkContext(checkOptions(options).context);
    const signal = checkSignal(options.signal);
    const loop = this.getLoop();
    if (loop.isRunning()) throw new RuntimeError("Runner.run() cannot be called while the runner runs another program");
    const context = options.context ?? (this.#context as Context);
    let task: Task<T> | null = null;
    /** Who has stopped the program from outside: the promise rejects with what the first of them says. */
    const stops: unknown[] = [];
    const stop = (error: unknown): void => {
      stops.push(error);
      task?.cancel();
    };
    const interrupt = (): void => stop(new KeyboardInterrupt("Ctrl-C was pressed"));
    const stopListening = loop.host.onInterrupt?.(() => loop.arrivals.deliver("interrupt", interrupt));
    let stopFollowing: (() => void) | null = null;
    try {
      task = loop.createTask(mainCoroutine(main), { context });
      if (signal !== undefined) stopFollowing = onAbort(signal, loop, () => stop(signal.reason));
      return await loop.runUntilComplete(task);
    } catch (error) {
      // Nobody else has asked it to stop.
      if (error instanceof CancelledError && stops.length > 0 && task?.cancelling() === stops.length) throw stops[0];
      throw error;
    } finally {
      stopListening?.();
      stopFollowing?.();
    }
  }

  /**
   * Cancels the tasks that are left and waits for them, closes async iterators and the loop. Does nothing before the first use
   * and the second time. Rejects with RuntimeError while a program runs.
   */
  async close(): Promise<void> {
    const loop = this.#loop;
    if (loop === null) return;
    if (loop.isRunning()) throw new RuntimeError("Cannot close a runner while it runs a program");
    this.#closed = true;
    this.#loop = null;
    try {
      if (loop.isClosed()) return; // by the program
      await cancelAllTasks(loop);
      await loop.runUntilComplete(loop.shutdownAsyncgens());
    } finally {
      unchooseLoop(loop);
      loop.close();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Runs a program in a loop of its own, and settles with its outcome: asyncio.run. Tasks that are left when it ends are cancelled
 * and waited for. On Node, Ctrl-C cancels the program, so that its `finally` blocks run; a second one ends the process.
 * Rejects with KeyboardInterrupt when Ctrl-C ended the program, with the reason of `signal` when that did, with DeadlockError (a RuntimeError of `wasyncio/testing`) when,
 * on Node, nothing can ever wake it, with RuntimeError from within a running loop, with TypeError for what cannot be awaited.
 * @example
 * await run(function* () {
 *   yield* sleep(1);
 *   console.log("hello");
 * });
 */
export async function run<T>(main: Main<T>, options: RunOptions = {}): Promise<T> {
  if (runningLoop() !== null) throw new RuntimeError("run() cannot be called from a running event loop");
  const runner = new Runner(options);
  try {
    return await runner.run(main, options.signal === undefined ? {} : { signal: options.signal });
  } finally {
    await runner.close();
  }
}

function checkMain(main: unknown): void {
  if (typeof main === "function" || isAwaitable(main)) return;
  throw new TypeError(`Cannot run: a coroutine, a function or an awaitable is required, got ${format(main)}`);
}

async function cancelAllTasks(loop: EventLoop): Promise<void> {
  const tasks = loop.pendingTasks();
  if (tasks.length === 0) return;
  for (const task of tasks) task.cancel();
  await loop.runUntilComplete(gather(tasks, { returnExceptions: true }));
  for (const task of tasks) {
    if (task.cancelled() || !task.failed) continue;
    loop.callExceptionHandler({
      message: "unhandled exception during run() shutdown",
      exception: task.takeError(),
      task,
    });
  }
}

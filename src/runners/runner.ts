/// <reference lib="esnext.disposable" preserve="true" />
// Running whole programs: a loop of their own, Ctrl-C, and an orderly end.

import { CancelledError } from "../errors/asyncio.ts";
import { KeyboardInterrupt, RuntimeError } from "../errors/base.ts";
import { type Context, checkContext, copyContext } from "../runtime/context.ts";
import { type Signal, checkSignal, onAbort } from "../runtime/abort.ts";
import { isAwaitable } from "../runtime/awaitable.ts";
import { EventLoop } from "../runtime/event-loop.ts";
import { format } from "../support/format.ts";
import { checkBoolean, checkFunction, checkNames } from "../support/checks.ts";
import { keepHostContexts } from "../runtime/host-context.ts";
import { standby } from "../runtime/standby.ts";
import { isAsyncFunction } from "../runtime/suspension.ts";
import { chooseLoop, runningLoop, unchooseLoop } from "../runtime/loop.ts";
import type { Task } from "../runtime/task.ts";
import { newEventLoop } from "./event-loops.ts";
import { type Main, mainCoroutine } from "./main-coroutine.ts";
import { beginShutdown } from "./shutdown.ts";

/** Options of `run` and `Runner`. */
export interface RunnerOptions {
  /** Whether the loop is in debug mode. Default: as the environment variable WASYNCIO_DEBUG says. */
  debug?: boolean;
  /** Makes the loop. Default: `newEventLoop`. */
  loopFactory?: () => EventLoop;
  /**
   * Whether tasks and callbacks keep the host's own asynchronous context, AsyncLocalStorage's, in the whole process
   * from now on. Without being asked for, they do so on Node and Bun from the first use of a storage on that is seen,
   * and on Deno when, besides, a handler of `wasyncio/edge` was made. Default: false.
   */
  hostContext?: boolean;
}

/** The names of RunnerOptions. */
const RUNNER_OPTIONS: readonly (keyof RunnerOptions)[] = ["debug", "loopFactory", "hostContext"];

/** Options of `run`. */
export interface RunOptions extends RunnerOptions {
  /** Cancels the program when it is aborted; before its first step when it is already. */
  signal?: Signal;
}

/**
 * A loop that runs programs one after the other, and ends in order. Mirrors asyncio.Runner.
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
    if (checkNames(options, RUNNER_OPTIONS).loopFactory !== undefined)
      checkFunction(options.loopFactory as () => EventLoop, "loopFactory");
    if (checkBoolean(options.hostContext, "hostContext") === true) keepHostContexts();
    this.#options = options;
  }

  /**
   * The loop; the first call makes it. Mirrors Runner.get_loop.
   * @throws RuntimeError when the runner is closed
   */
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
   * Runs a program and settles with its outcome. Mirrors Runner.run.
   *
   * All programs of a runner share one context, unless one is given. Ctrl-C cancels the program; a signal
   * handler of the program's own for SIGINT takes the place of that, until it is removed.
   * @param options.signal cancels the program when it is aborted; the promise then rejects with the signal's reason, as
   *   fetch does
   * @param options.context the context to run it in; default: the runner's
   * @throws KeyboardInterrupt when Ctrl-C came, unless the program went on to return
   * @throws DeadlockError, a RuntimeError, on Node, Deno and Bun, when nothing can ever wake the program
   * @throws RuntimeError from within a running loop, while another program of the runner runs, and when it is closed
   * @throws TypeError for what cannot be awaited, and for an async function
   */
  async run<T>(main: Main<T>, options: { context?: Context; signal?: Signal } = {}): Promise<T> {
    if (runningLoop() !== null) throw new RuntimeError("Runner.run() cannot be called from a running event loop");
    checkMain(main);
    if (standby.tell !== null) return new Promise(standby.tell); // for ever
    checkContext(checkNames(options, ["context", "signal"]).context);
    const signal = checkSignal(options.signal);
    const loop = this.getLoop();
    if (loop.isRunning()) throw new RuntimeError("Runner.run() cannot be called while the runner runs another program");
    const context = options.context ?? (this.#context as Context);
    let task: Task<T> | null = null;
    /** Who has stopped the program from outside: the promise rejects with what the first of them says. */
    const stops: unknown[] = [];
    const stop = (error: unknown): void => {
      if (task?.cancel() === true) stops.push(error);
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
   * Cancels the tasks that are left and waits for them, closes async iterators, the loop's executor and the loop. Does
   * nothing before the first use and the second time. Mirrors Runner.close.
   * @throws RuntimeError while a program runs
   */
  async close(): Promise<void> {
    const loop = this.#loop;
    if (loop === null) return;
    if (loop.isRunning()) throw new RuntimeError("Cannot close a runner while it runs a program");
    this.#closed = true;
    this.#loop = null;
    try {
      if (loop.isClosed()) return; // by the program
      const shutdown = beginShutdown(loop);
      if (shutdown !== null) {
        await loop.runUntilComplete(shutdown.ended);
        shutdown.report();
      }
      await loop.runUntilComplete(loop.shutdownAsyncgens());
      if (loop.executor !== null) await loop.runUntilComplete(loop.executor.shutdown());
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
 * Runs a program in a loop of its own, and settles with its outcome. Mirrors asyncio.run.
 *
 * Tasks that are left when it ends are cancelled and waited for. On Node, Deno and Bun, Ctrl-C cancels the program, so
 * that its `finally` blocks run, and a second one ends the process; `loop.addSignalHandler("SIGINT", ...)` takes over
 * from that.
 * @param options.signal cancels the program when it is aborted
 * @throws KeyboardInterrupt when Ctrl-C ended the program, and the reason of `signal` when that did
 * @throws DeadlockError, a RuntimeError, when nothing can ever wake the program, as far as the host can tell
 * @throws RuntimeError from within a running loop
 * @throws TypeError for what cannot be awaited, and for an async function
 *
 * @example
 * await run(function* () {
 *   yield* sleep(1);
 *   console.log("hello");
 * });
 */
export async function run<T>(main: Main<T>, options: RunOptions = {}): Promise<T> {
  if (runningLoop() !== null) throw new RuntimeError("run() cannot be called from a running event loop");
  const { signal, ...others } = checkNames(options, [...RUNNER_OPTIONS, "signal"]);
  const runner = new Runner(others);
  try {
    return await runner.run(main, signal === undefined ? {} : { signal });
  } finally {
    await runner.close();
  }
}

/**
 * An async function has no running loop behind its first `await`, where the engine resumes it, and cannot be cancelled:
 * that is said at the call. A function that returns a promise is fine.
 */
function checkMain(main: unknown): void {
  if (isAsyncFunction(main))
    throw new TypeError("Cannot run an async function: make it a function*, and each await in it a yield*");
  if (typeof main === "function" || isAwaitable(main)) return;
  throw new TypeError(`Cannot run: a coroutine, a function or an awaitable is required, got ${format(main)}`);
}

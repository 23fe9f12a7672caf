// The executor of a loop, for what is given to none. Functions, where asyncio has methods of its loop, so that programs
// that use no executor go without all of this.

import { RuntimeError } from "../errors/base.ts";
import { checkFunction } from "../support/checks.ts";
import { type Delay, secondsOf } from "../support/delay.ts";
import { format } from "../support/format.ts";
import type { EventLoop, LoopExecutor } from "../runtime/event-loop.ts";
import { writeLog } from "../runtime/reports.ts";
import { getEventLoop } from "../runtime/running.ts";
import { type Coroutine, isCoroutine } from "../runtime/suspension.ts";
import { moveOnAfter } from "../tasks/move-on.ts";
import { operation } from "../waiting/operation.ts";
import type { Executor, JobResult } from "./executor.ts";
import type { JobFuture } from "./job-future.ts";
import { ThreadPoolExecutor } from "./thread-pool-executor.ts";

/** What a loop knows of its executor. */
class DefaultExecutor implements LoopExecutor {
  executor: ThreadPoolExecutor | null = null;
  isShutDown = false;
  readonly #loop: EventLoop;

  constructor(loop: EventLoop) {
    this.#loop = loop;
    loop.arrivals.listen(() => this.executor?.close(loop));
  }

  *shutdown(seconds = Infinity): Coroutine<void> {
    this.isShutDown = true;
    const { executor } = this;
    if (executor === null) return;
    const waiting = moveOnAfter(seconds);
    yield* waiting.with(() => executor.shutdown());
    if (!waiting.expired()) return;
    const text = `The executor did not finish joining its threads within ${seconds} seconds.`;
    writeLog(this.#loop.host, "warning", text);
  }
}

function defaultOf(loop: EventLoop): DefaultExecutor {
  return (loop.executor ??= new DefaultExecutor(loop)) as DefaultExecutor;
}

/** The executor for what is given to none; it is made when it is needed first. */
function executorOf(loop: EventLoop): ThreadPoolExecutor {
  const own = defaultOf(loop);
  if (own.isShutDown) throw new RuntimeError("Executor shutdown has been called");
  return (own.executor ??= new ThreadPoolExecutor({ threadNamePrefix: "asyncio" }));
}

/**
 * Has `fn(...args)` called by an executor, and gives a future of the current loop for what comes of it. Mirrors
 * loop.run_in_executor. Unlike there, the function may be a `function*` or an async one: what it gives is waited for.
 * @param executor null: the loop's own, a pool of threads, which `run` shuts down at its end
 * @param fn a `job`, or a function that closes over nothing
 * @throws TypeError for what is no executor, and for what workers could not find
 * @throws RuntimeError when there is no loop, and after the executor's shutdown; NotAvailableError where there are no
 *   threads
 *
 * @example
 * const digest = yield* runInExecutor(null, hashOf, bytes);
 */
export function runInExecutor<A extends unknown[], R>(
  executor: Executor | null,
  fn: (...args: A) => R,
  ...args: A
): JobFuture<JobResult<R>> {
  const loop = getEventLoop();
  loop.checkOpen();
  if (isCoroutine(fn)) throw new TypeError("coroutines cannot be used with runInExecutor()");
  checkFunction(fn, "job");
  if (executor !== null && typeof (executor as Partial<Executor> | undefined)?.submit !== "function")
    throw new TypeError(`Invalid executor: expected an Executor or null, got ${format(executor)}`);
  return (executor ?? executorOf(loop)).submit(fn, ...args);
}

/**
 * Sets the executor of the current loop for what is given to none. Mirrors loop.set_default_executor.
 * @throws TypeError for what is no ThreadPoolExecutor; RuntimeError when there is no loop
 */
export function setDefaultExecutor(executor: ThreadPoolExecutor): void {
  const loop = getEventLoop();
  if (!(executor instanceof ThreadPoolExecutor)) throw new TypeError("executor must be ThreadPoolExecutor instance");
  defaultOf(loop).executor = executor;
}

/**
 * Shuts the executor of the current loop down, and waits until its threads have ended. Mirrors
 * loop.shutdown_default_executor. `run` does so at its end.
 * @param timeout longest time to wait, or null for ever; default: null
 * @throws TypeError for what is no delay; RuntimeError when there is no loop
 */
export function shutdownDefaultExecutor(timeout: Delay | null = null): Coroutine<void> {
  const seconds = timeout === null ? Infinity : secondsOf(timeout, "timeout");
  const own = defaultOf(getEventLoop());
  return operation("shutdownDefaultExecutor", own.shutdown(seconds));
}

/**
 * Calls a function in a thread of the loop's own executor, and gives what comes of it. Mirrors asyncio.to_thread. When
 * it is cancelled, it waits until the job has ended: until its `finally` blocks have run, or it was stopped.
 * @param fn a `job`, or a function that closes over nothing; also a `function*` or an async one
 * @throws what `runInExecutor` throws
 *
 * @example
 * const count = yield* toThread(countPrimes, 0, 1e7);
 */
export function toThread<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Coroutine<JobResult<R>> {
  checkFunction(fn, "job");
  return operation("toThread", inThread(fn, args));
}

function* inThread<A extends unknown[], R>(fn: (...args: A) => R, args: A): Coroutine<JobResult<R>> {
  const loop = getEventLoop();
  const job = executorOf(loop).submit(fn, ...args);
  try {
    return yield* job;
  } finally {
    if (!job.isOver && job.cancelled()) {
      const over = loop.createFuture();
      job.whenOver = () => {
        if (!over.done()) over.setResult();
      };
      yield* over;
    }
  }
}

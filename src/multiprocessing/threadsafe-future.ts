// Coroutines that run in the loop of another thread, and what comes of them.

import { CancelledError, TimeoutError } from "../errors/asyncio.ts";
import { RuntimeError } from "../errors/base.ts";
import { checkFunction } from "../support/checks.ts";
import { type Delay, formatSeconds, secondsOf } from "../support/delay.ts";
import { format } from "../support/format.ts";
import { Shown } from "../support/shown.ts";
import type { Future } from "../runtime/future.ts";
import { runningLoop } from "../runtime/loop.ts";
import { type Coroutine, isCoroutine } from "../runtime/suspension.ts";
import type { JobResult } from "../executors/executor.ts";
import { referenceOf } from "../executors/job.ts";
import { BlockingAnswer, ask, resultOf } from "./asking.ts";
import { LoopHandle } from "./loop-handle.ts";

/**
 * What comes of a coroutine that runs in the loop of another thread. Mirrors concurrent.futures.Future, as
 * run_coroutine_threadsafe gives it.
 */
export class ThreadsafeFuture<T> extends Shown implements Iterable<unknown> {
  /** @internal */
  static override readonly name: string = "ThreadsafeFuture";
  /** In a loop, what its tasks wait for; elsewhere null. */
  readonly #future: Future<T> | null;
  readonly #answer: BlockingAnswer | null;

  /** @internal */
  constructor(handle: LoopHandle, args: readonly unknown[]) {
    super();
    const isInLoop = runningLoop() !== null;
    this.#future = isInLoop ? ask<T>(handle.address, "run", args) : null;
    this.#answer = isInLoop ? null : new BlockingAnswer(handle.address, "run", args);
  }

  /**
   * Blocks the thread until the coroutine has ended, and gives what it gave. Mirrors Future.result. In a loop it is
   * awaited, by `yield*`.
   * @param timeout longest time, or null for ever; default: null
   * @throws what the coroutine has thrown; CancelledError when it was cancelled; TimeoutError when it takes too long:
   *   it goes on
   * @throws RuntimeError in a loop that it would keep from running; NotAvailableError in pages
   */
  result(timeout: Delay | null = null): T {
    if (this.#future !== null) {
      if (this.#future.done()) return this.#future.result();
      throw new RuntimeError("Cannot block the thread of a running loop: await the future, by yield*");
    }
    const outcome = (this.#answer as BlockingAnswer).wait(timeout);
    if (outcome === null) {
      const seconds = secondsOf(timeout as Delay, "timeout");
      throw new TimeoutError(`The coroutine has not ended within ${formatSeconds(seconds)}`);
    }
    if ("cancelled" in outcome) throw new CancelledError();
    return resultOf(outcome) as T;
  }

  /** Whether it has ended, as far as this thread knows. Mirrors Future.done. */
  done(): boolean {
    return this.#future?.done() ?? (this.#answer as BlockingAnswer).wait(0) !== null;
  }

  /** Cancels the task in the other thread, which may take its time to end. Mirrors Future.cancel. */
  cancel(): void {
    if (this.#future === null) (this.#answer as BlockingAnswer).cancel();
    else this.#future.cancel();
  }

  /** Waits for it in a task. */
  *[Symbol.iterator](): Coroutine<T> {
    if (this.#future === null) throw new RuntimeError("Cannot await a future that was made outside of a loop");
    return yield* this.#future;
  }

  /** "<ThreadsafeFuture pending>". */
  override toString(): string {
    return `<ThreadsafeFuture ${this.done() ? "finished" : "pending"}>`;
  }
}

/**
 * Runs a coroutine as a task of a loop in another thread, from a worker. Mirrors asyncio.run_coroutine_threadsafe, but
 * for its arguments: a coroutine cannot go to another thread, its function can.
 * @param fn a `function*` that is a `job`, or that closes over nothing
 * @param args what it is called with
 * @param handle what `loopHandle` gave in the thread of the loop
 * @returns a future: in a job that is a plain function its `result` blocks, in a loop it is awaited
 * @throws TypeError for what is no function, no array or no handle, and for arguments that cannot be copied
 *
 * @example
 * const total = runCoroutineThreadsafe(lookUp, ["total"], handle).result(5); // in a job that is a plain function
 */
export function runCoroutineThreadsafe<A extends unknown[], R>(
  fn: (...args: A) => R,
  args: A,
  handle: LoopHandle,
): ThreadsafeFuture<JobResult<R>> {
  if (isCoroutine(fn))
    throw new TypeError("Cannot send a coroutine to another thread: give its function, and arguments");
  checkFunction(fn, "function");
  if (!Array.isArray(args)) throw new TypeError(`Invalid args: expected an array, got ${format(args)}`);
  if (!(handle instanceof LoopHandle))
    throw new TypeError(`Invalid handle: expected what loopHandle gives, got ${format(handle)}`);
  return new ThreadsafeFuture(handle, [referenceOf(fn, null), args]);
}

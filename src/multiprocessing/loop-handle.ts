// A loop, as other threads know it.

import { RuntimeError } from "../errors/base.ts";
import { CancelledError, TimeoutError } from "../errors/asyncio.ts";
import { type Delay, formatSeconds, secondsOf } from "../support/delay.ts";
import { checkFunction } from "../support/checks.ts";
import { format } from "../support/format.ts";
import { Shown } from "../support/shown.ts";
import { checkCallable } from "../runtime/callback.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Future } from "../runtime/future.ts";
import { runningLoop } from "../runtime/loop.ts";
import { getEventLoop } from "../runtime/running.ts";
import { type Coroutine, isCoroutine } from "../runtime/suspension.ts";
import type { Task } from "../runtime/task.ts";
import type { JobResult } from "../executors/executor.ts";
import { findFunction } from "../executors/find-function.ts";
import { type AnyFunction, referenceOf } from "../executors/job.ts";
import type { Reference } from "../executors/messages.ts";
import { describeError } from "../executors/remote-error.ts";
import { findShared, makeShareable, pack } from "./shareable.ts";
import { type Address, type Answer, BlockingAnswer, ask, leaveAddress, question, resultOf, serveAt } from "./asking.ts";

const handles = new WeakMap<EventLoop, LoopHandle>();

/**
 * What other threads know a loop by: it goes to workers as an argument. Mirrors the loop itself in Python, which all
 * threads see.
 *
 * @example
 * const poll = job(import.meta, function poll(loop: LoopHandle) {
 *   for (;;) loop.callSoonThreadsafe(arrived, readSensor());
 * });
 * yield* toThread(poll, loopHandle());
 */
export class LoopHandle extends Shown {
  /** @internal */
  static override readonly name: string = "LoopHandle";
  /** @internal */
  declare readonly address: Address;

  /** @internal */
  constructor(address: Address) {
    super();
    Object.defineProperty(this, "address", { value: address });
    makeShareable(this, LoopHandle.name, () => address, false);
  }

  /** @internal */
  static find(): void {
    findShared(LoopHandle.name, (address: Address) => new LoopHandle(address));
  }

  /**
   * Has the loop call a function in its next iteration, from any thread. Mirrors loop.call_soon_threadsafe. What the
   * function throws goes to the loop's exception handler; so does what keeps it from being found.
   * @param fn a `job`, or a function that closes over nothing: it runs in the thread of the loop
   * @throws TypeError for what is no such function, and for arguments that cannot be copied
   */
  callSoonThreadsafe<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): void {
    checkCallable(fn, "callSoonThreadsafe");
    question(this.address, "call", [referenceOf(fn, null), args], ignore);
  }

  /** "<LoopHandle 1>". */
  override toString(): string {
    return `<LoopHandle ${this.address.id}>`;
  }
}

function ignore(): void {}

/**
 * What other threads know a loop by. It stands for the loop until that is closed.
 * @param loop default: the current one
 * @throws RuntimeError when there is none, and for one that is closed
 *
 * @example
 * const future = pool.submit(poll, loopHandle());
 */
export function loopHandle(loop: EventLoop = getEventLoop()): LoopHandle {
  loop.checkOpen();
  let handle = handles.get(loop);
  if (handle === undefined) {
    const address = serveAt((method, [reference, args], answer) =>
      serve(loop, method, reference as Reference, args as unknown[], answer),
    );
    loop.arrivals.listen(() => leaveAddress(address));
    handle = new LoopHandle(address);
    handles.set(loop, handle);
  }
  return handle;
}

/** Does in a loop what another thread asks for: calls a function, or runs a coroutine. Returns what cancels that. */
function serve(
  loop: EventLoop,
  method: string,
  reference: Reference,
  args: readonly unknown[],
  answer: Answer,
): () => void {
  const find = (): AnyFunction => findFunction(reference, null, { loads: false }) as AnyFunction;
  if (method === "call") {
    loop.callSoonThreadsafe(() => void find()(...(args as never[])));
    answer({ value: pack(undefined) });
    return ignore;
  }
  let isAnswered = false;
  const answerOnce: Answer = (outcome) => {
    if (isAnswered) return;
    isAnswered = true;
    leave();
    answer(outcome);
  };
  const leave = loop.arrivals.listen(() =>
    answerOnce({ error: describeError(new RuntimeError("Event loop is closed")) }),
  );
  let task: Task<unknown> | null = null;
  const begin = loop.callSoonThreadsafe(() => {
    try {
      const coroutine = find()(...(args as never[]));
      if (!isCoroutine(coroutine)) throw new TypeError("A coroutine object is required");
      task = loop.createTask(coroutine);
      task.subscribe(ended, null);
    } catch (error) {
      answerOnce({ error: describeError(error) });
    }
  });
  const ended = (done: Task<unknown>): void => {
    if (done.cancelled()) answerOnce({ cancelled: true });
    else if (done.failed) answerOnce({ error: describeError(done.takeError()) });
    else answerOnce({ value: pack(done.result()) });
  };
  return () =>
    loop.arrivals.deliver("cancel", () => {
      if (task !== null) return void task.cancel();
      begin.cancel();
      answerOnce({ cancelled: true });
    });
}

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

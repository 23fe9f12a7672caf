// asCompleted: results in the order in which they come.

import { CancelledError } from "../errors/asyncio.ts";
import { Queue } from "../queues/queue.ts";
import { type Delay, secondsOf } from "../support/delay.ts";
import { ensureFuture } from "../runtime/ensure-future.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import { format } from "../support/format.ts";
import { type Future, isFuture } from "../runtime/future.ts";
import type { TimerHandle } from "../runtime/handle.ts";
import { currentLedger } from "../waiting/ledger.ts";
import { checkNames } from "../support/checks.ts";
import { getEventLoop } from "../runtime/running.ts";
import type { Awaitable, Result } from "../runtime/awaitable.ts";
import { timeoutError } from "./timeout-error.ts";
import { type Coroutine, isCoroutine } from "../runtime/suspension.ts";

type AsCompletedOptions = { timeout?: Delay | null };

/**
 * Awaitables in the order in which they finish; they all start at the call. Mirrors asyncio.as_completed.
 *
 * As an iterable it gives coroutines: the n-th one awaited gives the result of the n-th to finish, or throws its error.
 * With `forEach`, or `for await` in an async function, it gives the futures themselves, done: the tasks that were
 * passed in, and new tasks for coroutines; in `for await` TypeScript takes them for their results, because futures have
 * `then`. At the timeout every one that is still to come throws TimeoutError; nothing is cancelled.
 * @param options.timeout longest time to wait for all of them, or null for ever; default: null
 * @throws TypeError for a single awaitable, and for a timeout that is not a delay
 *
 * @example
 * for (const next of asCompleted(urls.map(load), { timeout: 10 })) console.log(yield* next);
 */
export function asCompleted<A extends readonly Awaitable<unknown>[]>(
  awaitables: A,
  options?: AsCompletedOptions,
): AsCompleted<Result<A[number]>>;
export function asCompleted<A extends Awaitable<unknown>>(
  awaitables: Iterable<A>,
  options?: AsCompletedOptions,
): AsCompleted<Result<A>>;
export function asCompleted(
  awaitables: Iterable<Awaitable<unknown>>,
  options: AsCompletedOptions = {},
): AsCompleted<unknown> {
  const isIterable = typeof (awaitables as Partial<Iterable<unknown>> | null)?.[Symbol.iterator] === "function";
  if (!isIterable || isFuture(awaitables) || isCoroutine(awaitables)) {
    const found = isFuture(awaitables) ? awaitables.constructor.name : format(awaitables);
    throw new TypeError(`expects an iterable of awaitables, not ${found}`);
  }
  const { timeout = null } = checkNames(options, ["timeout"]);
  return new AsCompleted(awaitables, timeout === null ? null : secondsOf(timeout, "timeout"));
}

/** What `asCompleted` returns. */
export class AsCompleted<T> implements IterableIterator<Coroutine<T>>, AsyncIterable<Future<T>> {
  /** Finished futures that nobody took yet; null stands for one that the timeout cut off. */
  readonly #finished = new Queue<Future<T> | null>();
  readonly #loop: EventLoop;
  readonly #running: Set<Future<T>>;
  /** Futures that were not given out yet. */
  #left: number;
  readonly #seconds: number | null;
  #timer: TimerHandle | null = null;

  /** @internal */
  constructor(awaitables: Iterable<Awaitable<T>>, seconds: number | null) {
    const loop = getEventLoop();
    this.#loop = loop;
    this.#seconds = seconds;
    const futures = [...new Set(awaitables)].map((awaitable) => ensureFuture(awaitable, { loop }));
    this.#running = new Set(futures);
    this.#left = this.#running.size;
    if (currentLedger !== null) currentLedger.derived(this.#finished, "asCompleted", this.#running);
    for (const future of this.#running) future.whenDone(this.#onDone, loop.currentTask);
    if (this.#left > 0 && seconds !== null) this.#timer = loop.callAt(loop.time() + seconds, () => this.#cutOff());
  }

  [Symbol.iterator](): this {
    return this;
  }

  /** A coroutine that gives the result of the next one to finish. */
  next(): IteratorResult<Coroutine<T>, undefined> {
    if (this.#left === 0) return { done: true, value: undefined };
    this.#left--;
    return { done: false, value: this.#nextResult() };
  }

  /** The next future that is done, for `forEach`. Mirrors Python's `__anext__`. */
  *anext(): Coroutine<IteratorResult<Future<T>, undefined>> {
    if (this.#left === 0) return { done: true, value: undefined };
    this.#left--;
    return { done: false, value: yield* this.#nextFuture() };
  }

  /**
   * For `for await` in async functions. TypeScript takes the futures for their results there, because they have a
   * `then`.
   */
  [Symbol.asyncIterator](): AsyncIterator<Future<T>, undefined> {
    return { next: async () => this.#loop.createTask(this.anext()) };
  }

  *#nextResult(): Coroutine<T> {
    return (yield* this.#nextFuture()).result();
  }

  *#nextFuture(): Coroutine<Future<T>> {
    let future: Future<T> | null;
    try {
      future = yield* this.#finished.get();
    } catch (error) {
      // Cancelled before it got one: a later call gets it.
      if (error instanceof CancelledError) this.#left++;
      throw error;
    }
    if (future === null) throw timeoutError({ delay: this.#seconds });
    return future;
  }

  readonly #onDone = (future: Future<unknown>): void => {
    if (!this.#running.delete(future as Future<T>)) return;
    this.#finished.putNowait(future as Future<T>);
    if (this.#running.size === 0) this.#timer?.cancel();
  };

  #cutOff(): void {
    for (const future of this.#running) {
      future.removeDoneCallback(this.#onDone);
      this.#finished.putNowait(null);
    }
    this.#running.clear();
  }
}

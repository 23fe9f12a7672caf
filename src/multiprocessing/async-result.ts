// What a pool gives for a call whose result is not there yet.

import { TimeoutError } from "../errors/asyncio.ts";
import { type Delay, secondsOf } from "../support/delay.ts";
import { Shown } from "../support/shown.ts";
import type { Future } from "../runtime/future.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { wait } from "../tasks/wait.ts";
import { operation } from "../waiting/operation.ts";

/** A result that a pool will have. Mirrors multiprocessing.pool.AsyncResult. */
export class AsyncResult<T> extends Shown {
  /** @internal */
  static override readonly name: string = "AsyncResult";
  readonly #future: Future<T>;

  /** @internal */
  constructor(future: Future<T>) {
    super();
    this.#future = future;
  }

  /**
   * Waits as a task for the result. Mirrors AsyncResult.get.
   * @param timeout longest time, or null for ever; default: null
   * @throws what the call has thrown; TimeoutError when it takes too long: it goes on
   */
  get(timeout: Delay | null = null): Coroutine<T> {
    const seconds = timeout === null ? null : secondsOf(timeout, "timeout");
    return operation("AsyncResult.get", this.#get(seconds));
  }

  *#get(seconds: number | null): Coroutine<T> {
    yield* this.#wait(seconds);
    if (!this.#future.done()) throw new TimeoutError();
    return this.#future.result();
  }

  /**
   * Waits as a task until the result is there, or the time is over. Mirrors AsyncResult.wait.
   * @param timeout longest time, or null for ever; default: null
   */
  wait(timeout: Delay | null = null): Coroutine<void> {
    const seconds = timeout === null ? null : secondsOf(timeout, "timeout");
    return operation("AsyncResult.wait", this.#wait(seconds));
  }

  *#wait(seconds: number | null): Coroutine<void> {
    yield* wait([this.#future], { timeout: seconds });
  }

  /** Whether the result is there. Mirrors AsyncResult.ready. */
  ready(): boolean {
    return this.#future.done();
  }

  /**
   * Whether the call has thrown nothing. Mirrors AsyncResult.successful.
   * @throws RangeError when it is not ready
   */
  successful(): boolean {
    if (!this.ready()) throw new RangeError(`${String(this)} not ready`);
    return !this.#future.cancelled() && this.#future.exception() === null;
  }

  /** "<AsyncResult ready>". */
  override toString(): string {
    return `<AsyncResult ${this.ready() ? "ready" : "pending"}>`;
  }
}

// What comes of the jobs of a `map`, in order.

import { checkCount, checkNames } from "../support/checks.ts";
import { type Delay, secondsOf } from "../support/delay.ts";
import { format } from "../support/format.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Future } from "../runtime/future.ts";
import { getEventLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { timeoutError } from "../tasks/timeout-error.ts";
import { timeoutAt } from "../tasks/timeout.ts";

/** Options of `map`. */
export interface MapOptions {
  /** Longest time to wait for all of them, or null for ever. Default: null. */
  timeout?: Delay | null;
  /** How many jobs are sent to a worker at once, though it is not known yet how long they take. Default: 1. */
  chunksize?: number;
  /** Most jobs whose results were not taken; null: all are submitted at the call. Default: null. */
  buffersize?: number | null;
}

const NAMES = ["timeout", "chunksize", "buffersize"];

/** Whether there are items in a value, to be gone through. */
export const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof (value as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] === "function";

/** What the function of a `map` is called with, and the options behind it. Throws TypeError for what is neither. */
export function argumentsAndOptions(given: readonly unknown[]): {
  options: MapOptions;
  argumentsOf: Iterator<unknown[]>;
} {
  const last = given.at(-1);
  const hasOptions = given.length > 1 && !isIterable(last);
  const iterables = hasOptions ? given.slice(0, -1) : given;
  const options = hasOptions ? checkNames(last as MapOptions, NAMES) : {};
  const wrong = iterables.findIndex((each) => !isIterable(each));
  if (iterables.length === 0 || wrong >= 0)
    throw new TypeError(`Cannot map: expected iterables of arguments, got ${format(iterables[wrong])}`);
  return { options, argumentsOf: zip(iterables as Iterable<unknown>[]) };
}

function* zip(iterables: readonly Iterable<unknown>[]): Generator<unknown[], void> {
  const iterators = iterables.map((each) => each[Symbol.iterator]());
  let ended: Iterator<unknown> | null = null;
  try {
    for (;;) {
      const items: unknown[] = [];
      for (const iterator of iterators) {
        const { done, value } = iterator.next();
        if (done === true) {
          ended = iterator;
          return;
        }
        items.push(value);
      }
      yield items;
    }
  } finally {
    for (const iterator of iterators) if (iterator !== ended) iterator.return?.();
  }
}

/** What `map` of an executor returns: results in order. */
export class MappedJobs<T> implements AsyncIterable<T> {
  /** @internal */
  static readonly name: string = "MappedJobs";
  readonly #submit: (args: unknown[], chunk: number) => Future<T>;
  readonly #arguments: Iterator<unknown[]>;
  readonly #chunk: number;
  readonly #loop: EventLoop;
  /** How long all may take, or null. */
  readonly #seconds: number | null;
  /** When it is too late, or null. */
  readonly #deadline: number | null;
  #futures: Future<T>[] = [];

  /** @internal */
  constructor(submit: (args: unknown[], chunk: number) => Future<T>, args: Iterator<unknown[]>, options: MapOptions) {
    const { timeout = null, chunksize = 1, buffersize = null } = options;
    const seconds = timeout === null ? null : secondsOf(timeout, "timeout");
    this.#chunk = checkCount(chunksize, "chunksize");
    const most = buffersize === null ? Infinity : checkCount(buffersize, "buffersize");
    this.#submit = submit;
    this.#arguments = args;
    this.#loop = getEventLoop();
    this.#seconds = seconds;
    this.#deadline = seconds === null ? null : this.#loop.time() + seconds;
    while (this.#futures.length < most && this.#submitNext());
  }

  /** Submits the next job. Returns whether there was one. */
  #submitNext(): boolean {
    try {
      const { done, value } = this.#arguments.next();
      if (done === true) return false;
      this.#futures.push(this.#submit(value, this.#chunk));
      return true;
    } catch (error) {
      this.#cancelRest();
      throw error;
    }
  }

  /**
   * The next result, for `forEach`. Mirrors Python's `__anext__`.
   * @throws what the job failed with; TimeoutError when it is too late: the jobs that are left are cancelled
   */
  *anext(): Coroutine<IteratorResult<T, undefined>> {
    const future = this.#futures.shift();
    if (future === undefined) return { done: true, value: undefined };
    const time = timeoutAt(this.#deadline);
    try {
      this.#submitNext();
      return { done: false, value: yield* time.with(() => future) };
    } catch (error) {
      future.cancel();
      this.#cancelRest();
      throw time.expired() ? timeoutError({ delay: this.#seconds }, (error as Error).cause) : error;
    }
  }

  /** Cancels the jobs that are left. Mirrors Python's `aclose`. */
  *aclose(): Coroutine<void> {
    this.#cancelRest();
  }

  /** For `for await` in async functions. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return {
      next: async () => this.#loop.createTask(this.anext()),
      return: async () => {
        this.#cancelRest();
        return { done: true, value: undefined };
      },
    };
  }

  #cancelRest(): void {
    for (const future of this.#futures.splice(0)) future.cancel();
    this.#arguments.return?.();
  }
}

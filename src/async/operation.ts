// Operations of the library for lowered code: coroutines that are promises as well.
//
// Awaited, one runs in the task that awaits it, as a coroutine does: so it holds what it acquires. Given reactions, or
// to Promise.all, it becomes a task of its own.

import { await_, run } from "../promises/await.ts";
import { RuntimeError } from "../errors/base.ts";
import type { Coroutine, Suspension } from "../runtime/suspension.ts";
import { checkRunning } from "./not-lowered.ts";

/** What an operation gives: it begins when it is awaited, or given reactions. */
export type Operation<T> = Coroutine<T> & Promise<T>;

class LazyOperation<T> {
  #coroutine: Coroutine<T>;
  readonly #name: string;
  #promise: Promise<T> | null = null;
  /** Of what is run in place, by the task that awaits it: whether it has begun, and whether it is over. */
  #isBegun = false;
  #isOver = false;

  constructor(coroutine: Coroutine<T>, name: string) {
    this.#coroutine = coroutine;
    this.#name = name;
  }

  then<R1, R2>(
    onFulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onRejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    return this.#begun().then(onFulfilled, onRejected);
  }

  catch<R>(onRejected?: ((reason: unknown) => R | PromiseLike<R>) | null): Promise<T | R> {
    return this.#begun().catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.#begun().finally(onFinally);
  }

  next(value?: unknown): IteratorResult<Suspension, T> {
    if (this.#isOver) throw this.#cannotAwait();
    this.#isBegun = this.#isOver = true; // unless it waits, and does not throw
    const step = this.#coroutine.next(value);
    this.#isOver = step.done === true && this.#promise === null;
    return step;
  }

  throw(error: unknown): IteratorResult<Suspension, T> {
    return this.#coroutine.throw(error);
  }

  return(value: T): IteratorResult<Suspension, T> {
    return this.#coroutine.return(value);
  }

  [Symbol.iterator](): Iterator<Suspension, T> {
    return this.#promise === null ? this : waiting(this.#promise);
  }

  toString(): string {
    return `<operation ${this.#name}>`;
  }

  /** What is run in place has no promise that keeps what it gives. */
  #cannotAwait(): RuntimeError {
    return new RuntimeError(`Cannot await ${this.#name} again: keep what it gave, or make it a task by createTask`);
  }

  #begun(): Promise<T> {
    checkRunning(this.#name);
    if (this.#promise === null) {
      if (this.#isBegun) throw this.#cannotAwait();
      this.#promise = run(this.#coroutine, this.#name) as Promise<T>;
      this.#coroutine = waiting(this.#promise); // the task alone steps what it runs
    }
    return this.#promise;
  }
}

function* waiting<T>(promise: Promise<T>): Coroutine<T> {
  return (yield* await_(promise)) as T;
}

/** A coroutine of the library as an operation. */
export function operationOf<T>(coroutine: Coroutine<T>, name: string): Operation<T> {
  return new LazyOperation(coroutine, name) as unknown as Operation<T>;
}

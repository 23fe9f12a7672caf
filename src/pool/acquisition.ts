// What `acquire` gives: a coroutine of the resource, and a context manager that gives it back.

import { RuntimeError } from "../errors/base.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import type { Coroutine, Suspension } from "../runtime/suspension.ts";
import { shown } from "../support/shown.ts";
import { type AsyncContextManager, withManager } from "../waiting/async-with.ts";

/**
 * An acquisition that has not begun: `with` gives the resource to a body and takes it back. `yield*` gives it, too, and
 * then `release` of the pool takes it back.
 */
export interface Acquisition<T> extends Coroutine<T>, AsyncContextManager<T, void> {
  /** Acquires, runs `body` with the resource, and releases it whatever happens. Mirrors Python's `async with`. */
  with<R>(body: (resource: T) => Awaitable<R>): Coroutine<R>;
}

/** A pool, as its acquisitions know it. */
interface Lender<T> {
  readonly take: () => Coroutine<T>;
  readonly release: (resource: T) => Coroutine<void>;
}

/** Nothing happens before its first step. */
class PendingAcquisition<T> {
  readonly #pool: Lender<T>;
  #coroutine: Coroutine<T> | null = null;
  #acquired: { readonly resource: T } | null = null;

  constructor(pool: Lender<T>) {
    this.#pool = pool;
  }

  next(value?: unknown): IteratorResult<Suspension, T> {
    return this.#begun().next(value);
  }

  throw(error: unknown): IteratorResult<Suspension, T> {
    return this.#begun().throw(error);
  }

  return(value: T): IteratorResult<Suspension, T> {
    return this.#begun().return(value);
  }

  [Symbol.iterator](): this {
    return this;
  }

  *aenter(): Coroutine<T> {
    if (this.#coroutine !== null) throw new RuntimeError("Cannot acquire: this acquisition was used before");
    const resource = yield* this.#begun();
    this.#acquired = { resource };
    return resource;
  }

  *aexit(): Coroutine<void> {
    if (this.#acquired !== null) yield* this.#pool.release(this.#acquired.resource);
  }

  with<R>(body: (resource: T) => Awaitable<R>): Coroutine<R> {
    return withManager<T, R>(this, body);
  }

  toString(): string {
    return "<coroutine ResourcePool.acquire>";
  }

  #begun(): Coroutine<T> {
    return (this.#coroutine ??= this.#pool.take());
  }
}

const ShownAcquisition = /* @__PURE__ */ shown(PendingAcquisition);

export function acquisitionFrom<T>(pool: Lender<T>): Acquisition<T> {
  return new ShownAcquisition(pool) as unknown as Acquisition<T>;
}

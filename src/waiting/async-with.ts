// Asynchronous context managers: what `async with` works on, and the one place that says how.

import { shown } from "../support/shown.ts";
import { format } from "../support/format.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import { type Future, isFuture } from "../runtime/future.ts";
import { operation } from "./operation.ts";
import {
  type Coroutine,
  RETURNS,
  type Suspension,
  isCoroutine,
  isGenerator,
  isThenable,
  nextOf,
} from "../runtime/suspension.ts";
import { wrapFuture } from "../runtime/wrap-future.ts";

/**
 * What `async with` works on: something that is entered before a body and left after it, both as coroutines.
 *
 * `S` is what `aexit` may return: `void` says that it never swallows an error, so that `with` returns what the body
 * returns.
 */
export interface AsyncContextManager<T, S extends boolean | void = boolean | void> {
  /** Enters; the body gets what it returns. Mirrors Python's __aenter__. */
  aenter(): Coroutine<T>;
  /**
   * Leaves. Mirrors Python's __aexit__.
   * @param error what the body threw, when `failed`
   * @returns true to swallow that error
   */
  aexit(error: unknown, failed: boolean): Coroutine<S>;
}

/**
 * Runs `body` inside a manager and returns what it returns. Mirrors Python's `async with`. The manager is left whatever
 * the body does, but not when somebody closes the coroutine by hand; an error of the body is rethrown unless `aexit`
 * returns true: then the result is undefined.
 * @throws TypeError, at the call, when the body is not a function
 */
export function withManager<T, R>(
  manager: AsyncContextManager<T, void>,
  body: (value: T) => Awaitable<R>,
): Coroutine<R>;
export function withManager<T, R>(
  manager: AsyncContextManager<T>,
  body: (value: T) => Awaitable<R>,
): Coroutine<R | undefined>;
export function withManager<T, R>(
  manager: AsyncContextManager<T>,
  body: (value: T) => Awaitable<R>,
): Coroutine<R | undefined> {
  checkBody(body);
  return enterAndLeave(BY_MANAGER, manager, body);
}

const BY_MANAGER: Ways<AsyncContextManager<unknown>> = {
  enter: (manager) => awaitedOf(manager.aenter(), "aenter"),
  gives: true,
  leave: (manager, error, failed) => awaitedOf(manager.aexit(error, failed), "aexit"),
  close() {}, // what `aexit` has to wait for, nobody would wait for
};

/** Throws TypeError when the body of an `async with` is not a function: before anything is entered. */
export function checkBody(body: unknown): void {
  if (typeof body !== "function")
    throw new TypeError(`Cannot enter: expected a function for the body, got ${format(body)}`);
}

/** Throws TypeError for what is not a manager. Returns it. */
export function checkManager<M extends AsyncContextManager<unknown>>(manager: M): M {
  if (typeof manager?.aenter === "function" && typeof manager.aexit === "function") return manager;
  throw new TypeError(`Cannot enter: expected an object with aenter and aexit, got ${format(manager)}`);
}

/**
 * What a function of the program returned, for `yield*`. Throws TypeError for what cannot be awaited: as from
 * a `function` without its star. `what` names the function.
 */
export function awaitedOf<T>(returned: Awaitable<T>, what: string): Coroutine<T> | Future<T> {
  if (isCoroutine(returned) || isFuture(returned)) return returned;
  if (isThenable(returned)) return wrapFuture(returned);
  throw new TypeError(`Cannot await what ${what} returned: expected a coroutine, got ${format(returned)}`);
}

const CREATED = 0;
const ENTERING = 1;
const BODY = 2;
const LEAVING = 3;
const LEAVING_FAILED = 4;
const ENDED = 5;

/** How something is entered and left: what differs between managers and what is only acquired and released. */
export interface Ways<M> {
  enter(manager: M): Iterable<unknown>;
  /** Whether the body is given what entering gave. */
  readonly gives: boolean;
  /** Leaves, as `aexit`; null when there is nothing to wait for. */
  leave(manager: M, error: unknown, failed: boolean): Iterable<unknown> | null;
  /** Leaves when the coroutine is closed in the body. */
  close(manager: M): void;
}

/** The coroutine of an `async with`. */
export function enterAndLeave<M, T, R>(ways: Ways<M>, manager: M, body: (value: T) => Awaitable<R>): Coroutine<R> {
  return operation("with", new ShownWith(ways, manager, body) as Iterator<Suspension, R, unknown>);
}

/**
 * Hand-written, because generators around the body cost more than most of what is entered. As `yield*` does, it passes
 * on what the others yield, and to them what is sent, thrown or returned into it.
 */
class With<M, T, R> implements Iterator<Suspension, R | undefined, unknown> {
  readonly #ways: Ways<M>;
  readonly #manager: M;
  readonly #body: (value: T) => Awaitable<R>;
  #phase = CREATED;
  #isRunning = false;
  /** The coroutine of this phase. */
  #inner: Coroutine<unknown> | null = null;
  #next: Coroutine<unknown>["next"] | null = null;
  /** While leaving: what the body returned, or threw. */
  #outcome: unknown = undefined;

  constructor(ways: Ways<M>, manager: M, body: (value: T) => Awaitable<R>) {
    this.#ways = ways;
    this.#manager = manager;
    this.#body = body;
  }

  next(value?: unknown): IteratorResult<Suspension, R | undefined> {
    this.#run();
    try {
      if (this.#phase === ENDED) return RETURNS;
      if (this.#phase === CREATED) return this.#begin(ENTERING, this.#ways.enter(this.#manager));
      return this.#goOn((this.#next as Coroutine<unknown>["next"]).call(this.#inner as Coroutine<unknown>, value));
    } catch (error) {
      return this.#fail(error);
    } finally {
      this.#isRunning = false;
    }
  }

  throw(error: unknown): IteratorResult<Suspension, R | undefined> {
    this.#run();
    try {
      const inner: Partial<Coroutine<unknown>> | null = this.#inner;
      if (inner?.throw === undefined) return this.#fail(error);
      return this.#goOn(inner.throw(error));
    } catch (failure) {
      return this.#fail(failure);
    } finally {
      this.#isRunning = false;
    }
  }

  return(value: R): IteratorResult<Suspension, R | undefined> {
    this.#run();
    try {
      const inner: Partial<Coroutine<R>> | null = this.#inner as Coroutine<R> | null;
      const step = inner?.return?.(value) ?? { done: true, value };
      if (step.done !== true) return step;
      const wasInBody = this.#phase === BODY;
      this.#end(value);
      if (wasInBody) this.#ways.close(this.#manager);
      return step;
    } catch (error) {
      return this.#fail(error);
    } finally {
      this.#isRunning = false;
    }
  }

  [Symbol.iterator](): this {
    return this;
  }

  toString(): string {
    return "<coroutine with>";
  }

  /** Calls the body as a function: it is no method of this object. */
  #runBody(value: T): Awaitable<R> {
    const body = this.#body;
    return body(value);
  }

  /** Throws TypeError, as a generator does, when the coroutine resumes itself. */
  #run(): void {
    if (this.#isRunning) throw new TypeError("Coroutine is already running");
    this.#isRunning = true;
  }

  #begin(phase: number, awaitable: Iterable<unknown>): IteratorResult<Suspension, R | undefined> {
    const inner = isGenerator(awaitable) ? awaitable : (awaitable[Symbol.iterator]() as Coroutine<unknown>);
    this.#phase = phase;
    this.#inner = inner;
    this.#next = nextOf(inner);
    return this.#goOn(this.#next.call(inner));
  }

  /** What follows from a step of this phase's coroutine. */
  #goOn(step: IteratorResult<Suspension, unknown>): IteratorResult<Suspension, R | undefined> {
    if (step.done !== true) return step;
    switch (this.#phase) {
      case ENTERING:
        this.#phase = BODY;
        return this.#begin(
          BODY,
          awaitedOf(this.#runBody((this.#ways.gives ? step.value : undefined) as T), "the body"),
        );
      case BODY: {
        this.#phase = LEAVING;
        const leaving = this.#ways.leave(this.#manager, undefined, false);
        this.#outcome = step.value;
        if (leaving !== null) return this.#begin(LEAVING, leaving);
        this.#end(undefined);
        return step as IteratorReturnResult<R>;
      }
      case LEAVING:
        return { done: true, value: this.#end(this.#outcome as R) };
      default:
        if (!step.value) throw this.#end(this.#outcome);
        this.#end(undefined);
        return RETURNS;
    }
  }

  /** What follows from an error. */
  #fail(error: unknown): IteratorResult<Suspension, R | undefined> {
    if (this.#phase !== BODY) throw this.#end(error);
    this.#phase = LEAVING_FAILED;
    this.#outcome = error;
    try {
      const leaving = this.#ways.leave(this.#manager, error, true);
      if (leaving !== null) return this.#begin(LEAVING_FAILED, leaving);
    } catch (failure) {
      throw this.#end(failure);
    }
    throw this.#end(error);
  }

  /** It is over. Returns what it is given. */
  #end<E>(outcome: E): E {
    this.#phase = ENDED;
    this.#inner = null;
    this.#outcome = undefined;
    return outcome;
  }
}

const ShownWith = /* @__PURE__ */ shown(With);

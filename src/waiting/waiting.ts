// Operations that wait on a list: acquire, get, put... Their coroutines are hand-written, because that costs a fraction
// of a generator, and because all of them wait in the same way.

import { shown } from "../support/shown.ts";
import { operation } from "./operation.ts";
import { runningTask } from "../runtime/loop.ts";
import { type Awaiter, OVER, refuseReuse } from "../runtime/reuse.ts";
import { type Coroutine, PARKS, RETURNS, type Suspension } from "../runtime/suspension.ts";
import type { WaiterList } from "./waiter-list.ts";

/** What `begin` and `resume` return when the operation has to wait. */
export const MUST_WAIT: unique symbol = Symbol("must wait");

/** What an operation does. `argument` is what it was called with. */
export interface Steps<P, T, A = undefined> {
  /** Its name. Default: the list's, which is that of most operations that wait there. */
  readonly name?: string;
  /** Does it when it can be done at once. */
  begin(primitive: P, argument: A): T | typeof MUST_WAIT;
  /** Does it after a wait. */
  resume(primitive: P, argument: A): T | typeof MUST_WAIT;
  /**
   * It ends with an error after a wait: what a wake-up was for is for somebody else. `woken` says whether there was
   * one.
   */
  abandon(primitive: P, woken: boolean): void;
}

/** The coroutine of an operation that waits on a list until it can be done. The list has its name, or its steps. */
export function waiting<P, T>(list: WaiterList, steps: Steps<P, T>, primitive: P): Coroutine<T>;
export function waiting<P, T, A>(list: WaiterList, steps: Steps<P, T, A>, primitive: P, argument: A): Coroutine<T>;
export function waiting<P, T, A>(list: WaiterList, steps: Steps<P, T, A>, primitive: P, argument?: A): Coroutine<T> {
  return operation(steps.name ?? list.operation, new ShownWaiting(list, steps, primitive, argument as A));
}

/** One class for all operations: V8 makes objects of a derived class three times as slowly. */
class Waiting<P, T, A> implements Iterator<Suspension, T, unknown> {
  readonly #list: WaiterList;
  readonly #steps: Steps<P, T, A>;
  readonly #primitive: P;
  readonly #argument: A;
  /** The task that waits; undefined before the first step. */
  #waiter: Awaiter | null | undefined | typeof OVER = undefined;

  constructor(list: WaiterList, steps: Steps<P, T, A>, primitive: P, argument: A) {
    this.#list = list;
    this.#steps = steps;
    this.#primitive = primitive;
    this.#argument = argument;
  }

  next(): IteratorResult<Suspension, T> {
    const waiter = this.#waiter;
    let value: T | typeof MUST_WAIT;
    if (waiter === undefined) {
      value = this.#begin();
    } else {
      const task = runningTask();
      if (waiter !== task) return refuseReuse(waiter, task);
      value = this.#resume();
    }
    if (value === MUST_WAIT) {
      this.#list.park();
      this.#waiter = runningTask();
      return PARKS;
    }
    return value === undefined ? (RETURNS as IteratorReturnResult<never>) : { done: true, value };
  }

  throw(error: unknown): never {
    this.#close();
    throw error;
  }

  return(value: T): IteratorResult<Suspension, T> {
    this.#close();
    return { done: true, value };
  }

  [Symbol.iterator](): this {
    return this;
  }

  toString(): string {
    return `<coroutine ${this.#steps.name ?? this.#list.operation}>`;
  }

  #begin(): T | typeof MUST_WAIT {
    this.#waiter = OVER;
    return this.#steps.begin(this.#primitive, this.#argument);
  }

  #resume(): T | typeof MUST_WAIT {
    this.#waiter = OVER;
    const woken = this.#list.leave();
    try {
      return this.#steps.resume(this.#primitive, this.#argument);
    } catch (error) {
      this.#steps.abandon(this.#primitive, woken);
      throw error;
    }
  }

  #close(): void {
    const waited = this.#waiter !== undefined && this.#waiter !== OVER;
    this.#waiter = OVER;
    if (waited) this.#steps.abandon(this.#primitive, this.#list.leave());
  }
}

const ShownWaiting = /* @__PURE__ */ shown(Waiting);

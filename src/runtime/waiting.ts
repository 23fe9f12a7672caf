// Operations that wait on a list: acquire, get, put... Their coroutines are hand-written, because that costs a fraction of a
// generator, and because all of them wait in the same way.

import { operation } from "./operation.ts";
import { type Coroutine, PARKS, RETURNS, type Suspension } from "./suspension.ts";
import type { WaiterList } from "./waiter-list.ts";

/** What `begin` and `resume` return when the operation has to wait. */
export const MUST_WAIT: unique symbol = Symbol("must wait");

const CREATED = 0;
const PARKED = 1;
const DONE = 2;

/** The coroutine of an operation that waits until it can be done. */
export abstract class Waiting<T> implements Iterator<Suspension, T, unknown> {
  readonly #list: WaiterList;
  #state = CREATED;

  /** @param list where it waits, which also has its name */
  constructor(list: WaiterList) {
    this.#list = list;
  }

  /** The coroutine as the program gets it. */
  operation(): Coroutine<T> {
    return operation(this.#list.operation, this);
  }

  /** Does it when it can be done at once. */
  protected abstract begin(): T | typeof MUST_WAIT;

  /** Does it behind a wait; `woken` says whether somebody woke this task. */
  protected abstract resume(woken: boolean): T | typeof MUST_WAIT;

  /** It ends with an error behind a wait: what a wake-up was for is for somebody else. */
  protected abstract abandon(woken: boolean): void;

  next(): IteratorResult<Suspension, T> {
    if (this.#state === DONE) return RETURNS as IteratorReturnResult<never>;
    const value = this.#state === CREATED ? this.#begin() : this.#resume();
    if (value === MUST_WAIT) {
      this.#list.park();
      this.#state = PARKED;
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
    return `<coroutine ${this.#list.operation}>`;
  }

  #begin(): T | typeof MUST_WAIT {
    this.#state = DONE;
    return this.begin();
  }

  #resume(): T | typeof MUST_WAIT {
    this.#state = DONE;
    const woken = this.#list.leave();
    try {
      return this.resume(woken);
    } catch (error) {
      this.abandon(woken);
      throw error;
    }
  }

  #close(): void {
    const waited = this.#state === PARKED;
    this.#state = DONE;
    if (waited) this.abandon(this.#list.leave());
  }
}

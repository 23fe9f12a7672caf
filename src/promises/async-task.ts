// The activation of an async function: a task that is a promise. It starts at once, up to its first await, and ends
// with what its body returns, or what that is a promise of.

import type { Loop } from "../runtime/loop.ts";
import type { Future } from "../runtime/future.ts";
import type { Coroutine, Suspension } from "../runtime/suspension.ts";
import { Task } from "../runtime/task.ts";
import { adopt } from "./adopt.ts";
import { PROMISE_MEMBERS } from "./as-promise.ts";
import { LoopPromise, isObject, isShared } from "./promise.ts";

export class AsyncTask<T> extends Task<T> implements Promise<T> {
  static override readonly name: string = "Promise";
  declare readonly [Symbol.toStringTag]: string;
  declare catch: Promise<T>["catch"];
  declare finally: Promise<T>["finally"];

  /** @param name of the function */
  constructor(loop: Loop, body: Coroutine<unknown>, name: string | undefined) {
    const coroutine = new Activation(body) as Iterator<Suspension, unknown> as Coroutine<T>;
    super(coroutine, name === undefined ? { loop, eagerStart: true } : { loop, eagerStart: true, name });
  }

  /** A promise is left to those who wait for it as well. */
  protected override leaves(awaited: Future<unknown>): boolean {
    return awaited.then === LoopPromise.prototype.then && isShared(awaited);
  }
}

Object.defineProperties(AsyncTask.prototype, PROMISE_MEMBERS);

/** The body of an async function, and behind it what adopts its value. */
class Activation implements Iterator<Suspension, unknown> {
  #coroutine: Coroutine<unknown>;
  #isAdopting = false;

  constructor(body: Coroutine<unknown>) {
    this.#coroutine = body;
  }

  next(): IteratorResult<Suspension, unknown> {
    return this.#adopted(this.#coroutine.next());
  }

  throw(error: unknown): IteratorResult<Suspension, unknown> {
    return this.#adopted(this.#coroutine.throw(error));
  }

  return(value: unknown): IteratorResult<Suspension, unknown> {
    return this.#coroutine.return(value);
  }

  [Symbol.iterator](): this {
    return this;
  }

  #adopted(step: IteratorResult<Suspension, unknown>): IteratorResult<Suspension, unknown> {
    if (step.done !== true || this.#isAdopting || !isObject(step.value)) return step;
    this.#isAdopting = true;
    this.#coroutine = adopt(step.value);
    return this.#coroutine.next();
  }
}

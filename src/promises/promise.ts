// Promises of the loop: ECMAScript's Promise over our Future, which is what a lowered module gets for that name.
//
// A microtask queue is first in, first out, and so is the ready queue: a reaction is a done-callback, a job of the
// language a callback. So the order is the language's, to the tick. What is added is cancellation: it ends a promise
// for those who wait, and goes on to what the promise follows as long as nobody else waits for that.
//
// Outside of a loop the name stands for the host's own promises.

import { NONE } from "../core/abi.ts";
import { CancelledError } from "../errors/asyncio.ts";
import { RuntimeError } from "../errors/base.ts";
import { type Derivation, Future, checkMessage, isFuture } from "../runtime/future.ts";
import type { DoneCallback } from "../runtime/handle.ts";
import { type Loop, runningLoop } from "../runtime/loop.ts";
import { format } from "../support/format.ts";
import { isA } from "../support/is-a.ts";
import { HIDDEN, reveal } from "./future-methods.ts";
import { type Settled, all, allSettled, any, combine, race } from "./combinators.ts";
import {
  type Capability,
  type Executor,
  type PromiseClass,
  type Reject,
  NOBODY,
  type Target,
  react,
  seeing,
} from "./reaction.ts";
import { expectFailure, watchRejection } from "./rejections.ts";

const HostPromise = Promise;

/** In the place of an executor: the library settles the promise. */
const LATER: Executor = () => {};

/** Whether a value is an object, as the language means it. */
export const isObject = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function";

/** A promise of the running loop. Mirrors the language's Promise. */
export class LoopPromise<T> extends Future<T> implements Promise<T> {
  static override readonly name: string = "Promise";
  declare readonly [Symbol.toStringTag]: string;
  declare readonly derivation?: Derivation;
  /** @internal What it follows: a cancellation goes on to that. */
  declare upstream: readonly Future<unknown>[];
  /** @internal Who is at work for it, and is cancelled in its place; null: nobody. */
  declare worker: Pick<Future<unknown>, "cancel"> | null;
  /** @internal Its reactions at what it follows, which are taken back when it is settled before. */
  declare reactions: readonly DoneCallback[];
  /** @internal Whether it was made for a value of Promise.race and its kin: nobody else has it. */
  declare isOwn?: boolean;

  constructor(executor: (resolve: (value: T | PromiseLike<T>) => void, reject: Reject) => void) {
    if (typeof executor !== "function") throw new TypeError(`Promise resolver ${format(executor)} is not a function`);
    const loop = runningLoop();
    if (loop === null) {
      if (new.target === LoopPromise) return new HostPromise<T>(executor) as LoopPromise<T>;
      throw new RuntimeError(`Cannot make a ${new.target.name}: there is no running loop`);
    }
    super(loop.own);
    this.upstream = NOTHING;
    this.worker = null;
    this.reactions = NO_REACTIONS;
    if ((executor as Executor) === LATER) return;
    const { resolve, reject } = resolversOf(this);
    try {
      executor(resolve, reject);
    } catch (error) {
      reject(error);
    }
  }

  override then<R1 = T, R2 = never>(
    onFulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onRejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): LoopPromise<R1 | R2> {
    return performThen(this, onFulfilled, onRejected) as LoopPromise<R1 | R2>;
  }

  catch<R = never>(onRejected?: ((reason: unknown) => R | PromiseLike<R>) | null): LoopPromise<T | R> {
    return this.then(undefined, onRejected);
  }

  finally(onFinally?: (() => void) | null): LoopPromise<T> {
    return performFinally(this, onFinally) as LoopPromise<T>;
  }

  /**
   * Cancels it, and what it follows where nothing else waits for that. When somebody is at work for it, his work is
   * cancelled instead, and the promise ends with that.
   */
  override cancel(message?: string): boolean {
    checkMessage(message);
    if (this.isDone) return false;
    if (this.worker !== null) return this.worker.cancel(message);
    const chain: LoopPromise<unknown>[] = [this]; // of any length
    for (let promise = chain.pop(); promise !== undefined; promise = chain.pop()) {
      const sources = promise.upstream.filter((source) => !source.isDone && !isShared(source));
      promise.end(message);
      for (const source of sources) {
        if (isPlain(source)) chain.push(source);
        else source.cancel(message);
      }
    }
    return true;
  }

  private end(message: string | undefined): void {
    super.cancel(message);
  }

  /** @internal Resolves it: what has a `then` is followed. */
  resolveWith(value: unknown): void {
    if (this.isDone) {
      if (this.isCancelled && isFuture(value)) abandon(value);
      return;
    }
    if (!isObject(value)) return this.succeed(value as T);
    if (value === this) return this.fail(new TypeError("Chaining cycle detected for promise"));
    let then: unknown;
    try {
      then = thenOf(value);
    } catch (error) {
      return this.rejectWith(error);
    }
    if (typeof then !== "function") return this.succeed(value as T);
    if (isFuture(value)) this.upstream = [value];
    this.loop.callSoon(follow, this as LoopPromise<unknown>, value, then);
  }

  /** @internal Rejects it; by a CancelledError it is cancelled. */
  rejectWith(error: unknown): void {
    if (this.isDone) return;
    if (isA(error, CancelledError)) this.endCancelled(error);
    else this.fail(error);
  }

  protected override settle(state: number, outcome: unknown): void {
    const { reactions } = this;
    this.upstream = NOTHING; // a chain keeps nothing of what is over
    this.reactions = NO_REACTIONS;
    super.settle(state, outcome);
    for (const each of reactions) {
      const { future } = each;
      if (future.isDone) continue;
      each.unsubscribe();
      future.closeIfUnused();
      if ((future as LoopPromise<unknown>).isOwn === true) future.succeed(undefined);
    }
  }

  /** @internal */
  override reveal(): void {
    reveal(this);
  }

  /** @internal */
  override watchFailure(error: unknown): (() => void) | null {
    return watchRejection(this, error);
  }

  static get [Symbol.species](): unknown {
    return this;
  }

  /** All that is a promise: the host's, and each future of the loop. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this === LoopPromise && (value instanceof HostPromise || isFuture(value))) return true;
    return Function.prototype[Symbol.hasInstance].call(this, value);
  }

  static resolve(): LoopPromise<void>;
  static resolve<T>(value: T): LoopPromise<Awaited<T>>;
  static resolve<T>(value?: T): LoopPromise<Awaited<T>> {
    if (!isObject(this)) throw new TypeError("PromiseResolve called on non-object");
    return resolveBy(classFor(this), value) as LoopPromise<Awaited<T>>;
  }

  static reject<T = never>(error?: unknown): LoopPromise<T> {
    const { promise, reject } = capability(classFor(this));
    reject(error);
    return promise as LoopPromise<T>;
  }

  static withResolvers<T>(): {
    promise: LoopPromise<T>;
    resolve: (value: T | PromiseLike<T>) => void;
    reject: Reject;
  } {
    const { promise, resolve, reject } = capability(classFor(this));
    return { promise: promise as LoopPromise<T>, resolve, reject };
  }

  static try<A extends unknown[], T>(callback: (...args: A) => T, ...args: A): LoopPromise<Awaited<T>> {
    const { promise, resolve, reject } = capability(classFor(this));
    try {
      resolve(callback(...args));
    } catch (error) {
      reject(error);
    }
    return promise as LoopPromise<Awaited<T>>;
  }

  static all<const A extends readonly unknown[]>(values: A): LoopPromise<{ -readonly [K in keyof A]: Awaited<A[K]> }>;
  static all<T>(values: Iterable<T>): LoopPromise<Awaited<T>[]>;
  static all(values: Iterable<unknown>): unknown {
    return combined(this, values, all);
  }

  static allSettled<const A extends readonly unknown[]>(
    values: A,
  ): LoopPromise<{ -readonly [K in keyof A]: Settled<Awaited<A[K]>> }>;
  static allSettled<T>(values: Iterable<T>): LoopPromise<Settled<Awaited<T>>[]>;
  static allSettled(values: Iterable<unknown>): unknown {
    return combined(this, values, allSettled);
  }

  static any<T>(values: Iterable<T>): LoopPromise<Awaited<T>> {
    return combined(this, values, any) as LoopPromise<Awaited<T>>;
  }

  static race<T>(values: Iterable<T>): LoopPromise<Awaited<T>> {
    return combined(this, values, race) as LoopPromise<Awaited<T>>;
  }
}

const NOTHING: readonly Future<unknown>[] = [];
const NO_REACTIONS: readonly DoneCallback[] = [];
const RESOLVE: unknown = LoopPromise.resolve;

Object.defineProperties(LoopPromise.prototype, {
  ...HIDDEN,
  [Symbol.toStringTag]: { value: "Promise", configurable: true },
  // For deadlocks: what is really waited for.
  derivation: {
    get(this: LoopPromise<unknown>): Derivation | undefined {
      return this.upstream.length === 0 ? undefined : { operation: "Promise", sources: this.upstream };
    },
  },
});

/** Whether more than one waits for a future that is pending. */
export function isShared(future: Future<unknown>): boolean {
  const { id, loop } = future;
  const { core } = loop;
  return id !== NONE && core.nextWaiter(core.firstWaiter(id)) !== NONE;
}

/** Cancels a future that was about to be followed, unless somebody waits for it; its failure is nobody's any more. */
export function abandon(future: Future<unknown>): void {
  const { id, loop } = future;
  expectFailure(future);
  if (id === NONE || loop.core.firstWaiter(id) === NONE) future.cancel();
}

/** Whether cancelling a future is ending it, and asking what it follows. */
function isPlain(future: Future<unknown>): future is LoopPromise<unknown> {
  return future.cancel === LoopPromise.prototype.cancel && (future as LoopPromise<unknown>).worker === null;
}

/** A future of the library's, whose own `then` gives a promise of the host's. */
const isForeign = (future: Future<unknown>): boolean => future.then === Future.prototype.then;

/** The method `then` of an object: for futures of the library's the one that stays in the loop. */
export function thenOf(value: object): unknown {
  return isFuture(value) && isForeign(value) ? LoopPromise.prototype.then : (value as { then?: unknown }).then;
}

/** The language's NewPromiseResolveThenableJob: has a promise follow what has a `then`. */
export function follow(promise: LoopPromise<unknown>, thenable: object, then: Function): void {
  if (isOurs(thenable, then)) {
    if (promise.isDone) return expectFailure(thenable);
    const reaction = react(thenable, null, null, promise); // that one's promise would be nobody's
    if (reaction !== undefined) promise.reactions = [reaction];
    return;
  }
  const { resolve, reject } = resolversOf(promise);
  try {
    if (thenable instanceof HostPromise && then === HostPromise.prototype.then)
      promise.loop.arrivals.follow(thenable, promise);
    else then.call(thenable, resolve, reject);
  } catch (error) {
    reject(error);
  }
}

/** Whether what is followed is a future of the loop, with the class and the `then` that it was made with. */
export function isOurs(thenable: object, then: unknown): thenable is Future<unknown> {
  if (!isFuture(thenable) || then !== LoopPromise.prototype.then) return false;
  return thenable.constructor === LoopPromise || isForeign(thenable);
}

/** The functions that settle a promise, once. They may be called from outside of the loop's turns. */
function resolversOf(promise: Target & { readonly loop: Loop }): {
  resolve: (value?: unknown) => void;
  reject: Reject;
} {
  let isResolved = false;
  const settle = (how: "resolveWith" | "rejectWith", value: unknown): void => {
    if (isResolved) return;
    isResolved = true;
    const { loop } = promise;
    if (loop.inTurn) promise[how](value);
    else if (!loop.isClosed()) loop.arrivals.deliver("promise", () => promise[how](value));
  };
  return {
    resolve: (value) => settle("resolveWith", value),
    reject: seeing((error) => settle("rejectWith", error)),
  };
}

/** The constructor that a static method works with: outside of a loop the host's is in the place of ours. */
function classFor(made: unknown): PromiseClass {
  return made === LoopPromise && runningLoop() === null ? HostPromise : (made as PromiseClass);
}

/** A promise of the running loop that the library settles. */
export function pendingPromise(): LoopPromise<unknown> {
  return new LoopPromise<unknown>(LATER);
}

/** The language's NewPromiseCapability. */
function capability(made: PromiseClass): Capability {
  if ((made as unknown) === LoopPromise) {
    const promise = pendingPromise();
    return { promise, ...resolversOf(promise) };
  }
  if (typeof made !== "function") throw new TypeError(`${format(made)} is not a constructor`);
  let resolve: unknown;
  let reject: unknown;
  const promise = new made((first, second) => {
    if (resolve !== undefined || reject !== undefined)
      throw new TypeError("Promise executor has already been invoked with non-undefined arguments");
    resolve = first;
    reject = second;
  });
  if (typeof resolve !== "function" || typeof reject !== "function")
    throw new TypeError("Promise resolve or reject function is not callable");
  return { promise, resolve, reject } as Capability;
}

/** The language's PromiseResolve. */
function resolveBy(made: PromiseClass, value: unknown): object {
  const isPromise = value instanceof HostPromise || (isFuture(value) && !isForeign(value));
  if (isPromise && value.constructor === made) return value;
  const { promise, resolve } = capability(made);
  resolve(value);
  return promise;
}

/** What an `await` waits for: a future as it is, of all else a promise. */
export function futureFor(value: object): Future<unknown> {
  if (isFuture(value) && (value.constructor === LoopPromise || isForeign(value))) return value;
  return resolveBy(LoopPromise, value) as LoopPromise<unknown>;
}

function combined(given: unknown, values: Iterable<unknown>, combination: Parameters<typeof combine>[3]): object {
  const made = classFor(given);
  const target = capability(made);
  const upstream: Future<unknown>[] = [];
  const reactions: DoneCallback[] = [];
  combine(made, values, target, combination, (member, handlers, value, resolve) => {
    const { then } = member as Thenable;
    if (isFuture(member)) upstream.push(member);
    if (!isOurs(member, then)) return void then.call(member, ...handlers);
    const reaction = react(member, ...handlers, NOBODY);
    if (reaction === undefined) return;
    reactions.push(reaction);
    if (member !== value && resolve === RESOLVE) (member as LoopPromise<unknown>).isOwn = true;
  });
  const { promise } = target;
  if (isFuture(promise) && !promise.isDone) Object.assign(promise, { upstream, reactions });
  return promise;
}

interface Thenable {
  then(onFulfilled: unknown, onRejected: unknown): unknown;
}

/**
 * The language's PerformPromiseThen, with the promise that it gives: outside of the loop's turns, where native code
 * awaits it, one of the host's.
 */
function performThen(future: Future<unknown>, onFulfilled: unknown, onRejected: unknown): object {
  if (!isFuture(future)) throw new TypeError(`${format(future)} is not a promise`);
  const loop = runningLoop();
  if (loop !== future.loop) {
    if (loop !== null && future.isDone) return performThen(settledAs(future), onFulfilled, onRejected);
    return Future.prototype.then.call(future, onFulfilled as null, onRejected as null);
  }
  const made = speciesOf(future);
  if ((made as unknown) !== LoopPromise) {
    const { promise, resolve, reject } = capability(made);
    react(future, onFulfilled, onRejected, { resolveWith: resolve, rejectWith: reject });
    return promise;
  }
  const promise = pendingPromise();
  promise.upstream = [future];
  react(future, onFulfilled, onRejected, promise);
  return promise;
}

/** A promise of the running loop, settled as one of another loop is: modules keep such for all that comes. */
function settledAs(future: Future<unknown>): LoopPromise<unknown> {
  try {
    return LoopPromise.resolve(future.outcome());
  } catch (error) {
    return LoopPromise.reject(error);
  }
}

function speciesOf(future: Future<unknown>): PromiseClass {
  const { constructor } = future as { constructor: unknown };
  if (constructor === LoopPromise || constructor === undefined || isForeign(future)) return LoopPromise;
  if (!isObject(constructor)) throw new TypeError("The constructor of a promise is not an object");
  return (constructor as { [Symbol.species]?: PromiseClass })[Symbol.species] ?? LoopPromise;
}

/** The language's `finally`; a cancellation calls the handler, too. */
function performFinally(future: Future<unknown>, onFinally: unknown): object {
  const { then } = future as unknown as { then(onFulfilled: unknown, onRejected: unknown): object };
  if (typeof onFinally !== "function") return then.call(future, onFinally, onFinally);
  const made = classFor(speciesOf(future));
  const after = (end: () => unknown): unknown => (resolveBy(made, onFinally()) as PromiseLike<unknown>).then(end);
  return then.call(
    future,
    (value: unknown) => after(() => value),
    seeing((error) =>
      after(() => {
        throw error;
      }),
    ),
  );
}

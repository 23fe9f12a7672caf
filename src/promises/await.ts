// `await` of a lowered module: `yield* await_(value)`. Also calls in place: `await f()` of a lowered function runs that
// in the task that awaits, as `await f()` does in Python, and gives way once at its end: the ticks are the language's.
//
// The iterators are hand-written: they cost less, and they are asked while the async function is on the stack, so that
// debug mode sees its place.

import { CancelledError } from "../errors/asyncio.ts";
import { RuntimeError } from "../errors/base.ts";
import { Future } from "../runtime/future.ts";
import { onlyLoop, runningLoop } from "../runtime/loop.ts";
import { type Coroutine, GIVES_WAY, type Suspension, isCoroutine } from "../runtime/suspension.ts";
import { Frame, type Step } from "./activation.ts";
import { isA } from "../support/is-a.ts";
import { AsyncTask } from "./async-task.ts";
import { runOutside, visit } from "./outside.ts";
import { LoopPromise, isObject, futureFor } from "./promise.ts";

/** The call that is being awaited: `d.f` is the function that is about to be called, `d.coro` the body that it gave. */
export const d: { f: unknown; coro: Coroutine<unknown> | null } = { f: null, coro: null };

/**
 * Starts an async function: as a task of the running loop, or of the only one that runs, between its turns, when the
 * host has called it; else on promises of the host's.
 */
export function run(body: Coroutine<unknown>, name?: string): Promise<unknown> {
  const loop = runningLoop();
  if (loop !== null) return new AsyncTask(loop, body, name).start(body);
  const only = onlyLoop();
  return only === null ? runOutside(body) : visit(only, () => new AsyncTask(only, body, name).start(body));
}

/** As `run`, where making the body may throw: its parameters have patterns or defaults. */
export function call(
  make: (...args: unknown[]) => Coroutine<unknown>,
  self: unknown,
  args: ArrayLike<unknown>,
  name?: string,
): Promise<unknown> {
  let body: Coroutine<unknown>;
  try {
    body = Reflect.apply(make, self, args) as Coroutine<unknown>;
  } catch (error) {
    return LoopPromise.reject(error);
  }
  return run(body, name);
}

/** As `run`, of a function that is awaited in place when it is called by `await self()`. */
export function runAs(body: Coroutine<unknown>, name: string, self: unknown): unknown {
  const isAwaited = d.f === self;
  if (isAwaited) d.f = null;
  const loop = runningLoop();
  if (loop === null) return run(body, name);
  return isAwaited ? (d.coro = body) : new AsyncTask(loop, body, name).start(body);
}

/** Stands around the last argument of a call that is awaited: `f` is about to be called, behind all of them. */
export function calling(argument: unknown, f: unknown): unknown {
  d.f = f;
  return argument;
}

/** What `yield*` is given for an await. */
export function await_(value?: unknown): Iterable<Suspension> {
  const { coro } = d;
  if (coro !== null) {
    d.coro = null;
    if (coro === value) return new Frame(coro) as Iterable<never>;
  }
  d.f = null;
  return new Await(value) as Iterable<never>;
}

/** As `await_`, for what the language awaits by itself: a generator is a value like others there. */
export function settled(value: unknown): Iterable<Suspension> {
  return await_(isObject(value) && isCoroutine(value) ? LoopPromise.resolve(value) : value);
}

const FRESH = 0;
const GAVE_WAY = 1;
const AWAITED = 2;
const DELEGATED = 3;
const OUTSIDE = 4;

class Await implements Iterator<Suspension, unknown> {
  #state = FRESH;
  /** The value; the future; what is run in place. */
  #value: unknown;

  constructor(value: unknown) {
    this.#value = value;
  }

  next(sent?: unknown): Step {
    switch (this.#state) {
      case FRESH:
        return this.#begin();
      case GAVE_WAY:
        return { done: true, value: this.#value };
      case AWAITED:
        return { done: true, value: (this.#value as Future<unknown>).outcome() };
      case DELEGATED:
        return (this.#value as Coroutine<unknown>).next();
      default:
        return { done: true, value: sent };
    }
  }

  throw(error: unknown): Step {
    if (this.#state === DELEGATED) return (this.#value as Coroutine<unknown>).throw(error);
    throw error;
  }

  return(value: unknown): Step {
    if (this.#state === DELEGATED) return (this.#value as Coroutine<unknown>).return(value);
    return { done: true, value };
  }

  [Symbol.iterator](): this {
    return this;
  }

  #begin(): Step {
    const value = this.#value;
    const loop = runningLoop();
    if (loop === null) return this.#beginOutside(value);
    loop.noteSuspension();
    this.#state = GAVE_WAY;
    if (!isObject(value)) return GIVES_WAY;
    if (!(value instanceof Future) && isCoroutine(value)) {
      this.#state = DELEGATED;
      this.#value = value[Symbol.iterator]();
      return (this.#value as Coroutine<unknown>).next();
    }
    const future = futureFor(value);
    this.#state = AWAITED;
    this.#value = future;
    if (future.isDone) {
      future.retrieved(); // whatever becomes of who awaits it
      return GIVES_WAY;
    }
    future._asyncioFutureBlocking = true;
    return { done: false, value: future as unknown as Suspension };
  }

  #beginOutside(value: unknown): Step {
    if (isCoroutine(value)) throw new RuntimeError("no running event loop");
    this.#state = OUTSIDE;
    return { done: false, value: value as Suspension };
  }
}

/**
 * Comes first in a `catch` that does not speak of CancelledError: a cancellation passes, as it does by Python's `except
 * Exception`.
 */
export function pass(error: unknown): void {
  d.f = null; // the call that was to be awaited may have thrown before it was made
  if (isA(error, CancelledError)) throw error;
}

// Asynchronous context managers: what `async with` works on, and the one place that says how.

import { format } from "./format.ts";
import { isFuture } from "./future.ts";
import { operation } from "./operation.ts";
import { type Coroutine, isCoroutine } from "./suspension.ts";

/**
 * What `async with` works on: something that is entered before a body and left behind it, both as coroutines.
 *
 * `S` is what `aexit` may return: `void` says that it never swallows an error, so that `with` returns what the body returns.
 */
export interface AsyncContextManager<T, S extends boolean | void = boolean | void> {
  /** Enters: Python's __aenter__. What it returns is given to the body. */
  aenter(): Coroutine<T>;
  /** Leaves, with the error that the body threw when `failed`: Python's __aexit__. Returning true swallows that error. */
  aexit(error: unknown, failed: boolean): Coroutine<S>;
}

/**
 * Runs `body` inside a manager and returns what it returns: Python's `async with`. The manager is left whatever happens; an
 * error of the body is rethrown unless `aexit` returns true: then the result is undefined. Throws TypeError, at the call, when
 * the body is not a function.
 */
export function withManager<T, R>(
  manager: AsyncContextManager<T, void>,
  body: (value: T) => Coroutine<R>,
): Coroutine<R>;
export function withManager<T, R>(
  manager: AsyncContextManager<T>,
  body: (value: T) => Coroutine<R>,
): Coroutine<R | undefined>;
export function withManager<T, R>(
  manager: AsyncContextManager<T>,
  body: (value: T) => Coroutine<R>,
): Coroutine<R | undefined> {
  checkBody(body);
  return operation("with", enterAndLeave(manager, body));
}

/** Throws TypeError when the body of an `async with` is not a function: before anything is entered. */
export function checkBody(body: unknown): void {
  if (typeof body !== "function")
    throw new TypeError(`Cannot enter: expected a function for the body, got ${format(body)}`);
}

/**
 * What a function of the program returned, for `yield*`. Throws TypeError for what is neither coroutine nor future: as from
 * a `function` without its star. `what` names the function.
 */
export function awaitedOf<C>(returned: C, what: string): C {
  if (isCoroutine(returned) || isFuture(returned)) return returned;
  throw new TypeError(`Cannot await what ${what} returned: expected a coroutine, got ${format(returned)}`);
}

function* enterAndLeave<T, R>(
  manager: AsyncContextManager<T>,
  body: (value: T) => Coroutine<R>,
): Coroutine<R | undefined> {
  const value = yield* awaitedOf(manager.aenter(), "aenter");
  let result: R;
  try {
    result = yield* awaitedOf(body(value), "the body");
  } catch (error) {
    if (yield* awaitedOf(manager.aexit(error, true), "aexit")) return undefined;
    throw error;
  }
  yield* awaitedOf(manager.aexit(undefined, false), "aexit");
  return result;
}

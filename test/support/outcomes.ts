// What a call returns or an awaitable gives, or the error that it ends with, in Python's words: so a trace is plain
// data, and the same as CPython's.

import { type Awaitable, type Coroutine, TimeoutError, ensureFuture } from "wasyncio";

/** The message of an error, as CPython has it: of a deadline that has passed it has none. */
export function messageOf(error: Error): string {
  return error instanceof TimeoutError && error.message.startsWith("timed out") ? "" : error.message;
}

/** An error in words: its class, its message if it has one, and the members of a group. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `not an error: ${String(error)}`;
  const text = messageOf(error);
  const message = text === "" ? "" : `'${text}'`;
  if (!(error instanceof AggregateError)) return `${error.name}(${message})`;
  return `${error.name}(${message}, [${error.errors.map(describeError).join(", ")}])`;
}

/** What a call returns, or its error in words: "RuntimeError('Event loop is closed')". */
export function attempt<T>(call: () => T): T | string {
  try {
    return call();
  } catch (error) {
    return describeError(error);
  }
}

/** What an awaitable gives, or its error in words. */
export function* attemptAwait<T>(awaitable: Awaitable<T>): Coroutine<T | string> {
  try {
    return yield* Symbol.iterator in awaitable ? (awaitable as Coroutine<T>) : ensureFuture(awaitable);
  } catch (error) {
    return describeError(error);
  }
}

/** Waits for all, whatever becomes of them. */
export function* settle(awaitables: Iterable<Awaitable<unknown>>): Coroutine<void> {
  for (const awaitable of awaitables) yield* attemptAwait(awaitable);
}

/** Replaces where something was made by PLACE. */
export function withoutPlaces(text: string): string {
  return text.replace(/created at .*?:\d+:\d+\)?/g, "created at PLACE");
}

/** Python's error, for programs that throw one. */
export class KeyError extends Error {
  override readonly name = "KeyError";
}

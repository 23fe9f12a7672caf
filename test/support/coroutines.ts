// The smallest coroutines, each of which does one thing: what programs of tests are made of.

import { type Awaitable, type Coroutine, sleep } from "wasyncio";

/** Gives way for a number of iterations. */
export function* spin(iterations: number): Coroutine<void> {
  for (let i = 0; i < iterations; i++) yield* sleep(0);
}

/** Neither waits nor returns anything. */
export function* nothing(): Coroutine<void> {}

/** Returns a value without waiting. */
export function* giving<T>(value: T): Coroutine<T> {
  return value;
}

/** Throws without waiting. */
export function* throwing(error: unknown): Coroutine<never> {
  throw error;
}

/** Awaits, and nothing else. */
export function* awaiting<T>(awaitable: Iterable<unknown> & Awaitable<T>): Coroutine<T> {
  return yield* awaitable as Coroutine<T>;
}

/** Yields anything past the types, once, and returns what it is resumed with. */
export function* yielding(value: unknown): Coroutine<unknown> {
  return yield value as never;
}

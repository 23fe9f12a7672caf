// Python's `async with`, for any manager.

import { type AsyncContextManager, checkManager, withManager } from "../waiting/async-with.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import type { Coroutine } from "../runtime/suspension.ts";

/**
 * Enters a manager, runs a block with what `aenter` gave, and leaves it whatever happens. Mirrors Python's
 * `async with`.
 * @returns what the block returns, or undefined when `aexit` swallowed its error
 * @throws TypeError for what is not a manager
 *
 * @example
 * yield* withAsync(pool.connection(), function* (connection) {
 *   yield* connection.query("select 1");
 * });
 */
export function withAsync<V, T>(manager: AsyncContextManager<V, void>, body: (value: V) => Awaitable<T>): Coroutine<T>;
export function withAsync<V, T>(
  manager: AsyncContextManager<V>,
  body: (value: V) => Awaitable<T>,
): Coroutine<T | undefined>;
export function withAsync<V, T>(
  manager: AsyncContextManager<V>,
  body: (value: V) => Awaitable<T>,
): Coroutine<T | undefined> {
  return withManager(checkManager(manager), body);
}

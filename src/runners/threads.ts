// What needs worker threads: the names are there, and say so.

import { NotAvailableError } from "../errors/base.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Coroutine } from "../runtime/suspension.ts";

/**
 * Not available yet. Mirrors asyncio.to_thread.
 * @throws NotAvailableError at each call
 */
export function toThread<A extends unknown[], T>(_fn: (...args: A) => T, ..._args: A): Coroutine<T> {
  throw new NotAvailableError("toThread");
}

/**
 * Not available yet. Mirrors asyncio.run_coroutine_threadsafe.
 * @throws NotAvailableError at each call
 */
export function runCoroutineThreadsafe<T>(_coro: Coroutine<T>, _loop: EventLoop): Promise<T> {
  throw new NotAvailableError("runCoroutineThreadsafe");
}

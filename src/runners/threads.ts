// What needs other threads to have a hold of a loop: the name is there, and says so.

import { NotAvailableError } from "../errors/base.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Coroutine } from "../runtime/suspension.ts";

/**
 * Not available yet. Mirrors asyncio.run_coroutine_threadsafe.
 * @throws NotAvailableError at each call
 */
export function runCoroutineThreadsafe<T>(_coro: Coroutine<T>, _loop: EventLoop): Promise<T> {
  throw new NotAvailableError("runCoroutineThreadsafe");
}

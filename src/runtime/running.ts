// The running loop as programs ask for it: by its class, which stands on top of the runtime.

import type { EventLoop } from "./event-loop.ts";
import { requireLoop, requireRunningLoop } from "./loop.ts";

/**
 * The loop whose turn it is. Mirrors asyncio.get_running_loop.
 * @throws RuntimeError when none runs, as between its turns
 */
export function getRunningLoop(): EventLoop {
  return requireRunningLoop() as EventLoop; // the one class of loops
}

/**
 * The running loop, else the one set by `setEventLoop`. Mirrors asyncio.get_event_loop.
 * @throws RuntimeError when there is neither
 */
export function getEventLoop(): EventLoop {
  return requireLoop() as EventLoop;
}

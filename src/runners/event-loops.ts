// Making and choosing event loops by hand.

import { EventLoop } from "../runtime/event-loop.ts";
import { format } from "../support/format.ts";
import { chooseLoop } from "../runtime/loop.ts";

/**
 * A new event loop on the host that the program runs on; it does not become the current one. Mirrors
 * asyncio.new_event_loop.
 */
export function newEventLoop(): EventLoop {
  return new EventLoop();
}

/**
 * Sets the loop that `getEventLoop` gives while none runs. Mirrors asyncio.set_event_loop.
 * @param loop null for none
 * @throws TypeError for anything else
 */
export function setEventLoop(loop: EventLoop | null): void {
  if (loop !== null && !(loop instanceof EventLoop)) {
    throw new TypeError(`loop must be an instance of EventLoop or null, not ${format(loop)}`);
  }
  chooseLoop(loop);
}

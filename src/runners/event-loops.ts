// Making and choosing event loops by hand.

import { EventLoop } from "../runtime/event-loop.ts";
import { format } from "../support/format.ts";
import { chooseLoop } from "../runtime/loop.ts";

/** A new event loop on the host that the program runs on: asyncio.new_event_loop. It does not become the current one. */
export function newEventLoop(): EventLoop {
  return new EventLoop();
}

/** Sets the loop that `getEventLoop` gives while none runs, or null for none: asyncio.set_event_loop. Throws TypeError for anything else. */
export function setEventLoop(loop: EventLoop | null): void {
  if (loop !== null && !(loop instanceof EventLoop)) {
    throw new TypeError(`loop must be an instance of EventLoop or null, not ${format(loop)}`);
  }
  chooseLoop(loop);
}

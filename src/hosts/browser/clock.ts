// Browsers, in windows and in workers. They have no Ctrl-C and no environment, and a page does not end because nothing
// is left to do.

import type { Host } from "../../drivers/clock.ts";
import { asyncContext } from "../parts/async-context.ts";
import { onCollected } from "../parts/collections.ts";
import { messages } from "../parts/messages.ts";
import { createTimerHost } from "../parts/timer-host.ts";

/** The host that the program runs on. */
export function createHost(): Host {
  return createTimerHost({
    waking: messages,
    sharedByRequests: true,
    onCollected,
    signals: () => "a page gets no signals",
    contexts: asyncContext,
  });
}

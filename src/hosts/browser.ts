// Browsers, in windows and in workers. They have no Ctrl-C and no environment, and a page does not end because nothing is left to do.

import type { Host } from "../runtime/host.ts";
import { onCollected } from "./collections.ts";
import { messages } from "./messages.ts";
import { createTimerHost } from "./timer-host.ts";

/** The host that the program runs on. */
export function createHost(): Host {
  return createTimerHost({ macrotask: messages, onCollected });
}

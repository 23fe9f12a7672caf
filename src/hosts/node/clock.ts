// Node. The process lives exactly as long as the loop has something to wait for: a pending turn and an armed timer keep
// it alive, a loop that only waits for the outside world does not, and is told when nothing of that is left.

import type { Host } from "../../drivers/clock.ts";
import { onCollected } from "../parts/collections.ts";
import { immediates } from "../parts/immediates.ts";
import { processParts } from "../parts/process.ts";
import { createTimerHost } from "../parts/timer-host.ts";

/** The host that the program runs on. */
export function createHost(): Host {
  return createTimerHost({ waking: immediates, sharedByRequests: true, onCollected, ...processParts() });
}

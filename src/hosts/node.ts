// Node. The process lives exactly as long as the loop has something to wait for: a pending turn and an armed timer keep it alive,
// a loop that only waits for the outside world does not, and is told when nothing of that is left.

import type { Host } from "../runtime/host.ts";
import { onCollected } from "./collections.ts";
import { immediates } from "./immediates.ts";
import { processParts } from "./process.ts";
import { createTimerHost } from "./timer-host.ts";

/** The host that the program runs on. */
export function createHost(): Host {
  return createTimerHost({ macrotask: immediates, onCollected, ...processParts });
}

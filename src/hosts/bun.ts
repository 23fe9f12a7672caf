// Bun: it has what Node has. A file of its own, so that it can part from Node where it has to.

import type { Host } from "../runtime/host.ts";
import { onCollected } from "./collections.ts";
import { immediates } from "./immediates.ts";
import { processParts } from "./process.ts";
import { createTimerHost } from "./timer-host.ts";

/** The host that the program runs on. */
export function createHost(): Host {
  return createTimerHost({ macrotask: immediates, onCollected, ...processParts });
}

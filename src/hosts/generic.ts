// A host of which nothing is known: it needs timers, a clock and a console, and ends when no timer is left, or does not.

import type { Host } from "../runtime/host.ts";
import { timeouts } from "./timeouts.ts";
import { createTimerHost } from "./timer-host.ts";

/** The host that the program runs on. */
export function createHost(): Host {
  return createTimerHost({ macrotask: timeouts });
}

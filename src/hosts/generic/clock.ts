// A host of which nothing is known: it needs timers, a clock and a console, and ends when no timer is left, or does
// not.

import type { Host } from "../../drivers/clock.ts";
import { Lifetime } from "../parts/lifetime.ts";
import { timeouts } from "../parts/timeouts.ts";
import { createTimerHost } from "../parts/timer-host.ts";

/** The host that the program runs on. */
export function createHost(): Host {
  const lifetime = new Lifetime(null);
  return createTimerHost({
    waking: timeouts,
    exhaustion: lifetime,
    keepAlive: (expecting) => lifetime.keepAlive(expecting),
  });
}

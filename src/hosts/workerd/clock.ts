// workerd: Cloudflare's Workers. One loop a request, made inside its handler: at the top of a module timers are
// refused, so that a run there rejects; and a timer belongs to the request that has set it.
//
// The clock stands still while code runs and moves with I/O, timers among it: a turn has to come by one, or a busy loop
// would never see a deadline pass. Messages are no way round that. They come where older workers have none, and run
// before promises do: five thousand of them were seen to keep a timer of 2 ms from firing. An immediate is there with
// nodejs_compat only, and takes as long as a timer, a millisecond. Older workers have no FinalizationRegistry, so
// nothing is said of what is collected.

import type { Host } from "../../drivers/clock.ts";
import { timeouts } from "../parts/timeouts.ts";
import { createTimerHost } from "../parts/timer-host.ts";

/** The host that the program runs on. */
export function createHost(): Host {
  return createTimerHost({
    waking: timeouts,
    sharedByRequests: false,
    signals: () => "a worker gets no signals",
  });
}

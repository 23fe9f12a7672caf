// A process about to end because nothing keeps it alive: loops that still run can never be woken, and are told.
//
// One listener tells all of them: Node warns from the eleventh on. It is there only while a loop runs.

import type { HostEvents } from "../../drivers/clock.ts";
import type { Exhaustion } from "./timer-host.ts";

/** How a host listens to its own end. */
export interface EndSource {
  listen(): void;
  unlisten(): void;
}

/** @param sourceFor makes the source that is to call `notify` */
export function createExhaustion(sourceFor: (notify: () => void) => EndSource): Exhaustion {
  const running = new Set<HostEvents>();
  const source = sourceFor(() => {
    const all = [...running]; // it may be changed meanwhile
    for (const events of all) events.exhausted();
  });
  return {
    watch(events) {
      running.add(events);
      if (running.size === 1) source.listen();
    },
    unwatch(events) {
      if (running.delete(events) && running.size === 0) source.unlisten();
    },
  };
}

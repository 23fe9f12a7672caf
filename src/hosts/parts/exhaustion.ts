// A process about to end because nothing keeps it alive: of the loops that still run one is told. How it ends may wake
// another one, which waits for its outcome: so the others have a further turn, and the next one is told at the end of
// that. First are those that follow no promise, which nobody's end could wake; among equals, who was started first.
//
// One listener serves all of them: Node warns from the eleventh on. It is there only while a loop runs.

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
    const waiting = [...running];
    const first = waiting.find((events) => events.followsPromises?.() !== true) ?? waiting[0];
    first?.exhausted();
    if (running.size > 0) setTimeout(() => {}, 0); // keeps the process for that turn
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

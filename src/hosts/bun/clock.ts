// Bun: it has what Node has. A file of its own, so that it can part from Node where it has to.

import type { Host } from "../../drivers/clock.ts";
import { asyncLocalStorages } from "../parts/async-local-storage.ts";
import { onCollected } from "../parts/collections.ts";
import { immediates } from "../parts/immediates.ts";
import { microtasks } from "../parts/microtasks.ts";
import { processParts } from "../parts/process.ts";
import { createTimerHost } from "../parts/timer-host.ts";

/** Made here, where nothing is stored yet: Bun's contexts cannot be emptied, and do not show what is in them. */
const contexts = asyncLocalStorages(true);

/** The host that the program runs on. */
export function createHost(): Host {
  return createTimerHost({
    waking: microtasks,
    yielding: immediates,
    sharedByRequests: true,
    requestSignalsTakeLong: true,
    onCollected,
    ...processParts(),
    contexts: () => contexts,
  });
}

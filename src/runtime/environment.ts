// The host that the program runs on, for what belongs to no event loop.

import { createHost } from "#host";
import type { Host } from "../drivers/clock.ts";

let host: Host | undefined;

/** The host that the program runs on, whatever hosts its loops have. */
export function hostOfProgram(): Host {
  return (host ??= createHost());
}

/**
 * Value of an environment variable, or undefined: also where there is none, or where the host would have to ask for it.
 */
export function environment(name: string): string | undefined {
  return hostOfProgram().environment?.(name);
}

/** Whether one loop may serve several requests there; undefined: that is not known. */
export function sharedByRequests(): boolean | undefined {
  return hostOfProgram().sharedByRequests;
}

// The environment of the host that the program runs on, for what is no event loop.

import { createHost } from "#host";
import type { Host } from "../drivers/clock.ts";

let host: Host | undefined;

/**
 * Value of an environment variable, or undefined: also where there is none, or where the host would have to ask for it.
 */
export function environment(name: string): string | undefined {
  host ??= createHost();
  return host.environment?.(name);
}

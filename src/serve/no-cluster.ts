// Hosts that have no node:cluster, or none that shares a port: Bun and Deno.

import { NotAvailableError } from "../errors/base.ts";
import type { Fork } from "./supervised-worker.ts";

export const isWorker = false;

/** Throws NotAvailableError. */
export function workersOf(): Fork {
  throw new NotAvailableError("workers", "they need node:cluster, which Node alone has; run one process, or several");
}

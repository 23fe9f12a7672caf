// Processes by node:child_process. Bun.spawn takes a tenth of a millisecond less of the processor for a child, but its
// pipes are web streams, of which each chunk costs a promise.

import type { Processes } from "../../drivers/processes.ts";
import { nodeProcesses } from "../parts/node-processes.ts";

/** The processes of the host that the program runs on. */
export const createProcesses = (): Processes => nodeProcesses();

// Processes by node:child_process: Bun.spawn takes as long, and its streams are web streams.

import type { Processes } from "../../drivers/processes.ts";
import { nodeProcesses } from "../parts/node-processes.ts";

/** The processes of the host that the program runs on. */
export const createProcesses = (): Processes => nodeProcesses();

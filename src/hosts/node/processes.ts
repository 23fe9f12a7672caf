// Node's processes.

import type { Processes } from "../../drivers/processes.ts";
import { nodeProcesses } from "../parts/node-processes.ts";

/** The processes of the host that the program runs on. */
export const createProcesses = (): Processes => nodeProcesses();

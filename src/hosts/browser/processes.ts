// Pages start no processes.

import type { Processes } from "../../drivers/processes.ts";
import { noProcesses } from "../parts/no-processes.ts";

/** The processes of the host that the program runs on. */
export const createProcesses = (): Processes => noProcesses("a page cannot start processes");

// A host of which nothing is known.

import type { Processes } from "../../drivers/processes.ts";
import { noProcesses } from "../parts/no-processes.ts";

/** The processes of the host that the program runs on. */
export const createProcesses = (): Processes => noProcesses("this host is not known to have any");

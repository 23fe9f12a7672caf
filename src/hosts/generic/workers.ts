// A host of which nothing is known.

import type { Workers } from "../../drivers/workers.ts";
import { noWorkers } from "../parts/no-workers.ts";

/** The workers of the host that the program runs on. */
export const createWorkers = (): Workers => noWorkers("this host is not known to have any");

// Node's workers.

import type { Workers } from "../../drivers/workers.ts";
import { nodeWorkers } from "../parts/node-workers.ts";

/** The workers of the host that the program runs on. */
export const createWorkers = (): Workers => nodeWorkers();

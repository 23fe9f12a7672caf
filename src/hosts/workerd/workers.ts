// workerd runs one thread for each worker of its own, which can start none.

import type { Workers } from "../../drivers/workers.ts";
import { noWorkers } from "../parts/no-workers.ts";

/** The workers of the host that the program runs on. */
export const createWorkers = (): Workers => noWorkers("workerd has neither threads nor processes for programs");

// The workers of pages: those that programs start, by scripts that their bundlers make.

import type { Workers } from "../../drivers/workers.ts";
import { NotAvailableError } from "../../errors/base.ts";
import { adoptWebWorker, parentOfWebWorker } from "../parts/web-workers.ts";

/** The workers of the host that the program runs on. */
export const createWorkers = (): Workers => ({
  cores: globalThis.navigator.hardwareConcurrency,
  sharesMemory: (kind) => kind === "thread" && globalThis.crossOriginIsolated,
  spawn: (kind) => {
    const script = "a page has no script for them: give the executor a `worker` of its own, which calls serveJobs";
    throw new NotAvailableError("workers", kind === "process" ? "pages have no processes" : script);
  },
  adopt: adoptWebWorker,
  parent: parentOfWebWorker,
});

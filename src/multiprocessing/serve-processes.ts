// Serves processes and pools in a worker: what its script calls, the package's own or a program's.

import { serveJobs } from "../executors/serve-jobs.ts";
import { knowShared } from "./known.ts";

/**
 * Has a worker that the program starts itself serve processes, pools, and executors whose jobs get what is shared: as
 * `serveJobs`, which knows no locks, values and queues.
 * @param registry the functions that it serves by name: the names of a module, mostly. Default: it loads modules, and
 *   takes functions as text
 * @throws RuntimeError in what is no worker; TypeError for what is no registry
 *
 * @example
 * // jobs.worker.ts
 * import * as jobs from "./jobs.ts";
 * serveProcesses(jobs);
 */
export function serveProcesses(registry?: Readonly<Record<string, unknown>>): void {
  knowShared();
  serveJobs(registry);
}

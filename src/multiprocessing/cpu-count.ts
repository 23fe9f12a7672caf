import { hostWorkers } from "../executors/host-workers.ts";

/** How many threads run at once, by what the host says of its machine. Mirrors multiprocessing.cpu_count. */
export function cpuCount(): number {
  return hostWorkers().cores;
}

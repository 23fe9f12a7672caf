// Workers as processes of node:cluster, on Node.

import cluster from "node:cluster";
import { getRunningLoop } from "../runtime/running.ts";
import type { WorkerMessage } from "./messages.ts";
import type { Fork } from "./supervised-worker.ts";

/** Whether this process is a worker. */
export const { isWorker } = cluster;

/** What starts workers of the program that runs: each begins as this process did. */
export function workersOf(): Fork {
  const { arrivals } = getRunningLoop();
  // Each worker accepts by itself: when the supervisor hands connections round, one that is on its way to a worker that
  // is killed is lost, and its client waits for ever. Who prefers an even share says so by Node's own variable.
  if (process.env["NODE_CLUSTER_SCHED_POLICY"] === undefined) cluster.schedulingPolicy = cluster.SCHED_NONE;
  return ({ heard, ended }) => {
    const worker = cluster.fork();
    const { pid = 0 } = worker.process;
    const deliver = (apply: () => void): void => arrivals.deliver("worker", apply);
    worker.on("message", (message: unknown) => {
      if (typeof message === "object" && message !== null && "wasyncio" in message)
        deliver(() => heard(message as WorkerMessage));
    });
    worker.on("exit", (code, signal: string | null) => deliver(() => ended(signal ?? `exit code ${code}`)));
    worker.on("error", (error) => {
      if (pid === 0) deliver(() => ended(error.message)); // else a message did not go, and it ends by itself
    });
    return {
      pid,
      tell: (message) => void (worker.isConnected() && worker.send(message)),
      kill: () => void worker.process.kill("SIGKILL"),
    };
  };
}

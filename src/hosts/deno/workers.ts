// Deno's workers: its own for threads, since those of node:worker_threads copy a megabyte in half a second, and
// node:child_process for processes. A message to one of these that cannot be copied would end the channel.

import type { Workers } from "../../drivers/workers.ts";
import { parentProcess, spawnProcess } from "../parts/worker-processes.ts";
import { workerScript } from "../parts/worker-script.ts";
import { adoptWebWorker, endOf, parentOfWebWorker } from "../parts/web-workers.ts";
import { receiveMessage } from "../parts/worker-threads.ts";

/** The workers of the host that the program runs on. */
export const createWorkers = (): Workers => ({
  cores: globalThis.navigator.hardwareConcurrency,
  sharesMemory: (kind) => kind === "thread",
  spawn: (kind, name, events) => {
    if (kind === "process") return spawnProcess(name, events, structuredClone);
    return endOf(new Worker(new URL(workerScript(), "file:"), { type: "module", name }), events);
  },
  adopt: adoptWebWorker,
  receive: receiveMessage,
  parent: () => parentProcess(structuredClone) ?? parentOfWebWorker(),
});

// Processes by node:child_process. Deno.Command takes a fifth of a millisecond less of the processor for a child, but
// its pipes are web streams, of which each chunk costs a promise. What a program is not allowed is told by an error of
// Deno's own.

import type { Processes } from "../../drivers/processes.ts";
import { nodeProcesses } from "../parts/node-processes.ts";

/** The processes of the host that the program runs on. */
export function createProcesses(): Processes {
  const processes = nodeProcesses();
  return {
    ...processes,
    spawn(command, events) {
      try {
        return processes.spawn(command, events);
      } catch (error) {
        const { name, message } = error as Error;
        if (name !== "NotCapable") throw error;
        events.failed({ code: "EPERM", syscall: "spawn", message: `Deno does not allow it: ${message}` }, command.file);
        return () => {};
      }
    },
  };
}

// Processes by node:child_process. Deno.Command takes a fifth of a millisecond less of the processor for a child, but
// its pipes are web streams, of which each chunk costs a promise. What a program is not allowed is told by an error of
// Deno's own.

import type { Processes } from "../../drivers/processes.ts";
import type { Fault } from "../../errors/os.ts";
import { nodeProcesses } from "../parts/node-processes.ts";
import type { NodeChild } from "../parts/node-types.ts";

/** A child, as Deno makes it. */
interface DenoChild extends NodeChild {
  killed: boolean;
  signalCode: string | null;
}

const { Deno, process } = globalThis as unknown as {
  Deno: { permissions: { querySync(wanted: { name: "run" }): { state: "granted" | "prompt" | "denied" } } };
  process: { kill(pid: number, signal: number): unknown };
};

/** The processes of the host that the program runs on. */
export function createProcesses(): Processes {
  const processes = nodeProcesses(sendSignal);
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

/**
 * A child's own `kill` takes any signal for its end: it closes the input, sends no other one later, and tells this one
 * as what the child ended by. The process's `kill` does not, and needs leave to run all programs. Where there is none,
 * a child forgets at least that it was sent one.
 */
function sendSignal(native: NodeChild, signal: number): Fault | null {
  const child = native as DenoChild;
  if (Deno.permissions.querySync({ name: "run" }).state !== "granted") {
    child.kill(signal);
    child.killed = false;
    child.signalCode = null;
    return null;
  }
  try {
    process.kill(child.pid as number, signal);
  } catch (error) {
    if ((error as Fault).code !== "ESRCH") return error as Fault; // it has ended, which is told a little later
  }
  return null;
}

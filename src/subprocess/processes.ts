// The processes of the host that the program runs on.

import { createProcesses } from "#processes";
import type { Processes } from "../drivers/processes.ts";
import { RuntimeError } from "../errors/base.ts";
import type { EventLoop } from "../runtime/event-loop.ts";

let processes: Processes | null = null;

/** Throws RuntimeError in virtual time, which would not stand still while a process runs. */
export function processesOf(loop: EventLoop): Processes {
  if (loop.host.virtual === true) throw new RuntimeError("Cannot start processes in virtual time");
  return (processes ??= createProcesses());
}

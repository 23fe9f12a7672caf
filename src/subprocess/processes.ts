// The processes of the host that the program runs on.

import { createProcesses } from "#processes";
import type { Processes } from "../drivers/processes.ts";
import { refuseInVirtualTime } from "../net/network.ts";
import type { EventLoop } from "../runtime/event-loop.ts";

let processes: Processes | null = null;

/** Throws in virtual time: OutsideError in simulations, else RuntimeError. */
export function processesOf(loop: EventLoop): Processes {
  refuseInVirtualTime(loop, "processes", "give the program a function that stands in for it");
  return (processes ??= createProcesses());
}

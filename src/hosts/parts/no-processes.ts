// The processes of a host that has none.

import type { Processes } from "../../drivers/processes.ts";
import { NotAvailableError } from "../../errors/base.ts";

/** Processes of which each call throws NotAvailableError, with the reason. */
export function noProcesses(reason: string): Processes {
  return {
    signals: {},
    spawn() {
      throw new NotAvailableError("processes", reason);
    },
  };
}

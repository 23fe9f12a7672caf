// The workers of a host that has none.

import type { Workers } from "../../drivers/workers.ts";
import { NotAvailableError } from "../../errors/base.ts";

/** Workers that refuse, with the reason. */
export function noWorkers(reason: string): Workers {
  const refuse = (): never => {
    throw new NotAvailableError("workers", reason);
  };
  return { cores: 1, sharesMemory: () => false, spawn: refuse, adopt: refuse, parent: refuse };
}

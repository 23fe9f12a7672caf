// Runs an example as a user does: in a process of its own, over the built package.

import { type Ended, type Running, start } from "../../support/processes.ts";

/** Starts an example, such as "crawl.ts". */
export function startExample(example: string, ...args: string[]): Running {
  // by a flag, which workers inherit: they import the example, too
  return start([process.execPath, "--import", "./scripts/typescript.mjs", `examples/${example}`, ...args]);
}

/** Runs an example to its end. */
export function runExample(example: string, ...args: string[]): Promise<Ended> {
  return startExample(example, ...args).ended;
}

// Runs an example as a user does: in a process of its own, over the built package.

import { type Ended, type Running, start } from "../../support/processes.ts";

/** What starts an example: by a flag, which workers inherit, since they import the example, too. */
const commandOf = (example: string): string[] => [
  process.execPath,
  "--import",
  "./scripts/typescript.mjs",
  `examples/${example}`,
];

/** Starts an example, such as "crawl.ts". */
export function startExample(example: string, ...args: string[]): Running {
  return start([...commandOf(example), ...args]);
}

/** Runs an example to its end, with variables in its environment. */
export function runExampleIn(env: Record<string, string>, example: string): Promise<Ended> {
  return start(commandOf(example), { env }).ended;
}

/** Runs an example to its end. */
export function runExample(example: string, ...args: string[]): Promise<Ended> {
  return startExample(example, ...args).ended;
}

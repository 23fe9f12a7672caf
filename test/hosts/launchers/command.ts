// Hosts that run a file: Node, Deno, Bun.

import { writeProgram } from "../bundle.ts";
import type { FoundHost } from "../hosts.ts";
import { read, run } from "../process.ts";
import type { Order, Outcome } from "../suite/index.ts";

const MARK = "OUTCOME ";
/** What Deno is to allow for sockets and processes: the files are those of Unix sockets. */
const FOR_SOCKETS = ["--allow-net", "--allow-read", "--allow-write", "--allow-run", "--allow-env"];
/** Programs that were written: several hosts may run the same folder at once. */
let programs = 0;

/** What stands behind the mark in an output. */
export function outcomeIn(stdout: string): Outcome {
  const line = stdout.split("\n").find((text) => text.startsWith(MARK));
  if (line === undefined) throw new Error(`gave no outcome, but: ${stdout.slice(-2000)}`);
  return JSON.parse(line.slice(MARK.length)) as Outcome;
}

/** A statement that runs the suite and prints its outcome. */
export const printOutcome = (order: Order): string =>
  `console.log(${JSON.stringify(MARK)} + JSON.stringify(await runSuite(${JSON.stringify(order)})));`;

/** A host that is called with a file. `env` is for the suite only. */
export async function commandHost(
  program: string,
  argsFor: (file: string, allow?: readonly string[]) => readonly string[],
  env: Record<string, string> = {},
): Promise<FoundHost> {
  const version = /\d+\.\d+\.\d+/.exec(await read([program, "--version"]))?.[0] ?? "unknown";
  const command = (file: string, allow?: readonly string[]) => [program, ...argsFor(file, allow)];
  return {
    version,
    command,
    run: (folder, order) =>
      runOrder((file) => command(file, order.sockets === undefined ? [] : FOR_SOCKETS), folder, order, env),
  };
}

/** Runs the suite by a command. */
export async function runOrder(
  commandFor: (file: string) => readonly string[],
  folder: string,
  order: Order,
  env: Record<string, string> = {},
): Promise<Outcome> {
  const file = writeProgram(
    folder,
    `run-${++programs}.mjs`,
    `import { runSuite } from "./suite.mjs";\n${printOutcome(order)}\n`,
  );
  const command = commandFor(file);
  const { end, stdout, stderr } = await run(command, { cwd: folder, env });
  if (end === 0) return outcomeIn(stdout);
  const error = `${command.join(" ").slice(0, 200)} ended with ${end}: ${stderr.slice(-2000)}`;
  if (!stdout.includes(MARK)) throw new Error(error);
  const { results, ...rest } = outcomeIn(stdout);
  return { ...rest, results: [...results, { name: "the end of the process", error }] };
}

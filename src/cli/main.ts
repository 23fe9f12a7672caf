#!/usr/bin/env node
// The command `wasyncio`: a table of commands, each of which is loaded when it is asked for.

import { readFileSync } from "node:fs";
import process from "node:process";
import { UsageError } from "./usage-error.ts";

/** A command: runs it with the arguments behind its name, and gives the exit code. */
interface Command {
  main(args: string[]): Promise<number>;
}

const COMMANDS: Readonly<Record<string, { readonly summary: string; load(): Promise<Command> }>> = {
  serve: { summary: "serves an app over HTTP, in one process or in several", load: () => import("./serve.ts") },
  worker: { summary: "runs jobs of a queue, for programs with a BullMQExecutor", load: () => import("./worker.ts") },
};

const USAGE = `Usage: wasyncio COMMAND [options]

Commands:
${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`)
  .join("\n")}

  wasyncio COMMAND --help tells more of one.
  wasyncio --version tells the version.`;

async function main([name, ...args]: string[]): Promise<number> {
  if (name === "--version") return print(version());
  if (name === "--help" || name === "-h") return print(USAGE);
  if (name === undefined) throw new UsageError("a command is missing");
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) throw new UsageError(`there is no command '${name}'`);
  const { main } = await command.load().catch((error: unknown) => {
    const [, missing] = /^Cannot find package '(.*?)'/.exec((error as Error).message) ?? [];
    throw missing === undefined ? error : new UsageError(`it needs the package ${missing}: npm install ${missing}`);
  });
  return main(args);
}

function print(text: string): number {
  console.log(text);
  return 0;
}

function version(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/** Whether an error tells whoever has typed the command what is wrong with it; `parseArgs` throws such, too. */
const isUsage = (error: unknown): error is Error =>
  error instanceof UsageError || String((error as NodeJS.ErrnoException | null)?.code).startsWith("ERR_PARSE_ARGS_");

/** What is said of bad usage, and how it is done. */
function complaintOf({ message }: Error, name = ""): string {
  return Object.hasOwn(COMMANDS, name)
    ? `wasyncio ${name}: ${message}\n\nwasyncio ${name} --help tells more.`
    : `wasyncio: ${message}\n\n${USAGE}`;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(isUsage(error) ? complaintOf(error, process.argv[2]) : error);
  process.exitCode = isUsage(error) ? 2 : 1;
}

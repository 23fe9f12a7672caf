// Runs an example as a user does: in a process of its own, over the built package.

import { type ChildProcess, spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../", import.meta.url));

/** What a program has left behind. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts an example, such as "crawl.ts"; `outcome` settles when its process has ended. */
export function start(example: string, ...args: string[]): { child: ChildProcess; outcome: Promise<Outcome> } {
  const child = spawn(process.execPath, ["scripts/run-ts.mjs", `examples/${example}`, ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { child, outcome: settle(child) };
}

/** Runs an example to its end. */
export function runExample(example: string, ...args: string[]): Promise<Outcome> {
  return start(example, ...args).outcome;
}

async function settle(child: ChildProcess): Promise<Outcome> {
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const [code, stdout, stderr] = await Promise.all([ended, read(child.stdout), read(child.stderr)]);
  return { code, stdout, stderr };
}

function read(stream: ChildProcess["stdout"]): Promise<string> {
  return stream === null ? Promise.resolve("") : text(stream);
}

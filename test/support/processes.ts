// Programs in a process of their own, over the built package, as a user runs them. `npm test` builds it first; who runs
// vitest alone after a change of src/ runs `npm run build` before.

import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** What a process has left behind. */
export interface Ending {
  /** Exit code, or the name of the signal that ended it. */
  readonly end: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the text of a JavaScript program, which may import "wasyncio", in Node. */
export async function runInNode(
  source: string,
  options: { type?: "module" | "commonjs"; env?: Record<string, string> } = {},
): Promise<Ending> {
  const child = spawn(process.execPath, [`--input-type=${options.type ?? "module"}`, "--eval", source], {
    cwd: root,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | string>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });
  const [end, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { end, stdout, stderr };
}

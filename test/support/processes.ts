// Programs in a process of their own: how they end, and what they write. They run over the built package, as a user's
// do: `npm test` builds it first; who runs vitest alone after a change of src/ runs `npm run build` before.

import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** How a process ended, and what it wrote. */
export interface Ended {
  /** Exit code, or the name of the signal that ended it: SIGKILL where it hung. */
  readonly end: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when it has written a text on its standard output, or what an expression matches on either. */
  wrote(what: string | RegExp): Promise<void>;
}

export interface StartOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** Whether it counts as hung after some time; default: true. One that serves all tests of a file lives longer. */
  readonly hangs?: boolean;
}

/** Seconds after which a process counts as hung, and is killed: no figure of how fast it should be. */
const LIMIT = 120;

/** Starts a command, by default in the repository. */
export function start(command: readonly string[], { cwd = root, env, hangs = true }: StartOptions = {}): Running {
  const [program, ...args] = command as [string, ...string[]];
  const child = spawn(program, args, {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_OPTIONS: "", ...env },
  });
  const output = { stdout: "", stderr: "" };
  const listeners = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (chunk: string) => {
      output[name] += chunk;
      for (const listener of listeners) listener();
    });
  }
  const timer = hangs ? setTimeout(() => child.kill("SIGKILL"), LIMIT * 1000) : undefined;
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ end: code ?? signal ?? "unknown", ...output });
    });
  });
  const hasWritten = (what: string | RegExp): boolean =>
    typeof what === "string" ? output.stdout.includes(what) : what.test(output.stdout) || what.test(output.stderr);
  const wrote = (what: string | RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (hasWritten(what)) resolve();
      };
      listeners.add(look);
      look();
      ended.then(() => reject(new Error(`ended without writing ${what}: ${output.stdout}${output.stderr}`)), reject);
    });
  return { child, ended, wrote };
}

/** Runs a command to its end. */
export const run = (command: readonly string[], options?: StartOptions): Promise<Ended> =>
  start(command, options).ended;

/** Runs the text of a JavaScript program, which may import "wasyncio", in Node. */
export function runInNode(
  source: string,
  { type = "module", env = {} }: { type?: "module" | "commonjs"; env?: Record<string, string> } = {},
): Promise<Ended> {
  return run([process.execPath, `--input-type=${type}`, "--eval", source], { env });
}

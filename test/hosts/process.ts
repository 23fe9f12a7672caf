// A program in a process of its own, on a host that has such.

import { type ChildProcess, spawn } from "node:child_process";

/** How a process ended, and what it wrote. */
export interface Ended {
  /** Exit code, or the name of the signal that ended it. */
  readonly end: number | string;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

/** A process that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when it has written `text`. */
  wrote(text: string): Promise<void>;
}

/** Seconds after which a process, or a page, counts as hung. */
export const LIMIT = 180;

export interface StartOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  readonly limit?: number;
}

/** Starts a command. */
export function start(command: readonly string[], { cwd, env, limit = LIMIT }: StartOptions = {}): Running {
  const [program, ...args] = command as [string, ...string[]];
  const started = performance.now();
  const child = spawn(program, args, {
    ...(cwd !== undefined && { cwd }),
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_OPTIONS: "", WASYNCIO_DEBUG: "", NO_COLOR: "1", ...env },
  });
  const output = { stdout: "", stderr: "" };
  const listeners = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (chunk: string) => {
      output[name] += chunk;
      for (const listener of listeners) listener();
    });
  }
  const timer = setTimeout(() => child.kill("SIGKILL"), limit * 1000);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ end: code ?? signal ?? "unknown", ...output, seconds: (performance.now() - started) / 1000 });
    });
  });
  const wrote = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (output.stdout.includes(text)) resolve();
      };
      listeners.add(look);
      look();
      ended.then(() => reject(new Error(`ended without writing ${text}: ${output.stdout}${output.stderr}`)), reject);
    });
  return { child, ended, wrote };
}

/** Runs a command to its end. */
export const run = (command: readonly string[], options?: StartOptions): Promise<Ended> =>
  start(command, options).ended;

/** Runs a command, and returns what it wrote. Throws Error unless it ended well. */
export async function read(command: readonly string[], options?: StartOptions): Promise<string> {
  const { end, stdout, stderr } = await run(command, options);
  if (end !== 0) throw new Error(`${command.join(" ").slice(0, 200)} ended with ${end}: ${stderr.slice(-2000)}`);
  return stdout;
}

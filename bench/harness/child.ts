// Measuring programs: each is bundled once and then run in a process of its own, on any engine.

import { execFile, spawn } from "node:child_process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { build } from "esbuild";

const exec = promisify(execFile);

export const root = resolve(import.meta.dirname, "../..");

/** Seconds after which a measurement counts as hung. */
export const LIMIT = 60;

/** A file as the argument of a child that is to import it: our own door, when it is not another. */
export const libraryUrl = (folder: string, file = "dist/index.js"): string => pathToFileURL(resolve(folder, file)).href;

/** Our two doors, separated by a comma. */
export const ownDoors = (): string => [libraryUrl(root), libraryUrl(root, "dist/testing/index.js")].join();

/**
 * Turns a program of bench/children into plain JavaScript, so that no child has to. Libraries stay outside. Returns its
 * file.
 */
export async function bundleChild(name: string): Promise<string> {
  const outfile = resolve(root, `build/bench/${name}.mjs`);
  await build({
    entryPoints: [resolve(root, `bench/children/${name}.ts`)],
    outfile,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
  });
  return outfile;
}

/**
 * Runs a command and returns the JSON that it prints. Throws Error, with the last words of the process, when it fails.
 */
export async function runChild<T>(command: readonly string[], args: readonly string[], limit = LIMIT): Promise<T> {
  const [program, ...rest] = [...command, ...args] as [string, ...string[]];
  try {
    const { stdout } = await exec(program, rest, { env: childEnvironment(), timeout: limit * 1000 });
    return JSON.parse(stdout) as T;
  } catch (error) {
    const { killed, stderr } = error as { killed?: boolean; stderr?: string };
    if (killed === true) throw new Error(`did not end within ${limit} s`);
    const message = /^.*(?:Error|Exception)\b.*/m.exec(stderr ?? "")?.[0].trim();
    throw message === undefined ? error : new Error(message);
  }
}

/** A child that serves: what it printed in its first line, how to ask for another line, and how to end it. */
export interface Server<T> {
  ready: T;
  pid: number;
  /** Sends SIGUSR2, and waits for the line of JSON that the child answers with. */
  ask<A>(): Promise<A>;
  stop(): void;
}

/** Starts a command that prints a line of JSON once it is ready. */
export async function startServer<T>(
  command: readonly string[],
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Server<T>> {
  const [program, ...rest] = [...command, ...args] as [string, ...string[]];
  const child = spawn(program, rest, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...childEnvironment(), ...environment },
  });
  const stop = (): void => void child.kill("SIGKILL");
  const lines = createInterface(child.stdout);
  const nextLine = <A>(): Promise<A> =>
    new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", (code) => reject(new Error(`the server ended with exit code ${code}`)));
      lines.once("line", (line) => resolve(JSON.parse(line) as A));
    });
  const ask = <A>(): Promise<A> => {
    child.kill("SIGUSR2");
    return nextLine();
  };
  return { ready: await nextLine<T>(), pid: child.pid as number, ask, stop };
}

/** Debug mode, left on in somebody's shell, would be measured too. */
function childEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, WASYNCIO_DEBUG: "", PYTHONASYNCIODEBUG: "", NODE_OPTIONS: "" };
}

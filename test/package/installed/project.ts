// A project that uses the package: a folder outside the repository, with the package in its node_modules and the
// program of program/ in its own files.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { transform } from "esbuild";
import { inject } from "vitest";
import { binaryOf } from "../../../scripts/engines.mjs";
import { type StartOptions, run } from "../../hosts/process.ts";

export const repository = resolve(import.meta.dirname, "../../..");
const PROGRAM = resolve(import.meta.dirname, "program");
/** Most that a command may take: one that hangs must not outlive its test. */
const LIMIT = 50;

/** The file of a tool in the repository's node_modules. */
export const tool = (path: string): string => resolve(repository, "node_modules", path);

/** The file of an engine from npm. Throws Error where it is not installed. */
export function engine(name: "deno" | "bun" | "workerd"): string {
  const file = binaryOf(name);
  if (file === null) throw new Error(`Cannot run ${name}: it is not installed. Run "npm ci".`);
  return file;
}

export interface Project {
  readonly folder: string;
  /** The file with this path in it. */
  path(name: string): string;
  write(name: string, text: string): void;
  /** Runs a command in it and returns what that wrote on its standard output. */
  run(...command: readonly string[]): Promise<string>;
}

/** A project with files of its own: paths, with their texts. */
export function createProject(manifest: object = {}, files: Record<string, string> = {}): Project {
  const folder = mkdtempSync(join(inject("folder"), "project-"));
  cpSync(join(inject("folder"), "installed/node_modules"), join(folder, "node_modules"), { recursive: true });
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  const dependencies = { wasyncio: "*" };
  write("package.json", JSON.stringify({ private: true, type: "module", dependencies, ...manifest }));
  for (const [name, text] of Object.entries(files)) write(name, text);
  const env = { DENO_DIR: join(inject("folder"), "deno") };
  const run = (...command: readonly string[]): Promise<string> => succeed(command, { cwd: folder, env });
  return { folder, path: (name) => join(folder, name), write, run };
}

/** The files of the program, as they are. */
export function typeScript(): Record<string, string> {
  return Object.fromEntries(readdirSync(PROGRAM).map((name) => [name, readFileSync(join(PROGRAM, name), "utf8")]));
}

/** The files of the program as JavaScript. */
export async function javaScript(format: "esm" | "cjs"): Promise<Record<string, string>> {
  const files = Object.entries(typeScript()).map(async ([name, text]) => {
    const { code } = await transform(text, { loader: "ts", format, target: "es2022" });
    return [name.replace(/ts$/, "js"), code.replaceAll(/"(\.\/\w+)\.ts"/g, '"$1.js"')];
  });
  return Object.fromEntries(await Promise.all(files));
}

/** Runs a command and returns its standard output. Throws Error with all that it wrote, unless it ended well. */
export async function succeed(command: readonly string[], options: StartOptions): Promise<string> {
  // NODE_ENV is the test runner's: bundlers would not build for production.
  const { end, stdout, stderr } = await run(command, {
    limit: LIMIT,
    ...options,
    env: { NODE_ENV: "", ...options.env },
  });
  if (end !== 0) throw new Error(`${command.join(" ")} ended with ${end}:\n${stdout}${stderr}`);
  return stdout;
}

// The engines that our side can be measured on, each with the command that runs a program with `gc` exposed.

import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { root } from "./child.ts";

const exec = promisify(execFile);

export const ENGINES = ["node", "deno", "bun"] as const;
export type EngineName = (typeof ENGINES)[number];

export interface Engine {
  name: EngineName;
  /** "Node 20.20.2". */
  version: string;
  /** The command, to which a program and its arguments are added. */
  command: readonly string[];
}

const TITLES = { node: "Node", deno: "Deno", bun: "Bun" };
const ARGUMENTS = {
  node: ["--expose-gc"],
  deno: ["run", "--allow-all", "--v8-flags=--expose-gc"],
  bun: ["--expose-gc"],
};

/** The programs in node_modules that npm's install scripts, which may not run, would have linked. */
function installed(name: "deno" | "bun"): string[][] {
  const [scope, program] = name === "deno" ? ["@deno", "deno"] : ["@oven", "bin/bun"];
  const folder = resolve(root, "node_modules", scope);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((platform) => [resolve(folder, platform, program)]);
}

/** An engine, or the reason why it is not there: Node is the one that runs this, others are installed, on the PATH or known to npx. */
export async function findEngine(name: EngineName): Promise<Engine | string> {
  const launchers =
    name === "node" ? [[process.execPath]] : [...installed(name), [name], ["npx", "--no-install", name]];
  for (const launcher of launchers) {
    try {
      const [program, ...args] = launcher as [string, ...string[]];
      const { stdout } = await exec(program, [...args, "--version"]);
      const version = /\d+\.\d+\.\d+/.exec(stdout)?.[0];
      if (version === undefined) continue;
      return { name, version: `${TITLES[name]} ${version}`, command: [...launcher, ...ARGUMENTS[name]] };
    } catch {
      // Not there: perhaps the next launcher finds it.
    }
  }
  return `no ${name} in node_modules, on the PATH or known to npx (npm install --no-save ${name})`;
}

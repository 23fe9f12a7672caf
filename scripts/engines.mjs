// The engines that programs are run on: each is a file.
//
// All come from npm, which has the programs themselves in packages for each platform, and installs those only that fit
// the machine. The packages that people ask for look for these, some in install scripts, which this repository does not
// let run.
//
// Nodes lie in a folder of their own, tools/engines. Among the packages of the repository, npm would put one of them in
// front of the Node that runs it, and all scripts in package.json would be run by that.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { root } from "./exec.mjs";

/** @typedef {`node${number}`} NodeName */
/** @typedef {NodeName | "deno" | "bun" | "workerd"} EngineName */

const TOOLS = "tools/engines";
const SUFFIX = process.platform === "win32" ? ".exe" : "";

const PROGRAMS = {
  deno: { scope: "@deno", path: "deno" },
  bun: { scope: "@oven", path: "bin/bun" },
  workerd: { scope: "@cloudflare", path: "bin/workerd" },
};

const { optionalDependencies } = JSON.parse(readFileSync(resolve(root, TOOLS, "package.json"), "utf8"));

/**
 * The Node that runs this.
 * @type {NodeName}
 */
export const ownNode = `node${process.versions.node.split(".")[0]}`;

/**
 * Every Node that programs are run on, the oldest first: those of tools/engines, and the one that runs this.
 * @type {readonly NodeName[]}
 */
export const nodes = [
  ...new Set([...Object.keys(optionalDependencies).map((name) => name.split("-")[0]), ownNode]),
].sort();

/**
 * The file of an engine, or null where it is not installed.
 * @param {EngineName} name
 * @returns {string | null}
 */
export function binaryOf(name) {
  if (name === ownNode) return process.execPath;
  return filesOf(name).find(existsSync) ?? null;
}

/** What installs an engine. */
export const installOf = (name) => (name in PROGRAMS ? "npm ci" : "node scripts/setup.mjs --engines");

/** Where an engine may lie. */
function filesOf(name) {
  if (!(name in PROGRAMS)) {
    return [resolve(root, TOOLS, `node_modules/${name}-${process.platform}-${process.arch}/bin/node${SUFFIX}`)];
  }
  const { scope, path } = PROGRAMS[name];
  const folder = resolve(root, "node_modules", scope);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((entry) => entry.startsWith(name) || name === "deno")
    .sort()
    .map((entry) => join(folder, entry, `${path}${SUFFIX}`));
}

// Makes a fresh clone ready: installs packages and builds, each only when something it depends on has changed. With
// `--engines` it installs the Nodes, too, that hosts are tested and measured on; with `--eslint`, what the plugin is
// tested with; with `--client` and `--executors`, what ours are measured beside; with `--guide`, what programs of the
// guide import; with `--promise-libraries`, the libraries that are lowered; with `--typescript`, older compilers. Runs
// before `npm start`, `npm test` and their like, so it imports nothing that has to be installed.

import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { exec, isMain, main, root } from "./exec.mjs";

/** Folders of `tools/` that are installed when they are asked for. */
const TOOLS = ["client", "engines", "eslint", "executors", "guide", "promise-libraries", "typescript"];

/** @param {{ tools?: readonly string[] }} options names of folders in `tools/` */
export async function setup({ tools = [] } = {}) {
  await install(".");
  for (const name of tools) await install(`tools/${name}`);
  const { build, isFresh } = await import("./build.mjs");
  if (!isFresh()) await build();
}

/** Installs what the lock file of a folder asks for, unless it is there. */
export async function install(folder) {
  if (isInstalled(resolve(root, folder))) return;
  console.log(`setup: installing packages${folder === "." ? "" : ` in ${folder}`}`);
  await exec("npm", ["ci", "--include=dev", "--no-audit", "--no-fund"], { cwd: resolve(root, folder) });
}

/** npm leaves a lock file of what it has really put into node_modules: compare that with the one we ask for. */
function isInstalled(folder) {
  const path = resolve(folder, "node_modules/.package-lock.json");
  if (!existsSync(path)) return false;
  const installed = JSON.parse(readFileSync(path, "utf8")).packages;
  const wanted = JSON.parse(readFileSync(resolve(folder, "package-lock.json"), "utf8")).packages;
  return Object.entries(wanted).every(
    ([name, entry]) => name === "" || isForOthers(entry) || installed[name]?.integrity === entry.integrity,
  );
}

/** Whether a package may be missing: it is not wanted by all, and not plainly made for this machine. */
function isForOthers({ optional, os, cpu, libc }) {
  const fits = [os].flat().includes(process.platform) && [cpu].flat().includes(process.arch) && libc === undefined;
  return optional && !fits;
}

const asked = TOOLS.filter((name) => process.argv.includes(`--${name}`));
if (isMain(import.meta)) await main("setup", () => setup({ tools: asked }));

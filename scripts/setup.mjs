// Makes a fresh clone ready: installs packages and builds, each only when something it depends on has changed.
// Runs before `npm start`, `npm test` and their like, so it imports nothing that has to be installed.

import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { exec, isMain, main, root } from "./exec.mjs";

export async function setup() {
  if (!isInstalled()) {
    console.log("setup: installing packages");
    await exec("npm", ["ci", "--include=dev", "--no-audit", "--no-fund"]);
  }
  const { build, isFresh } = await import("./build.mjs");
  if (!isFresh()) await build();
}

/** npm leaves a lock file of what it has really put into node_modules: compare that with the one we ask for. */
function isInstalled() {
  const path = resolve(root, "node_modules/.package-lock.json");
  if (!existsSync(path)) return false;
  const installed = JSON.parse(readFileSync(path, "utf8")).packages;
  const wanted = JSON.parse(readFileSync(resolve(root, "package-lock.json"), "utf8")).packages;
  return Object.entries(wanted).every(
    ([name, { optional, integrity }]) => name === "" || optional || installed[name]?.integrity === integrity,
  );
}

if (isMain(import.meta)) await main("setup", setup);

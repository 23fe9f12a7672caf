// Writes what src/core has of the core's sources, so that each number and each signature that crosses the boundary has
// one owner: assembly/. `--check` writes nothing and fails when a file is stale.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { exit, isMain, main, root } from "./exec.mjs";
import { generateAbi } from "./generate-abi.mjs";
import { generateExports } from "./generate-exports.mjs";

const FILES = {
  "src/core/abi.ts": generateAbi,
  "src/core/exports.ts": generateExports,
};

export async function generate({ check = false } = {}) {
  for (const [path, make] of Object.entries(FILES)) {
    const text = await make();
    const target = resolve(root, path);
    if (existsSync(target) && readFileSync(target, "utf8") === text) continue;
    if (check) exit(`${path} is stale: run npm run build`);
    writeFileSync(target, text);
  }
}

if (isMain(import.meta)) await main("generate", () => generate({ check: process.argv.includes("--check") }));

// Hosts that come from npm. What runs is the program itself, which lies in a package of its own for each platform: the packages that
// are asked for only look for it, and Bun's does so in an install script, which this repository does not let run.

import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

export const NPM = "npm ci";

const PROGRAMS = {
  deno: { scope: "@deno", path: "deno" },
  bun: { scope: "@oven", path: "bin/bun" },
  workerd: { scope: "@cloudflare", path: "bin/workerd" },
};

/** The file of a host from npm, or null where it is not installed. npm installs those packages only that fit the machine. */
export function binaryOf(name: keyof typeof PROGRAMS, root: string): string | null {
  const { scope, path } = PROGRAMS[name];
  const folder = resolve(root, "node_modules", scope);
  if (!existsSync(folder)) return null;
  const suffix = process.platform === "win32" ? ".exe" : "";
  const files = readdirSync(folder)
    .filter((entry) => entry.startsWith(name) || name === "deno")
    .sort()
    .map((entry) => join(folder, entry, `${path}${suffix}`));
  return files.find(existsSync) ?? null;
}

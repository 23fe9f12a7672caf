// The plugin for vitest: packages are lowered with all that they depend on, since who tests need not know that.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type VitePlugin, vitePlugin } from "./bundler-plugins.ts";
import { type LoweringOptions, checkLowering } from "./files.ts";

/** As `vitePlugin`, with the packages that those of the options depend on. Throws TypeError for bad options. */
export function vitestPlugin(options: LoweringOptions): VitePlugin {
  const { packages = [], root = process.cwd() } = checkLowering(options);
  return vitePlugin({ ...options, packages: withDependencies(packages, root) });
}

/** Packages, and all that they depend on, as far as that is installed in the program's own folder. */
function withDependencies(packages: readonly string[], root: string): string[] {
  const all = new Set(packages);
  for (const name of all)
    for (const each of Object.keys(dependenciesOf(join(root, "node_modules", name, "package.json"))))
      if (each !== "wasyncio") all.add(each);
  return [...all];
}

function dependenciesOf(file: string): object {
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { dependencies?: object }).dependencies ?? {};
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {}; // the tool has the last word on what is missing
    throw error;
  }
}

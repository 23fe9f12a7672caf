// The plugin for vitest: packages are lowered with all that they depend on, since who tests need not know that.

import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { type VitePlugin, vitePlugin } from "./bundler-plugins.ts";
import { type LoweringOptions, checkLowering } from "./files.ts";

/** As `vitePlugin`, with the packages that those of the options depend on. Throws TypeError for bad options. */
export function vitestPlugin(options: LoweringOptions): VitePlugin {
  const { packages = [], root = process.cwd() } = checkLowering(options);
  return vitePlugin({ ...options, packages: withDependencies(packages, root) });
}

/** Packages, and all that they depend on, as far as that is installed where Node looks for it. */
function withDependencies(packages: readonly string[], root: string): string[] {
  const all = new Set(packages);
  const from = packages.map((name) => ({ name, folder: root }));
  for (const { name, folder } of from) {
    const found = folderOf(name, folder);
    for (const each of found === null ? [] : Object.keys(dependenciesOf(found))) {
      if (each === "wasyncio" || all.has(each)) continue;
      all.add(each);
      from.push({ name: each, folder: found as string });
    }
  }
  return [...all];
}

/** Where a package is that is imported in a folder: there, or further up, as in workspaces. Null when it is nowhere. */
function folderOf(name: string, folder: string): string | null {
  const found = join(folder, "node_modules", name);
  if (existsSync(join(found, "package.json"))) return realpathSync(found);
  const above = dirname(folder);
  return above === folder ? null : folderOf(name, above); // the tool has the last word on what is missing
}

function dependenciesOf(folder: string): object {
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    dependencies?: object;
  };
  return dependencies;
}

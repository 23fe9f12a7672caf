// Packs what npm would publish, and installs it with npm, once for all tests. Runs before them.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { repository, succeed } from "./project.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder with all projects. The package is in its "installed". */
    folder: string;
  }
}

export default async function setup({ provide }: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "wasyncio-installed-"));
  const installed = join(folder, "installed");
  mkdirSync(installed);
  await succeed(["npm", "pack", "--ignore-scripts", "--silent", "--pack-destination", folder], { cwd: repository });
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz")) as string;
  writeFileSync(join(installed, "package.json"), JSON.stringify({ dependencies: { wasyncio: `file:../${tarball}` } }));
  await succeed(["npm", "install", "--offline", "--no-audit", "--no-fund"], { cwd: installed });
  provide("folder", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}

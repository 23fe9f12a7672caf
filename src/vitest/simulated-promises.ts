// What makes tests of promises simulated ones. It is for vitest's configuration, so what lowers is loaded there alone,
// and not with each file of tests.

import type { VitePlugin } from "../transform/bundler-plugins.ts";
import type { LoweringOptions } from "../transform/files.ts";

/**
 * A plugin for vitest by which `test.simulated` takes async functions as they stand: it lowers those of the program,
 * and those of `packages` with all that these depend on, which are not left to Node then.
 * @param options.include globs of the program's files, from its root. Default: all that are in no node_modules
 * @param options.packages packages that are lowered as well, by their names
 * @param options.root the program's folder, as an absolute path. Default: the one that the process runs in
 * @returns a promise of the plugin, as vitest takes it
 * @throws TypeError for bad options
 *
 * @example
 * export default defineConfig({ plugins: [simulatedPromises({ packages: ["p-queue"] })] });
 */
export async function simulatedPromises(options: LoweringOptions = {}): Promise<VitePlugin> {
  const { vitestPlugin } = await import("../transform/vitest-plugin.ts");
  return vitestPlugin(options);
}

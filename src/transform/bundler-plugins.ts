// Plugins for Vite, vitest, Rollup and Rolldown, which ask the same of one.

import { OURS } from "./helpers.ts";
import { lowerAsync } from "./lower-async.ts";
import { type LoweringOptions, checkLowering, filesOf } from "./files.ts";
import type { SourceMap } from "./source-map.ts";

/** What a bundler gives a plugin to work with. */
interface BundlerContext {
  warn(text: string): void;
  resolve(id: string, importer: string, options: { skipSelf: boolean }): Promise<{ id: string } | null>;
}

/** A plugin of Rollup and Rolldown, as far as they need one. */
export interface RollupPlugin {
  readonly name: string;
  resolveId(this: BundlerContext, id: string, importer?: string): Promise<{ id: string } | null> | null;
  transform(this: BundlerContext, code: string, id: string): { code: string; map: SourceMap } | null;
}

/** A plugin of Vite and vitest, as far as they need one. */
export interface VitePlugin extends RollupPlugin {
  readonly enforce: "pre";
  config(config?: unknown, run?: { readonly command: string }): object;
  configResolved(config: { readonly root: string }): void;
}

/**
 * A plugin for Rollup that lowers async functions. It has to stand before those that take types away.
 * @throws TypeError for bad options
 *
 * @example
 * export default { input: "main.js", plugins: [rollupPlugin({ packages: ["p-queue"] })] };
 */
export function rollupPlugin(options: LoweringOptions = {}): RollupPlugin {
  const { name, resolveId, transform } = vitePlugin(options);
  return { name, resolveId, transform };
}

/**
 * A plugin for Rolldown that lowers async functions.
 * @throws TypeError for bad options
 *
 * @example
 * export default { input: "main.ts", plugins: [rolldownPlugin()] };
 */
export function rolldownPlugin(options: LoweringOptions = {}): RollupPlugin {
  return rollupPlugin(options);
}

/**
 * A plugin for Vite and vitest that lowers async functions. `packages` are not bundled in advance, and not left to
 * Node, since both would pass by all plugins.
 * @throws TypeError for bad options
 *
 * @example
 * export default defineConfig({ plugins: [vitePlugin({ packages: ["p-queue"] })] });
 */
export function vitePlugin(options: LoweringOptions = {}): VitePlugin {
  const { packages = [], root } = checkLowering(options);
  let folder = root ?? process.cwd();
  let files = filesOf(options, folder);
  let names = false;
  return {
    name: "wasyncio",
    enforce: "pre",
    config(_, run) {
      names = run?.command === "serve";
      if (packages.length === 0) return {};
      return {
        optimizeDeps: { exclude: [...packages] },
        ssr: { noExternal: [...packages] },
        test: { server: { deps: { inline: [...packages] } } },
      };
    },
    configResolved(config) {
      folder = root ?? config.root;
      files = filesOf(options, folder);
    },
    resolveId(id, importer) {
      // A package that is lowered need not know ours.
      return OURS.test(id) && importer !== undefined
        ? this.resolve(id, `${folder}/package.json`, { skipSelf: true })
        : null;
    },
    transform(code, id) {
      const [file = ""] = id.split("?");
      const lowered = files.test(file) ? lowerAsync(code, { file, names }) : null;
      if (lowered === null) return null;
      for (const each of lowered.warnings) this.warn(each);
      return { code: lowered.code, map: lowered.map };
    },
  };
}

// webpack and Rspack: a loader, which is what `wasyncio/transform` exports by default, and a plugin that names it.

import { lowerAsync } from "./lower-async.ts";
import { type LoweringOptions, checkLowering, filesOf } from "./files.ts";
import type { SourceMap } from "./source-map.ts";

/** What a loader is called on. */
interface LoaderContext {
  readonly resourcePath: string;
  readonly rootContext: string;
  getOptions(): LoweringOptions;
  emitWarning(warning: Error): void;
  callback(error: null, code: string, map?: SourceMap | string | object | null): void;
}

/** What a compiler has its rules in. */
interface Compiler {
  readonly options: { readonly module: { readonly rules: unknown[] } };
}

/** A plugin of webpack and Rspack, as far as they need one. */
export interface WebpackPlugin {
  apply(compiler: Compiler): void;
}

/** Lowers the async functions of a file: webpack and Rspack call it, for the rule of the plugin. */
export function loader(this: LoaderContext, code: string, map?: string | object | null): void {
  const { resourcePath: file } = this;
  const options = checkLowering(this.getOptions());
  const lowered = filesOf(options, this.rootContext).test(file) ? lowerAsync(code, { file }) : null;
  if (lowered === null) return this.callback(null, code, map);
  for (const each of lowered.warnings) this.emitWarning(new Error(each));
  this.callback(null, lowered.code, lowered.map);
}

/**
 * A plugin for webpack that lowers async functions, before other loaders see a file.
 * @throws TypeError for bad options
 *
 * @example
 * export default { entry: "./main.js", plugins: [webpackPlugin({ packages: ["p-queue"] })] };
 */
export function webpackPlugin(options: LoweringOptions = {}): WebpackPlugin {
  checkLowering(options);
  return {
    apply({ options: { module } }) {
      module.rules.push({
        test: /\.[cm]?[jt]sx?$/,
        enforce: "pre",
        use: [{ loader: "wasyncio/transform", options }],
      });
    },
  };
}

/**
 * A plugin for Rspack that lowers async functions, before other loaders see a file.
 * @throws TypeError for bad options
 *
 * @example
 * export default { entry: "./main.ts", plugins: [rspackPlugin()] };
 */
export function rspackPlugin(options: LoweringOptions = {}): WebpackPlugin {
  return webpackPlugin(options);
}

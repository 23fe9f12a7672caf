// The door `wasyncio/transform`: async functions lowered to generators that a task of the loop drives, and a plugin for
// each tool that is to do so.

export { rolldownPlugin, rollupPlugin, vitePlugin } from "./bundler-plugins.ts";
export type { RollupPlugin, VitePlugin } from "./bundler-plugins.ts";
export { bunPlugin, esbuildPlugin } from "./load-plugins.ts";
export type { BunPlugin, EsbuildPlugin } from "./load-plugins.ts";
export { loader as default, rspackPlugin, webpackPlugin } from "./loader.ts";
export type { WebpackPlugin } from "./loader.ts";
export { lowerAsync } from "./lower-async.ts";
export type { LowerAsyncOptions, Lowered } from "./lower-async.ts";
export type { LoweringOptions } from "./files.ts";

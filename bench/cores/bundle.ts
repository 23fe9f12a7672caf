// Bundles of src/ that differ in their core only, made in the way of dist/.

import { resolve } from "node:path";
import { type Plugin, build } from "esbuild";
import { esbuildPlugin } from "../../scripts/wasm-plugins.mjs";
import type { Kind } from "../harness/engine.ts";

export const CORES = ["wasm", "typescript", "typescript-no-digest"] as const;
export type CoreName = (typeof CORES)[number];

/** Bundles src/ over a core, for a kind of engine. Returns the file. */
export async function bundleOver(core: CoreName, root: string, kind: Kind): Promise<string> {
  const outfile = resolve(root, `build/bench/core-${core}.mjs`);
  await build({
    absWorkingDir: root,
    stdin: { contents: `export * from "./src/index.ts"; export * from "./src/testing/index.ts";`, resolveDir: root },
    outfile,
    bundle: true,
    format: "esm",
    platform: "neutral",
    conditions: [kind],
    external: ["node:*"],
    target: "es2022",
    minifySyntax: true,
    plugins: core === "wasm" ? [esbuildPlugin] : [replaceCore(root, core === "typescript"), esbuildPlugin],
  });
  return outfile;
}

/** Puts files of ours in the place of src/core/core.ts, but for the one that stands in for it, and of the digest. */
function replaceCore(root: string, withDigest: boolean): Plugin {
  const replacement = resolve(import.meta.dirname, "typescript.ts");
  const replaced = new Map([[resolve(root, "src/core/core.ts"), replacement]]);
  if (!withDigest) {
    const digest = resolve(root, "test/support/typescript-core/digest.ts");
    replaced.set(digest, resolve(import.meta.dirname, "no-digest.ts"));
  }
  return {
    name: "core",
    setup({ onResolve }) {
      onResolve({ filter: /\.ts$/ }, ({ path, resolveDir, importer }) => {
        const other = replaced.get(resolve(resolveDir, path));
        return other === undefined || importer === replacement ? null : { path: other };
      });
    },
  };
}

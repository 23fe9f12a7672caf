// Runs speed.ts, bundled over src/: node test/unit/testing/sweep/measure-speed.mjs

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { root } from "../../../../scripts/exec.mjs";
import { esbuildPlugin } from "../../../../scripts/wasm-plugins.mjs";

const outfile = resolve(root, "build/sweep-speed.mjs");
await build({
  entryPoints: [resolve(import.meta.dirname, "speed.ts")],
  outfile,
  bundle: true,
  conditions: ["node"],
  platform: "node",
  format: "esm",
  target: "node20",
  plugins: [esbuildPlugin],
});
await import(pathToFileURL(outfile).href);

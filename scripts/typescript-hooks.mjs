// A module loader hook, for typescript.mjs: esbuild turns each .ts file into JavaScript as Node loads it. Node 20
// cannot strip types, and newer ones that can do not know `using`. as-bind comes as the bundlers have it.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";
import { AS_BIND, loadAsBind } from "./wasm-plugins.mjs";

export function load(url, context, nextLoad) {
  if (!url.startsWith("file:")) return nextLoad(url, context);
  const path = fileURLToPath(url);
  if (AS_BIND.test(path)) return { format: "module", source: loadAsBind(path), shortCircuit: true };
  if (!path.endsWith(".ts")) return nextLoad(url, context);
  const { code } = transformSync(readFileSync(path), {
    loader: "ts",
    format: "esm",
    target: "es2022",
    sourcefile: path,
    sourcemap: "inline",
    sourcesContent: false,
  });
  return { format: "module", source: code, shortCircuit: true };
}

// How wasm gets into JavaScript, told to both bundlers (esbuild makes dist/, Vite serves the tests):
// - `import bytes from "./core.wasm"` gives a Uint8Array. It is written in hexadecimal digits, because gzip finds the repetitions
//   in them that base64 hides: two and a half kilobytes less over the wire than esbuild's own loader.
// - as-bind binds to an instance that is there already, so that only those who inspect a core need it.
// - `import module from "./core.wasm?module"` stays an import, of the file beside dist/'s folders: the host compiles it.
// - `import { script } from "./page/main.ts?page"` gives a program for browsers: page-plugins.mjs.
// - `#host` and `#core` are what package.json's "imports" says, but in src/ the files there; tsconfig.json's are for types only.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { root } from "./exec.mjs";
import { esbuildPagePlugin, isPage, loadPage } from "./page-plugins.mjs";

const AS_BIND = /as-bind[\\/]dist[\\/]as-bind\.esm\.js$/;

// as-bind compiles and instantiates what it is given: let it have a module and an instance that are there already.
const SHIM = `
let bound;
const { Module, Instance } = globalThis.WebAssembly;
const WebAssembly = Object.create(globalThis.WebAssembly, {
  Module: { value: new Proxy(Module, { construct: (_, [source]) => (bound = source).module }) },
  Instance: { value: new Proxy(Instance, { construct: () => bound.instance }) },
});
`;

const loadWasm = async (path) => `
const digits = "${await readFile(path, "hex")}";
const valueOf = (code) => (code & 15) + 9 * (code >> 6);
function decode() {
  const codes = new TextEncoder().encode(digits);
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = 16 * valueOf(codes[2 * i]) + valueOf(codes[2 * i + 1]);
  return bytes;
}
export default Uint8Array.fromHex?.(digits) ?? decode();
`;

const loadAsBind = async (path) => SHIM + (await readFile(path, "utf8"));

/**
 * as-bind as it is needed: for bundles that have it from the sources, and their wasm from elsewhere.
 * @type {import("esbuild").Plugin}
 */
export const asBindPlugin = {
  name: "as-bind",
  setup(build) {
    build.onLoad({ filter: AS_BIND }, async ({ path }) => ({ contents: await loadAsBind(path), loader: "js" }));
  },
};

/** The file of the package's own that an import name stands for, under some conditions: in dist/, or in src/ for what is in there. */
function resolveOwn(name, conditions, importer) {
  const targets = JSON.parse(readFileSync(resolve(root, "package.json"), "utf8")).imports[name];
  const [, target] = Object.entries(targets).find(
    ([condition]) => conditions.has(condition) || condition === "default",
  );
  const isSource = importer.startsWith(resolve(root, "src") + sep);
  return resolve(root, isSource ? target.replace("dist", "src").replace(/js$/, "ts") : target);
}

/** @type {import("esbuild").Plugin} */
export const esbuildPlugin = {
  name: "wasm",
  setup(build) {
    const { conditions = [], platform, external = [] } = build.initialOptions;
    build.onResolve({ filter: /^#(host|core)$/ }, ({ path, importer }) => {
      if (external.includes(path)) return { path, external: true };
      return { path: resolveOwn(path, new Set([...conditions, platform]), importer) };
    });
    build.onResolve({ filter: /\.wasm\?module$/ }, () => ({ path: "../core.wasm", external: true }));
    build.onLoad({ filter: /\.wasm$/ }, async ({ path }) => ({ contents: await loadWasm(path), loader: "js" }));
    void asBindPlugin.setup(build);
    void esbuildPagePlugin.setup(build);
  },
};

/** @type {import("vitest/config").Plugin} */
export const vitePlugin = {
  name: "wasm",
  enforce: "pre", // before Vite's own plugin, which refuses to import wasm
  async load(id) {
    if (isPage(id)) return loadPage(id);
    const path = id.replace(/\?.*/, "");
    if (AS_BIND.test(path)) return loadAsBind(path);
    return path.endsWith(".wasm") ? loadWasm(path) : null;
  },
};

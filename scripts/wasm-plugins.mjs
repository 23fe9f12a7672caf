// How wasm gets into JavaScript, told to all bundlers (Rolldown makes dist/, Vite serves the tests, esbuild makes
// bundles of it):
// - `import decode from "./core.wasm"` gives a function that makes a Uint8Array of its bytes. They are written so that
//   bytes stay bytes: gzip finds the repetitions in them that base64 hides. That is three kilobytes less over the wire
//   than esbuild's own loader.
// - as-bind binds to an instance that is there already, so that only those who inspect a core need it. It finds the
//   types of the exports in the compiler's output: the core that ships goes without them.
// - `import module from "./core.wasm?module"` stays an import, of the file beside dist/'s folders: the host compiles
//   it.
// - `import { script } from "./page/main.ts?page"` gives a program for browsers: page-plugins.mjs.
// - `#host`, `#network`, `#processes` and `#core` are what package.json's "imports" says, but in src/ the files there.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import { ownImports, sourceOf } from "./doors.mjs";
import { root } from "./exec.mjs";
import { esbuildPagePlugin, isPage, loadPage } from "./page-plugins.mjs";

export const AS_BIND = /as-bind[\\/]dist[\\/]as-bind\.esm\.js$/;

/** The section of a module in which as-bind's transform leaves the types of all exports. */
const TYPES = "as-bind_bindings";

/** The types of those exports that take or give more than numbers. */
function loadTypes() {
  const module = new WebAssembly.Module(readFileSync(resolve(root, "build/core.asc.wasm")));
  const [section] = WebAssembly.Module.customSections(module, TYPES);
  const types = JSON.parse(new TextDecoder().decode(section));
  const isBound = ([, { returnType, parameters }]) =>
    [returnType, ...parameters].some((type) => type.startsWith("~lib/"));
  types.exportedFunctions = Object.fromEntries(Object.entries(types.exportedFunctions).filter(isBound));
  return JSON.stringify(types);
}

// as-bind compiles and instantiates what it is given: let it have a module and an instance that are there already, and
// the types.
const loadShim = () => `
let bound;
const { Module, Instance } = globalThis.WebAssembly;
const types = new TextEncoder().encode('${loadTypes()}');
const WebAssembly = Object.create(globalThis.WebAssembly, {
  Module: {
    value: new Proxy(Module, {
      construct: (_, [source]) => (bound = source).module,
      get: (target, name) => (name === "customSections" ? () => [types] : target[name]),
    }),
  },
  Instance: { value: new Proxy(Instance, { construct: () => bound.instance }) },
});
`;

/** as-bind as it is needed, for all who load it from the sources: at once, for hooks of Node that cannot wait. */
export const loadAsBind = (path) => loadShim() + readFileSync(path, "utf8");

/**
 * Bytes as a string literal: a character for a byte below 90, as most of a module's are, two for the others. The lowest
 * bytes are letters: those are the most frequent in programs as well, and gzip has one table for both.
 */
export function encodeWasm(bytes) {
  const encodeByte = (byte) => ["", "}", "~"][Math.floor(byte / 90)] + String.fromCharCode(35 + ((byte + 64) % 90));
  return JSON.stringify(Array.from(bytes, encodeByte).join(""));
}

const loadWasm = async (path) => `
const text = ${encodeWasm(await readFile(path))};
export default function decode() {
  const bytes = new TextEncoder().encode(text); // and decoded in place: there are never more bytes than characters
  let count = 0;
  let high = 0;
  for (const code of bytes) {
    const digit = code - 35;
    if (digit < 90) {
      bytes[count++] = high + ((digit + 26) % 90);
      high = 0;
    } else {
      high = 90 * (digit - 89);
    }
  }
  return bytes.subarray(0, count);
}
`;

/**
 * as-bind as it is needed: for bundles that have it from the sources, and their wasm from elsewhere.
 * @type {import("esbuild").Plugin}
 */
export const asBindPlugin = {
  name: "as-bind",
  setup(build) {
    build.onLoad({ filter: AS_BIND }, ({ path }) => ({ contents: loadAsBind(path), loader: "js" }));
  },
};

/**
 * The file of the package's own that an import name stands for, under some conditions: in dist/, or in src/ for what is
 * in there.
 */
function resolveOwn(name, conditions, importer) {
  const [, target] = Object.entries(ownImports[name]).find(
    ([condition]) => conditions.has(condition) || condition === "default",
  );
  const isSource = importer.startsWith(resolve(root, "src") + sep);
  return resolve(root, isSource ? sourceOf(target) : target);
}

/** @type {import("esbuild").Plugin} */
export const esbuildPlugin = {
  name: "wasm",
  setup(build) {
    const { conditions = [], platform, external = [] } = build.initialOptions;
    build.onResolve({ filter: /^#/ }, ({ path, importer }) => {
      if (external.includes(path)) return { path, external: true };
      if (ownImports[path] === undefined) return null; // it is another package's
      return { path: resolveOwn(path, new Set([...conditions, platform]), importer) };
    });
    build.onResolve({ filter: /\.wasm\?module$/ }, () => ({ path: "../core.wasm", external: true }));
    build.onLoad({ filter: /\.wasm$/ }, async ({ path }) => ({ contents: await loadWasm(path), loader: "js" }));
    void asBindPlugin.setup(build);
    void esbuildPagePlugin.setup(build);
  },
};

/** What an import of ours stands for, or null for what bundlers know themselves. */
async function load(id) {
  if (isPage(id)) return loadPage(id);
  const path = id.replace(/\?.*/, "");
  if (AS_BIND.test(path)) return loadAsBind(path);
  return path.endsWith(".wasm") ? loadWasm(path) : null;
}

/** @type {import("rolldown").Plugin} */
export const wasmPlugin = {
  name: "wasm",
  resolveId(id, importer) {
    if (id.endsWith(".wasm?module")) return { id: "../core.wasm", external: true };
    return isPage(id) ? resolve(dirname(importer), id) : null;
  },
  load: async (id) => {
    const code = await load(id);
    return code === null ? null : { code, moduleType: "js" };
  },
};

/** @type {import("vitest/config").Plugin} */
export const vitePlugin = {
  name: "wasm",
  enforce: "pre", // before Vite's own plugin, which refuses to import wasm
  // tests run in Node
  resolveId: (id, importer) => (Object.hasOwn(ownImports, id) ? resolveOwn(id, new Set(["node"]), importer) : null),
  load,
};

// How wasm gets into JavaScript, told to both bundlers (esbuild makes dist/, Vite serves the tests):
// - `import bytes from "./core.wasm"` gives a Uint8Array. It is written in hexadecimal digits, because gzip finds the repetitions
//   in them that base64 hides: two and a half kilobytes less over the wire than esbuild's own loader.
// - as-bind accepts a compiled WebAssembly.Module beside bytes, so that many event loops share one compilation (and so
//   that hosts which refuse to compile can be served one day).

import { readFile } from "node:fs/promises";

const AS_BIND = /as-bind[\\/]dist[\\/]as-bind\.esm\.js$/;

// as-bind calls `new WebAssembly.Module(source)` on whatever it is given: let that return what is a module already.
const SHIM = `
const WebAssembly = Object.create(globalThis.WebAssembly, {
  Module: {
    value: new Proxy(globalThis.WebAssembly.Module, {
      construct: (Module, [source]) => (source instanceof Module ? source : new Module(source)),
    }),
  },
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

/** @type {import("esbuild").Plugin} */
export const esbuildPlugin = {
  name: "wasm",
  setup(build) {
    build.onLoad({ filter: /\.wasm$/ }, async ({ path }) => ({ contents: await loadWasm(path), loader: "js" }));
    build.onLoad({ filter: AS_BIND }, async ({ path }) => ({ contents: await loadAsBind(path), loader: "js" }));
  },
};

/** @type {import("vitest/config").Plugin} */
export const vitePlugin = {
  name: "wasm",
  enforce: "pre", // before Vite's own plugin, which refuses to import wasm
  async load(id) {
    const path = id.replace(/\?.*/, "");
    if (AS_BIND.test(path)) return loadAsBind(path);
    return path.endsWith(".wasm") ? loadWasm(path) : null;
  },
};

/** A wasm module as what makes its bytes: scripts/wasm-plugins.mjs puts them into the bundle. */
declare module "*.wasm" {
  export default function decode(): Uint8Array<ArrayBuffer>;
}

/** The bytes of the core in base64: scripts/build.mjs writes them beside it. */
declare module "*/core.base64.js" {
  const text: string;
  export default text;
}

/** A wasm module that the host has compiled: it is imported as a file beside the bundle. */
declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}

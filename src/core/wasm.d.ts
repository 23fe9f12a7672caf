/** A wasm module as its bytes: scripts/wasm-plugins.mjs puts them into the bundle. */
declare module "*.wasm" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}

/** A wasm module that the host has compiled: it is imported as a file beside the bundle. */
declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}

/** A wasm module as its bytes: esbuild's binary loader inlines them in the build, scripts/wasm-plugins.mjs in vitest. */
declare module "*.wasm" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}

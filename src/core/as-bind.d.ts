declare module "as-bind/dist/as-bind.esm.js" {
  interface AsBindInstance {
    /** Exports with strings and typed arrays converted. */
    exports: unknown;
  }
  /** As our bundlers have it: it binds to an instance that is there already (scripts/wasm-plugins.mjs). */
  export function instantiateSync(
    source: { module: WebAssembly.Module; instance: WebAssembly.Instance },
    imports: Record<string, Record<string, (...args: number[]) => number | void>>,
  ): AsBindInstance;
}

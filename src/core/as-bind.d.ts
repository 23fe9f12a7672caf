declare module "as-bind/dist/as-bind.esm.js" {
  interface AsBindInstance {
    /** Exports with strings and typed arrays converted. */
    exports: unknown;
    /** The instance underneath. */
    loadedModule: { instance: WebAssembly.Instance };
  }
  export function instantiateSync(
    source: BufferSource | WebAssembly.Module,
    imports: Record<string, Record<string, (...args: number[]) => number>>,
  ): AsBindInstance;
}

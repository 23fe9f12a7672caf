// The compiled core as Node, Deno and Bun have it: they decode base64 themselves, in no time.

import text from "../../build/core.base64.js";

/** What they decode base64 by: the newer ones all have the first. */
interface Decoders {
  readonly Uint8Array: { fromBase64?(text: string): BufferSource };
  readonly Buffer: { from(text: string, encoding: "base64"): BufferSource };
}

/** Compiles the core. */
export function compileCore(): WebAssembly.Module {
  const { Uint8Array, Buffer } = globalThis as unknown as Decoders;
  return new WebAssembly.Module(Uint8Array.fromBase64?.(text) ?? Buffer.from(text, "base64"));
}

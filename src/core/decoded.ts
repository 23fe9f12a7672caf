// The compiled core as Node and Bun have it: they decode base64 themselves, in no time.

import text from "../../build/core.base64.js";

/** Compiles the core. */
export function compileCore(): WebAssembly.Module {
  const { Buffer } = globalThis as unknown as { Buffer: { from(text: string, encoding: "base64"): BufferSource } };
  return new WebAssembly.Module(Buffer.from(text, "base64"));
}

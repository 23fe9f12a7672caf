// The compiled core as Node, Deno and Bun have it: they decode base64 themselves, in no time.

import text from "../../build/core.base64.js";

const { Buffer } = globalThis as unknown as { Buffer?: { from(text: string, encoding: "base64"): BufferSource } };
const { fromBase64 } = Uint8Array as { fromBase64?(text: string): BufferSource };

/** Compiles the core. */
export function compileCore(): WebAssembly.Module {
  return new WebAssembly.Module(fromBase64?.(text) ?? Buffer!.from(text, "base64"));
}

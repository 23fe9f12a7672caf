// The compiled core as most hosts have it: its bytes are part of the program.

import decode from "../../build/core.wasm";
import { RuntimeError } from "../errors/base.ts";

/** Compiles the core. Throws RuntimeError where that is forbidden. */
export function compileCore(): WebAssembly.Module {
  try {
    return new WebAssembly.Module(decode());
  } catch (cause) {
    // The bytes are good: it is the page's policy, and what Chromium says of that asks for more than is needed.
    throw new RuntimeError(
      "Cannot compile the scheduler core: a Content-Security-Policy has to allow it with script-src 'wasm-unsafe-eval'",
      { cause },
    );
  }
}

// The compiled core of hosts that refuse to compile at run time, and compile the modules of a program before: workerd.

import module from "../../build/core.wasm?module";

/** Gives the core, which the host has compiled. */
export function compileCore(): WebAssembly.Module {
  return module;
}

// A core with its inspection: what the tests of the core run over, in wasm and in TypeScript.

import { type Core, type CoreOptions, createCore } from "../../../src/core/core.ts";
import type { CoreCalls, CoreInspection } from "../../../src/core/exports.ts";
import { inspect } from "../../../src/core/inspection.ts";

export interface InspectedCore extends CoreCalls {
  readonly objects: unknown[];
  readonly inspection: CoreInspection;
}

/** The wasm core. */
export function createInspected(options: CoreOptions = {}): Core & InspectedCore {
  const core = createCore(options);
  return { ...core, inspection: inspect(core) };
}

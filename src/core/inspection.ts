// Inspection: what a core holds, in strings and typed arrays, which as-bind carries over.
//
// For tests and diagnoses: as-bind is bound to a core that runs already, when somebody asks, so that programs go
// without it. What types the exports have is not in the core either: scripts/wasm-plugins.mjs gives it to as-bind.

import * as AsBind from "as-bind/dist/as-bind.esm.js";
import { InternalError } from "../errors/base.ts";
import type { Core } from "./core.ts";
import type { CoreInspection } from "./exports.ts";

const inspections = new WeakMap<Core["wasm"], CoreInspection>();

/** The inspection of a core. */
export function inspect({ wasm }: Pick<Core, "wasm">): CoreInspection {
  const known = inspections.get(wasm);
  if (known !== undefined) return known;
  const bound = AsBind.instantiateSync(wasm, { host: { compare: () => -1, wake: () => {} } });
  const inspection = copying(bound.exports as CoreInspection);
  inspections.set(wasm, inspection);
  return inspection;
}

/**
 * Wraps the as-bind exports so that each call returns a copy: as-bind's arrays are views of what the next call
 * overwrites.
 */
function copying(exports: CoreInspection): CoreInspection {
  const call = <A extends unknown[], R>(method: (...args: A) => R) => {
    return (...args: A): R => {
      try {
        const result = method(...args);
        return ArrayBuffer.isView(result) ? ((result as unknown as Float64Array).slice() as R) : result;
      } catch (error) {
        throw new InternalError("Cannot inspect the core", { cause: error });
      }
    };
  };
  return {
    digestText: call(exports.digestText),
    counters: call(exports.counters),
    dumpReady: call(exports.dumpReady),
    dumpTimers: call(exports.dumpTimers),
    dumpSlots: call(exports.dumpSlots),
  };
}

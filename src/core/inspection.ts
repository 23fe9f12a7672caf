// Inspection: what a core holds, in strings and typed arrays, which as-bind carries over.
//
// For tests and diagnoses: as-bind is bound to a core that runs already, when somebody asks, so that programs go without it.

import * as AsBind from "as-bind/dist/as-bind.esm.js";
import { InternalError } from "../errors.ts";
import type { Core } from "./core.ts";

/** The exports that give strings and typed arrays. */
export interface CoreInspection {
  kindName(kind: number): string;
  stateName(state: number): string;
  digestText(): string;
  counters(): Float64Array;
  dumpReady(from: number): Int32Array;
  dumpTimers(from: number): Float64Array;
  dumpSlots(from: number): Int32Array;
}

const inspections = new WeakMap<Core["wasm"], CoreInspection>();

/** The inspection of a core. */
export function inspect({ wasm }: Pick<Core, "wasm">): CoreInspection {
  const known = inspections.get(wasm);
  if (known !== undefined) return known;
  const bound = AsBind.instantiateSync(wasm, { host: { compare: () => -1 } });
  const { __collect } = wasm.instance.exports as { __collect(): void };
  const inspection = collecting(bound.exports as CoreInspection, __collect);
  inspections.set(wasm, inspection);
  return inspection;
}

/** Wraps the as-bind exports so that each call gives back the memory of what it made: as-bind's arrays are views of it. */
function collecting(exports: CoreInspection, collect: () => void): CoreInspection {
  const call = <A extends unknown[], R>(method: (...args: A) => R) => {
    return (...args: A): R => {
      try {
        const result = method(...args);
        return ArrayBuffer.isView(result) ? ((result as unknown as Float64Array).slice() as R) : result;
      } catch (error) {
        throw new InternalError("Cannot inspect the core", { cause: error });
      } finally {
        collect();
      }
    };
  };
  return {
    kindName: call(exports.kindName),
    stateName: call(exports.stateName),
    digestText: call(exports.digestText),
    counters: call(exports.counters),
    dumpReady: call(exports.dumpReady),
    dumpTimers: call(exports.dumpTimers),
    dumpSlots: call(exports.dumpSlots),
  };
}

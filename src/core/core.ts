// The scheduler core: one WebAssembly instance for each event loop that is open, compiled once, on first use.
//
// The numeric exports are called raw; those of strings and typed arrays are inspection.ts's. `objects` is the other
// half of the slot table: what the core knows as a slot number, the runtime finds here.

import { compileCore } from "#core";
import { check } from "./codes.ts";
import { SLOT_MASK } from "./abi.ts";
import type { CoreCalls, CoreSimulation } from "./exports.ts";

/** Compares the values in two cells: 1 when `left` comes first, 0 when not, -1 when the comparison failed. */
export type CompareCells = (left: number, right: number) => number;

export interface CoreOptions {
  /** Most memory, in pages of 64 KiB. Default: 65,536, all that wasm can address. */
  limitPages?: number;
  /** Whether the time moves only when an iteration is begun. Default: false. */
  clockStands?: boolean;
  /** Sequence of the first timer. Default: 1. */
  firstSequence?: number;
  /** Order of priorities that are not numbers. Default: every comparison fails. */
  compare?: CompareCells;
  /** The first `onWake`. Default: nothing. */
  wake?: () => void;
}

export interface Core extends CoreCalls {
  /** What occupies each slot; index with `id & SLOT_MASK`, or with `entry >> ENTRY_SHIFT`. */
  readonly objects: unknown[];
  /**
   * Ends a `rest`: something has become ready, or a timer was armed. Of the core it may call `nextDeadline` and `rest`.
   */
  onWake: () => void;
  readonly simulation: CoreSimulation;
  /** @internal What `inspect` binds to. Not in the declarations: a program may be without the types of wasm. */
  readonly wasm: { readonly module: WebAssembly.Module; readonly instance: WebAssembly.Instance };
}

/** Slot of an id: the index of its object. */
export function slotOf(id: number): number {
  return id & SLOT_MASK;
}

/** What waits in a slot: a task, a callback, or the join that a member stands for. */
export function waiterIn({ objects, joinOfWaiter }: Pick<Core, "objects" | "joinOfWaiter">, slot: number): unknown {
  return objects[slot] ?? objects[joinOfWaiter(slot)];
}

let compiled: WebAssembly.Module | undefined;

/** Instantiates a core. Throws MemoryError when not even the first tables fit. */
export function createCore(options: CoreOptions = {}): Core {
  compiled ??= compileCore();
  const { compare = () => -1, wake = () => {} } = options;
  const instance = new WebAssembly.Instance(compiled, { host: { compare, wake: () => core.onWake() } });
  // A plain object: engines look properties up faster there than on an exports object.
  const calls = { ...instance.exports } as unknown as CoreCalls & CoreSimulation;
  check(calls.initialize(options.limitPages ?? 65536, options.clockStands ?? false, options.firstSequence ?? 1));
  const core: Core = { ...calls, objects: [], onWake: wake, simulation: calls, wasm: { module: compiled, instance } };
  return core;
}

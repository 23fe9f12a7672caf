// What is in a core's slots and timers, read in its memory: for what a program may ask at any moment.
//
// The calls are those of inspection.ts. A program does not bring as-bind along for them: what they return is the
// address of a typed array's header, which has the address of its numbers at +4 and their length in bytes at +8.

import { SLOT_MASK } from "./abi.ts";
import type { Core } from "./core.ts";

/** Calls `visit` with each slot in use: its state, and the slot of what it waits on. */
export function eachSlot(core: Core, visit: (slot: number, state: number, owner: number) => void): void {
  let from = 0;
  for (let page; (page = arrayOf(core, "dumpSlots", from, Int32Array)).length > 0;) {
    for (let row = 0; row < page.length; row += 5) {
      from = page[row] & SLOT_MASK;
      visit(from, page[row + 2], page[row + 3]);
    }
    from++;
  }
}

/** Deadline in seconds of each slot with a timer. */
export function deadlinesIn(core: Core): Map<number, number> {
  const deadlines = new Map<number, number>();
  let from = 0;
  for (let page; (page = arrayOf(core, "dumpTimers", from, Float64Array)).length > 0; from += page.length / 2) {
    for (let row = 0; row < page.length; row += 2) deadlines.set(page[row + 1], page[row]);
  }
  return deadlines;
}

/** How many timers are pending. */
export function timersIn(core: Core): number {
  const { 5: all, 6: cancelled } = arrayOf(core, "counters", 0, Float64Array);
  return all - cancelled;
}

/** What a call gives, which stands until the next call to the core. */
function arrayOf<A>(
  { wasm }: Core,
  call: "counters" | "dumpSlots" | "dumpTimers",
  from: number,
  Type: { new (buffer: ArrayBuffer, start: number, length: number): A; readonly BYTES_PER_ELEMENT: number },
): A {
  const exports = wasm.instance.exports as unknown as Record<typeof call, (from: number) => number> & {
    readonly memory: WebAssembly.Memory;
  };
  const header = exports[call](from);
  const { buffer } = exports.memory;
  const [start, bytes] = new Uint32Array(buffer, header + 4, 2);
  return new Type(buffer, start, bytes / Type.BYTES_PER_ELEMENT);
}

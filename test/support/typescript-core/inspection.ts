// Inspection: what the core holds, in strings and typed arrays: what the tests compare.

import { NONE, STATE_FREE } from "../../../src/core/abi.ts";
import type { CoreInspection } from "../../../src/core/exports.ts";
import type { Scheduler } from "./scheduler.ts";

const PAGE_ROWS = 256;

export function inspectionOf(scheduler: Scheduler): CoreInspection {
  const { slots, ready, timers, digest } = scheduler;
  /** Indexes of a page of a list of `count`. */
  const page = (from: number, count: number): number[] => {
    const start = Math.max(from, 0);
    return Array.from({ length: Math.min(Math.max(count - start, 0), PAGE_ROWS) }, (_, row) => start + row);
  };
  return {
    digestText: () => digest.text(),
    counters: () =>
      Float64Array.of(
        scheduler.iterations,
        scheduler.decisions,
        slots.used,
        slots.all.length,
        ready.count,
        timers.count,
        timers.deadCount,
        0, // bytes: the engine's heap has them
        scheduler.todo,
      ),
    dumpReady: (from) => Int32Array.from(page(from, ready.count), (index) => ready.at(index)),
    dumpTimers: (from) =>
      Float64Array.from(
        page(from, timers.count).flatMap((index) => [timers.deadlineAt(index), timers.slotAt(index)?.number ?? NONE]),
      ),
    dumpSlots: (from) => {
      const used = slots.all.slice(Math.max(from, 0)).filter(({ state }) => state !== STATE_FREE);
      return Int32Array.from(
        used
          .slice(0, PAGE_ROWS)
          .flatMap(({ id, kind, state, owner, count }) => [id, kind, state, owner?.number ?? NONE, count]),
      );
    },
  };
}

// The scheduler core in plain TypeScript: the same calls with the same results as assembly/, a file for each of its
// chapters.
//
// It serves twice. The tests of the core run over both, and play random operations on both at once: so what one of them
// gets wrong the other one contradicts. The bench puts it into the place of the wasm core, to see what WebAssembly
// gives and costs: so it is written as well as we can, and its structures are fast ones. It shares the numbers of
// abi.ts with assembly/, and no more: an object for each slot, a ring and a heap in typed arrays that double, states
// that are checked where a call needs them, and no memory but the engine's. What only simulations call is left out.

import type { Core, CoreOptions } from "../../../src/core/core.ts";
import type { CoreCalls, CoreInspection } from "../../../src/core/exports.ts";
import { containersOf } from "./containers.ts";
import { futuresOf } from "./futures.ts";
import { handlesOf } from "./handles.ts";
import { inspectionOf } from "./inspection.ts";
import { joinsOf } from "./joins.ts";
import { listsOf } from "./lists.ts";
import { Scheduler } from "./scheduler.ts";
import { sourcesOf } from "./sources.ts";
import { transition } from "./state.ts";
import { tasksOf } from "./tasks.ts";

export interface TypeScriptCore extends CoreCalls, Pick<Core, "onWake"> {
  readonly objects: unknown[];
  readonly inspection: CoreInspection;
}

export function createTypeScriptCore(options: CoreOptions = {}): TypeScriptCore {
  const { clockStands = false, firstSequence = 1, compare = () => -1, wake = () => {} } = options;
  const scheduler = new Scheduler(clockStands, firstSequence, () => core.onWake());
  const core: TypeScriptCore = {
    objects: [],
    onWake: wake,
    inspection: inspectionOf(scheduler),
    initialize: () => 0,
    reset: (stands, sequence) => {
      scheduler.reset(Boolean(stands), sequence);
      return 0;
    },
    advance: (now, resolution) => scheduler.advance(now, resolution),
    interrupt: () => scheduler.interrupt(),
    next: (op) => scheduler.next(op),
    nextDeadline: () => scheduler.nextDeadline(),
    setBudget: (entries) => scheduler.setBudget(entries),
    rest: () => scheduler.ready.rest(),
    ...handlesOf(scheduler),
    ...tasksOf(scheduler),
    ...futuresOf(scheduler),
    ...joinsOf(scheduler),
    ...listsOf(scheduler),
    ...sourcesOf(scheduler),
    ...containersOf(compare),
    pageCount: () => 0, // the engine's heap has them
    usedSlots: () => scheduler.slots.used,
    transition,
  };
  return core;
}

// What the loop of a simulation has in place of its core once it is closed: whoever still has a task or a lock of it
// cannot reach the next simulation's.

import { RuntimeError } from "../../errors/base.ts";
import { NONE } from "../../core/abi.ts";
import type { Core } from "../../core/core.ts";

let refusing: Core | undefined;

/**
 * A core with nothing in it: it answers questions, lets things be cancelled that are gone, and refuses the rest. `core`
 * is any other one.
 */
export function refusingCore(core: Core): Core {
  return (refusing ??= makeRefusing(core));
}

function makeRefusing(core: Core): Core {
  const refuse = (): never => {
    throw new RuntimeError("Event loop is closed");
  };
  const nothing = (): number => 0;
  const none = (): number => NONE;
  return {
    ...(Object.fromEntries(Object.keys(core).map((name) => [name, refuse])) as unknown as Core),
    cancelHandle: nothing,
    unsubscribe: nothing,
    cancelling: nothing,
    mustCancel: nothing,
    waiterCount: nothing,
    liveWaiterCount: nothing,
    firstWaiter: none,
    nextWaiter: none,
    objects: [],
    simulation: core.simulation,
    wasm: core.wasm,
  };
}

// The cores of simulations that are over, for those to come: making one takes a hundred times as long as a short
// program.
//
// The loop gets a core that refuses in return, so that whoever still has a task or a lock of it cannot reach the next
// one's.

import { RuntimeError } from "../../errors/base.ts";
import { NONE } from "../../core/abi.ts";
import { check } from "../../core/codes.ts";
import { type Core, createCore } from "../../core/core.ts";

const MOST_IDLE = 4;
/** Most bytes of memory of a core that is kept. */
const LARGEST_IDLE = 1 << 20;

const idle: Core[] = [];

/** A core that is as new, for a clock that stands still. Throws MemoryError. */
export function takeCore(): Core {
  return idle.pop() ?? createCore({ clockStands: true });
}

/** Takes the core of a loop that is closed, and empties it. Returns what the loop has in its place. */
export function giveBack(core: Core): Core {
  core.objects.length = 0;
  check(core.simulation.reset(true, 1));
  const memory = core.wasm.instance.exports["memory"] as WebAssembly.Memory;
  if (idle.length < MOST_IDLE && memory.buffer.byteLength <= LARGEST_IDLE) idle.push(core);
  return (closedCore ??= refusing(core));
}

let closedCore: Core | undefined;

/** A core with nothing in it: it answers questions, lets things be cancelled that are gone, and refuses the rest. */
function refusing(core: Core): Core {
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

// Whether the wake-ups that are on their way wake nobody, so that a run in which they go first is the same as one in
// which they do not. It is looked at before: else a search begins such a run, to be told so at its next choice.

import { DONE_CALLBACK, ENTRY_KIND, ENTRY_SHIFT, NONE, WAIT_CANCELLED } from "../../core/abi.ts";
import type { Core } from "../../core/core.ts";
import type { Join } from "../../runtime/join.ts";

/**
 * Whether all wake-ups are members of joins that have others left, and are not told of these. False as well where that
 * cannot be seen.
 */
export function wakeNobody({ joinOfWaiter, objects, simulation }: Core): boolean {
  const counted = new Map<Join, number>();
  for (let place = 0; place < simulation.readyLength(); place++) {
    const entry = simulation.readyAt(place);
    const kind = entry & ENTRY_KIND;
    if (kind === WAIT_CANCELLED) return false; // a sleeper
    if (kind !== DONE_CALLBACK) continue;
    const slot = entry >> ENTRY_SHIFT;
    const owner = joinOfWaiter(slot);
    if (owner === NONE) return false;
    const join = objects[owner] as Join;
    const count = (counted.get(join) ?? 0) + 1;
    if (join.isToldOf(slot) || count === join.size) return false;
    counted.set(join, count);
  }
  return true;
}

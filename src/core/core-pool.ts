// The cores of loops that are closed, for those to come: making one takes a third of a millisecond, and a loop that
// serves a request or runs a short program takes a tenth of that.
//
// A core is reset when it is taken again: then nothing of its earlier life shows.

import { check } from "./codes.ts";
import { type Core, type CoreOptions, createCore } from "./core.ts";

/** Most cores that are kept: as many as there may well be requests at once that have a loop each. */
const MOST_IDLE = 64;
/** Most pages of memory of a core that is kept: 256 KiB. A new one has half of that. */
const MOST_PAGES = 4;

const idle: Core[] = [];
const nothing = (): void => {};

/** A core that is as new. Throws MemoryError. */
export function takeCore(options: Required<Pick<CoreOptions, "clockStands" | "wake">>): Core {
  const core = idle.pop();
  if (core === undefined) return createCore(options);
  check(core.reset(options.clockStands, 1));
  core.onWake = options.wake;
  return core;
}

/** Takes the core of a loop that is closed. Nobody calls it any more. */
export function giveBack(core: Core): void {
  if (core.objects.length > 0) core.objects.length = 0; // engines take long to set it
  core.onWake = nothing; // what it was kept the loop
  if (idle.length < MOST_IDLE && core.pageCount() <= MOST_PAGES) idle.push(core);
}

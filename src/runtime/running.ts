// Which loop runs now, and which one a program has chosen for when none does.

import { RuntimeError } from "../errors.ts";
import type { EventLoop } from "./event-loop.ts";

let running: EventLoop | null = null;
let chosen: EventLoop | null = null;

/** The loop whose turn it is. Throws RuntimeError when none runs, as between its turns. Mirrors asyncio.get_running_loop. */
export function getRunningLoop(): EventLoop {
  if (running === null) throw new RuntimeError("no running event loop");
  return running;
}

/** The loop whose turn it is, or null. Mirrors asyncio._get_running_loop. */
export function runningLoop(): EventLoop | null {
  return running;
}

/** @internal Makes a loop the running one, and returns the one that was. */
export function enterLoop(loop: EventLoop | null): EventLoop | null {
  const outer = running;
  running = loop;
  return outer;
}

/** The running loop, else the one set by `setEventLoop`. Throws RuntimeError when there is neither. Mirrors asyncio.get_event_loop. */
export function getEventLoop(): EventLoop {
  const loop = running ?? chosen;
  if (loop === null) throw new RuntimeError("There is no current event loop");
  return loop;
}

/** @internal */
export function chooseLoop(loop: EventLoop | null): void {
  chosen = loop;
}

/** @internal Takes the choice of a loop back, unless another one was chosen since. */
export function unchooseLoop(loop: EventLoop): void {
  if (chosen === loop) chosen = null;
}

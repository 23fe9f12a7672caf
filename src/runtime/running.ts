// Which loop runs now, and which one a program has chosen for when none does.

import { RuntimeError } from "../errors/base.ts";
import type { EventLoop } from "./event-loop.ts";
import { format } from "../support/format.ts";

let running: EventLoop | null = null;
/** Loops that were chosen and not taken back; the last one counts. */
let chosen: readonly EventLoop[] = [];

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
  const loop = running ?? chosen.at(-1);
  if (loop === undefined) throw new RuntimeError("There is no current event loop");
  return loop;
}

/** @internal Throws TypeError for what is no event loop: by what it can do, for the class stands on this file. Returns it. */
export function checkLoop(loop: EventLoop): EventLoop {
  if (typeof (loop as Partial<EventLoop> | null)?.getDebug === "function") return loop;
  throw new TypeError(`Invalid loop: expected an EventLoop, got ${format(loop)}`);
}

/** @internal Chooses a loop for when none runs; null takes all choices back. */
export function chooseLoop(loop: EventLoop | null): void {
  chosen = loop === null ? [] : [...chosen.filter((other) => other !== loop), loop];
}

/** @internal Takes the choice of a loop back: the one chosen before it counts again. */
export function unchooseLoop(loop: EventLoop): void {
  chosen = chosen.filter((other) => other !== loop);
}

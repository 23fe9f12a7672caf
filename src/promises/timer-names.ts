// What lowered modules have in the place of the names of the host's timers. Each use asks what its name stands for, as
// it does natively: what a program has put in the place of the host's, as tests do to see what is asked of it, is what
// is called. In virtual time there are none but the loop's.

import { runningLoop } from "../runtime/loop.ts";
import { clearImmediate, clearInterval, clearTimeout, setImmediate, setInterval, setTimeout } from "./timers.ts";

const ours = { clearImmediate, clearInterval, clearTimeout, setImmediate, setInterval, setTimeout };

type TimerName = keyof typeof ours;

const host = globalThis as unknown as Record<TimerName, unknown>;
const ofHost = Object.fromEntries(Object.keys(ours).map((name) => [name, host[name as TimerName]]));

/** What the name of a timer function stands for now. */
export function timer(name: TimerName): unknown {
  return host[name] === ofHost[name] || runningLoop()?.host.virtual === true ? ours[name] : host[name];
}

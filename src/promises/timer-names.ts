// What lowered modules have in the place of the names of the host's timers. Each use asks what its name stands for, as
// it does natively: what a program has put in the place of the host's, as tests do to see what is asked of it, is what
// is called. In virtual time there are none but the loop's.

import { runningLoop } from "../runtime/loop.ts";
import { first, host } from "./loop-timers.ts";
import { clearImmediate, clearInterval, clearTimeout, setImmediate, setInterval, setTimeout } from "./timers.ts";

const ours = { clearImmediate, clearInterval, clearTimeout, setImmediate, setInterval, setTimeout };

/** What the name of a timer function stands for now. */
export function timer(name: keyof typeof ours): unknown {
  return host[name] === first[name] || runningLoop()?.host.virtual === true ? ours[name] : host[name];
}

// Turns by microtasks, which is when whoever awaits a promise goes on: for hosts where an immediate costs as much as
// what a loop mostly has to do when it is woken.
//
// A loop that promises wake again and again would keep all others of its host from theirs. So when these turns have
// taken as long as a slice together, one comes by an immediate, behind the I/O that is ready; and so does each that
// follows on a slice which is used up. One of sixteen does so anyway: much of what comes in a bunch, such as fifty
// answers of a database, is then taken in by one turn.

import { immediates } from "./immediates.ts";
import type { TurnSource } from "./timer-host.ts";

/** Most milliseconds that turns by microtasks take before one comes by an immediate. */
const MOST_MS = 4;
/** Most of these turns before one comes by an immediate. */
const MOST_TURNS = 15;

const settled = Promise.resolve();

/** Of all loops of the process: one after the other may be made, each for a turn or two. */
let spentMs = 0;
let turns = 0;

export function microtasks(turn: () => void): TurnSource {
  const clock = performance; // kept, because it takes Deno as long to give it as to tell the time
  const immediate = immediates(turn);
  let isPending = false;
  const run = (): void => {
    if (!isPending) return; // it was cancelled
    isPending = false;
    turns++;
    const began = clock.now();
    turn();
    spentMs += clock.now() - began;
  };
  return {
    request: () => {
      if (spentMs >= MOST_MS || turns >= MOST_TURNS) {
        spentMs = 0;
        turns = 0;
        immediate.request();
        return;
      }
      isPending = true;
      void settled.then(run);
    },
    cancel: () => {
      isPending = false;
      immediate.cancel();
    },
  };
}

// Turns by microtasks, which is when whoever awaits a promise goes on: for hosts where an immediate costs as much as
// what a loop mostly has to do when it is woken.
//
// A loop that promises wake again and again would keep all others of its host from theirs. So some turns come by an
// immediate, behind the I/O that is ready; and so does each that follows on a slice which is used up.

import { immediates } from "./immediates.ts";
import type { TurnSource } from "./timer-host.ts";

/** Turns by microtasks for one by an immediate. */
const MOST_IN_A_ROW = 15;

const settled = Promise.resolve();

export function microtasks(turn: () => void): TurnSource {
  const immediate = immediates(turn);
  let isPending = false;
  let left = MOST_IN_A_ROW;
  const run = (): void => {
    if (!isPending) return; // it was cancelled
    isPending = false;
    turn();
  };
  return {
    request: () => {
      if (left === 0) {
        left = MOST_IN_A_ROW;
        immediate.request();
        return;
      }
      left--;
      isPending = true;
      void settled.then(run);
    },
    cancel: () => {
      isPending = false;
      immediate.cancel();
    },
  };
}

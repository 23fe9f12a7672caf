// Tasks that keep a loop busy for ever: each gives way after a little work of its own.

import type { Library } from "./library.ts";

const TASKS = 1000;
/** Rounds of a loop of arithmetic between two sleeps. */
const WORK = 100;

/** Keeps the running loop busy until `stop` says so, which is asked now and then. Returns the steps. */
export function* beBusy({ gather, sleep }: Library, stop: () => boolean) {
  let steps = 0;
  let over = false;
  let sum = 0;
  function* busy() {
    while (!over) {
      for (let i = 0; i < WORK; i++) sum = (Math.imul(sum, 31) + i) | 0;
      if ((++steps & 1023) === 0) over = stop();
      yield* sleep(0);
    }
  }
  yield* gather(Array.from({ length: TASKS }, busy));
  return { steps, sum };
}

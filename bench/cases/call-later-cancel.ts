// What does a timer cost that is never needed, as most timeouts are?

import { defineCase, giveWay } from "../case.ts";

const TIMERS = 1000;

export default defineCase({
  title: "callLater + cancel",
  operations: TIMERS,

  wasyncio: ({ getRunningLoop, sleep }) =>
    function* () {
      const loop = getRunningLoop();
      let count = 0;
      const fire = (): void => void count--;
      for (let timer = 0; timer < TIMERS; timer++) {
        loop.callLater(1000, fire).cancel();
        count++;
      }
      yield* sleep(0); // a loop forgets cancelled timers in its iterations
      return count;
    },

  native: () => async () => {
    let count = 0;
    const fire = (): void => void count--;
    for (let timer = 0; timer < TIMERS; timer++) {
      clearTimeout(setTimeout(fire, 1_000_000));
      count++;
    }
    await giveWay;
    return count;
  },
});

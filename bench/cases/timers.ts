// What does a timer cost, added and fired, when a hundred thousand of them are due within a millisecond?

import { defineCase } from "../case.ts";

const TIMERS = 100_000;

/** Delays from 0 to 1 ms, in seconds, in no order. */
const delayOf = (timer: number): number => ((timer * 7919) % 1000) * 1e-6;

export default defineCase({
  title: "100,000 timers within 1 ms",
  operations: TIMERS,

  wasyncio: ({ getRunningLoop }) =>
    function* () {
      const loop = getRunningLoop();
      const done = loop.createFuture();
      let count = 0;
      const fire = (): void => {
        if (++count === TIMERS) done.setResult(undefined);
      };
      for (let timer = 0; timer < TIMERS; timer++) loop.callLater(delayOf(timer), fire);
      yield* done;
      return count;
    },

  // It does less: setTimeout counts whole milliseconds, so there is nothing to order.
  native: () => () =>
    new Promise((resolve) => {
      let count = 0;
      const fire = (): void => {
        if (++count === TIMERS) resolve(count);
      };
      for (let timer = 0; timer < TIMERS; timer++) setTimeout(fire, delayOf(timer) * 1000);
    }),
});

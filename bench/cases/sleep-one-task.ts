// What does giving way cost when nobody else wants to run?

import { defineCase, giveWay } from "../case.ts";

const SLEEPS = 10_000;

export default defineCase({
  title: "sleep(0) in 1 task",
  operations: SLEEPS,

  wasyncio: ({ sleep }) =>
    function* () {
      let count = 0;
      while (count < SLEEPS) {
        yield* sleep(0);
        count++;
      }
      return count;
    },

  native: () => async () => {
    let count = 0;
    while (count < SLEEPS) {
      await giveWay;
      count++;
    }
    return count;
  },

  effect:
    ({ Effect }) =>
    () =>
      Effect.gen(function* () {
        let count = 0;
        while (count < SLEEPS) {
          yield* Effect.yieldNow;
          count++;
        }
        return count;
      }),

  // Its sleep(0) is a setTimeout of a millisecond; a resolved promise is its shortest way to let others run.
  effection: ({ until }) =>
    function* () {
      let count = 0;
      while (count < SLEEPS) {
        yield* until(Promise.resolve());
        count++;
      }
      return count;
    },
});

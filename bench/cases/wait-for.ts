// What does a deadline cost that is met, around work that gives way once?

import type { Operation } from "effection";
import { defineCase, giveWay } from "../case.ts";

const WAITS = 1000;

export default defineCase({
  title: "waitFor, deadline met",
  operations: WAITS,

  wasyncio: ({ sleep, waitFor }) =>
    function* () {
      let count = 0;
      while (count < WAITS) count += yield* waitFor(sleep(0, 1), 1000);
      return count;
    },

  native: () => async () => {
    const work = async () => {
      await giveWay;
      return 1;
    };
    let count = 0;
    while (count < WAITS) {
      let timer: NodeJS.Timeout | undefined;
      const deadline = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error("timed out")), 1_000_000);
      });
      try {
        count += await Promise.race([work(), deadline]);
      } finally {
        clearTimeout(timer);
      }
    }
    return count;
  },

  effect:
    ({ Effect }) =>
    () =>
      Effect.gen(function* () {
        const work = Effect.as(Effect.yieldNow, 1);
        let count = 0;
        while (count < WAITS) count += yield* Effect.timeout(work, 1_000_000);
        return count;
      }),

  effection: ({ race, sleep, until }) =>
    function* () {
      function* deadline(): Operation<never> {
        yield* sleep(1_000_000);
        throw new Error("timed out");
      }
      let count = 0;
      while (count < WAITS) count += yield* race([until(Promise.resolve(1)), deadline()]);
      return count;
    },
});

// What does a switch between tasks cost when a thousand of them take turns?

import { defineCase, giveWay } from "../case.ts";

const TASKS = 1000;
const ROUNDS = 50;

export default defineCase({
  title: "sleep(0) in 1,000 tasks",
  operations: TASKS * ROUNDS,

  wasyncio: ({ gather, sleep }) =>
    function* () {
      let count = 0;
      function* work() {
        for (let round = 0; round < ROUNDS; round++) {
          yield* sleep(0);
          count++;
        }
      }
      yield* gather(Array.from({ length: TASKS }, work));
      return count;
    },

  native: () => async () => {
    let count = 0;
    const work = async () => {
      for (let round = 0; round < ROUNDS; round++) {
        await giveWay;
        count++;
      }
    };
    await Promise.all(Array.from({ length: TASKS }, work));
    return count;
  },

  effect:
    ({ Effect, Fiber }) =>
    () =>
      Effect.gen(function* () {
        let count = 0;
        const work = Effect.gen(function* () {
          for (let round = 0; round < ROUNDS; round++) {
            yield* Effect.yieldNow;
            count++;
          }
        });
        const fibers = [];
        for (let i = 0; i < TASKS; i++) fibers.push(yield* Effect.forkChild(work));
        yield* Fiber.joinAll(fibers);
        return count;
      }),

  effection: ({ all, until }) =>
    function* () {
      let count = 0;
      function* work() {
        for (let round = 0; round < ROUNDS; round++) {
          yield* until(Promise.resolve());
          count++;
        }
      }
      yield* all(Array.from({ length: TASKS }, work));
      return count;
    },
});

// What does a turn with a lock cost that a hundred tasks want, when its holder gives way once?

import { defineCase } from "../case.ts";

const TASKS = 100;
const ROUNDS = 100;

export default defineCase({
  title: "lock, 100 contenders",
  operations: TASKS * ROUNDS,

  wasyncio: ({ Lock, gather, sleep }) =>
    function* () {
      const lock = new Lock();
      let count = 0;
      function* hold() {
        yield* sleep(0);
        count++;
      }
      function* contend() {
        for (let round = 0; round < ROUNDS; round++) yield* lock.with(hold);
      }
      yield* gather(Array.from({ length: TASKS }, contend));
      return count;
    },

  effect:
    ({ Effect, Fiber, Semaphore }) =>
    () =>
      Effect.gen(function* () {
        const lock = yield* Semaphore.make(1);
        let count = 0;
        const hold = Effect.gen(function* () {
          yield* Effect.yieldNow;
          count++;
        });
        const contend = Effect.gen(function* () {
          for (let round = 0; round < ROUNDS; round++) yield* lock.withPermit(hold);
        });
        const fibers = [];
        for (let i = 0; i < TASKS; i++) fibers.push(yield* Effect.forkChild(contend));
        yield* Fiber.joinAll(fibers);
        return count;
      }),
});

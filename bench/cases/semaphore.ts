// What does bounded concurrency cost: a thousand tasks, ten of which may be at work, each giving way once?

import { defineCase } from "../case.ts";

const PERMITS = 10;
const TASKS = 1000;
const ROUNDS = 10;

export default defineCase({
  title: "semaphore(10), 1,000 tasks",
  operations: TASKS * ROUNDS,

  wasyncio: ({ Semaphore, gather, sleep }) =>
    function* () {
      const semaphore = new Semaphore(PERMITS);
      let count = 0;
      function* hold() {
        yield* sleep(0);
        count++;
      }
      function* contend() {
        for (let round = 0; round < ROUNDS; round++) yield* semaphore.with(hold);
      }
      yield* gather(Array.from({ length: TASKS }, contend));
      return count;
    },

  effect:
    ({ Effect, Fiber, Semaphore }) =>
    () =>
      Effect.gen(function* () {
        const semaphore = yield* Semaphore.make(PERMITS);
        let count = 0;
        const hold = Effect.gen(function* () {
          yield* Effect.yieldNow;
          count++;
        });
        const contend = Effect.gen(function* () {
          for (let round = 0; round < ROUNDS; round++) yield* semaphore.withPermit(hold);
        });
        const fibers = [];
        for (let i = 0; i < TASKS; i++) fibers.push(yield* Effect.forkChild(contend));
        yield* Fiber.joinAll(fibers);
        return count;
      }),
});

// What does it cost to wake one of a thousand tasks that wait for an event, until it waits again?

import { defineCase } from "../case.ts";

const TASKS = 1000;
const ROUNDS = 50;

export default defineCase({
  title: "event, 1,000 waiters",
  operations: TASKS * ROUNDS,

  wasyncio: ({ Event, gather, sleep }) =>
    function* () {
      const event = new Event();
      let count = 0;
      function* work() {
        for (let round = 0; round < ROUNDS; round++) {
          yield* event.wait();
          count++;
        }
      }
      const all = gather(Array.from({ length: TASKS }, work));
      for (let round = 0; round < ROUNDS; round++) {
        yield* sleep(0);
        event.set();
        event.clear();
      }
      yield* all;
      return count;
    },

  effect:
    ({ Effect, Fiber, Latch }) =>
    () =>
      Effect.gen(function* () {
        const latch = yield* Latch.make();
        let count = 0;
        const work = Effect.gen(function* () {
          for (let round = 0; round < ROUNDS; round++) {
            yield* latch.await;
            count++;
          }
        });
        const fibers = [];
        for (let i = 0; i < TASKS; i++) fibers.push(yield* Effect.forkChild(work));
        for (let round = 0; round < ROUNDS; round++) {
          yield* Effect.yieldNow;
          yield* latch.release;
        }
        yield* Fiber.joinAll(fibers);
        return count;
      }),
});

// What does a notification cost: lock, notify one of a hundred waiters, unlock; it wakes with the lock and waits again?

import { defineCase } from "../case.ts";

const TASKS = 100;
const ROUNDS = 100;

export default defineCase({
  title: "condition, notify one",
  operations: TASKS * ROUNDS,

  wasyncio: ({ Condition, gather, sleep }) =>
    function* () {
      const condition = new Condition();
      let count = 0;
      function* waitInTurn() {
        for (let round = 0; round < ROUNDS; round++) {
          yield* condition.wait();
          count++;
        }
      }
      function* work() {
        yield* condition.with(waitInTurn);
      }
      function* notify() {
        condition.notify();
      }
      const all = gather(Array.from({ length: TASKS }, work));
      for (let i = 0; i < TASKS * ROUNDS; i++) {
        yield* sleep(0);
        yield* condition.with(notify);
      }
      yield* all;
      return count;
    },
});

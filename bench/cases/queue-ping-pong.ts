// What does it cost to hand an item to a task that waits for it? Two tasks, two queues; every get has to wait: a
// switch.

import { defineCase } from "../case.ts";

const TRIPS = 10_000;

export default defineCase({
  title: "queue ping-pong, a switch",
  operations: 2 * TRIPS,

  wasyncio: ({ Queue, createTask }) =>
    function* () {
      const there = new Queue<number>();
      const back = new Queue<number>();
      function* pong() {
        for (let trip = 0; trip < TRIPS; trip++) yield* back.put((yield* there.get()) + 1);
      }
      const task = createTask(pong());
      let count = 0;
      for (let trip = 0; trip < TRIPS; trip++) {
        yield* there.put(count + 1);
        count = yield* back.get();
      }
      yield* task;
      return count;
    },

  effect:
    ({ Effect, Fiber, Queue }) =>
    () =>
      Effect.gen(function* () {
        const there = yield* Queue.unbounded<number>();
        const back = yield* Queue.unbounded<number>();
        const pong = Effect.gen(function* () {
          for (let trip = 0; trip < TRIPS; trip++) yield* Queue.offer(back, (yield* Queue.take(there)) + 1);
        });
        const fiber = yield* Effect.forkChild(pong);
        let count = 0;
        for (let trip = 0; trip < TRIPS; trip++) {
          yield* Queue.offer(there, count + 1);
          count = yield* Queue.take(back);
        }
        yield* Fiber.join(fiber);
        return count;
      }),

  effection: ({ createQueue, spawn }) =>
    function* () {
      const there = createQueue<number, never>();
      const back = createQueue<number, never>();
      const task = yield* spawn(function* () {
        for (let trip = 0; trip < TRIPS; trip++) back.add((yield* there.next()).value + 1);
      });
      let count = 0;
      for (let trip = 0; trip < TRIPS; trip++) {
        there.add(count + 1);
        count = (yield* back.next()).value;
      }
      yield* task;
      return count;
    },
});

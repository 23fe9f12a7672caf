// What does a task cost from spawn to join, when all it does is return?

import { defineCase } from "../case.ts";

/** Their list is made by a loop: `Array.from` would cost more than some of what is measured. */
const TASKS = 1000;
const ROUNDS = 10;

export default defineCase({
  title: "spawn + join, gather(1000)",
  operations: TASKS * ROUNDS,

  wasyncio: ({ gather }) =>
    function* () {
      function* child() {
        return 1;
      }
      let count = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const children = [];
        for (let i = 0; i < TASKS; i++) children.push(child());
        const results = yield* gather(children);
        for (const result of results) count += result;
      }
      return count;
    },

  native: () => async () => {
    const child = async () => 1;
    let count = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const children = [];
      for (let i = 0; i < TASKS; i++) children.push(child());
      const results = await Promise.all(children);
      for (const result of results) count += result;
    }
    return count;
  },

  effect:
    ({ Effect, Fiber }) =>
    () =>
      Effect.gen(function* () {
        const child = Effect.sync(() => 1);
        let count = 0;
        for (let round = 0; round < ROUNDS; round++) {
          const fibers = [];
          for (let i = 0; i < TASKS; i++) fibers.push(yield* Effect.forkChild(child));
          const results = yield* Fiber.joinAll(fibers);
          for (const result of results) count += result;
        }
        return count;
      }),

  effection: ({ all }) =>
    function* () {
      function* child() {
        return 1;
      }
      let count = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const children = [];
        for (let i = 0; i < TASKS; i++) children.push(child());
        const results = yield* all(children);
        for (const result of results) count += result;
      }
      return count;
    },
});

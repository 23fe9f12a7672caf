// What does a child cost in a task group of a hundred, from its creation to the end of the group?

import { defineCase } from "../case.ts";

const CHILDREN = 100;
const GROUPS = 100;

export default defineCase({
  title: "task group of 100, a child",
  operations: CHILDREN * GROUPS,

  wasyncio: ({ TaskGroup }) =>
    function* () {
      let count = 0;
      function* child() {
        count++;
      }
      for (let i = 0; i < GROUPS; i++) {
        yield* new TaskGroup().with(function* (group) {
          for (let j = 0; j < CHILDREN; j++) group.createTask(child());
        });
      }
      return count;
    },

  effect:
    ({ Effect }) =>
    () =>
      Effect.gen(function* () {
        let count = 0;
        const child = Effect.sync(() => count++);
        const group = Effect.gen(function* () {
          for (let j = 0; j < CHILDREN; j++) yield* Effect.forkChild(child);
        });
        for (let i = 0; i < GROUPS; i++) yield* Effect.awaitAllChildren(group);
        return count;
      }),

  effection: ({ scoped, spawn }) =>
    function* () {
      let count = 0;
      function* child() {
        count++;
      }
      for (let i = 0; i < GROUPS; i++) {
        yield* scoped(function* () {
          const tasks = [];
          for (let j = 0; j < CHILDREN; j++) tasks.push(yield* spawn(child));
          for (const task of tasks) yield* task;
        });
      }
      return count;
    },
});

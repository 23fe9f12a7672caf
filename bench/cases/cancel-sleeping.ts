// What does it cost to cancel a sleeping task: throw into it, catch it there, end the task, gather its end?
// Spawning the tasks and putting them to sleep is not measured.

import { setTimeout as sleepNatively } from "node:timers/promises";
import { defineCase, giveWay } from "../case.ts";

const TASKS = 1000;

export default defineCase({
  title: "cancel a sleeping task",
  operations: TASKS,

  wasyncio: ({ CancelledError, createTask, gather, sleep }) =>
    function* (fromHere) {
      let count = 0;
      function* work() {
        try {
          yield* sleep(1000);
        } catch (error) {
          if (error instanceof CancelledError) count++;
          throw error;
        }
      }
      const tasks = Array.from({ length: TASKS }, () => createTask(work()));
      yield* sleep(0);
      fromHere();
      for (const task of tasks) task.cancel();
      yield* gather(tasks, { returnExceptions: true });
      return count;
    },

  native: () => async (fromHere) => {
    let count = 0;
    const work = async (signal: AbortSignal) => {
      try {
        await sleepNatively(1_000_000, undefined, { signal });
      } catch (error) {
        if ((error as Error).name === "AbortError") count++;
        throw error;
      }
    };
    const controllers = Array.from({ length: TASKS }, () => new AbortController());
    const promises = controllers.map((controller) => work(controller.signal));
    await giveWay;
    fromHere();
    for (const controller of controllers) controller.abort();
    await Promise.allSettled(promises);
    return count;
  },

  effect:
    ({ Effect, Fiber }) =>
    (fromHere) =>
      Effect.gen(function* () {
        let count = 0;
        const work = Effect.onInterrupt(Effect.sleep(1_000_000), () => Effect.sync(() => count++));
        const fibers = [];
        for (let i = 0; i < TASKS; i++) fibers.push(yield* Effect.forkChild(work));
        yield* Effect.yieldNow;
        fromHere();
        yield* Fiber.interruptAll(fibers);
        return count;
      }),

  effection: ({ sleep, spawn, until }) =>
    function* (fromHere) {
      let count = 0;
      function* work() {
        try {
          yield* sleep(1_000_000);
        } finally {
          count++;
        }
      }
      const tasks = [];
      for (let i = 0; i < TASKS; i++) tasks.push(yield* spawn(work));
      yield* until(Promise.resolve());
      fromHere();
      for (const task of tasks) yield* task.halt();
      return count;
    },
});

// What does it cost to cancel a sleeping task that catches this for good: throw into it, end the task, gather its end?
// Spawning the tasks and putting them to sleep is not measured.

import { setTimeout as sleepNatively } from "node:timers/promises";
import { defineCase, giveWay } from "../case.ts";
import cancelSleeping from "./cancel-sleeping.ts";

const TASKS = 1000;

export default defineCase({
  title: "cancel, and catch it",
  operations: TASKS,

  wasyncio: ({ CancelledError, createTask, gather, sleep }) =>
    function* (fromHere) {
      let count = 0;
      function* work() {
        try {
          yield* sleep(1000);
        } catch (error) {
          if (error instanceof CancelledError) count++;
        }
      }
      const tasks = Array.from({ length: TASKS }, () => createTask(work()));
      yield* sleep(0);
      fromHere();
      for (const task of tasks) task.cancel();
      yield* gather(tasks);
      return count;
    },

  native: () => async (fromHere) => {
    let count = 0;
    const work = async (signal: AbortSignal) => {
      try {
        await sleepNatively(1_000_000, undefined, { signal });
      } catch (error) {
        if ((error as Error).name === "AbortError") count++;
      }
    };
    const controllers = Array.from({ length: TASKS }, () => new AbortController());
    const promises = controllers.map((controller) => work(controller.signal));
    await giveWay;
    fromHere();
    for (const controller of controllers) controller.abort();
    await Promise.all(promises);
    return count;
  },

  // There a fiber, or a task, is ended by it: nothing catches it.
  effect: cancelSleeping.effect!,
  effection: cancelSleeping.effection!,
});

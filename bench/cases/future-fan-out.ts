// What does a wait cost for a result that a thousand tasks wait for together?

import { defineCase, giveWay } from "../case.ts";

const TASKS = 1000;
const FUTURES = 50;

export default defineCase({
  title: "future, 1,000 waiters",
  operations: TASKS * FUTURES,

  wasyncio: ({ gather, getRunningLoop, sleep }) =>
    function* () {
      const loop = getRunningLoop();
      const futures = Array.from({ length: FUTURES }, () => loop.createFuture<number>());
      let count = 0;
      function* work() {
        for (const future of futures) {
          const value = yield* future; // not `count +=`, which would read the count before the wait
          count += value;
        }
      }
      const all = gather(Array.from({ length: TASKS }, work));
      for (const future of futures) {
        yield* sleep(0);
        future.setResult(1);
      }
      yield* all;
      return count;
    },

  native: () => async () => {
    const resolvers: ((value: number) => void)[] = [];
    const promises = Array.from({ length: FUTURES }, () => new Promise<number>((resolve) => resolvers.push(resolve)));
    let count = 0;
    const work = async () => {
      for (const promise of promises) {
        const value = await promise;
        count += value;
      }
    };
    const all = Promise.all(Array.from({ length: TASKS }, work));
    for (const resolve of resolvers) {
      await giveWay;
      resolve(1);
    }
    await all;
    return count;
  },

  effect:
    ({ Deferred, Effect, Fiber }) =>
    () =>
      Effect.gen(function* () {
        const futures = Array.from({ length: FUTURES }, () => Deferred.makeUnsafe<number>());
        let count = 0;
        const work = Effect.gen(function* () {
          for (const future of futures) {
            const value = yield* Deferred.await(future);
            count += value;
          }
        });
        const fibers = [];
        for (let i = 0; i < TASKS; i++) fibers.push(yield* Effect.forkChild(work));
        for (const future of futures) {
          yield* Effect.yieldNow;
          yield* Deferred.succeed(future, 1);
        }
        yield* Fiber.joinAll(fibers);
        return count;
      }),

  effection: ({ spawn, until, withResolvers }) =>
    function* () {
      const futures = Array.from({ length: FUTURES }, () => withResolvers<number>());
      let count = 0;
      function* work() {
        for (const { operation } of futures) {
          const value = yield* operation;
          count += value;
        }
      }
      const tasks = [];
      for (let i = 0; i < TASKS; i++) tasks.push(yield* spawn(work));
      for (const { resolve } of futures) {
        yield* until(Promise.resolve());
        resolve(1);
      }
      for (const task of tasks) yield* task;
      return count;
    },
});

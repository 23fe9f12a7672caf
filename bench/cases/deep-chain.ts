// What does a resume cost that has to go down through ten coroutines, each awaiting the next?

import type { Effect as EffectOf } from "effect";
import type { Operation } from "effection";
import type { Coroutine } from "wasyncio";
import { defineCase, giveWay } from "../case.ts";

const DEPTH = 10;
const RESUMES = 10_000;

export default defineCase({
  title: "yield* chain of 10, a resume",
  operations: RESUMES,

  wasyncio: ({ sleep }) => {
    function* chain(depth: number): Coroutine<number> {
      if (depth > 1) return yield* chain(depth - 1);
      let count = 0;
      while (count < RESUMES) {
        yield* sleep(0);
        count++;
      }
      return count;
    }
    return () => chain(DEPTH);
  },

  native: () => {
    const chain = async (depth: number): Promise<number> => {
      if (depth > 1) return await chain(depth - 1);
      let count = 0;
      while (count < RESUMES) {
        await giveWay;
        count++;
      }
      return count;
    };
    return () => chain(DEPTH);
  },

  effect: ({ Effect }) => {
    const chain = (depth: number): EffectOf.Effect<number> =>
      Effect.gen(function* () {
        if (depth > 1) return yield* chain(depth - 1);
        let count = 0;
        while (count < RESUMES) {
          yield* Effect.yieldNow;
          count++;
        }
        return count;
      });
    return () => chain(DEPTH);
  },

  effection: ({ until }) => {
    function* chain(depth: number): Operation<number> {
      if (depth > 1) return yield* chain(depth - 1);
      let count = 0;
      while (count < RESUMES) {
        yield* until(Promise.resolve());
        count++;
      }
      return count;
    }
    return () => chain(DEPTH);
  },
});

// The worlds of the sides of JavaScript: what each runs its batches in, one run, one fiber, one async function.

import type * as EffectLibrary from "effect";
import type * as Effection from "effection";
import type * as Wasyncio from "wasyncio";
import type { Case } from "../case.ts";
import type { Meter } from "../harness/meter.ts";

/** Runs batches of a case for as long as the meter wants more. */
export type World = (it: Case, meter: Meter) => Promise<unknown>;

/** Loads a library, and gives the world that it is measured in. */
export const worlds: Readonly<Record<string, (library: string) => Promise<World>>> = {
  async wasyncio(library) {
    const wasyncio = (await import(library)) as typeof Wasyncio;
    return (it, meter) => {
      const batch = it.wasyncio(wasyncio);
      return wasyncio.run(function* () {
        while (meter.more()) meter.count(yield* batch(meter.fromHere));
      });
    };
  },

  native: async () => async (it, meter) => {
    const batch = it.native!();
    while (meter.more()) meter.count(await batch(meter.fromHere));
  },

  async effect(library) {
    const effect = (await import(library)) as typeof EffectLibrary;
    return (it, meter) => {
      const batch = it.effect!(effect);
      const program = effect.Effect.gen(function* () {
        while (meter.more()) meter.count(yield* batch(meter.fromHere));
      });
      return effect.Effect.runPromise(program);
    };
  },

  async effection(library) {
    const effection = (await import(library)) as typeof Effection;
    return (it, meter) => {
      const batch = it.effection!(effection);
      return effection.run(function* () {
        while (meter.more()) meter.count(yield* batch(meter.fromHere));
      });
    };
  },
};

/** Seconds of the clock that batches are measured by. */
export const now = (): number => performance.now() / 1000;
export const collectGarbage = (): void => globalThis.gc?.();

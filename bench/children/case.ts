// One measurement of a JavaScript side, in a process of its own:
// `case.mjs SIDE LIBRARY CASE OPERATIONS WARM_UP MEASURE`. Prints nanoseconds an operation. Each side repeats its
// batches in its own world: one run, one fiber, one async function.

import type * as EffectLibrary from "effect";
import type * as Effection from "effection";
import type * as Wasyncio from "wasyncio";
import { cases } from "../cases.ts";
import { Meter } from "../harness/meter.ts";

const [side, library, name, operations, warmUp, measure] = process.argv.slice(2) as [
  string,
  string,
  string,
  ...string[],
];
const it = cases[name];
const meter = new Meter(
  Number(operations),
  { warmUp: Number(warmUp), measure: Number(measure) },
  () => performance.now() / 1000,
  () => globalThis.gc?.(),
);

/** Loads the library that the side is about, and no other. */
const load = async <L>(): Promise<L> => (await import(library)) as L;

const sides: Record<string, () => Promise<unknown>> = {
  async wasyncio() {
    const wasyncio = await load<typeof Wasyncio>();
    const batch = it.wasyncio(wasyncio);
    await wasyncio.run(function* () {
      while (meter.more()) meter.count(yield* batch(meter.fromHere));
    });
  },

  async native() {
    const batch = it.native!();
    while (meter.more()) meter.count(await batch(meter.fromHere));
  },

  async effect() {
    const effect = await load<typeof EffectLibrary>();
    const batch = it.effect!(effect);
    await effect.Effect.runPromise(
      effect.Effect.gen(function* () {
        while (meter.more()) meter.count(yield* batch(meter.fromHere));
      }),
    );
  },

  async effection() {
    const effection = await load<typeof Effection>();
    const batch = it.effection!(effection);
    await effection.run(function* () {
      while (meter.more()) meter.count(yield* batch(meter.fromHere));
    });
  },
};

await sides[side]();
console.log(meter.figure);

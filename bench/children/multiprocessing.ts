// Measures what threads share: prints microseconds on the clock, of an increment under a value's lock, by two threads
// at once, or of a coroutine that a blocked thread has run in the loop.

import { pathToFileURL } from "node:url";
import type * as wasyncio from "wasyncio";
import type * as multiprocessing from "wasyncio/multiprocessing";

interface Jobs {
  count(value: multiprocessing.Value, times: number): void;
  ask(handle: multiprocessing.LoopHandle, times: number): number;
}

const INCREMENTS = 20_000;
const QUESTIONS = 2000;

const [folder = "", test = ""] = process.argv.slice(2);
const load = async <T>(file: string): Promise<T> => (await import(pathToFileURL(`${folder}/${file}`).href)) as T;

const { gather, run } = await load<typeof wasyncio>("dist/index.js");
const { Pool, Value, loopHandle } = await load<typeof multiprocessing>("dist/multiprocessing/index.js");
const jobs = await load<Jobs>("bench/children/shared-jobs.mjs");

await run(() =>
  new Pool(2).with(function* (pool) {
    const value = new Value("d", 0);
    const both = () => gather([1, 2].map(() => pool.apply(jobs.count, [value, INCREMENTS])));
    if (test === "coroutine of another thread") {
      yield* pool.apply(jobs.ask, [loopHandle(), 100]);
      console.log(JSON.stringify(yield* pool.apply(jobs.ask, [loopHandle(), QUESTIONS])));
      return;
    }
    yield* both();
    const begin = performance.now();
    yield* both();
    console.log(JSON.stringify(((performance.now() - begin) * 1e3) / (2 * INCREMENTS)));
    if (value.value !== 4 * INCREMENTS) throw new RangeError(`counted ${value.value}`);
  }),
);

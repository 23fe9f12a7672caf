// One measurement of searching schedules, in a process of its own: `schedules.mjs SIDE DOORS WARM_UP MEASURE`.
// Prints how many complete schedules a second: three tasks that make five steps each, 15 steps in all.

import { loadLibrary } from "./library.ts";

const [side, doors, warmUp, measure] = process.argv.slice(2) as [string, string, string, string];

async function own(): Promise<number> {
  const { explore, gather, sleep } = await loadLibrary(doors);
  function* worker() {
    for (let step = 1; step < 5; step++) yield* sleep(0);
  }
  const search = (runs: number): number => {
    const began = performance.now();
    const found = explore(
      function* () {
        yield* gather([worker(), worker(), worker()]);
      },
      { strategy: side as "random", runs },
    );
    if (found.failure !== null) throw found.failure.toError();
    return found.runs / (performance.now() - began);
  };
  return searching(search);
}

async function fastCheck(): Promise<number> {
  const { default: fc } = await import("fast-check");
  const worker = async (scheduler: { schedule<T>(task: Promise<T>): Promise<T> }): Promise<void> => {
    for (let step = 0; step < 5; step++) await scheduler.schedule(Promise.resolve());
  };
  const property = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
    const workers = [worker(scheduler), worker(scheduler), worker(scheduler)];
    await scheduler.waitIdle();
    await Promise.all(workers);
  });
  return searching(async (runs) => {
    const began = performance.now();
    await fc.assert(property, { numRuns: runs });
    return runs / (performance.now() - began);
  });
}

/** Schedules a second, after warming up. `search` makes some, and returns how many a millisecond. */
async function searching(search: (runs: number) => number | Promise<number>): Promise<number> {
  const rate = await search(1000);
  await search(Math.ceil(rate * 1000 * Number(warmUp)));
  return 1000 * (await search(Math.ceil(rate * 1000 * Number(measure))));
}

console.log(JSON.stringify(await (side === "fast-check" ? fastCheck() : own())));

// One measurement of searching schedules, in a process of its own: `schedules.mjs SIDE DOORS WARM_UP MEASURE`.
// Prints how many complete schedules in a second of the processor: three tasks that make five steps each, 15 steps in
// all. With "sweep", how many runs with a fault: four tasks with a lock, about 100 points.

import { loadLibrary } from "./library.ts";

const [side, doors, warmUp, measure] = process.argv.slice(2) as [string, string, string, string];

async function own(): Promise<number> {
  const { explore, gather, sleep } = await loadLibrary(doors);
  function* worker() {
    for (let step = 1; step < 5; step++) yield* sleep(0);
  }
  const search = (runs: number): number => {
    const began = processorTime();
    const found = explore(
      function* () {
        yield* gather([worker(), worker(), worker()]);
      },
      { strategy: side as "random", runs },
    );
    if (found.failure !== null) throw found.failure.toError();
    return found.runs / (processorTime() - began);
  };
  return searching(search);
}

async function sweeps(): Promise<number> {
  const { Lock, TaskGroup, sleep, sweep } = await loadLibrary(doors);
  function* worker(lock: InstanceType<typeof Lock>) {
    for (let step = 0; step < 12; step++) yield* lock.with(() => sleep(0));
  }
  function* main() {
    const lock = new Lock();
    yield* new TaskGroup().with(function* (group) {
      for (let task = 0; task < 4; task++) group.createTask(worker(lock));
    });
  }
  return searching((runs) => {
    const began = processorTime();
    let made = 0;
    while (made < runs) {
      // The workers hand the fault on, as they should: it is no failure.
      const swept = sweep(main, { allowed: () => true });
      for (const failure of swept.failures) throw failure.toError();
      made += swept.runs;
    }
    return made / (processorTime() - began);
  });
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
    const began = processorTime();
    await fc.assert(property, { numRuns: runs });
    return runs / (processorTime() - began);
  });
}

/** Milliseconds of the processor that this process has used. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** How many a second, after warming up. `search` makes so many, and returns how many a millisecond. */
async function searching(search: (runs: number) => number | Promise<number>): Promise<number> {
  let rate = 1;
  // Until the last search was a warm one: engines take their time to compile what they will run for long.
  for (const until = processorTime() + 1000 * Number(warmUp); processorTime() < until;)
    rate = await search(Math.ceil(100 * rate));
  return 1000 * (await search(Math.ceil(1000 * Number(measure) * rate)));
}

const measured = side === "fast-check" ? fastCheck() : side === "sweep" ? sweeps() : own();
console.log(JSON.stringify(await measured));

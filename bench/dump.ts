// What `dumpTasks` takes with a hundred thousand tasks, in milliseconds of processor time: `node scripts/run-ts.mjs
// bench/dump.ts`. The first call is told by itself: a process that hangs is asked once.

import { type Coroutine, Event, createTask, dumpTasks, getRunningLoop, run, sleep } from "wasyncio";

const TASKS = 100_000;

function timed<T>(name: string, call: () => T): T {
  const before = process.cpuUsage();
  const result = call();
  const { user, system } = process.cpuUsage(before);
  console.log(`${name}: ${((user + system) / 1000).toFixed(1)} ms`);
  return result;
}

await run(function* () {
  const event = new Event();
  const future = getRunningLoop().createFuture<void>();
  function* awaitFuture(): Coroutine<void> {
    yield* future;
  }
  for (let index = 0; index < TASKS; index++) {
    createTask<unknown>(index % 4 === 0 ? sleep(1) : index % 4 === 1 ? awaitFuture() : event.wait());
  }
  yield* sleep(0);
  for (const call of ["first", "second", "third"]) {
    const dump = timed(`${call} dump of ${TASKS} tasks`, () => dumpTasks());
    timed("  as text", () => dump.toString());
  }
  event.set();
  future.setResult();
});

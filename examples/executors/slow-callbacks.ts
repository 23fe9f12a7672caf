// What keeps the loop from running, as debug mode tells: tasks that compute, and one that blocks; not in threads.

import { createTask, gather, getRunningLoop, run } from "wasyncio";
import { job, toThread } from "wasyncio/executors";

const compute = job(import.meta, function compute(milliseconds: number) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
});

const readSlowly = job(import.meta, function readSlowly(milliseconds: number) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds); // as a library does that blocks
});

function* inTask(work: (milliseconds: number) => void) {
  work(150);
}

/** What debug mode says of these tasks, without times and places, which are others each time. */
console.warn = (text: unknown) => {
  const [, name] = /name='(computing|computing too|reading)'.* took /.exec(String(text)) ?? [];
  if (name !== undefined) console.log(`${name} kept the loop`);
};

await run(
  function* () {
    getRunningLoop().slowCallbackDuration = 0.1;
    const first = createTask(inTask(compute), { name: "computing" });
    const second = createTask(inTask(compute), { name: "computing too" });
    const third = createTask(inTask(readSlowly), { name: "reading" });
    yield* gather(first, second, third);
    console.log("now in threads");
    yield* gather(toThread(compute, 150), toThread(compute, 150), toThread(readSlowly, 150));
  },
  { debug: true },
);

// Prints:
// computing kept the loop
// computing too kept the loop
// reading kept the loop
// now in threads

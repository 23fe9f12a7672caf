// `wait` with a timeout: it throws nothing and cancels nothing, but says which tasks are still pending.

import { type Coroutine, createTask, run, sleep, wait } from "wasyncio";

function* main(): Coroutine<void> {
  const quick = createTask(sleep(0.1, "quick"), { name: "quick" });
  const slow = createTask(sleep(1, "slow"), { name: "slow" });
  const [done, pending] = yield* wait([quick, slow], { timeout: 0.5 });
  for (const task of done) console.log(`done: ${task.result()}`);
  console.log(`pending: ${pending.size}, the slow one: ${pending.has(slow)}`);
}

await run(main());

// Prints:
// done: quick
// pending: 1, the slow one: true

// A shielded task outlives the timeout: only the waiting ends.

import { type Coroutine, TimeoutError, createTask, run, shield, sleep, waitFor } from "wasyncio";

function* main(): Coroutine<void> {
  const task = createTask(sleep(0.5, "result"));
  try {
    console.log(yield* waitFor(shield(task), 0.1));
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    console.log("it takes longer than expected, but goes on");
    console.log(yield* task);
  }
}

await run(main());

// Prints:
// it takes longer than expected, but goes on
// result

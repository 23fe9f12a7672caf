// A task gets a time limit: at the timeout it is cancelled.

import { type Coroutine, TimeoutError, createTask, run, sleep, waitFor } from "wasyncio";

function* main(): Coroutine<void> {
  const task = createTask(sleep(10, "result"));
  try {
    console.log(yield* waitFor(task, 0.1));
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    console.log("timed out");
    console.log(`cancelled: ${task.cancelled()}`);
  }
}

await run(main());

// Prints:
// timed out
// cancelled: true

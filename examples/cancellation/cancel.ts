// A task that takes too long is cancelled: the error is thrown where it waits, and arrives where it is awaited.

import { CancelledError, type Coroutine, createTask, run, sleep } from "wasyncio";

function* work(): Coroutine<void> {
  try {
    yield* sleep(10);
  } finally {
    console.log("the task cleans up");
  }
}

function* main(): Coroutine<void> {
  const task = createTask(work());
  for (let checks = 1; !task.done(); checks++) {
    console.log(`check ${checks}: not finished`);
    yield* sleep(0.1);
    if (checks === 5) task.cancel();
  }
  try {
    yield* task;
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    console.log("the task was cancelled");
  }
}

await run(main());

// Prints:
// check 1: not finished
// check 2: not finished
// check 3: not finished
// check 4: not finished
// check 5: not finished
// check 6: not finished
// the task cleans up
// the task was cancelled

// A clean-up that no cancellation enters, with a time limit of its own: whoever stops the task waits for it.

import { type Coroutine, createTask, moveOnAfter, run, shielded, sleep } from "wasyncio";

function* closeConnection(): Coroutine<string> {
  console.log("closing");
  yield* sleep(0.5);
  return "closed";
}

function* work(): Coroutine<void> {
  try {
    yield* sleep(60);
  } finally {
    yield* shielded(function* () {
      const outcome = yield* moveOnAfter(2).with(closeConnection);
      console.log(outcome ?? "took too long, and was given up");
    });
  }
}

function* main(): Coroutine<void> {
  const task = createTask(work());
  yield* sleep(0.1);
  task.cancel();
  yield* sleep(0.1);
  task.cancel(); // in the middle of the clean-up
  yield* sleep(1);
  console.log(`cancelled: ${task.cancelled()}`);
}

await run(main());

// Prints:
// closing
// closed
// cancelled: true

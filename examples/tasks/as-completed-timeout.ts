// Results as they come, until a timeout: what has not finished by then goes on in the background.

import { type Coroutine, TimeoutError, allTasks, asCompleted, createTask, currentTask, run, sleep } from "wasyncio";

function* fetchStatus(delay: number): Coroutine<string> {
  yield* sleep(delay);
  return "200";
}

function* main(): Coroutine<void> {
  const names = { first: 0.1, second: 0.1, third: 1 };
  const requests = Object.entries(names).map(([name, delay]) => createTask(fetchStatus(delay), { name }));

  for (const next of asCompleted(requests, { timeout: 0.5 })) {
    try {
      console.log(yield* next);
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      console.log("timed out");
    }
  }

  for (const task of allTasks()) {
    if (task !== currentTask()) console.log(`still running: ${task.getName()}`);
  }
}

await run(main());

// Prints:
// 200
// 200
// timed out
// still running: third

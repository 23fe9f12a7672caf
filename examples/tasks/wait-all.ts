// `wait` for all tasks: it throws nothing, each task is asked for its outcome.

import { type Coroutine, createTask, run, sleep, wait } from "wasyncio";

function* fetchStatus(path: string): Coroutine<string> {
  yield* sleep(0.1);
  if (path === "/broken") throw new Error("connection lost");
  return `200 for ${path}`;
}

function* main(): Coroutine<void> {
  const tasks = ["/one", "/broken"].map((path) => createTask(fetchStatus(path)));
  const [done, pending] = yield* wait(tasks);
  console.log(`${done.size} done, ${pending.size} pending`);
  for (const task of tasks) {
    const error = task.exception();
    console.log(error === null ? task.result() : String(error));
  }
}

await run(main());

// Prints:
// 2 done, 0 pending
// 200 for /one
// Error: connection lost

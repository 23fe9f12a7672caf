// `wait` until a task fails, then cancel the rest.

import { type Coroutine, FIRST_EXCEPTION, createTask, run, sleep, wait } from "wasyncio";

function* succeed(delay: number): Coroutine<string> {
  yield* sleep(delay);
  return "200";
}

function* fail(): Coroutine<string> {
  yield* sleep(0.1);
  throw new Error("connection lost");
}

function* main(): Coroutine<void> {
  const tasks = [createTask(fail()), createTask(succeed(10)), createTask(succeed(10))];
  const [done, pending] = yield* wait(tasks, { returnWhen: FIRST_EXCEPTION });
  console.log(`${done.size} done, ${pending.size} pending`);
  for (const task of done) console.log(String(task.exception()));

  for (const task of pending) task.cancel();
  yield* wait(pending);
  console.log(`the rest was cancelled: ${[...pending].every((task) => task.cancelled())}`);
}

await run(main());

// Prints:
// 1 done, 2 pending
// Error: connection lost
// the rest was cancelled: true

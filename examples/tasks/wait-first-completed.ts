// `wait` for the next result, again and again: a loop that handles each one as it comes, and may add work.

import { type Coroutine, FIRST_COMPLETED, type Future, createTask, run, sleep, wait } from "wasyncio";

function* fetchStatus(delay: number): Coroutine<string> {
  yield* sleep(delay);
  return `an answer after ${delay} s`;
}

function* main(): Coroutine<void> {
  let pending = new Set<Future<string>>([0.3, 0.1, 0.2].map((delay) => createTask(fetchStatus(delay))));
  while (pending.size > 0) {
    const [done, rest] = yield* wait(pending, { returnWhen: FIRST_COMPLETED });
    for (const task of done) console.log(task.result());
    pending = rest;
    console.log(`${pending.size} pending`);
  }
}

await run(main());

// Prints:
// an answer after 0.1 s
// 2 pending
// an answer after 0.2 s
// 1 pending
// an answer after 0.3 s
// 0 pending

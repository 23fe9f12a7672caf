// Why `wait` takes tasks, no coroutines: it returns sets, in which nobody could find a coroutine again.

import { type Coroutine, createTask, run, sleep, wait } from "wasyncio";

function* main(): Coroutine<void> {
  const coroutine = sleep(0.1, "result");
  try {
    // @ts-expect-error: TypeScript refuses it too
    yield* wait([coroutine]);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.log(String(error));
  }

  const task = createTask(coroutine);
  const [done] = yield* wait([task]);
  console.log(`found: ${done.has(task)}`);
}

await run(main());

// Prints:
// TypeError: Passing coroutines is forbidden, use tasks explicitly.
// found: true

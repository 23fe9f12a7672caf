// A future is a result that is not there yet: one task completes it, another one waits for it.

import { type Coroutine, type Future, createTask, getRunningLoop, run, sleep } from "wasyncio";

function* answer(future: Future<number>): Coroutine<void> {
  yield* sleep(0.1);
  future.setResult(42);
}

function* main(): Coroutine<void> {
  const future = getRunningLoop().createFuture<number>();
  createTask(answer(future));
  console.log(`done: ${future.done()}`);
  console.log(`answer: ${yield* future}`);
  console.log(`done: ${future.done()}`);
}

await run(main());

// Prints:
// done: false
// answer: 42
// done: true

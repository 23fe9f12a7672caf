// A semaphore of two: four tasks, never more than two at work; `using` gives the permit back.

import { type Coroutine, Semaphore, gather, run, sleep } from "wasyncio";

function* operate(number: number, semaphore: Semaphore): Coroutine<void> {
  using _permit = yield* semaphore.acquire();
  console.log(`${number} begins`);
  yield* sleep(number / 10);
  console.log(`${number} ends`);
}

function* main(): Coroutine<void> {
  const semaphore = new Semaphore(2);
  yield* gather([1, 2, 3, 4].map((number) => operate(number, semaphore)));
}

await run(main());

// Prints:
// 1 begins
// 2 begins
// 1 ends
// 3 begins
// 2 ends
// 4 begins
// 3 ends
// 4 ends

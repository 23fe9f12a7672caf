// A condition: workers wait for news, all are notified, and one after the other holds the lock.

import { type Coroutine, Condition, createTask, run, sleep } from "wasyncio";

function* work(name: string, condition: Condition): Coroutine<never> {
  for (;;) {
    using _hold = yield* condition.acquire();
    yield* condition.wait();
    console.log(`${name} has the lock`);
    yield* sleep(0.05);
    console.log(`${name} gives it back`);
  }
}

function* main(): Coroutine<void> {
  const condition = new Condition();
  for (const name of ["Ann", "Bob"]) createTask(work(name, condition));
  for (let round = 1; round <= 2; round++) {
    yield* sleep(0.3);
    using _hold = yield* condition.acquire();
    console.log(`round ${round}: notifying all`);
    condition.notifyAll();
  }
  yield* sleep(0.3);
} // the workers are cancelled when the program ends

await run(main());

// Prints:
// round 1: notifying all
// Ann has the lock
// Ann gives it back
// Bob has the lock
// Bob gives it back
// round 2: notifying all
// Ann has the lock
// Ann gives it back
// Bob has the lock
// Bob gives it back

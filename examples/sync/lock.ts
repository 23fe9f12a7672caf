// A lock: two tasks take turns in a block that waits in the middle.

import { type Coroutine, Lock, gather, run, sleep } from "wasyncio";

function* update(name: string, lock: Lock): Coroutine<void> {
  console.log(`${name} waits for the lock`);
  using _hold = yield* lock.acquire();
  console.log(`${name} has the lock`);
  yield* sleep(0.1);
  console.log(`${name} gives it back`);
}

function* main(): Coroutine<void> {
  const lock = new Lock();
  yield* gather(update("Ann", lock), update("Bob", lock));
}

await run(main());

// Prints:
// Ann waits for the lock
// Ann has the lock
// Bob waits for the lock
// Ann gives it back
// Bob has the lock
// Bob gives it back

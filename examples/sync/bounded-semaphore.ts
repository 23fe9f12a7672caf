// A bounded semaphore finds the mistake of giving back more permits than were taken.

import { BoundedSemaphore, type Coroutine, Semaphore, run } from "wasyncio";

function* main(): Coroutine<void> {
  for (const semaphore of [new Semaphore(1), new BoundedSemaphore(1)]) {
    yield* semaphore.acquire();
    semaphore.release();
    try {
      semaphore.release();
      console.log(`${semaphore.constructor.name}: nobody noticed`);
    } catch (error) {
      console.log(`${semaphore.constructor.name}: ${String(error)}`);
    }
  }
}

await run(main());

// Prints:
// Semaphore: nobody noticed
// BoundedSemaphore: RangeError: BoundedSemaphore released too many times

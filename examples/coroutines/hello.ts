// The smallest program: a coroutine that pauses in the middle.

import { type Coroutine, run, sleep } from "wasyncio";

function* main(): Coroutine<void> {
  console.log("hello");
  yield* sleep(0.1);
  console.log("world");
}

await run(main());

// Prints:
// hello
// world

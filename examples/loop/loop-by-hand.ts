// What `run` does, by hand: a new loop, a coroutine run to its end, the loop closed.

import { type Coroutine, newEventLoop, sleep } from "wasyncio";

function* main(): Coroutine<string> {
  yield* sleep(0.1);
  return "result";
}

const loop = newEventLoop();
try {
  console.log(await loop.runUntilComplete(main()));
} finally {
  loop.close();
}
console.log(`closed: ${loop.isClosed()}`);

// Prints:
// result
// closed: true

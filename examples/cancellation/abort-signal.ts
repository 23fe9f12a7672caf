// An AbortSignal from outside ends a program: its clean-up runs, and `run` rejects with the signal's reason.

import { type Coroutine, race, run, sleep } from "wasyncio";

function* download(mirror: string, seconds: number): Coroutine<string> {
  try {
    yield* sleep(seconds);
    return `the page, from ${mirror}`;
  } finally {
    console.log(`${mirror}: connection closed`);
  }
}

const controller = new AbortController();

function* main(): Coroutine<void> {
  console.log(yield* race(download("far", 0.3), download("near", 0.1)));
  controller.abort(new Error("the user has gone away"));
  console.log(yield* race(download("far", 0.3), download("near", 0.1)));
}

try {
  await run(main, { signal: controller.signal });
} catch (error) {
  console.log(String(error));
}

// Prints:
// near: connection closed
// far: connection closed
// the page, from near
// far: connection closed
// near: connection closed
// Error: the user has gone away

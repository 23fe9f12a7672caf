// Plain functions on the loop: called as soon as the coroutine gives way, with arguments given beforehand.

import { type Coroutine, getRunningLoop, run, sleep } from "wasyncio";

function greet(greeting: string, name: string): void {
  console.log(`${greeting}, ${name}`);
}

function* main(): Coroutine<void> {
  const loop = getRunningLoop();
  loop.callLater(0.1, greet, "goodbye", "world");
  loop.callSoon(greet, "hello", "world");
  console.log("main goes first");
  yield* sleep(0.2);
}

await run(main());

// Prints:
// main goes first
// hello, world
// goodbye, world

// An event wakes up everybody who waits for it, here set by a timer.

import { type Coroutine, Event, gather, getRunningLoop, run } from "wasyncio";

function* work(name: string, event: Event): Coroutine<void> {
  console.log(`${name} waits`);
  yield* event.wait();
  console.log(`${name} works`);
}

function* main(): Coroutine<void> {
  const event = new Event();
  getRunningLoop().callLater(0.1, () => event.set());
  yield* gather(work("Ann", event), work("Bob", event));
  yield* event.wait(); // it stays set: no waiting any more
  console.log("the event is set");
}

await run(main());

// Prints:
// Ann waits
// Bob waits
// Ann works
// Bob works
// the event is set

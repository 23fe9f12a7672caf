// A LIFO queue gives the newest item first, as a stack of plates does.

import { type Coroutine, LifoQueue, run } from "wasyncio";

function* main(): Coroutine<void> {
  const plates = new LifoQueue<string>();
  for (const plate of ["first", "second", "third"]) yield* plates.put(plate);
  while (!plates.empty()) console.log(yield* plates.get());
}

await run(main());

// Prints:
// third
// second
// first

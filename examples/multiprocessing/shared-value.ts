// A value that two processes count up, a hundred times over: under its lock none of their steps is lost.

import { run } from "wasyncio";
import { job } from "wasyncio/executors";
import { Pool, Value } from "wasyncio/multiprocessing";

const increment = job(import.meta, function increment(value: Value<"i">) {
  value.withSync(() => {
    value.value += 1; // reads and writes: two steps
  });
});

await run(function* () {
  yield* new Pool(2).with(function* (pool) {
    for (let round = 0; round < 100; round++) {
      const value = new Value("i", 0);
      const both = [pool.applyAsync(increment, [value]), pool.applyAsync(increment, [value])];
      for (const each of both) yield* each.get();
      if (value.value !== 2) throw new RangeError(`expected 2, but counted ${String(value.value)}`);
    }
    console.log("100 rounds, 2 each");
  });
});

// Prints:
// 100 rounds, 2 each

// A pool of processes: `submit` gives a future, `map` gives results in order, `asCompleted` as they end.

import { asCompleted, forEach, run } from "wasyncio";
import { ProcessPoolExecutor, job } from "wasyncio/executors";

const count = job(import.meta, function count(to: number) {
  let counter = 0;
  while (counter < to) counter++;
  return counter;
});

await run(function* () {
  yield* new ProcessPoolExecutor({ maxWorkers: 2 }).with(function* (pool) {
    console.log("one:", yield* pool.submit(count, 1000));

    const numbers = [1, 3, 5, 22, 10_000_000];
    yield* forEach(pool.map(count, numbers), (result) => console.log("in order:", result));

    const futures = [200_000_000, 1].map((number) => pool.submit(count, number));
    yield* forEach(asCompleted(futures), (future) => console.log("as it ends:", future.result()));
  });
});

// Prints:
// one: 1000
// in order: 1
// in order: 3
// in order: 5
// in order: 22
// in order: 10000000
// as it ends: 1
// as it ends: 200000000

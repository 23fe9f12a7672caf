// A pool of processes: `apply` waits for each result, `applyAsync` lets both calls run at once.

import { run } from "wasyncio";
import { job } from "wasyncio/executors";
import { Pool } from "wasyncio/multiprocessing";

const sayHello = job(import.meta, function sayHello(name: string) {
  return `Hi there, ${name}`;
});

await run(function* () {
  yield* new Pool(2, { context: "process" }).with(function* (pool) {
    console.log(yield* pool.apply(sayHello, ["Jeff"]));
    console.log(yield* pool.apply(sayHello, ["John"]));

    const jeff = pool.applyAsync(sayHello, ["Jeff again"]);
    const john = pool.applyAsync(sayHello, ["John again"]);
    console.log(yield* jeff.get());
    console.log(yield* john.get());
    console.log(yield* pool.map(sayHello, ["Ann", "Eve"]));
  });
});

// Prints:
// Hi there, Jeff
// Hi there, John
// Hi there, Jeff again
// Hi there, John again
// [ 'Hi there, Ann', 'Hi there, Eve' ]

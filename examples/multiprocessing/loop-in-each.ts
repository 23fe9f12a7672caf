// One loop in each process: five of them with a thousand queries each, all of which wait at the same time.

import { gather, run, sleep } from "wasyncio";
import { job } from "wasyncio/executors";
import { Pool } from "wasyncio/multiprocessing";

function* query(id: number) {
  yield* sleep(0.01); // as long as a database takes
  return id % 7 === 0 ? 2 : 1;
}

/** A coroutine is a task of its worker's own loop. */
const queryMany = job(import.meta, function* queryMany(from: number, count: number) {
  const rows = yield* gather(Array.from({ length: count }, (_, index) => query(from + index)));
  return rows.reduce((sum, each) => sum + each, 0);
});

await run(function* () {
  yield* new Pool(5, { context: "process" }).with(function* (pool) {
    const rows = yield* pool.starmap(
      queryMany,
      [0, 1000, 2000, 3000, 4000].map((from): [number, number] => [from, 1000]),
    );
    console.log(
      rows.reduce((sum, each) => sum + each, 0),
      "rows of 5000 queries",
    );
  });
});

// Prints:
// 5715 rows of 5000 queries

// Queries at once: a pool lends each of them a connection, and has those wait for whom there is none.

import { gather, getRunningLoop, run } from "wasyncio";
import { type Pool, createPool } from "wasyncio/postgres";

function* queryProduct(pool: Pool) {
  return yield* pool.acquire().with((connection) => connection.fetchrow("select pg_sleep(0.1)::text, 1 as product"));
}

await run(function* () {
  const loop = getRunningLoop();
  yield* createPool({ min: 4, max: 4 }).with(function* (pool) {
    const started = loop.time();
    const rows = yield* gather(Array.from({ length: 12 }, () => queryProduct(pool)));
    const rounds = Math.floor((loop.time() - started) / 0.1);
    console.log(`${rows.length} queries of a tenth of a second on four connections`);
    console.log(rounds >= 3 ? "at least three rounds of four" : "that cannot be");
    const { size, idle, waiting } = pool.statistics();
    console.log({ size, idle, waiting });
  });
});

// Prints:
// 12 queries of a tenth of a second on four connections
// at least three rounds of four
// { size: 4, idle: 4, waiting: 0 }

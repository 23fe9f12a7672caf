// A statement that takes too long: its task is cancelled, and so is the statement, in the server.

import { TimeoutError, run, timeout } from "wasyncio";
import { createPool } from "wasyncio/postgres";

await run(function* () {
  yield* createPool({ max: 1 }).with(function* (pool) {
    try {
      yield* timeout(0.1).with(() => pool.execute("select pg_sleep(3600)"));
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      console.log("too long");
    }
    const active = "select count(*)::int from pg_stat_activity where state = 'active' and query like '%pg_sleep(3600)'";
    console.log(yield* pool.fetchval(active), "in the server"); // by the same connection
    console.log(pool.statistics().created, "connection");
  });
});

// Prints:
// too long
// 0 in the server
// 1 connection

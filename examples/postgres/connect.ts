// A database: a connection executes statements, and fetches rows, which are plain objects.

import { run } from "wasyncio";
import { UniqueViolationError, connect } from "wasyncio/postgres";

await run(function* () {
  const connection = yield* connect(); // to where PGHOST, PGUSER and their kin say
  yield* connection.with(function* () {
    yield* connection.execute("create temp table brand (brand_id serial primary key, brand_name text not null unique)");
    console.log(yield* connection.execute("insert into brand values (default, $1), (default, $2)", "Levis", "Seven"));
    yield* connection.executemany("insert into brand values (default, $1)", [["Gap"], ["Wrangler"]]);

    for (const brand of yield* connection.fetch("select brand_id, brand_name from brand")) console.log(brand);
    console.log(yield* connection.fetchrow("select brand_name from brand where brand_id = $1", 2));
    console.log(yield* connection.fetchval("select count(*)::int from brand"));

    try {
      yield* connection.execute("insert into brand values (default, 'Gap')");
    } catch (error) {
      if (!(error instanceof UniqueViolationError)) throw error;
      console.log(error.sqlstate, error.detail);
    }
  });
});

// Prints:
// INSERT 0 2
// { brand_id: 1, brand_name: 'Levis' }
// { brand_id: 2, brand_name: 'Seven' }
// { brand_id: 3, brand_name: 'Gap' }
// { brand_id: 4, brand_name: 'Wrangler' }
// { brand_name: 'Seven' }
// 4
// 23505 Key (brand_name)=(Gap) already exists.

// A cursor: rows of a large result come a few at a time, and one can stop among them.

import { forEach, run } from "wasyncio";
import { connect } from "wasyncio/postgres";

await run(function* () {
  const connection = yield* connect();
  yield* connection.with(function* () {
    yield* connection.execute("create temp table product as select i as id from generate_series(1, 100000) i");
    yield* connection.transaction().with(function* () {
      let sum = 0;
      yield* forEach(connection.cursor<{ id: number }>("select id from product"), ({ id }) => void (sum += id));
      console.log(sum);

      const few = connection.cursor("select id from product where id > $1 order by id", [500], { prefetch: 2 });
      yield* forEach(few, function* ({ id }) {
        console.log(id);
        return id !== 503;
      });
    });
  });
});

// Prints:
// 5000050000
// 501
// 502
// 503

// Transactions: what fails is undone as a whole, and a savepoint saves what came before it.

import { run } from "wasyncio";
import { PostgresError, connect } from "wasyncio/postgres";

await run(function* () {
  const connection = yield* connect();
  yield* connection.with(function* () {
    yield* connection.execute("create temp table brand (brand_id int primary key, brand_name text)");
    const insert = (id: number, name: string) => connection.execute("insert into brand values ($1, $2)", id, name);
    const show = function* () {
      const brands = yield* connection.fetch("select brand_name from brand order by brand_id");
      console.log(brands.map((brand) => brand["brand_name"]).join(", ") || "none");
    };

    try {
      yield* connection.transaction().with(function* () {
        yield* insert(1, "Levis");
        yield* insert(1, "Levis again");
      });
    } catch (error) {
      if (!(error instanceof PostgresError)) throw error;
      console.log(error.message);
    }
    yield* show();

    yield* connection.transaction().with(function* () {
      yield* insert(1, "my brand");
      try {
        yield* connection.transaction().with(() => insert(1, "a savepoint")); // inside of another one
      } catch (error) {
        if (!(error instanceof PostgresError)) throw error;
        console.log("only the savepoint was undone");
      }
      yield* insert(2, "and another");
    });
    yield* show();
  });
});

// Prints:
// duplicate key value violates unique constraint "brand_pkey"
// none
// only the savepoint was undone
// my brand, and another

// Many queries in several processes: each has a loop of its own, and a pool of connections on it.

import { gather, run } from "wasyncio";
import { ProcessPoolExecutor, job } from "wasyncio/executors";
import { type Pool, connect, createPool } from "wasyncio/postgres";

const QUERIES = Number(process.argv[2] ?? 1000); // 50,000, to have something to do
const PROCESSES = 5;
const QUERY = "select * from shop_product join shop_sku using (product_id) where product_id = 100";

function* queryProduct(pool: Pool) {
  return yield* pool.acquire().with((connection) => connection.fetchrow<{ product_id: number }>(QUERY));
}

// a worker imports this file, and finds the function by its name; what `run` starts below is not started there
const queryProducts = job(import.meta, function* queryProducts(count: number) {
  return yield* createPool({ min: 6, max: 6 }).with(function* (pool) {
    const rows = yield* gather(Array.from({ length: count }, () => queryProduct(pool)));
    return rows.filter((row) => row?.product_id === 100).length;
  });
});

await run(function* () {
  const connection = yield* connect();
  yield* connection.execute(`
    drop table if exists shop_product, shop_sku;
    create table shop_product as select i as product_id, 'product ' || i as name from generate_series(1, 1000) i;
    create table shop_sku as select i as sku_id, 1 + i % 1000 as product_id from generate_series(1, 10000) i;
    create index on shop_product (product_id); create index on shop_sku (product_id)`);
  yield* connection.close();
  yield* new ProcessPoolExecutor({ maxWorkers: PROCESSES }).with(function* (executor) {
    const jobs = Array.from({ length: PROCESSES }, () => executor.submit(queryProducts, QUERIES / PROCESSES));
    const counts = yield* gather(jobs);
    console.log(`${counts.join(" + ")} queries in ${PROCESSES} processes`);
  });
});

// Prints:
// 200 + 200 + 200 + 200 + 200 queries in 5 processes

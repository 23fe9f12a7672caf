// Measures queries a second for our side: five processes, each with a loop of its own and a pool of six connections on
// it. In JavaScript, for its own workers to import. Takes the number of queries, and finds the server by the
// environment.

import { gather, run } from "wasyncio";
import { ProcessPoolExecutor, job } from "wasyncio/executors";
import { createPool } from "wasyncio/postgres";

const PROCESSES = 5;
const QUERY = `select * from product as p
  join sku as s on s.product_id = p.product_id
  join product_color as pc on pc.product_color_id = s.product_color_id
  join product_size as ps on ps.product_size_id = s.product_size_id
  where p.product_id = 100`;

const runQueries = job(import.meta, function* runQueries(count) {
  return yield* createPool({ min: 6, max: 6 }).with(function* (pool) {
    const query = () => pool.acquire().with((connection) => connection.fetchrow(QUERY));
    const rows = yield* gather(Array.from({ length: count }, query));
    return rows.filter((row) => row.product_id === 100).length;
  });
});

await run(function* () {
  const count = Number(process.argv[2]);
  yield* new ProcessPoolExecutor({ maxWorkers: PROCESSES }).with(function* (executor) {
    const all = (each) => gather(Array.from({ length: PROCESSES }, () => executor.submit(runQueries, each)));
    yield* all(10); // the processes have started
    const started = performance.now();
    const counts = yield* all(count / PROCESSES);
    const seconds = (performance.now() - started) / 1000;
    const done = counts.reduce((sum, each) => sum + each, 0);
    if (done !== count) throw new Error(`${done} of ${count} queries gave their product`);
    console.log(JSON.stringify(count / seconds));
  });
});

// `npm run bench:postgres`: queries a second of five processes, each with a loop of its own and a pool of six
// connections on it, beside asyncpg in processes of concurrent.futures, on one server that is started for it.
//
// It is time that is measured, because the server is part of it: both sides are measured next to each other in each
// round, and the ratio of a round counts. Connecting counts, starting the processes does not.

import { startPostgres } from "../test/support/postgres-server.ts";
import { root, runChild } from "./harness/child.ts";
import {
  type CommonOptions,
  conclude,
  createCommand,
  describeRun,
  positiveInteger,
  requireEngine,
} from "./harness/options.ts";
import { type Job, progressOnStderr, runRounds } from "./harness/rounds.ts";
import { summarize } from "./harness/statistics.ts";
import { alignTable } from "./harness/table.ts";

const ROUNDS = 3;
const QUERIES = 25_000;
const PROCESSES = 5;
const LIMIT = 600;
/** asyncpg is Debian's: another Python need not have it. */
const PYTHON = "/usr/bin/python3";

const SCHEMA = `
  create table brand (brand_id serial primary key, brand_name text not null);
  create table product (product_id serial primary key, product_name text not null, brand_id int not null references brand);
  create table product_color (product_color_id serial primary key, product_color_name text not null);
  create table product_size (product_size_id serial primary key, product_size_name text not null);
  create table sku (sku_id serial primary key, product_id int not null references product,
    product_size_id int not null references product_size, product_color_id int not null references product_color);
  insert into brand (brand_name) select 'brand ' || i from generate_series(1, 100) i;
  insert into product (product_name, brand_id) select 'product ' || i, 1 + i % 100 from generate_series(1, 1000) i;
  insert into product_color (product_color_name) values ('Blue'), ('Black');
  insert into product_size (product_size_name) values ('S'), ('M'), ('L');
  insert into sku (product_id, product_size_id, product_color_id)
    select 1 + i % 1000, 1 + i % 3, 1 + i % 2 from generate_series(1, 100000) i;
  create index on sku (product_id); analyze`;

const { host, rounds, json, queries } = createCommand(
  "bench:postgres",
  "Measures queries a second of five processes, beside asyncpg.",
  ROUNDS,
)
  .option("--queries <number>", "queries of a measurement, in fives", positiveInteger, QUERIES)
  .parse()
  .opts<CommonOptions & { queries: number }>();
const count = Math.ceil(queries / PROCESSES) * PROCESSES;
const run = describeRun();
const engine = await requireEngine(host);
const server = await startPostgres({ settings: { max_connections: "100" } });
try {
  const place = { PGHOST: "127.0.0.1", PGPORT: String(server.port), PGUSER: "postgres", PGDATABASE: "postgres" };
  Object.assign(process.env, place);
  await server.execute(SCHEMA);
  const measureWith = (command: readonly string[]) => () => runChild<number>(command, [String(count)], LIMIT);
  const ours: Job<number> = {
    name: "ours",
    measure: measureWith([...engine.command, `${root}/bench/children/postgres.mjs`]),
  };
  const asyncpg: Job<number> = { name: "asyncpg", measure: measureWith([PYTHON, `${root}/bench/python/postgres.py`]) };
  const { results, failures } = await runRounds([[ours, asyncpg]], rounds, progressOnStderr());

  const first = results.get("ours") ?? [];
  const lines = [["queries a second", "median", "ours / it"]];
  for (const [side, samples] of results) {
    const ratio = summarize(first.map((figure, round) => figure / (samples[round] ?? NaN))).median;
    lines.push([side, summarize(samples).median.toFixed(0), ratio.toFixed(2)]);
  }
  console.log(`\n${alignTable(lines)}\n`);
  console.log(`${count} queries in ${PROCESSES} processes, ${rounds} rounds; ratio: median of the rounds.`);
  console.log(`${run.machine}; ${engine.version}.`);
  conclude(json, failures, {
    ...run,
    engine: engine.version,
    rounds,
    queries: count,
    results: Object.fromEntries(results),
  });
} finally {
  await server.stop();
}

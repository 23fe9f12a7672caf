// Tasks that are cancelled at random moments of what they do with PostgreSQL. Each is followed by a statement of
// somebody else's, which nothing may hit; no connection may be lost, and nothing be left in the server.

import { type Coroutine, createTask, forEach, gather, run, sleep } from "wasyncio";
import { type ConnectOptions, type Connection, type Pool, connect, createPool } from "wasyncio/postgres";
import { Random } from "../support/random.ts";

/** Connections of the pool, and tasks that want one: more, so that some are cancelled in line. */
const MOST = 4;
const WORKERS = 6;

/** What came of it. */
export interface Cancels {
  /** Tasks that were cancelled before they had ended. */
  readonly cut: number;
  /** Errors of tasks that were not cancelled: nothing was to hit them. */
  readonly stray: readonly string[];
  /** Connections that were lost, and not given back. */
  readonly leaked: number;
  /** Rows, locks and statements that cancelled tasks left behind. */
  readonly left: number;
}

/** What a task does that may be cancelled. */
const WORK: readonly ((connection: Connection, random: Random) => Coroutine<unknown>)[] = [
  (connection, random) => connection.execute("select pg_sleep($1)", random.below(4000) / 1e6),
  (connection) => connection.execute("select pg_sleep(0.002)"),
  (connection) => connection.fetch("select i, repeat('x', 100) from generate_series(1, 2000) i"),
  (connection) => connection.fetchrow("select i, pg_sleep(0.0001) from generate_series(1, 2000) i offset 20"),
  (connection) =>
    connection.transaction().with(function* () {
      yield* connection.execute("insert into ghost values ($1)", 1);
      yield* connection.transaction().with(() => connection.execute("insert into ghost values ($1)", 2));
      yield* connection.execute("select pg_sleep(0.5)"); // longer than anybody is left
    }),
  (connection) =>
    connection.transaction().with(function* () {
      yield* connection.fetchval("select pg_advisory_lock($1)", connection.getServerPid());
      const cursor = connection.cursor("select i from generate_series(1, 50) i", [], { prefetch: 7 });
      yield* forEach(cursor, () => sleep(0));
    }),
];

/** Has so many tasks be cancelled, at moments that follow from the seed and from how fast the machine is. */
export async function playCancels(place: ConnectOptions, seed: number, count: number): Promise<Cancels> {
  const random = new Random(seed, 0);
  let begun = 0;
  let cut = 0;
  const stray: string[] = [];

  function* once(pool: Pool): Coroutine<void> {
    const work = WORK[random.below(WORK.length)];
    const task = createTask(pool.acquire().with((connection) => work(connection, random)));
    if (random.below(4) === 0) for (let step = random.below(6); step > 0; step--) yield* sleep(0);
    else yield* sleep(random.below(6000) / 1e6);
    if (task.cancel()) cut++;
    const [outcome] = yield* gather([task], { returnExceptions: true });
    if (outcome instanceof Error && !task.cancelled()) stray.push(`${work.toString()}: ${String(outcome)}`);
    try {
      yield* pool.fetchval("select 1");
    } catch (error) {
      stray.push(String(error)); // nobody has cancelled this one
    }
  }

  return run(function* () {
    const watching = yield* connect(place);
    yield* watching.execute("drop table if exists ghost; create table ghost (a int)");
    const pool = createPool({ ...place, max: MOST });
    const { size, idle, created, destroyed } = yield* pool.with(function* () {
      yield* gather(
        ...Array.from({ length: WORKERS }, function* () {
          while (begun < count) {
            begun++;
            yield* once(pool);
          }
        }),
      );
      return pool.statistics();
    });
    const rows = yield* watching.fetchval<number>("select count(*)::int from ghost");
    const locks = yield* watching.fetchval<number>("select count(*)::int from pg_locks where locktype = 'advisory'");
    const others = `select count(*)::int from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid() and state <> 'idle'`;
    const active = yield* watching.fetchval<number>(others);
    yield* watching.close();
    // what was being opened when its task was cancelled was never made
    return {
      cut,
      stray,
      leaked: size - idle + destroyed + Math.max(0, created - MOST),
      left: (rows ?? 0) + (locks ?? 0) + (active ?? 0),
    };
  });
}

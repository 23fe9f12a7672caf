import { expect, test } from "vitest";
import { type Coroutine, createTask, gather, run, sleep, timeout } from "wasyncio";
import {
  type Connection,
  InterfaceError,
  PostgresConnectionError,
  type ConnectionPoolOptions,
  UniqueViolationError,
  createPool,
} from "wasyncio/postgres";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { describeWithPostgres } from "./server.ts";

describeWithPostgres("a pool", ({ place, server }) => {
  const poolOf = (options: ConnectionPoolOptions = {}) => createPool({ ...place(), ...options });

  test("connects when it is entered, lends its connections, and closes them", () =>
    run(function* () {
      const inits: Connection[] = [];
      const pool = poolOf({
        min: 2,
        max: 3,
        *init(connection) {
          inits.push(connection);
          yield* connection.execute("create temp table mine (a int)");
        },
      });
      yield* pool.with(function* (inside) {
        expect(inside).toBe(pool);
        expect(pool.statistics()).toMatchObject({ size: 2, idle: 2 });
        const numbers = Array.from({ length: 50 }, (_, index) => index);
        expect(yield* gather(...numbers.map((index) => pool.fetchval("select $1::int", index)))).toEqual(numbers);
        expect(pool.statistics()).toMatchObject({ size: 3, idle: 3, created: 3, destroyed: 0 });
        expect(yield* pool.fetch("select * from mine")).toEqual([]);
        expect(yield* pool.fetchrow("select 1 as a")).toEqual({ a: 1 });
        expect(yield* pool.execute("create table pooled (a int unique)")).toBe("CREATE TABLE");
        yield* pool.executemany("insert into pooled values ($1)", [[1], [2]]);
        expect(yield* attemptAwait(pool.execute("insert into pooled values (1)"))).toContain("UniqueViolationError");
        const failing = pool.acquire().with((connection) => connection.execute("insert into pooled values (1)"));
        expect((yield* gather([failing], { returnExceptions: true }))[0]).toBeInstanceOf(UniqueViolationError);
      });
      expect(inits.map((connection) => connection.isClosed())).toEqual([true, true, true]);
    }));

  test("resets what it takes back: transactions, settings, listeners, locks", () =>
    run(function* () {
      yield* poolOf({ max: 1 }).with(function* (pool) {
        const mine = yield* pool.acquire();
        yield* mine.execute("begin; create table never (); set search_path to nowhere; select pg_advisory_lock(1)");
        const listening = yield* mine.listen("a");
        yield* pool.release(mine);
        expect(yield* listening.anext()).toEqual({ done: true, value: undefined });
        yield* pool.acquire().with(function* (connection) {
          expect(connection).toBe(mine);
          expect(connection.isInTransaction()).toBe(false);
          expect(yield* connection.fetchval("show search_path")).toBe('"$user", public');
          expect(yield* connection.fetch("select from pg_locks where locktype = 'advisory'")).toEqual([]);
          expect(yield* connection.fetch("select pg_listening_channels()")).toEqual([]);
          expect(yield* connection.fetchval("select to_regclass('never')")).toBeNull();
          yield* connection.transaction().with(() => connection.execute("select 1"));
        });
      });
    }));

  test("resets what nobody else is to be: roles", () =>
    run(function* () {
      yield* poolOf({ max: 1 }).with(function* (pool) {
        const users = "select current_user::text a, session_user::text b";
        for (const become of ["set role pg_monitor", "set session authorization pg_monitor"]) {
          yield* pool.acquire().with(function* (connection) {
            yield* connection.execute(become);
            expect(yield* connection.fetchrow(users)).toMatchObject({ a: "pg_monitor" });
          });
          expect(yield* pool.fetchrow(users)).toEqual({ a: "postgres", b: "postgres" });
        }
      });
    }));

  test("lends a connection at once, as new: its reset goes before all that the next one does", () =>
    run(function* () {
      yield* poolOf({ max: 1 }).with(function* (pool) {
        const log: string[] = [];
        const dirty = pool.acquire().with(function* (connection) {
          yield* connection.execute("begin; set role pg_monitor; set search_path to nowhere; listen a");
          log.push("used");
        });
        const next = pool.acquire().with(function* (connection) {
          log.push(`lent ${String(connection.isInTransaction())}`);
          yield* connection.transaction({ isolation: "serializable" }).with(function* () {
            const row = yield* connection.fetchrow(
              `select current_user::text a, current_setting('search_path') b, current_setting('transaction_isolation') c,
                array(select pg_listening_channels()) d`,
            );
            expect(row).toEqual({ a: "postgres", b: '"$user", public', c: "serializable", d: [] });
          });
        });
        yield* gather(
          (function* () {
            yield* dirty;
            log.push("given back");
          })(),
          next,
        );
        expect(log).toEqual(["used", "lent false", "given back"]); // who gives back waits for the reset
        const unused = yield* pool.acquire();
        yield* gather(
          pool.release(unused),
          pool.acquire().with(() => sleep(0)), // gives it back before it is reset
          pool.fetchval("select 1"),
        );
        expect(pool.statistics()).toMatchObject({ created: 1, idle: 1 });
      });
    }));

  test("what goes behind a reset that the server refuses is not done", async () => {
    const allowed = "execute on function pg_advisory_unlock_all() from public";
    await server().execute(`revoke ${allowed}; create table if not exists done (a text)`);
    await run(function* () {
      yield* poolOf({ max: 1 }).with(function* (pool) {
        const insert = "insert into done values (current_user)";
        const nexts: ((connection: Connection) => Coroutine<unknown>)[] = [
          (connection) => connection.execute(insert),
          (connection) => connection.fetch(insert),
          (connection) => connection.executemany("insert into done values ($1)", [["a"], ["b"]]),
          (connection) => connection.transaction().with(() => connection.execute(insert)),
        ];
        for (const [index, next] of nexts.entries()) {
          const [became, error] = yield* gather(
            [pool.acquire().with((connection) => connection.execute("set role pg_monitor")), pool.acquire().with(next)],
            { returnExceptions: true },
          );
          expect(became).toBe("SET");
          expect(error).toBeInstanceOf(PostgresConnectionError);
          expect(String(error)).toContain("permission denied for function pg_advisory_unlock_all");
          expect(yield* pool.fetch("select a from done")).toEqual([]); // by a new connection
          expect(pool.statistics()).toMatchObject({ created: index + 2, size: 1 });
        }
      });
    });
    await server().execute(`grant ${allowed.replace("from", "to")}; drop table done`);
  });

  test("replaces a connection that the server has ended, in use or not", () =>
    run(function* () {
      yield* poolOf({ max: 2 }).with(function* (pool) {
        const [killer, victim] = [yield* pool.acquire(), yield* pool.acquire()];
        const kill = (connection: Connection) =>
          killer.execute("select pg_terminate_backend($1)", connection.getServerPid());
        yield* pool.release(victim);
        yield* kill(victim);
        while (!victim.isClosed()) yield* sleep(0.01);
        const second = yield* pool.acquire();
        expect([second === victim, yield* second.fetchval("select 1")]).toEqual([false, 1]);
        const sleeping = createTask(second.execute("select pg_sleep(60)"));
        yield* sleep(0.05);
        yield* kill(second);
        const [error] = yield* gather([sleeping], { returnExceptions: true });
        expect(error).toBeInstanceOf(PostgresConnectionError);
        yield* pool.release(second);
        expect(yield* pool.fetchval("select 1")).toBe(1);
        expect(pool.statistics()).toMatchObject({ size: 2, created: 4 });
        yield* pool.release(killer);
      });
    }));

  test("goes on when the server has crashed and is there again", async () => {
    await run(function* () {
      yield* poolOf({ max: 2 }).with(function* (pool) {
        const working = createTask(pool.execute("select pg_sleep(60)"));
        yield* pool.fetchval("select 1");
        yield* sleep(0.1);
        yield* wrap(server().crash());
        const [error] = yield* gather([working], { returnExceptions: true });
        expect(error).toBeInstanceOf(PostgresConnectionError);
        expect(yield* attemptAwait(pool.fetchval("select 1"))).toMatch(
          /ConnectionRefusedError|PostgresConnectionError/,
        );
        yield* wrap(server().restart());
        expect(yield* pool.fetchval("select 2")).toBe(2);
      });
    });
  });

  test("has those wait whom it cannot serve, in order, and lets cancelled ones go", () =>
    run(function* () {
      yield* poolOf({ max: 1 }).with(function* (pool) {
        const log: number[] = [];
        const work = function* (name: number): Coroutine<void> {
          yield* pool.acquire().with((connection) => connection.execute("select pg_sleep(0.02)"));
          log.push(name);
        };
        const tasks = [1, 2, 3, 4].map((name) => createTask(work(name)));
        yield* sleep(0);
        tasks[1]?.cancel();
        yield* gather(tasks, { returnExceptions: true });
        expect(log).toEqual([1, 3, 4]);
      });
      yield* poolOf({ min: 1, max: 1, acquireTimeout: 0.5 }).with(function* (pool) {
        const holding = yield* pool.acquire();
        expect(yield* attemptAwait(pool.fetchval("select 1"))).toContain("TimeoutError");
        yield* pool.release(holding);
      });
    }));

  test("a cancelled statement is gone from the server at once, and the connection is as good as before", () =>
    run(function* () {
      yield* poolOf({ max: 2 }).with(function* (pool) {
        const running =
          "select count(*)::int from pg_stat_activity where query like 'select pg_sleep(30%' and state = 'active'";
        expect(yield* attemptAwait(timeout(0.3).with(() => pool.execute("select pg_sleep(30)")))).toContain(
          "TimeoutError",
        );
        expect(yield* pool.fetchval(running)).toBe(0); // the task went on when the server was done with it
        const inTransaction = pool.acquire().with((connection) =>
          connection.transaction().with(function* () {
            yield* connection.execute("create table ghost ()");
            yield* connection.fetch("select pg_sleep(30.5)");
          }),
        );
        expect(yield* attemptAwait(timeout(0.3).with(() => inTransaction))).toContain("TimeoutError");
        expect(yield* pool.fetchval("select to_regclass('ghost')")).toBeNull();
        expect(pool.statistics()).toMatchObject({ size: 1, created: 1, destroyed: 0 });
      });
    }));

  test("closes at once what is in use when it is told to terminate", () =>
    run(function* () {
      const pool = poolOf();
      const working = createTask(pool.execute("select pg_sleep(30)"));
      yield* sleep(0.1);
      yield* pool.close({ terminate: true });
      expect((yield* gather([working], { returnExceptions: true }))[0]).toBeInstanceOf(Error);
      expect(yield* attemptAwait(pool.fetchval("select 1"))).toContain("RuntimeError('Cannot acquire from <Pool");
    }));

  test("a connection that a task still uses is not lent to another one", () =>
    run(function* () {
      yield* poolOf({ max: 1 }).with(function* (pool) {
        const mine = yield* pool.acquire();
        const forgotten = createTask(mine.execute("select pg_sleep(30)"));
        yield* sleep(0.05);
        yield* pool.release(mine);
        expect((yield* gather([forgotten], { returnExceptions: true }))[0]).toBeInstanceOf(PostgresConnectionError);
        expect(yield* pool.fetchval("select 1")).toBe(1);
        expect(yield* attemptAwait(mine.fetchval("select 1"))).toContain(InterfaceError.prototype.name);
      });
    }));

  test("refuses bad options at the call", () => {
    expect(attempt(() => createPool({ max: 0 }))).toContain("RangeError('max must be greater than 0");
    expect(attempt(() => createPool({ port: -1 }))).toContain("RangeError('Invalid port");
    expect(attempt(() => createPool({ init: 5 as never }))).toContain("TypeError('Invalid init");
    expect(attempt(() => createPool({ pool: 5 } as never))).toContain("there is no 'pool'");
    expect(attempt(() => createPool().release(5 as never))).toContain("RangeError('Cannot release 5");
  });
});

/** Waits for a promise. */
function* wrap(promise: Promise<unknown>): Coroutine<void> {
  yield* gather(promise);
}

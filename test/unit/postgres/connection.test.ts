import { expect, test } from "vitest";
import { type Coroutine, TimeoutError, createTask, forEach, gather, run, sleep } from "wasyncio";
import {
  DataError,
  InterfaceError,
  InvalidAuthorizationSpecificationError,
  PostgresConnectionError,
  type PostgresError,
  QueryCanceledError,
  SyntaxOrAccessError,
  UndefinedTableError,
  UniqueViolationError,
  connect,
} from "wasyncio/postgres";
import { ConnectionRefusedError } from "wasyncio/streams";
import { OutsideError, simulate } from "wasyncio/testing";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { freePort } from "../../support/servers.ts";
import { describeWithPostgres } from "./server.ts";

/** The error that a coroutine ends with. */
function* errorOf(body: Coroutine<unknown>): Coroutine<unknown> {
  const [outcome] = yield* gather([body], { returnExceptions: true });
  return outcome;
}

describeWithPostgres("a connection", ({ withConnection, place, server }) => {
  test("executes, fetches rows, the first row, the first value", () =>
    withConnection(function* (connection) {
      expect(yield* connection.execute("create table brand (id serial primary key, name text not null)")).toBe(
        "CREATE TABLE",
      );
      expect(yield* connection.execute("insert into brand (name) values ('Levis'), ('Seven')")).toBe("INSERT 0 2");
      expect(yield* connection.execute("insert into brand (name) values ($1)", "Ö'Neill")).toBe("INSERT 0 1");
      const all = [
        { id: 1, name: "Levis" },
        { id: 2, name: "Seven" },
        { id: 3, name: "Ö'Neill" },
      ];
      // twice, because the second time the statement is prepared
      for (let time = 0; time < 2; time++) {
        expect(yield* connection.fetch("select * from brand order by id")).toEqual(all);
        expect(yield* connection.fetch("select * from brand where id > $1 order by id", 2)).toEqual(all.slice(2));
        expect(yield* connection.fetchrow("select * from brand order by id")).toEqual(all[0]);
        expect(yield* connection.fetchrow("select * from brand where id = $1", 9)).toBeNull();
        expect(yield* connection.fetchval("select name from brand order by id desc")).toBe("Ö'Neill");
        expect(yield* connection.fetchval("select null")).toBeNull();
        expect(yield* connection.fetch("update brand set name = name where id = $1", 1)).toEqual([]);
        expect(yield* connection.execute("")).toBe("");
      }
      expect(yield* connection.execute("create table a (); drop table a; select 1")).toBe("SELECT 1");
    }));

  test("fetchrow fetches no more than one row, and takes one round trip", () =>
    withConnection(function* (connection) {
      yield* connection.execute("create sequence counter");
      const many =
        "select nextval('counter'), pg_sleep(case when i > 5 then 60 else 0 end) from generate_series(1, 1000) i";
      yield* connection.fetchrow(many);
      expect(yield* connection.fetchval("select last_value::int from counter")).toBeLessThan(6);
      yield* connection.execute("drop sequence counter");
    }));

  test("passes values of all kinds", () =>
    withConnection(function* (connection) {
      const now = new Date();
      const sent = [1, 1.5, "text", true, null, undefined, now, { a: [1] }, [1, 2], Buffer.from([0, 255]), 10n ** 18n];
      const kinds = "int float8 text bool text text timestamptz jsonb int[] bytea int8".split(" ");
      const columns = kinds.map((kind, index) => `$${index + 1}::${kind} as c${index}`).join(", ");
      const row = yield* connection.fetchrow(`select ${columns}`, ...sent);
      expect(Object.values(row as object)).toEqual([
        ...sent.slice(0, 5),
        null,
        ...sent.slice(6, 10),
        String(10n ** 18n),
      ]);
      const strange = yield* connection.fetchrow('select 1 as "__proto__", 2 as a, 3 as a');
      expect(Object.entries(strange as object)).toEqual([
        ["__proto__", 1],
        ["a", 3],
      ]);
      const large = "x".repeat(5_000_000);
      expect((yield* connection.fetchval("select $1::text", large)) === large).toBe(true);
    }));

  test("executes many at once, all or nothing", () =>
    withConnection(function* (connection) {
      yield* connection.execute("create table many (a int primary key, b text)");
      function* rows(): Generator<[number, string]> {
        for (let index = 0; index < 5000; index++) yield [index, `row ${index}`];
      }
      yield* connection.executemany("insert into many values ($1, $2)", rows());
      const failing = connection.executemany("insert into many values ($1, $2)", [
        [5001, "new"],
        [1, "old"],
        [5002, "never"],
      ]);
      expect(yield* errorOf(failing)).toBeInstanceOf(UniqueViolationError);
      expect(yield* connection.fetchval("select count(*)::int from many")).toBe(5000);
      yield* connection.executemany("insert into many values ($1, $2)", []);
      yield* connection.execute("drop table many");
    }));

  test("tells what the server refuses, by classes and states, and goes on", () =>
    withConnection(function* (connection) {
      const missing = (yield* errorOf(connection.fetch("select * from nowhere"))) as PostgresError;
      expect(missing).toBeInstanceOf(UndefinedTableError);
      expect(missing).toMatchObject({
        name: "UndefinedTableError",
        message: 'relation "nowhere" does not exist',
        sqlstate: "42P01",
        severity: "ERROR",
        position: "15",
      });
      try {
        yield* connection.fetch("select * from nowhere");
      } catch (error) {
        expect((error as Error).stack).toContain("connection.test.ts"); // where it was awaited
      }
      expect(yield* errorOf(connection.fetch("selec"))).toBeInstanceOf(SyntaxOrAccessError);
      expect(yield* errorOf(connection.fetchval("select 1 / $1::int", 0))).toBeInstanceOf(DataError);
      expect(yield* errorOf(connection.fetchval("select $1::int", "x"))).toMatchObject({ sqlstate: "22P02" });
      const tooFew = yield* errorOf(connection.fetchval("select $1::int"));
      expect(tooFew).toMatchObject({ sqlstate: "08P01" });
      expect(tooFew).not.toBeInstanceOf(PostgresConnectionError); // which would be worth another attempt
      expect(yield* errorOf(connection.execute("create table c (a int); copy c from stdin"))).toMatchObject({
        sqlstate: "57014",
      });
      const unique = "create table u (a int constraint only_one unique); insert into u values (1), (1)";
      expect(yield* errorOf(connection.execute(unique))).toMatchObject({ constraintName: "only_one", tableName: "u" });
      expect(yield* connection.fetchval("select 1")).toBe(1);
    }));

  test("tells an error of the program's own types", () =>
    withConnection(
      function* (connection) {
        expect(yield* errorOf(connection.fetch("select 1"))).toEqual(new RangeError("not this one"));
        expect(yield* connection.execute("select 1")).toBe("SELECT 1");
      },
      {
        types: {
          getTypeParser: () => () => {
            throw new RangeError("not this one");
          },
        },
      },
    ));

  test("keeps statements prepared, and prepares again what has changed", () =>
    withConnection(
      function* (connection) {
        const names = "select count(*)::int from pg_prepared_statements";
        for (let index = 0; index < 10; index++) yield* connection.fetchval(`select ${index}`);
        const asked = Array.from({ length: 10 }, (_, index) => connection.fetchval<number>(`select ${index} + 1`));
        for (const [index, each] of asked.entries()) expect(yield* each).toBe(index + 1); // most are not kept by now
        expect(yield* connection.fetchval(names)).toBeLessThanOrEqual(4);
        yield* connection.execute("create table changing (a int); insert into changing values (1)");
        expect(yield* connection.fetch("select * from changing")).toEqual([{ a: 1 }]);
        yield* connection.execute("alter table changing add column b text default 'new'");
        expect(yield* connection.fetch("select * from changing")).toEqual([{ a: 1, b: "new" }]);
        const insert = (a: number | null) => connection.fetchrow("insert into changing values ($1) returning a", a);
        yield* connection.execute("alter table changing alter a set not null");
        yield* insert(2);
        const prepared = "select name from pg_prepared_statements where statement like 'insert%'";
        const name = yield* connection.fetchval(prepared);
        expect(yield* errorOf(insert(null))).toMatchObject({ sqlstate: "23502" });
        expect(yield* connection.fetchval(prepared)).toBe(name); // an error of its values is none of the statement
        yield* connection.execute("delete from changing where a = 2; deallocate all");
        expect(yield* connection.fetch("select * from changing")).toEqual([{ a: 1, b: "new" }]);
        yield* connection.execute("drop table changing");
      },
      { statementCacheSize: 3 },
    ));

  test("keeps no statements when it is told so", () =>
    withConnection(
      function* (connection) {
        for (let time = 0; time < 3; time++) expect(yield* connection.fetchval("select $1::int", time)).toBe(time);
        expect(yield* connection.fetchval("select count(*)::int from pg_prepared_statements")).toBe(0);
      },
      { statementCacheSize: 0 },
    ));

  test("prepares a statement, to be run again and again", () =>
    withConnection(function* (connection) {
      const sum = yield* connection.prepare("select $1::int + $2::int as sum");
      expect([sum.getQuery(), sum.getAttributes()]).toEqual(["select $1::int + $2::int as sum", ["sum"]]);
      expect(yield* sum.fetch(1, 2)).toEqual([{ sum: 3 }]);
      expect([yield* sum.fetchrow(2, 2), yield* sum.fetchval(3, 2)]).toEqual([{ sum: 4 }, 5]);
      sum.close();
      expect(yield* sum.fetchval(4, 4)).toBe(8);
      yield* connection.execute("create temp table p (a int)");
      const insert = yield* connection.prepare("insert into p values ($1)");
      yield* insert.executemany([[1], [2]]);
      expect([insert.getAttributes(), yield* connection.fetchval("select sum(a)::int from p")]).toEqual([[], 3]);
      expect(yield* errorOf(connection.prepare("select * from nowhere"))).toBeInstanceOf(UndefinedTableError);
    }));

  test("goes through a cursor a few rows at a time, inside a transaction", () =>
    withConnection(function* (connection) {
      const rows: unknown[] = [];
      const numbers = "select i from generate_series(1, $1::int) i";
      yield* connection.transaction().with(function* () {
        for (const prefetch of [1, 3, 7, 50]) {
          rows.length = 0;
          yield* forEach(connection.cursor(numbers, [10], { prefetch }), (row) => void rows.push(row["i"]));
          expect(rows).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        }
        // something else in between, two at once, and one that is left
        const other = connection.cursor(numbers, [5], { prefetch: 2 });
        yield* forEach(connection.cursor(numbers, [4], { prefetch: 1 }), function* ({ i }) {
          expect((yield* other.anext()).value).toEqual({ i });
          expect(yield* connection.fetchval("select $1::int", i)).toBe(i);
          return i !== 3;
        });
        yield* other.aclose();
        expect(yield* connection.fetchval("select count(*)::int from pg_cursors where name <> ''")).toBe(0);
        const statement = yield* connection.prepare(numbers);
        yield* forEach(statement.cursor([3]), (row) => void rows.push(row));
        expect(rows.slice(10)).toEqual([{ i: 1 }, { i: 2 }, { i: 3 }]);
      });
      expect(yield* errorOf(forEach(connection.cursor(numbers, [1]), () => {}))).toBeInstanceOf(InterfaceError);
      const failing = connection.transaction().with(function* () {
        yield* forEach(
          connection.cursor("select 1 / (3 - i) from generate_series(1, 9) i", [], { prefetch: 1 }),
          () => {},
        );
      });
      expect(yield* errorOf(failing)).toMatchObject({ sqlstate: "22012" });
      expect(yield* connection.fetchval("select 1")).toBe(1);
    }));

  test("a cursor goes on whatever becomes of its statement meanwhile", () =>
    withConnection(
      function* (connection) {
        const rows: unknown[] = [];
        yield* connection.transaction().with(function* () {
          const cursor = connection.cursor("select i from generate_series(1, 3) i", [], { prefetch: 1 });
          yield* forEach(cursor, function* (row) {
            rows.push(row);
            yield* connection.fetchval("select 'another, for which there is one place in the cache'");
          });
        });
        expect(rows).toEqual([{ i: 1 }, { i: 2 }, { i: 3 }]);
      },
      { statementCacheSize: 1 },
    ));

  test("has nothing to copy, with arguments and without", () =>
    withConnection(function* (connection) {
      yield* connection.execute("create temporary table copied (i int)");
      const copy = "copy copied from stdin";
      for (const call of [connection.execute(copy), connection.fetch(copy), connection.executemany(copy, [[]])])
        expect(yield* errorOf(call)).toMatchObject({ message: expect.stringContaining("nothing to copy from") });
      expect(yield* connection.fetchval("select 1")).toBe(1);
    }));

  test("hears what others notify, in order, as long as it listens", () =>
    withConnection(function* (connection) {
      const other = yield* connect(place());
      const [orders, more] = [yield* connection.listen("the orders"), yield* connection.listen("the orders")];
      const heard: unknown[] = [];
      const listening = createTask(orders.with(() => forEach(orders, (each) => heard.push(each) < 3)));
      yield* other.notify("the orders", "one");
      yield* other.notify("elsewhere", "lost");
      yield* other.execute('notify "the orders"');
      yield* other.notify("the orders", "x".repeat(5000));
      yield* listening;
      const pid = other.getServerPid();
      expect(heard).toEqual([
        { channel: "the orders", payload: "one", pid },
        { channel: "the orders", payload: "", pid },
        { channel: "the orders", payload: "x".repeat(5000), pid },
      ]);
      expect(yield* connection.fetch("select pg_listening_channels()")).toHaveLength(1);
      expect((yield* more.anext()).value).toMatchObject({ payload: "one" });
      yield* more.close();
      expect(yield* more.anext()).toEqual({ done: true, value: undefined });
      expect(yield* connection.fetch("select pg_listening_channels()")).toEqual([]);
      yield* other.close();
    }));

  test("hears what is notified before it is told that it listens", () =>
    withConnection(function* (connection) {
      const listening = createTask(connection.listen("early"));
      yield* sleep(0);
      // The loop stands still until the server has both answered and notified.
      const answered = `pid = ${connection.getServerPid()} and state = 'idle' and query like 'LISTEN%'`;
      const wait = `perform pg_sleep(0.01); perform pg_stat_clear_snapshot();`;
      server().executeSync(
        `do $$ begin while not exists (select from pg_stat_activity where ${answered}) loop ${wait} end loop; end $$`,
      );
      server().executeSync("notify early, 'first'");
      server().executeSync("select pg_sleep(0.1)");
      const early = yield* listening;
      expect((yield* early.anext()).value).toMatchObject({ payload: "first" });
      yield* early.close();
    }));

  test("leaves a channel inside a transaction that has failed", () =>
    withConnection(function* (connection) {
      const failing = connection.transaction().with(function* () {
        const orders = yield* connection.listen("orders");
        yield* orders.with(() => connection.execute("select 1 / 0"));
      });
      expect(yield* errorOf(failing)).toMatchObject({ sqlstate: "22012" });
    }));

  test("ends listening with the connection", () =>
    run(function* () {
      const [closed, lost] = [yield* connect(place()), yield* connect(place())];
      const [ending, losing] = [yield* closed.listen("a"), yield* lost.listen("a")];
      const [ended, failed] = [createTask(forEach(ending, () => {})), createTask(errorOf(forEach(losing, () => {})))];
      yield* sleep(0);
      yield* closed.execute("select pg_terminate_backend($1)", lost.getServerPid());
      yield* closed.close();
      yield* ended;
      expect(yield* failed).toBeInstanceOf(PostgresConnectionError);
    }));

  test("does one thing at a time", () =>
    withConnection(function* (connection) {
      const sleeping = createTask(connection.execute("select pg_sleep(0.2)"));
      yield* sleep(0);
      const error = yield* errorOf(connection.fetchval("select 1"));
      expect(error).toBeInstanceOf(InterfaceError);
      expect(String(error)).toContain("another operation is in progress");
      yield* sleeping;
      expect(yield* connection.fetchval("select 1")).toBe(1);
    }));

  test("is closed once, by itself or at the end of a block", () =>
    run(function* () {
      const connection = yield* connect(place());
      expect(String(connection)).toBe(`<Connection [open] postgres at 127.0.0.1:${place().port}>`);
      yield* connection.close();
      yield* connection.close();
      expect([connection.isClosed(), String(connection)]).toEqual([
        true,
        `<Connection [closed] postgres at 127.0.0.1:${place().port}>`,
      ]);
      expect(yield* attemptAwait(connection.fetchval("select 1"))).toContain("InterfaceError");
      const busy = yield* connect(place());
      const sleeping = createTask(errorOf(busy.execute("select pg_sleep(60)")));
      yield* sleep(0.1);
      yield* busy.close();
      expect(yield* sleeping).toBeInstanceOf(QueryCanceledError);
      const ending = yield* connect(place());
      const ended = createTask(errorOf(ending.execute("select pg_sleep(0.2)")));
      yield* sleep(0.1);
      ending.terminate();
      expect(yield* ended).toBeInstanceOf(PostgresConnectionError);
    }));

  test("takes settings, and a text for the place", () =>
    run(function* () {
      const { host, port } = place();
      const connection = yield* connect({
        dsn: `postgres://postgres@${host}:${port}/postgres`,
        serverSettings: { application_name: "a test", search_path: "pg_catalog, public", "my.own": "a \\ b\t-c\nd" },
      });
      const shown = yield* connection.fetchrow(
        "select current_setting('application_name') a, current_setting('search_path') b, current_setting('my.own') c",
      );
      expect(shown).toEqual({ a: "a test", b: "pg_catalog, public", c: "a \\ b\t-c\nd" });
      yield* connection.close();
      const plain = yield* connect(`postgres://postgres@${host}:${port}/postgres`);
      yield* plain.close();
    }));

  test("has a time limit for statements, if it is told one", () =>
    withConnection(
      function* (connection) {
        expect(yield* errorOf(connection.execute("select pg_sleep(60)"))).toBeInstanceOf(TimeoutError);
        expect(yield* errorOf(connection.fetch("select pg_sleep($1)", 60))).toBeInstanceOf(TimeoutError);
        expect(yield* connection.fetchval("select 1")).toBe(1);
      },
      { commandTimeout: { milliseconds: 200 } },
    ));

  test("tells why it could not be made", () =>
    run(function* () {
      const elsewhere = { ...place(), port: yield* freePort() };
      expect(yield* errorOf(connect(elsewhere))).toBeInstanceOf(ConnectionRefusedError);
      expect(yield* errorOf(connect({ ...elsewhere, host: "localhost" }))).toBeInstanceOf(ConnectionRefusedError);
      expect(yield* errorOf(connect({ ...place(), database: "nowhere" }))).toMatchObject({ sqlstate: "3D000" });
      const stranger = yield* errorOf(connect({ ...place(), user: "nobody" }));
      expect(stranger).toBeInstanceOf(InvalidAuthorizationSpecificationError);
      expect(yield* errorOf(connect({ ...place(), timeout: 0 }))).toBeInstanceOf(TimeoutError);
    }));

  test("a server that is lost is an error of its own, in the midst of a statement and behind it", () =>
    run(function* () {
      const [watching, lost] = [yield* connect(place()), yield* connect(place())];
      const sleeping = createTask(errorOf(lost.execute("select pg_sleep(60)")));
      yield* sleep(0.1);
      yield* watching.execute("select pg_terminate_backend($1)", lost.getServerPid());
      const error = (yield* sleeping) as PostgresConnectionError;
      expect(error).toBeInstanceOf(PostgresConnectionError);
      expect(error.message).toContain("terminating connection due to administrator command");
      expect(error.cause).toMatchObject({ sqlstate: "57P01" });
      expect(lost.isClosed()).toBe(true);
      expect(yield* errorOf(lost.fetchval("select 1"))).toBeInstanceOf(PostgresConnectionError);
      yield* lost.close();
      yield* watching.close();
    }));

  test("keeps nobody's process alive when its loop is closed", () =>
    run(function* () {
      yield* sleep(0);
    }).then(async () => {
      await run(function* () {
        yield* (yield* connect(place())).listen("a"); // and never closed
      });
      await run(function* () {
        const watching = yield* connect(place());
        const others = "select count(*)::int from pg_stat_activity where backend_type = 'client backend'";
        while ((yield* watching.fetchval(others)) !== 1) yield* sleep(0.02);
        yield* watching.close();
      });
    }));

  test("refuses bad input at the call", () =>
    withConnection(function* (connection) {
      const circle: unknown[] = [];
      circle.push({ circle });
      const calls: [() => unknown, string][] = [
        [() => connection.execute(5 as never), "TypeError('Invalid query: expected a string, got 5')"],
        [() => connection.fetch(undefined as never), "TypeError('Invalid query: expected a string, got undefined')"],
        [() => connection.fetchrow(null as never), "TypeError('Invalid query"],
        [() => connection.fetchval({} as never), "TypeError('Invalid query"],
        [() => connection.prepare(1 as never), "TypeError('Invalid query"],
        [() => connection.fetch("select $1", circle[0]), "Error('"],
        [
          () => connection.cursor("select 1", 5 as never),
          "TypeError('Invalid args: expected a list of values, got 5')",
        ],
        [() => connection.fetch("select 1\0; select 2"), "TypeError('Invalid query: there is a zero character in it')"],
        [() => connection.fetch("select", ...Array(65_536).keys()), "RangeError('Cannot send 65536 values"],
        [() => connection.fetch("select $1", Symbol("x")), "TypeError('Cannot send a symbol to the server')"],
        [() => connection.executemany("x", [[() => 1]]), "TypeError('Cannot send a function to the server')"],
        [() => connection.cursor("select 1", [], { prefetch: 0 }), "RangeError('prefetch must be greater than 0"],
        [() => connection.cursor("select 1", [], { size: 1 } as never), "there is no 'size'"],
        [() => connection.executemany("x", 5 as never), "TypeError('Invalid args: expected lists of values, got 5')"],
        [() => connection.executemany("x", ["ab"] as never), "TypeError('Invalid args: expected a list of values"],
        [() => connection.transaction({ isolation: "none" as never }), "TypeError('Invalid isolation"],
        [() => connection.transaction({ readonly: 1 as never }), "TypeError('Invalid readonly"],
        [() => connection.listen(""), "TypeError('Invalid channel: expected a name, got ''')"],
        [() => connection.listen("a\0b"), "TypeError('Invalid channel: there is a zero character in it')"],
        [() => connection.notify("a", 5 as never), "TypeError('Invalid payload: expected a string, got 5')"],
        [() => connect({ port: 0 }), "RangeError('Invalid port: expected 1 to 65535, got 0')"],
        [() => connect({ port: "5432" as never }), "TypeError('Invalid port: expected a number, got '5432'')"],
        [() => connect({ host: 5 as never }), "TypeError('Invalid host: expected a string, got 5')"],
        [() => connect({ password: 5 as never }), "TypeError('Invalid password"],
        [() => connect({ ssl: "yes" as never }), "TypeError('Invalid ssl"],
        [() => connect({ types: {} as never }), "TypeError('Invalid types"],
        [() => connect({ timeout: NaN }), "TypeError('Invalid timeout: NaN"],
        [() => connect({ statementCacheSize: -1 }), "RangeError('Invalid statementCacheSize"],
        [() => connect({ statementCacheSize: "5" as never }), "TypeError('Invalid statementCacheSize"],
        [() => connect("localhost"), "TypeError('Invalid dsn: expected postgres://user:password@host:port/database')"],
        [() => connect({ dsn: "" }), "TypeError('Invalid dsn"],
        [() => connect("postgres://u@h:99999/d"), "TypeError('Invalid dsn: Invalid URL')"],
        [() => connect({ serverSettings: { a: "b\0user\0root" } }), "TypeError('Invalid a: there is a zero character"],
        [() => connect({ serverSettings: { a: 5 as never } }), "TypeError('Invalid serverSettings"],
        [() => connect({ serverSettings: { "a b": "c" } }), "TypeError('Invalid serverSettings"],
        [() => connect({ hostname: "x" } as never), "TypeError('Invalid options: there is no 'hostname'"],
        [() => connect(5 as never), "TypeError('Invalid options: expected an object, got 5')"],
      ];
      for (const [call, message] of calls) expect(attempt(call)).toContain(message);
      expect(yield* connection.fetchval("select 1")).toBe(1);
    }));
});

test("in a simulation there is no server, and the program is told", () => {
  const { error } = simulate(() => connect());
  expect(error).toBeInstanceOf(OutsideError);
  expect(String(error)).toContain("used PostgreSQL");
});

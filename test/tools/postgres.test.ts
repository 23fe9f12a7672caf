// PostgreSQL's own server, spoken to over TLS by a client over our streams.

import { createHash } from "node:crypto";
import { afterAll, expect } from "vitest";
import { type Coroutine, type Task, createTask, gather, run, sleep, timeout } from "wasyncio";
import { SSLCertVerificationError, createDefaultContext } from "wasyncio/streams";
import { bytes } from "../support/bytes.ts";
import { Certificates } from "../support/certificates.ts";
import { POSTGRES, startPostgres } from "../support/postgres-server.ts";
import { Connection, type Place } from "./postgres.ts";
import { testWith } from "./tool.ts";

const certificates = new Certificates();
certificates.make("localhost", "DNS:localhost");
afterAll(() => certificates.remove());

/** Runs a program with a server that listens with TLS. */
async function withPostgres(program: (place: Place) => Coroutine<void>): Promise<void> {
  const server = await startPostgres({
    settings: {
      client_connection_check_interval: "20ms", // so that it sees at once that a client has gone
      ssl: "on",
    },
    files: { ssl_cert_file: certificates.path("localhost.pem"), ssl_key_file: certificates.path("localhost.key") },
  });
  const ssl = createDefaultContext("SERVER_AUTH", { cafile: certificates.authority });
  try {
    await run(program({ port: server.port, ssl }));
  } finally {
    await server.stop();
  }
}

/** The error that a coroutine ends with. */
function* errorOf(body: Coroutine<unknown>): Coroutine<unknown> {
  const [outcome] = yield* gather([body], { returnExceptions: true });
  return outcome;
}

/** Runs `pg_sleep` on one connection, in a task, and waits until another one sees it. */
function* sleepingOn<T>(body: Coroutine<T>, watching: Connection): Coroutine<Task<T>> {
  const task = createTask(body);
  const seen = "select from pg_stat_activity where state = 'active' and query = 'select pg_sleep(60)'";
  while ((yield* watching.query(seen)).rows.length === 0) yield* sleep(0.02);
  return task;
}

/** Waits until the server has no other client than this one. */
function* untilAlone(client: Connection): Coroutine<void> {
  const others = `select count(*) from pg_stat_activity
    where backend_type = 'client backend' and pid <> pg_backend_pid()`;
  while ((yield* client.query(others)).rows[0][0] !== "0") yield* sleep(0.02);
}

/** Sockets of this process that are open. */
const openSockets = (): number => process.getActiveResourcesInfo().filter((kind) => kind.startsWith("TCP")).length;

const testWithPostgres = testWith(POSTGRES);

testWithPostgres("PostgreSQL answers over TLS", () =>
  withPostgres(function* (place) {
    const client = yield* Connection.open(place);
    const secured = "select ssl, version from pg_stat_ssl where pid = pg_backend_pid()";
    expect((yield* client.query(secured)).rows).toEqual([["t", "TLSv1.3"]]);
    expect(yield* client.query("select 1 as a, null as b, 'ä€😀' as c")).toEqual({
      rows: [["1", null, "ä€😀"]],
      tag: "SELECT 1",
    });
    const sum = "select $1::int + $2::int, $3::text";
    expect((yield* client.execute(sum, ["40", "2", null])).rows).toEqual([["42", null]]);
    expect(yield* client.query("begin; create table t (a int); insert into t values (1), (2); commit")).toEqual({
      rows: [],
      tag: "COMMIT",
    });

    // an error is the statement's alone
    expect(yield* errorOf(client.query("select * from nowhere"))).toMatchObject({
      code: "42P01",
      message: 'relation "nowhere" does not exist',
    });
    expect(yield* errorOf(client.execute("select 1 / $1::int", ["0"]))).toMatchObject({ code: "22012" });
    expect((yield* client.query("select sum(a) from t")).rows).toEqual([["3"]]);
    yield* client.close();
  }),
);

testWithPostgres("much comes from PostgreSQL, and goes to it", () =>
  withPostgres(function* (place) {
    const client = yield* Connection.open(place);
    const { rows } = yield* client.query("select i, repeat(md5(i::text), 32) from generate_series(1, 20000) i");
    expect(rows.length).toBe(20_000);
    const md5 = (value: string): string => createHash("md5").update(value).digest("hex");
    const wrong = rows.filter(([key, value], index) => key !== String(index + 1) || value !== md5(key).repeat(32));
    expect(wrong).toEqual([]);

    const [[value]] = (yield* client.query("select repeat('0123456789', 2000000)")).rows;
    expect(value === "0123456789".repeat(2_000_000)).toBe(true);

    yield* client.query("create table t (a int, b text)");
    function* lines(): Generator<Uint8Array> {
      for (let start = 0; start < 200_000; start += 1000) {
        yield bytes(Array.from({ length: 1000 }, (_, index) => `${start + index}\t${"x".repeat(80)}\n`).join(""));
      }
    }
    const mostPending = yield* client.copyIn("copy t from stdin", lines());
    expect(mostPending).toBeLessThan(700_000); // `drain` has waited for a server that takes its time
    const counted = yield* client.query("select count(*), sum(a), sum(length(b)) from t");
    expect(counted.rows).toEqual([["200000", "19999900000", "16000000"]]);
    expect(yield* errorOf(client.copyIn("copy nowhere from stdin", lines()))).toMatchObject({ code: "42P01" });
    expect(yield* errorOf(client.copyIn("copy t from stdin", [bytes("no number\tx\n")]))).toMatchObject({
      code: "22P02",
    });
    expect((yield* client.query("select 1")).rows).toEqual([["1"]]);
    yield* client.close();
  }),
);

testWithPostgres("a statement is cancelled by a second connection", () =>
  withPostgres(function* (place) {
    const [client, watching] = [yield* Connection.open(place), yield* Connection.open(place)];
    const sleeping = yield* sleepingOn(errorOf(client.query("select pg_sleep(60)")), watching);
    yield* Connection.cancel(place, client);
    expect(yield* sleeping).toMatchObject({ code: "57014", message: "canceling statement due to user request" });
    expect((yield* client.query("select 1")).rows).toEqual([["1"]]);
    yield* client.close();
    yield* watching.close();
  }),
);

testWithPostgres("a task that is cancelled leaves no connection, whatever it waits for", () =>
  withPostgres(function* (place) {
    const watching = yield* Connection.open(place);
    const before = openSockets();
    function* slowly(): Coroutine<void> {
      const client = yield* Connection.open(place);
      try {
        yield* client.query("select pg_sleep(60)");
      } finally {
        client.abort();
      }
    }
    const open = yield* sleepingOn(slowly(), watching);
    open.cancel();
    yield* gather([open], { returnExceptions: true });
    yield* untilAlone(watching);

    // at each point of connecting, of the request for TLS, of the handshake, of the server's greeting
    for (let delay = 0; delay < 0.02; delay += 0.001) {
      const task = createTask(slowly());
      yield* sleep(delay);
      task.cancel();
      yield* gather([task], { returnExceptions: true });
    }
    yield* untilAlone(watching);
    expect(yield* errorOf(timeout(0.1).with(slowly))).toMatchObject({ name: "TimeoutError" });
    yield* untilAlone(watching);
    while (openSockets() > before) yield* sleep(0.01);
    yield* watching.close();
  }),
);

testWithPostgres("twenty clients at once, each in its transactions", () =>
  withPostgres(function* (place) {
    const first = yield* Connection.open(place);
    yield* first.query("create table account (id int primary key, balance int); insert into account values (1, 0)");
    function* client(): Coroutine<void> {
      const connection = yield* Connection.open(place);
      for (let round = 0; round < 10; round++) {
        yield* connection.query("begin");
        const locked = yield* connection.query("select balance from account where id = 1 for update");
        const balance = Number(locked.rows[0][0]) + 1;
        yield* connection.execute("update account set balance = $1 where id = 1", [String(balance)]);
        yield* connection.query("commit");
      }
      yield* connection.close();
    }
    yield* gather(Array.from({ length: 20 }, client));
    expect((yield* first.query("select balance from account")).rows).toEqual([["200"]]);
    yield* first.close();
  }),
);

testWithPostgres("PostgreSQL is not talked to under another name", () =>
  withPostgres(function* (place) {
    const client = yield* Connection.open(place);
    const error = yield* errorOf(Connection.open({ ...place, name: "elsewhere.test" }));
    expect(error).toBeInstanceOf(SSLCertVerificationError);
    const strangers = { ...place, ssl: createDefaultContext() };
    expect(yield* errorOf(Connection.open(strangers))).toBeInstanceOf(SSLCertVerificationError);
    yield* client.close();
  }),
);

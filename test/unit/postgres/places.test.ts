// Other ways to a server: TLS and a Unix socket, by which the request to cancel goes, too.

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TimeoutError, gather, run, timeout } from "wasyncio";
import { type ConnectOptions, connect } from "wasyncio/postgres";
import { Certificates } from "../../support/certificates.ts";
import { isInstalled } from "../../support/installed.ts";
import { POSTGRES, type PostgresServer, startPostgres } from "../../support/postgres-server.ts";

describe.skipIf(!isInstalled(POSTGRES))("a connection (skipped where PostgreSQL is not installed)", () => {
  const certificates = new Certificates();
  let server: PostgresServer;

  beforeAll(async () => {
    certificates.make("localhost", "DNS:localhost");
    const files = {
      ssl_cert_file: certificates.path("localhost.pem"),
      ssl_key_file: certificates.path("localhost.key"),
    };
    server = await startPostgres({ settings: { ssl: "on" }, files });
  });
  afterAll(async () => {
    await server.stop();
    certificates.remove();
  });

  /** Has a statement be cancelled, and gives what the server says of the connection. */
  const tryPlace = (options: ConnectOptions) =>
    run(function* () {
      const connection = yield* connect({ user: "postgres", database: "postgres", port: server.port, ...options });
      const sleeping = timeout(0.2).with(() => connection.execute("select pg_sleep(60)"));
      const [outcome] = yield* gather([sleeping], { returnExceptions: true });
      expect(outcome).toBeInstanceOf(TimeoutError);
      const shown = yield* connection.fetchrow(`select ssl, client_addr is null as local
        from pg_stat_ssl join pg_stat_activity using (pid) where pid = pg_backend_pid()`);
      yield* connection.close();
      return shown;
    });

  test("speaks TLS, and cancels over it", async () => {
    const ca = readFileSync(certificates.authority, "utf8");
    expect(await tryPlace({ host: "localhost", ssl: { ca } })).toEqual({ ssl: true, local: false });
  });

  test("does not trust a stranger", async () => {
    const place = { host: "localhost", port: server.port, user: "postgres", ssl: true };
    await expect(run(() => connect(place))).rejects.toMatchObject({ name: "SSLCertVerificationError" });
  });

  test("goes by a Unix socket, and cancels over that", async () => {
    expect(await tryPlace({ host: server.folder })).toEqual({ ssl: false, local: true });
  });
});

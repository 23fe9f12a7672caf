// The server that the tests of a file share, and what they do with it again and again.

import { afterAll, beforeAll, describe, test } from "vitest";
import { type Coroutine, run } from "wasyncio";
import { type ConnectOptions, type Connection, connect } from "wasyncio/postgres";
import { isInstalled } from "../../support/installed.ts";
import { POSTGRES, type PostgresServer, startPostgres } from "../../support/postgres-server.ts";

/** What a test has of the server. */
export interface Database {
  server(): PostgresServer;
  /** Where it is. */
  place(): ConnectOptions & { port: number };
  /** Runs a program with a connection of its own. */
  withConnection(program: (connection: Connection) => Coroutine<unknown>, options?: ConnectOptions): Promise<void>;
}

/** Tests that need a server. Where it is not installed they are skipped, but in CI. */
export function describeWithPostgres(name: string, define: (database: Database) => void): void {
  if (!isInstalled(POSTGRES)) {
    describe(name, () => test.skip("PostgreSQL is not installed"));
    return;
  }
  describe(name, () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(() => server.stop());
    const place = () => ({ host: "127.0.0.1", port: server.port, user: "postgres", database: "postgres" });
    const withConnection: Database["withConnection"] = (program, options) =>
      run(function* () {
        const connection = yield* connect({ ...place(), ...options });
        yield* connection.with(program);
      });
    define({ server: () => server, place, withConnection });
  });
}

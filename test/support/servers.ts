// Servers of the tests: where they are, and where none is.

import type { Coroutine } from "wasyncio";
import { Protocol, type Server, createServer } from "wasyncio/streams";

/** Where a server listens. */
export const addressOf = (server: Server): [host: string, port: number] =>
  server.sockets[0].getsockname() as [host: string, port: number];

/** The port that a server listens on. */
export const portOf = (server: Server): number => addressOf(server)[1];

/** A port that nobody listens on. */
export function* freePort(): Coroutine<number> {
  const server = yield* createServer(() => new Protocol(), "127.0.0.1", 0);
  const port = portOf(server);
  server.close();
  yield* server.waitClosed();
  return port;
}

// Connections and servers as pairs of streams.

import { getRunningLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { checkNames, pick } from "../support/checks.ts";
import { StreamReader } from "../streams/stream-reader.ts";
import { type ClientConnected, StreamReaderProtocol, checkClientConnected } from "../streams/stream-reader-protocol.ts";
import { StreamWriter } from "../streams/stream-writer.ts";
import { operation } from "../waiting/operation.ts";
import {
  CONNECTION_OPTIONS,
  type ConnectionOptions,
  createConnection,
  createUnixConnection,
} from "./create-connection.ts";
import {
  LISTEN_OPTIONS,
  type ListenOptions,
  SERVER_OPTIONS,
  type ServerOptions,
  createServer,
  createUnixServer,
} from "./create-server.ts";
import type { Server } from "./server.ts";
import { CLIENT_SSL_OPTIONS, type ClientSslOptions } from "./ssl-options.ts";
import type { SocketTransport } from "./socket-transport.ts";

/** What streams may be told. */
export interface StreamOptions {
  /** Of the reader: see StreamReader. Default: 65,536. */
  limit?: number;
}

const LIMIT: readonly (keyof StreamOptions)[] = ["limit"];

/** Both ends of a connection, as this side sees them. */
export type Streams = [reader: StreamReader, writer: StreamWriter];

/**
 * Connects, and gives the connection as streams. Mirrors asyncio.open_connection.
 * @param host name or address; null: this machine, or none, with `sock`
 * @param port from 0 to 65,535
 * @param options those of `createConnection`, and `limit`
 * @throws TypeError or RangeError, at the call, for bad arguments, and for options that there are not
 * @throws RuntimeError outside a running loop, and in virtual time: OutsideError in a simulation
 * @throws OSError and its family when no address can be connected to
 * @throws CancelledError when the task is cancelled; no socket is left
 *
 * @example
 * const [reader, writer] = yield* openConnection("127.0.0.1", 8888);
 * writer.write(new TextEncoder().encode("hello\n"));
 * const line = yield* reader.readline();
 * writer.close();
 * yield* writer.waitClosed();
 */
export function openConnection(
  host: string | null = null,
  port: number | null = null,
  options: ConnectionOptions & StreamOptions = {},
): Coroutine<Streams> {
  const { limit } = checkNames(options, [...CONNECTION_OPTIONS, ...LIMIT]);
  const streams = new StreamPair(limit);
  const connecting = createConnection(() => streams.protocol, host, port, pick(options, CONNECTION_OPTIONS));
  return operation("openConnection", streams.over(connecting));
}

/**
 * Connects to a Unix socket, and gives the connection as streams. Mirrors asyncio.open_unix_connection.
 * @throws TypeError or RangeError, at the call, for bad arguments, and for options that there are not
 * @throws RuntimeError outside a running loop, and in virtual time: OutsideError in a simulation
 * @throws OSError and its family when nobody listens there
 * @throws CancelledError when the task is cancelled; no socket is left
 */
export function openUnixConnection(path: string, options: ClientSslOptions & StreamOptions = {}): Coroutine<Streams> {
  const { limit } = checkNames(options, [...CLIENT_SSL_OPTIONS, ...LIMIT]);
  const streams = new StreamPair(limit);
  const connecting = createUnixConnection(() => streams.protocol, path, pick(options, CLIENT_SSL_OPTIONS));
  return operation("openUnixConnection", streams.over(connecting));
}

/**
 * Makes a server that has a function called for each connection, with its streams. Mirrors asyncio.start_server.
 * @param clientConnectedCb a coroutine that it returns is run as a task, whose error is reported and closes the
 *   connection; so does a promise, for which nobody waits
 * @param host name, address, or several; null: all addresses of this machine
 * @param port from 0 to 65,535; 0: any that is free
 * @param options those of `createServer`, and `limit`
 * @throws TypeError or RangeError, at the call, for bad arguments, and for options that there are not
 * @throws RuntimeError outside a running loop, and in virtual time: OutsideError in a simulation
 * @throws OSError and its family when the system refuses
 * @throws CancelledError when the task is cancelled; nobody listens then
 *
 * @example
 * const server = yield* startServer(
 *   function* (reader, writer) {
 *     writer.write(yield* reader.readline());
 *     yield* writer.drain();
 *     writer.close();
 *   },
 *   "127.0.0.1",
 *   8888,
 * );
 * yield* server.with(() => server.serveForever());
 */
export function startServer(
  clientConnectedCb: ClientConnected,
  host: string | readonly string[] | null = null,
  port: number | null = null,
  options: ServerOptions & StreamOptions = {},
): Coroutine<Server> {
  const { limit } = checkNames(options, [...SERVER_OPTIONS, ...LIMIT]);
  const factory = factoryOf(clientConnectedCb, limit);
  return operation("startServer", createServer(factory, host, port, pick(options, SERVER_OPTIONS)));
}

/**
 * Makes a server on a Unix socket that has a function called for each connection, with its streams. Mirrors
 * asyncio.start_unix_server.
 * @throws TypeError or RangeError, at the call, for bad arguments, and for options that there are not
 * @throws RuntimeError outside a running loop, and in virtual time: OutsideError in a simulation
 * @throws OSError and its family when the system refuses
 * @throws CancelledError when the task is cancelled; nobody listens then
 */
export function startUnixServer(
  clientConnectedCb: ClientConnected,
  path: string,
  options: ListenOptions & StreamOptions = {},
): Coroutine<Server> {
  const { limit } = checkNames(options, [...LISTEN_OPTIONS, ...LIMIT]);
  const factory = factoryOf(clientConnectedCb, limit);
  return operation("startUnixServer", createUnixServer(factory, path, pick(options, LISTEN_OPTIONS)));
}

/** The streams of a connection in the making. */
class StreamPair {
  readonly #loop = getRunningLoop();
  readonly #reader: StreamReader;
  readonly protocol: StreamReaderProtocol;

  constructor(limit: number | undefined) {
    this.#reader = new StreamReader(limit, this.#loop);
    this.protocol = new StreamReaderProtocol(this.#reader, null, this.#loop);
  }

  *over(connecting: Coroutine<[transport: SocketTransport, protocol: StreamReaderProtocol]>): Coroutine<Streams> {
    const [transport] = yield* connecting;
    return [this.#reader, new StreamWriter(transport, this.protocol, this.#reader, this.#loop)];
  }
}

function factoryOf(clientConnectedCb: ClientConnected, limit: number | undefined): () => StreamReaderProtocol {
  checkClientConnected(clientConnectedCb);
  const loop = getRunningLoop();
  new StreamReader(limit, loop); // so that a limit that is none is refused at the call
  return () => new StreamReaderProtocol(new StreamReader(limit, loop), clientConnectedCb, loop);
}

// What the tests of sockets share.

import { type Coroutine, Event, run, sleep } from "wasyncio";
import {
  type BaseTransport,
  OSError,
  Protocol,
  type Server,
  type SocketTransport,
  type StreamReader,
  type StreamWriter,
  createConnection,
  createServer,
  openConnection,
  startServer,
} from "wasyncio/streams";
import { CHUNK, Checksum, chunks } from "./bytes.ts";
import { portOf } from "../../support/servers.ts";

export const HOST = "127.0.0.1";

/** Sends chunks, and waits while too much is to be sent. Gives the most that ever was. */
export function* sendAll(writer: StreamWriter, total: number): Coroutine<number> {
  let most = 0;
  for (const chunk of chunks(total)) {
    writer.write(chunk);
    yield* writer.drain();
    most = Math.max(most, writer.transport.getWriteBufferSize());
  }
  return most;
}

/** Receives all up to the end, and gives its checksum. */
export function* receiveAll(reader: StreamReader): Coroutine<string> {
  const sum = new Checksum();
  for (;;) {
    const bytes = yield* reader.read(CHUNK);
    if (bytes.length === 0) return sum.text();
    sum.add(bytes);
  }
}

/** Receives so many bytes, and gives their checksum. */
export function* receiveSum(reader: StreamReader, total: number): Coroutine<string> {
  const sum = new Checksum();
  while (sum.count < total) sum.add(yield* reader.readexactly(Math.min(CHUNK, total - sum.count)));
  return sum.text();
}

/** Closes a connection, and waits until it is. */
export function* close(writer: StreamWriter): Coroutine<void> {
  writer.close();
  yield* writer.waitClosed();
}

/** Waits until something is so: a test hangs where it never is. */
export function* until(condition: () => boolean): Coroutine<void> {
  while (!condition()) yield* sleep(0.002);
}

/** A protocol that notes its calls. */
export class Noting extends Protocol {
  readonly log: string[] = [];
  readonly received = new Checksum();
  readonly lost = new Event();
  /** What it was lost by. */
  error: Error | null = null;
  transport!: SocketTransport;

  override connectionMade(transport: BaseTransport): void {
    this.transport = transport as SocketTransport;
    this.log.push("made");
  }
  override dataReceived(data: Uint8Array): void {
    this.received.add(data);
    if (this.log.at(-1) !== "data") this.log.push("data");
  }
  override eofReceived(): boolean | void {
    this.log.push("eof");
  }
  override connectionLost(error: Error | null): void {
    this.error = error;
    this.log.push(error === null ? "lost" : `lost by ${error.name}`);
    this.lost.set();
  }
}

type Handler = (reader: StreamReader, writer: StreamWriter) => Coroutine<unknown>;

/** Serves while the body runs, and waits until all connections have ended. */
export function* serving<R>(
  handler: Handler,
  body: (port: number, server: Server) => Coroutine<R>,
  options: { backlog?: number } = {},
): Coroutine<R> {
  const server = yield* startServer(handler, HOST, 0, options);
  return yield* server.with(() => body(portOf(server), server));
}

export function* echo(reader: StreamReader, writer: StreamWriter): Coroutine<void> {
  for (let data = yield* reader.read(65_536); data.length > 0; data = yield* reader.read(65_536)) {
    writer.write(data);
    yield* writer.drain();
  }
  yield* close(writer);
}

/** Two protocols that are connected: the client's first. */
export function* connectedPair(): Coroutine<[client: Noting, server: Noting, listener: Server]> {
  const accepted = new Noting();
  const listener = yield* createServer(() => accepted, HOST, 0);
  const [, client] = yield* createConnection(() => new Noting(), HOST, portOf(listener));
  yield* until(() => accepted.log.length > 0);
  return [client, accepted, listener];
}

/** Name and code of the error that a coroutine ends with. */
export function* faultOf(body: Coroutine<unknown>): Coroutine<unknown> {
  try {
    yield* body;
  } catch (error) {
    return error instanceof OSError
      ? [error.name, error.code, error.message.length > 0]
      : `${(error as Error).name}: ${(error as Error).message}`;
  }
  return "nothing";
}

/** Runs a client's body against an echo server. */
export const withEcho = (body: (reader: StreamReader, writer: StreamWriter) => Coroutine<void>): Promise<void> =>
  run(() =>
    serving(echo, function* (port) {
      const [reader, writer] = yield* openConnection(HOST, port);
      yield* body(reader, writer);
      yield* close(writer);
    }),
  );

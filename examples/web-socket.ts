// A WebSocket server: it gives each message back, and says goodbye to whoever is connected when it is to end.
//
// PORT=8080 node scripts/run-ts.mjs examples/web-socket.ts
// new WebSocket("ws://127.0.0.1:8080"), in a browser
//
//   web-socket/handshake.ts    HTTP's part, at both ends   web-socket/frames.ts   what the messages are sent in
//   web-socket/connection.ts   messages, pings, the end

import process from "node:process";
import { type Coroutine, Event, IncompleteReadError, getRunningLoop, moveOnAfter, run, timeout } from "wasyncio";
import { OSError, type StreamReader, type StreamWriter, startServer } from "wasyncio/streams";
import { GOING_AWAY, WebSocketConnection } from "./web-socket/connection.ts";
import { accept } from "./web-socket/handshake.ts";

/** Seconds in which a client has to ask for a WebSocket, and in which all have to end when the server does. */
const MOST_FOR_HANDSHAKE = 10;
const MOST_FOR_GOODBYES = 2;

const open = new Set<WebSocketConnection>();

function* serve(reader: StreamReader, writer: StreamWriter): Coroutine<void> {
  try {
    if (!(yield* timeout(MOST_FOR_HANDSHAKE).with(() => accept(reader, writer)))) return;
    const connection = new WebSocketConnection(reader, writer, { isClient: false });
    open.add(connection);
    try {
      yield* echo(connection);
      yield* connection.close();
    } finally {
      open.delete(connection);
    }
  } catch (error) {
    if (!(error instanceof OSError || error instanceof IncompleteReadError)) throw error; // the client has gone
  } finally {
    writer.close();
  }
}

function* echo(connection: WebSocketConnection): Coroutine<void> {
  for (;;) {
    const message = yield* connection.receive();
    if (message === null) return;
    yield* connection.send(message);
  }
}

function* main(): Coroutine<void> {
  const stop = new Event();
  for (const signal of ["SIGTERM", "SIGINT"]) getRunningLoop().addSignalHandler(signal, () => stop.set());
  const server = yield* startServer(serve, "127.0.0.1", Number(process.env["PORT"] ?? 8080));
  const [, port] = server.sockets[0].getsockname() as [string, number];
  console.log(`listening: ${port}`);
  yield* stop.wait();
  server.close();
  for (const connection of open) connection.leave(GOING_AWAY);
  yield* moveOnAfter(MOST_FOR_GOODBYES).with(() => server.waitClosed());
  server.abortClients();
  yield* server.waitClosed();
  console.log("closed");
}

await run(main);

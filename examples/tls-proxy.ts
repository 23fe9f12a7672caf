// A proxy that speaks TLS to its clients and plain TCP to the server behind it.
//
// Each connection is a task with two pumps, which wait while the side that they write to does not keep up. It ends with
// the first of them. SIGTERM ends the listening; who is connected has GRACE seconds to finish.

import process from "node:process";
import { type Coroutine, Event, getRunningLoop, moveOnAfter, race, run } from "wasyncio";
import {
  OSError,
  type StreamReader,
  type StreamWriter,
  createDefaultContext,
  openConnection,
  startServer,
} from "wasyncio/streams";

const {
  CERTIFICATE = "cert.pem",
  KEY = "key.pem",
  UPSTREAM = "127.0.0.1:8080",
  PORT = "8443",
  GRACE = "10",
} = process.env;
const [upstreamHost, upstreamPort] = UPSTREAM.split(":") as [string, string];

function* pump(reader: StreamReader, writer: StreamWriter): Coroutine<void> {
  for (;;) {
    const data = yield* reader.read(65_536);
    if (data.length === 0) return;
    writer.write(data);
    yield* writer.drain();
  }
}

function* serve(reader: StreamReader, writer: StreamWriter): Coroutine<void> {
  let upstream: StreamWriter | null = null;
  try {
    const [upstreamReader, upstreamWriter] = yield* openConnection(upstreamHost, Number(upstreamPort));
    upstream = upstreamWriter;
    yield* race(pump(reader, upstreamWriter), pump(upstreamReader, writer));
  } catch (error) {
    if (!(error instanceof OSError)) throw error;
    console.log(`lost: ${error.name}`); // either side; the proxy goes on
  } finally {
    upstream?.close();
    writer.close(); // what was written is sent first
  }
}

function* main(): Coroutine<void> {
  const ssl = createDefaultContext("CLIENT_AUTH");
  ssl.loadCertChain(CERTIFICATE, KEY);
  const server = yield* startServer(serve, "127.0.0.1", Number(PORT), { ssl, sslHandshakeTimeout: 10 });
  const stop = new Event();
  for (const signal of ["SIGTERM", "SIGINT"]) getRunningLoop().addSignalHandler(signal, () => stop.set());
  const [, port] = server.sockets[0].getsockname() as [string, number];
  console.log(`listening: ${port}`);
  yield* stop.wait();
  server.close();
  yield* moveOnAfter(Number(GRACE)).with(() => server.waitClosed());
  server.abortClients();
  yield* server.waitClosed();
  console.log("closed");
}

await run(main);

// `echo-server.mjs DOORS SIDE [CERTIFICATE KEY]`: a server that sends back what comes, ours or as its engine has one,
// with TLS where there is a certificate. Prints { port }; at each SIGUSR2 collects garbage, and prints its memory.

import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { type Socket, createServer as createNetServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type * as wasyncio from "wasyncio";
import type * as streams from "wasyncio/streams";

/** How the echo is written: ours in some ways, by the engine's own sockets, and by Node's modules. */
export type EchoSide =
  | "streams"
  | "protocol"
  | "lines"
  | "datagrams"
  | "engine"
  | "node:net"
  | "node:tls"
  | "node:dgram";

/** Memory of a process in bytes: all that is resident, and of that JavaScript's; absent in Python. */
export interface Memory {
  readonly resident: number;
  readonly heap: number;
  readonly external: number;
}

/** So many collections leave nothing behind. */
const COLLECTIONS = 4;

interface BunSocket {
  write(data: Uint8Array): number;
  rest: Uint8Array | null;
}

interface DenoConnection {
  read(buffer: Uint8Array): Promise<number | null>;
  write(data: Uint8Array): Promise<number>;
}

interface Engines {
  Deno?: {
    listen(options: { port: number; hostname: string }): AsyncIterable<DenoConnection> & { addr: { port: number } };
  };
  Bun?: {
    listen(options: {
      port: number;
      hostname: string;
      socket: {
        open(socket: BunSocket): void;
        data(socket: BunSocket, data: Uint8Array): void;
        drain(socket: BunSocket): void;
      };
    }): { port: number };
  };
}

const hostname = "127.0.0.1";
const { Deno, Bun } = globalThis as unknown as Engines;
const ready = (port: number): void => console.log(JSON.stringify({ port }));
const [doors, side, ...files] = process.argv.slice(2) as [string, EchoSide, ...string[]];

process.on("SIGUSR2", () => void printMemory());

async function printMemory(): Promise<void> {
  for (let i = 0; i < COLLECTIONS; i++) {
    (globalThis.gc as (() => void) | undefined)?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  console.log(JSON.stringify({ resident: rss, heap: heapUsed, external } satisfies Memory));
}

if (side === "node:net" || side === "node:tls") {
  await serveNode();
} else if (side === "node:dgram") {
  const socket = createSocket("udp4", (data, { port, address }) => socket.send(data, port, address));
  socket.bind(0, hostname, () => ready(socket.address().port));
} else if (side === "engine") {
  if (Bun !== undefined) serveBun(Bun);
  else if (Deno !== undefined) await serveDeno(Deno);
} else {
  await serveOurs(side);
}

async function serveNode(): Promise<void> {
  const onSocket = (socket: Socket): void => {
    socket.setNoDelay(true).on("data", (data) => socket.write(data));
    socket.on("error", () => socket.destroy());
  };
  const [cert, key] = files.map((file) => readFileSync(file));
  const server = cert === undefined ? createNetServer(onSocket) : createTlsServer({ cert, key }, onSocket);
  server.listen(0, hostname, 1024, () => ready((server.address() as { port: number }).port));
}

function serveBun({ listen }: NonNullable<Engines["Bun"]>): void {
  const send = (socket: BunSocket, data: Uint8Array): void => {
    const count = Math.max(0, socket.write(data));
    socket.rest = count < data.length ? data.subarray(count) : null;
  };
  const { port } = listen({
    port: 0,
    hostname,
    socket: {
      open(socket) {
        socket.rest = null;
      },
      data(socket, data) {
        if (socket.rest === null) send(socket, data);
        else socket.rest = Buffer.concat([socket.rest, data]);
      },
      drain(socket) {
        if (socket.rest !== null) send(socket, socket.rest);
      },
    },
  });
  ready(port);
}

async function serveDeno({ listen }: NonNullable<Engines["Deno"]>): Promise<void> {
  const listener = listen({ port: 0, hostname });
  ready(listener.addr.port);
  const serve = async (connection: DenoConnection): Promise<void> => {
    const buffer = new Uint8Array(65_536);
    for (;;) {
      const count = await connection.read(buffer);
      if (count === null) return;
      for (let sent = 0; sent < count;) sent += await connection.write(buffer.subarray(sent, count));
    }
  };
  for await (const connection of listener) serve(connection).catch(() => {});
}

async function serveOurs(way: Exclude<EchoSide, "engine" | `node:${string}`>): Promise<void> {
  const [main, door] = doors.split(",");
  const { run, Event } = (await import(main)) as typeof wasyncio;
  const { createServer, createDatagramEndpoint, startServer, DatagramProtocol, Protocol, SSLContext } = (await import(
    door
  )) as typeof streams;
  const ssl = files.length === 0 ? null : new SSLContext("PROTOCOL_TLS_SERVER");
  ssl?.loadCertChain(files[0], files[1]);
  const options = { backlog: 1024, ssl };

  class Echo extends Protocol {
    #transport: streams.Transport | null = null;
    override connectionMade(transport: streams.Transport): void {
      this.#transport = transport;
    }
    override dataReceived(data: Uint8Array): void {
      this.#transport?.write(data);
    }
  }

  class EchoDatagrams extends DatagramProtocol {
    #transport: streams.DatagramTransport | null = null;
    override connectionMade(transport: streams.DatagramTransport): void {
      this.#transport = transport;
    }
    override datagramReceived(data: Uint8Array, from: unknown): void {
      this.#transport?.sendto(data, from);
    }
  }

  function* onChunks(reader: streams.StreamReader, writer: streams.StreamWriter): wasyncio.Coroutine<void> {
    for (;;) {
      const data = yield* reader.read(102_400);
      if (data.length === 0) break;
      writer.write(data);
    }
    writer.close();
  }

  function* onLines(reader: streams.StreamReader, writer: streams.StreamWriter): wasyncio.Coroutine<void> {
    for (;;) {
      const line = yield* reader.readline();
      if (line.length === 0) break;
      writer.write(line);
    }
    writer.close();
  }

  function* serve(): wasyncio.Coroutine<unknown> {
    if (way === "datagrams") {
      const local = [hostname, 0] as const;
      const [transport] = yield* createDatagramEndpoint(() => new EchoDatagrams(), { localAddr: local });
      return transport.getExtraInfo("sockname");
    }
    const server = yield* way === "protocol"
      ? createServer(() => new Echo(), hostname, 0, options)
      : startServer(way === "lines" ? onLines : onChunks, hostname, 0, options);
    return server.sockets[0].getsockname();
  }

  await run(function* () {
    ready(((yield* serve()) as [string, number])[1]);
    yield* new Event().wait();
  });
}

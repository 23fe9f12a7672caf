// `echo-server.mjs DOORS SIDE`: a server that sends back what comes, ours or as its engine has one. Prints { port };
// at each SIGUSR2 collects garbage, and prints its memory.

import type * as wasyncio from "wasyncio";
import type { Server } from "wasyncio/streams";
import type * as streams from "wasyncio/streams";

/** How the echo is written: ours in three ways, and by the engine's own sockets. */
export type EchoSide = "streams" | "protocol" | "lines" | "engine" | "node:net";

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
const [doors, side] = process.argv.slice(2) as [string, EchoSide];

process.on("SIGUSR2", async () => {
  for (let i = 0; i < COLLECTIONS; i++) {
    (globalThis.gc as (() => void) | undefined)?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  console.log(JSON.stringify({ resident: rss, heap: heapUsed, external } satisfies Memory));
});

if (side === "node:net" || (side === "engine" && Deno === undefined && Bun === undefined)) {
  const { createServer } = await import("node:net");
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("data", (data) => socket.write(data)).on("error", () => socket.destroy());
  });
  server.listen(0, hostname, 1024, () => ready((server.address() as { port: number }).port));
} else if (side === "engine") {
  if (Bun !== undefined) serveBun(Bun);
  else if (Deno !== undefined) await serveDeno(Deno);
} else {
  await serveOurs(side);
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

async function serveOurs(way: Exclude<EchoSide, "engine" | "node:net">): Promise<void> {
  const [main, door] = doors.split(",");
  const { run, Event } = (await import(main)) as typeof wasyncio;
  const { createServer, startServer, Protocol } = (await import(door)) as typeof streams;

  class Echo extends Protocol {
    #transport: streams.Transport | null = null;
    override connectionMade(transport: streams.Transport): void {
      this.#transport = transport;
    }
    override dataReceived(data: Uint8Array): void {
      this.#transport?.write(data);
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

  const servers: Record<typeof way, () => wasyncio.Coroutine<Server>> = {
    protocol: () => createServer(() => new Echo(), hostname, 0, { backlog: 1024 }),
    streams: () => startServer(onChunks, hostname, 0, { backlog: 1024 }),
    lines: () => startServer(onLines, hostname, 0, { backlog: 1024 }),
  };
  await run(function* () {
    const server = yield* servers[way]();
    ready(server.sockets[0].getsockname()[1] as number);
    yield* new Event().wait();
  });
}

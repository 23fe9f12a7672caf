// Sockets, with both ends in the program: what a transport, a server and streams promise holds over the host's own.

import {
  type Coroutine,
  Event,
  Queue,
  type Task,
  createTask,
  gather,
  getRunningLoop,
  run,
  sleep,
  timeout,
} from "wasyncio";
import {
  OSError,
  type Server,
  type ServerOptions,
  type StreamReader,
  type StreamWriter,
  createConnection,
  createServer,
  getaddrinfo,
  getnameinfo,
  openConnection,
  openUnixConnection,
  startServer,
  startUnixServer,
} from "wasyncio/streams";
import { type Report, check, same } from "./report.ts";
import { MEGABYTE, MORE_THAN_BUFFERS, checksumOf, chunks, decode, encode } from "./bytes.ts";
import { Noting, close, receiveAll, sendAll, until } from "./streams.ts";

const HOST = "127.0.0.1";
const CONNECTIONS = 1000;

type Handler = (reader: StreamReader, writer: StreamWriter) => Coroutine<unknown>;

const portOf = (server: Server): number => server.sockets[0].getsockname()[1] as number;

/** Serves while the body runs, and waits until all connections have ended. */
function* serving<R>(handler: Handler, body: (port: number, server: Server) => Coroutine<R>): Coroutine<R> {
  const server = yield* startServer(handler, HOST, 0);
  return yield* server.with(() => body(portOf(server), server));
}

function* echo(reader: StreamReader, writer: StreamWriter): Coroutine<void> {
  for (let data = yield* reader.read(65_536); data.length > 0; data = yield* reader.read(65_536)) {
    writer.write(data);
    yield* writer.drain();
  }
  yield* close(writer);
}

/** Two protocols that are connected: the client's first. */
function* connectedPair(): Coroutine<[client: Noting, server: Noting, listener: Server]> {
  const accepted = new Noting();
  const listener = yield* createServer(() => accepted, HOST, 0);
  const [, client] = yield* createConnection(() => new Noting(), HOST, portOf(listener));
  yield* until(() => accepted.log.length > 0);
  return [client, accepted, listener];
}

/** Name and code of the error that a coroutine ends with. */
function* faultOf(body: Coroutine<unknown>): Coroutine<unknown> {
  try {
    yield* body;
  } catch (error) {
    return error instanceof OSError
      ? [error.name, error.code, error.message.length > 0]
      : `${(error as Error).name}: ${(error as Error).message}`;
  }
  return "nothing";
}

/** A port on which nobody listens. */
function* freePort(): Coroutine<number> {
  const server = yield* startServer(echo, HOST, 0);
  const port = portOf(server);
  server.close();
  yield* server.waitClosed();
  return port;
}

/** Runs a client's body against an echo server. */
const withEcho = (body: (reader: StreamReader, writer: StreamWriter) => Coroutine<void>): Promise<void> =>
  run(() =>
    serving(echo, function* (port) {
      const [reader, writer] = yield* openConnection(HOST, port);
      yield* body(reader, writer);
      yield* close(writer);
    }),
  );

const TESTS = (folder: string): Record<string, () => unknown> => ({
  "an echo over streams": () =>
    withEcho(function* (reader, writer) {
      for (const text of ["one\n", "two\n", "ä€😀\n"]) {
        writer.write(encode(text));
        same(decode(yield* reader.readline()), text);
      }
    }),

  "an echo over protocols, in asyncio's order of calls": () =>
    run(function* () {
      class Echo extends Noting {
        override dataReceived(data: Uint8Array): void {
          super.dataReceived(data);
          this.transport.write(data);
        }
      }
      const accepted: Echo[] = [];
      const server = yield* createServer(() => (accepted[accepted.length] = new Echo()), HOST, 0);
      const [transport, client] = yield* createConnection(() => new Noting(), HOST, portOf(server));
      same(client.log, ["made"]);
      transport.write(encode("hello"));
      yield* until(() => client.received.count === 5);
      transport.close();
      yield* client.lost.wait();
      yield* accepted[0].lost.wait();
      server.close();
      yield* server.waitClosed();
      same(
        [client.log, accepted[0].log],
        [
          ["made", "data", "lost"],
          ["made", "data", "eof", "lost"],
        ],
      );
    }),

  "both sides see the same two addresses": () =>
    run(function* () {
      const [client, accepted, listener] = yield* connectedPair();
      const names = ({ transport }: Noting): unknown[] =>
        ["sockname", "peername"].map((name) => transport.getExtraInfo(name));
      same(names(client), names(accepted).reverse());
      same(names(client)[1], [HOST, portOf(listener)]);
      client.transport.close();
      listener.close();
      yield* listener.waitClosed();
    }),

  "a server on all addresses takes both families": () =>
    run(function* () {
      const server = yield* startServer(echo, null, 0);
      yield* server.with(function* () {
        const places = new Map(server.sockets.map((socket) => socket.getsockname() as [string, number]));
        for (const [host, port] of [
          [HOST, places.get("0.0.0.0") ?? places.get("::")],
          ["::1", places.get("::")],
        ] as const) {
          const [reader, writer] = yield* openConnection(host, port);
          writer.write(encode("x"));
          same(decode(yield* reader.readexactly(1)), "x");
          yield* close(writer);
        }
      });
    }),

  "a server on all IPv6 addresses takes no IPv4": () =>
    run(function* () {
      const server = yield* startServer(echo, "::", 0);
      try {
        same(yield* faultOf(openConnection(HOST, portOf(server))), ["ConnectionRefusedError", "ECONNREFUSED", true]);
      } finally {
        server.close();
      }
    }),

  "many small writes arrive whole and in order": () =>
    withEcho(function* (reader, writer) {
      const expected = Array.from({ length: 5000 }, (_, index) => `${index}\n`);
      const writing = createTask(
        (function* () {
          for (const [index, text] of expected.entries()) {
            writer.write(encode(text));
            if (index % 100 === 0) yield* writer.drain();
          }
        })(),
      );
      for (const text of expected) same(decode(yield* reader.readline()), text);
      yield* writing;
    }),

  "half-close: who has said all still hears the answer": () =>
    run(() =>
      serving(
        function* (reader, writer) {
          const all = yield* reader.read(-1);
          yield* sleep(0.01);
          writer.write(encode(`got ${all.length}`));
          yield* close(writer);
        },
        function* (port) {
          const [reader, writer] = yield* openConnection(HOST, port);
          writer.write(new Uint8Array(100_000));
          writer.writeEof();
          same(decode(yield* reader.read(-1)), "got 100000");
          yield* close(writer);
        },
      ),
    ),

  "half-close by the server: it still hears the client": () =>
    run(function* () {
      const heard = getRunningLoop().createFuture<string>();
      yield* serving(
        function* (reader, writer) {
          writer.write(encode("that is all"));
          writer.writeEof();
          heard.setResult(decode(yield* reader.read(-1)));
          yield* close(writer);
        },
        function* (port) {
          const [reader, writer] = yield* openConnection(HOST, port);
          same(decode(yield* reader.read(-1)), "that is all");
          yield* sleep(0.01);
          writer.write(encode("late"));
          yield* writer.drain();
          yield* close(writer);
          same(yield* heard, "late");
        },
      );
    }),

  "back-pressure: who sends waits for who reads, and keeps no more than its mark": () =>
    run(function* () {
      const begin = new Event();
      const sums: string[] = [];
      yield* serving(
        function* (reader, writer) {
          yield* begin.wait();
          sums.push(yield* receiveAll(reader));
          yield* close(writer);
        },
        function* (port) {
          const [reader, writer] = yield* openConnection(HOST, port);
          const sending = createTask(sendAll(writer, MORE_THAN_BUFFERS));
          yield* sleep(0.2);
          check(!sending.done(), "all was sent, though nobody reads");
          begin.set();
          const most = yield* sending;
          check(most <= 128 * 1024, most);
          writer.writeEof();
          same((yield* reader.read()).length, 0);
          yield* close(writer);
        },
      );
      same(sums, [checksumOf(MORE_THAN_BUFFERS)]);
    }),

  "while reading is paused nothing is received, and afterwards all": () =>
    run(function* () {
      const [client, accepted, listener] = yield* connectedPair();
      accepted.transport.pauseReading();
      const total = 4 * MEGABYTE;
      for (const chunk of chunks(total)) client.transport.write(chunk);
      client.transport.writeEof();
      yield* sleep(0.1);
      same([accepted.received.count, accepted.transport.isReading()], [0, false]);
      accepted.transport.resumeReading();
      yield* accepted.lost.wait();
      same(accepted.received.text(), checksumOf(total));
      same(accepted.log, ["made", "data", "eof", "lost"]);
      client.transport.close();
      listener.close();
      yield* listener.waitClosed();
    }),

  "reading is paused and resumed again and again": () =>
    run(function* () {
      const total = 8 * MEGABYTE;
      class Hesitant extends Noting {
        override dataReceived(data: Uint8Array): void {
          check(this.transport.isReading(), "received while paused");
          super.dataReceived(data);
          this.transport.pauseReading();
          getRunningLoop().callSoon(() => this.transport.resumeReading());
        }
      }
      const accepted = new Hesitant();
      const server = yield* createServer(() => accepted, HOST, 0);
      const [reader, writer] = yield* openConnection(HOST, portOf(server));
      yield* sendAll(writer, total);
      writer.writeEof();
      same((yield* reader.read()).length, 0);
      yield* close(writer);
      server.close();
      yield* server.waitClosed();
      same([accepted.received.text(), accepted.log.at(-1)], [checksumOf(total), "lost"]);
    }),

  "100 MB, and their checksum": () =>
    run(() =>
      serving(
        function* (reader, writer) {
          writer.write(encode(yield* receiveAll(reader)));
          yield* close(writer);
        },
        function* (port) {
          const total = 100 * 1000 * 1000;
          const [reader, writer] = yield* openConnection(HOST, port);
          yield* sendAll(writer, total);
          writer.writeEof();
          same(decode(yield* reader.read(-1)), checksumOf(total));
          yield* close(writer);
        },
      ),
    ),

  "both ways at once, 20 MB each": () =>
    run(function* () {
      const total = 20 * MEGABYTE;
      const sums: string[] = [];
      function* side(reader: StreamReader, writer: StreamWriter): Coroutine<void> {
        const sending = createTask(sendAll(writer, total));
        sending.addDoneCallback(() => writer.writeEof());
        sums.push(yield* receiveAll(reader));
        yield* sending;
        yield* close(writer);
      }
      yield* serving(side, function* (port) {
        yield* side(...(yield* openConnection(HOST, port)));
      });
      yield* until(() => sums.length === 2);
      same(sums, [checksumOf(total), checksumOf(total)]);
    }),

  "a large write is whole, and closing sends it first": () =>
    run(function* () {
      const size = 10 * MEGABYTE;
      yield* serving(
        function* (_reader, writer) {
          writer.write(new Uint8Array(size).fill(7));
          yield* close(writer);
        },
        function* (port) {
          const [reader, writer] = yield* openConnection(HOST, port);
          yield* sleep(0.02);
          const data = yield* reader.readexactly(size);
          check(data[0] === 7 && data[size - 1] === 7, [data[0], data[size - 1]]);
          same((yield* reader.read()).length, 0);
          yield* close(writer);
        },
      );
    }),

  [`${CONNECTIONS} connections at once`]: () =>
    run(() =>
      serving(echo, function* (port, server) {
        const open: StreamWriter[] = [];
        const all = new Event();
        function* client(index: number): Coroutine<void> {
          const [reader, writer] = yield* openConnection(HOST, port);
          if (open.push(writer) === CONNECTIONS) all.set();
          yield* all.wait();
          for (const round of [1, 2, 3]) {
            const text = `${index}:${round}\n`;
            writer.write(encode(text));
            same(decode(yield* reader.readline()), text);
          }
          yield* close(writer);
        }
        yield* gather(Array.from({ length: CONNECTIONS }, (_, index) => client(index)));
        server.close();
        yield* server.waitClosed();
      }),
    ),

  "an abort ends both sides, whatever is under way": () =>
    run(function* () {
      const arrived = new Event();
      class Rude extends Noting {
        override dataReceived(): void {
          this.transport.pauseReading();
          arrived.set();
        }
      }
      const accepted = new Rude();
      const server = yield* createServer(() => accepted, HOST, 0);
      const [, client] = yield* createConnection(() => new Noting(), HOST, portOf(server));
      // more than any host takes in while it is paused: what the system has then makes the end a reset, mostly
      for (const chunk of chunks(2 * MEGABYTE)) client.transport.write(chunk);
      yield* arrived.wait();
      yield* sleep(0.05);
      accepted.transport.abort();
      yield* client.lost.wait();
      check(client.error === null || client.error instanceof OSError, String(client.error));
      same(accepted.log, ["made", "lost"]);
      same(client.transport.isClosing(), true);
      server.close();
      yield* server.waitClosed();
    }),

  "who writes to a connection that is gone is told, once": () =>
    run(function* () {
      const [client, accepted, listener] = yield* connectedPair();
      accepted.transport.abort();
      yield* accepted.lost.wait();
      client.transport.pauseReading(); // else the end of the stream would close it
      while (!client.lost.isSet()) {
        client.transport.write(encode("x"));
        yield* sleep(0.005);
      }
      check(["BrokenPipeError", "ConnectionResetError"].includes(client.error?.name ?? ""), String(client.error));
      same(client.log.filter((text) => text.startsWith("lost")).length, 1);
      listener.close();
      yield* listener.waitClosed();
    }),

  "refused: ConnectionRefusedError": () =>
    run(function* () {
      same(yield* faultOf(openConnection(HOST, yield* freePort())), ["ConnectionRefusedError", "ECONNREFUSED", true]);
    }),

  "in use: OSError": () =>
    run(() =>
      serving(echo, function* (port) {
        same(yield* faultOf(startServer(echo, HOST, port)), ["OSError", "EADDRINUSE", true]);
      }),
    ),

  "an address of somebody else is left out, but not when it is the only one": () =>
    run(function* () {
      const server = yield* startServer(echo, [HOST, "203.0.113.1"], 0);
      yield* server.with(function* () {
        same(
          server.sockets.map((socket) => socket.getsockname()[0]),
          [HOST],
        );
      });
      same(yield* faultOf(startServer(echo, "203.0.113.1", 0)), ["OSError", null, true]);
    }),

  "errors have the system's number": () =>
    run(function* () {
      const port = yield* freePort();
      try {
        yield* openConnection(HOST, port);
      } catch (error) {
        check((error as OSError).errno! > 0, error);
      }
    }),

  "localhost has an address of this machine": () =>
    run(function* () {
      const infos = yield* getaddrinfo("localhost", 80);
      check(
        infos.length > 0 && infos.every(({ address }) => [HOST, "::1"].includes(address[0]) && address[1] === 80),
        infos,
      );
      same(yield* getaddrinfo(HOST, 80), [{ family: 4, address: [HOST, 80] }]);
    }),

  "an address has a name, and a port": () =>
    run(function* () {
      const names = yield* getnameinfo([HOST, 65_000]);
      check(names.length === 2 && names.every((name) => name.length > 0), names);
    }),

  "a name that there is not: GaiError": () =>
    run(function* () {
      const fault = yield* faultOf(getaddrinfo("a..b", 80)); // no resolver asks another machine for it
      same((fault as unknown[])[0], "GaiError");
    }),

  "connects by name": () =>
    run(() =>
      serving(echo, function* (port) {
        const [reader, writer] = yield* openConnection("localhost", port);
        writer.write(encode("by name"));
        same(decode(yield* reader.readexactly(7)), "by name");
        yield* close(writer);
      }),
    ),

  "from an address of its own": () =>
    run(() =>
      serving(
        function* (_reader, writer) {
          writer.write(encode(String(writer.getExtraInfo("peername"))));
          yield* close(writer);
        },
        function* (port) {
          const [reader, writer] = yield* openConnection(HOST, port, { localAddr: ["127.0.0.3", 0] });
          same(decode(yield* reader.read(-1)).split(",")[0], "127.0.0.3");
          yield* close(writer);
        },
      ),
    ),

  "several servers share a port": () =>
    run(function* () {
      const options: ServerOptions = { reusePort: true };
      const first = yield* startServer(echo, HOST, 0, options);
      yield* first.with(function* () {
        const second = yield* startServer(echo, HOST, portOf(first), options);
        yield* second.with(function* () {
          const [reader, writer] = yield* openConnection(HOST, portOf(first));
          writer.write(encode("shared"));
          same(decode(yield* reader.readexactly(6)), "shared");
          yield* close(writer);
        });
      });
    }),

  "Unix sockets: an echo, names, and the file is gone afterwards": () =>
    run(function* () {
      const path = `${folder}/echo.sock`;
      const server = yield* startUnixServer(echo, path);
      yield* server.with(function* () {
        same(server.sockets[0].getsockname(), path);
        const [reader, writer] = yield* openUnixConnection(path);
        same([writer.getExtraInfo("peername"), writer.getExtraInfo("sockname")], [path, ""]);
        writer.write(encode("through a file"));
        writer.writeEof();
        same(decode(yield* reader.read(-1)), "through a file");
        yield* close(writer);
      });
      same(yield* faultOf(openUnixConnection(path)), ["FileNotFoundError", "ENOENT", true]);
    }),

  "Unix sockets: 20 MB, and who sends waits": () =>
    run(function* () {
      const path = `${folder}/large.sock`;
      const total = 20 * MEGABYTE;
      const server = yield* startUnixServer(function* (reader, writer) {
        yield* sleep(0.05);
        writer.write(encode(yield* receiveAll(reader)));
        yield* close(writer);
      }, path);
      yield* server.with(function* () {
        const [reader, writer] = yield* openUnixConnection(path);
        check((yield* sendAll(writer, total)) <= 128 * 1024, "kept too much");
        writer.writeEof();
        same(decode(yield* reader.read(-1)), checksumOf(total));
        yield* close(writer);
      });
    }),

  "Unix sockets: nobody there, no folder": () =>
    run(function* () {
      same(yield* faultOf(openUnixConnection(`${folder}/nobody.sock`)), ["FileNotFoundError", "ENOENT", true]);
      const fault = yield* faultOf(startUnixServer(echo, `${folder}/none/x.sock`));
      check(["FileNotFoundError", "PermissionError"].includes((fault as string[])[0]), fault);
    }),

  "Unix sockets: a server in the place of one that was": () =>
    run(function* () {
      const path = `${folder}/again.sock`;
      for (const text of ["first", "second"]) {
        const server = yield* startUnixServer(echo, path);
        yield* server.with(function* () {
          const [reader, writer] = yield* openUnixConnection(path);
          writer.write(encode(text));
          same(decode(yield* reader.readexactly(text.length)), text);
          yield* close(writer);
        });
      }
    }),

  "cancelled while it connects: the server is left with nobody": () =>
    run(() =>
      serving(echo, function* (port, server) {
        for (const steps of [0, 1, 2, 3, 4, 5, 6, 8, 12]) {
          const task: Task<unknown> = createTask(openConnection(HOST, port));
          for (let step = 0; step < steps; step++) yield* sleep(0);
          task.cancel();
          yield* gather([task], { returnExceptions: true });
          if (!task.cancelled()) yield* close((task.result() as [StreamReader, StreamWriter])[1]);
        }
        server.close();
        yield* server.waitClosed(); // hangs when a connection is left
      }),
    ),

  "cancelled while it waits for a listener: nobody listens": () =>
    run(function* () {
      const port = yield* freePort();
      for (const steps of [0, 1, 2, 3]) {
        const task: Task<Server> = createTask(startServer(echo, HOST, port));
        for (let step = 0; step < steps; step++) yield* sleep(0);
        task.cancel();
        yield* gather([task], { returnExceptions: true });
        if (!task.cancelled()) yield* task.result().with(() => sleep(0));
        const again = yield* startServer(echo, HOST, port);
        yield* again.with(() => sleep(0));
      }
    }),

  "who connects when the server is closed is not left waiting": () =>
    run(function* () {
      const server = yield* startServer(echo, HOST, 0);
      const port = portOf(server);
      const connecting = Array.from({ length: 20 }, () => createTask(openConnection(HOST, port)));
      yield* sleep(0);
      server.close();
      for (const task of connecting) {
        yield* gather([task], { returnExceptions: true });
        if (task.exception() !== null) continue; // it came too late
        const [reader, writer] = task.result();
        writer.writeEof();
        yield* gather([reader.read(-1)], { returnExceptions: true });
        writer.transport.abort();
      }
      yield* server.waitClosed();
    }),

  "a read that is cancelled loses nothing": () =>
    withEcho(function* (reader, writer) {
      const texts: string[] = [];
      for (let index = 0; index < 50; index++) {
        writer.write(encode(`${index}\n`));
        const reading = createTask(reader.readline());
        for (let step = 0; step < index % 7; step++) yield* sleep(0);
        if (reading.cancel()) yield* gather([reading], { returnExceptions: true });
        texts.push(decode(reading.cancelled() ? yield* reader.readline() : reading.result()));
      }
      same(
        texts,
        Array.from({ length: 50 }, (_, index) => `${index}\n`),
      );
    }),

  "a drain that is cancelled leaves what is to be sent": () =>
    run(function* () {
      const begin = new Event();
      const sums: string[] = [];
      yield* serving(
        function* (reader, writer) {
          yield* begin.wait();
          sums.push(yield* receiveAll(reader));
          yield* close(writer);
        },
        function* (port) {
          const [reader, writer] = yield* openConnection(HOST, port);
          for (const chunk of chunks(MORE_THAN_BUFFERS)) writer.write(chunk);
          const draining = createTask(writer.drain());
          yield* sleep(0.01);
          check(draining.cancel(), "it did not wait");
          yield* gather([draining], { returnExceptions: true });
          begin.set();
          writer.writeEof();
          same((yield* reader.read()).length, 0);
          yield* close(writer);
        },
      );
      same(sums, [checksumOf(MORE_THAN_BUFFERS)]);
    }),

  "a timeout over a connection that says nothing": () =>
    run(() =>
      serving(echo, function* (port) {
        const [reader, writer] = yield* openConnection(HOST, port);
        let name = "";
        try {
          yield* timeout(0.02).with(() => reader.read());
        } catch (error) {
          ({ name } = error as Error);
        }
        same(name, "TimeoutError");
        writer.write(encode("still there"));
        same(decode(yield* reader.readexactly(11)), "still there");
        yield* close(writer);
      }),
    ),

  "a closed server takes nobody in, and its connections go on": () =>
    run(function* () {
      const server = yield* startServer(echo, HOST, 0);
      const port = portOf(server);
      const [reader, writer] = yield* openConnection(HOST, port);
      writer.write(encode("a"));
      yield* reader.readexactly(1);
      server.close();
      same([server.isServing(), server.sockets.length], [false, 0]);
      same(yield* faultOf(openConnection(HOST, port)), ["ConnectionRefusedError", "ECONNREFUSED", true]);
      const waiting = createTask(server.waitClosed());
      writer.write(encode("b"));
      same(decode(yield* reader.readexactly(1)), "b");
      same(waiting.done(), false);
      yield* close(writer);
      yield* waiting;
    }),

  "a server takes nobody in from close on": () =>
    run(function* () {
      const server = yield* startServer(echo, HOST, 0);
      const port = portOf(server);
      server.close();
      same(yield* faultOf(openConnection(HOST, port)), ["ConnectionRefusedError", "ECONNREFUSED", true]);
    }),

  "closeClients sends what is to be sent, abortClients does not wait": () =>
    run(function* () {
      const greeting = encode("hello");
      for (const method of ["closeClients", "abortClients"] as const) {
        const inside = new Queue<StreamWriter>();
        function* handler(reader: StreamReader, writer: StreamWriter): Coroutine<void> {
          writer.write(greeting);
          yield* inside.put(writer);
          yield* gather([reader.read()], { returnExceptions: true });
          writer.close();
        }
        yield* serving(handler, function* (port, server) {
          const [reader, writer] = yield* openConnection(HOST, port);
          yield* inside.get();
          same(decode(yield* reader.readexactly(5)), "hello");
          server[method]();
          server.close();
          yield* server.waitClosed();
          same((yield* reader.read()).length, 0);
          yield* close(writer);
        });
      }
    }),

  "serveForever ends by cancellation, with its connections": () =>
    run(function* () {
      const server = yield* startServer(echo, HOST, 0, { startServing: false });
      same([server.isServing(), server.sockets.length], [false, 0]);
      const serving = createTask(server.serveForever());
      yield* until(() => server.sockets.length > 0);
      const [reader, writer] = yield* openConnection(HOST, portOf(server));
      writer.write(encode("x"));
      same(decode(yield* reader.readexactly(1)), "x");
      serving.cancel();
      yield* gather([serving], { returnExceptions: true });
      same([serving.cancelled(), server.isServing()], [true, false]);
      same((yield* reader.read()).length, 0);
      yield* close(writer);
    }),

  "who is about to serve is cancelled when the server is closed": () =>
    run(function* () {
      const server = yield* startServer(echo, HOST, 0, { startServing: false });
      const serving = createTask(server.serveForever());
      yield* sleep(0);
      server.close();
      yield* gather([serving], { returnExceptions: true });
      same(serving.cancelled(), true);
      yield* server.waitClosed();
    }),

  "two loops at once, each with its server": () =>
    Promise.all(
      ["left", "right"].map((name) =>
        run(() =>
          serving(echo, function* (port) {
            const [reader, writer] = yield* openConnection(HOST, port);
            for (let round = 0; round < 100; round++) {
              writer.write(encode(name));
              same(decode(yield* reader.readexactly(name.length)), name);
            }
            yield* close(writer);
          }),
        ),
      ),
    ),

  "a busy loop lets sockets through": () =>
    run(() =>
      serving(echo, function* (port) {
        const [reader, writer] = yield* openConnection(HOST, port);
        let isOver = false;
        function* busy(): Coroutine<void> {
          while (!isOver) yield* sleep(0);
        }
        const busyOnes = Array.from({ length: 20 }, () => createTask(busy()));
        for (let round = 0; round < 50; round++) {
          writer.write(encode("x"));
          same(decode(yield* reader.readexactly(1)), "x");
        }
        isOver = true;
        yield* gather(busyOnes);
        yield* close(writer);
      }),
    ),

  "a program that ends leaves nobody listening": async () => {
    const port = await run(function* () {
      const server = yield* startServer(echo, HOST, 0);
      const [, writer] = yield* openConnection(HOST, portOf(server));
      writer.write(encode("x"));
      return portOf(server);
    });
    const fault = await run(() => faultOf(openConnection(HOST, port)));
    same(fault, ["ConnectionRefusedError", "ECONNREFUSED", true]);
  },
});

export async function testNetwork(report: Report, folder: string): Promise<void> {
  for (const [name, body] of Object.entries(TESTS(folder))) await report.test(`network: ${name}`, body);
}

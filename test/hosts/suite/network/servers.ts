// Servers: where they listen, and how they end.

import { type Coroutine, Queue, createTask, gather, run, sleep } from "wasyncio";
import {
  type ServerOptions,
  type StreamReader,
  type StreamWriter,
  openConnection,
  startServer,
} from "wasyncio/streams";
import { portOf } from "../../../support/servers.ts";
import { decode, encode } from "../bytes.ts";
import { same } from "../report.ts";
import { HOST, close, echo, faultOf, serving, until } from "../streams.ts";

export const SERVERS: Record<string, () => unknown> = {
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
};

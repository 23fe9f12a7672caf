// Connections: the order of calls, addresses, how they end, and what the system refuses.

import { Event, getRunningLoop, run, sleep } from "wasyncio";
import { OSError, createConnection, createServer, getaddrinfo, getnameinfo, openConnection } from "wasyncio/streams";
import { freePort, portOf } from "../../../support/servers.ts";
import { MEGABYTE, chunks, decode, encode } from "../bytes.ts";
import { check, same } from "../report.ts";
import { HOST, Noting, close, connectedPair, echo, faultOf, serving, until, withEcho } from "../streams.ts";

export const CONNECTIONS: Record<string, () => unknown> = {
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

  "errors have the system's number": () =>
    run(function* () {
      const port = yield* freePort();
      try {
        yield* openConnection(HOST, port);
      } catch (error) {
        check((error as OSError).errno! > 0, error);
      }
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
};

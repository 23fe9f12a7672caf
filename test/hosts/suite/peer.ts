// Connections to a server outside of the host: ../peer.ts, which does what the first line says.

import { type Coroutine, NotAvailableError, createTask, gather, run, sleep, timeout } from "wasyncio";
import {
  OSError,
  type SSLContext,
  SSLError,
  type StreamReader,
  type StreamWriter,
  createConnection,
  createDefaultContext,
  openConnection,
  startServer,
} from "wasyncio/streams";
import type { Wish } from "../peer.ts";
import type { Pems, Sockets } from "./index.ts";
import { type Report, check, same } from "./report.ts";
import { MEGABYTE, MORE_THAN_BUFFERS, checksumOf, decode, encode } from "./bytes.ts";
import { HOST, Noting, close, receiveAll, receiveSum, sendAll } from "./streams.ts";

const TESTS = (port: number): Record<string, () => unknown> => {
  /** Connects to the peer, and says what is wanted. */
  function* ask(wish: Wish | "heard"): Coroutine<[StreamReader, StreamWriter]> {
    const streams = yield* openConnection(HOST, port);
    streams[1].write(encode(`${wish}\n`));
    return streams;
  }

  return {
    "an echo, a hundred times": () =>
      run(function* () {
        const [reader, writer] = yield* ask("echo");
        for (let round = 0; round < 100; round++) {
          writer.write(encode(`round ${round}\n`));
          same(decode(yield* reader.readline()), `round ${round}\n`);
        }
        writer.writeEof();
        same((yield* reader.read()).length, 0);
        yield* close(writer);
      }),

    "an echo to 50 at once": () =>
      run(function* () {
        function* client(index: number): Coroutine<void> {
          const [reader, writer] = yield* ask("echo");
          writer.write(encode(`${index}\n`));
          same(decode(yield* reader.readline()), `${index}\n`);
          yield* close(writer);
        }
        yield* gather(Array.from({ length: 50 }, (_, index) => client(index)));
      }),

    "receives 20 MB": () =>
      run(function* () {
        const [reader, writer] = yield* ask("source");
        same(yield* receiveAll(reader), checksumOf(20 * MEGABYTE));
        yield* close(writer);
      }),

    "sends 20 MB, and waits where it has to": () =>
      run(function* () {
        const [reader, writer] = yield* ask("sink");
        check((yield* sendAll(writer, 20 * MEGABYTE)) <= 128 * 1024, "kept too much");
        writer.writeEof();
        same(decode(yield* reader.read(-1)), checksumOf(20 * MEGABYTE));
        yield* close(writer);
      }),

    "writes while the peer has said all": () =>
      run(function* () {
        const [reader, writer] = yield* ask("answer");
        same(decode(yield* reader.read(-1)), "that is all");
        writer.write(encode("and so is this"));
        yield* close(writer);
        yield* timeout(10).with(function* () {
          for (let heard = ""; heard !== "and so is this"; yield* sleep(0.01)) {
            const [later, other] = yield* ask("heard");
            heard = decode(yield* later.read(-1));
            yield* close(other);
          }
        });
      }),

    "while reading is paused nothing is received": () =>
      run(function* () {
        const [transport, client] = yield* createConnection(() => new Noting(), HOST, port);
        transport.pauseReading();
        transport.write(encode("source\n"));
        yield* sleep(0.05);
        same(client.received.count, 0);
        transport.resumeReading();
        yield* client.lost.wait();
        same([client.received.text(), client.log], [checksumOf(20 * MEGABYTE), ["made", "data", "eof", "lost"]]);
      }),

    "a reset by the peer: ConnectionResetError": () =>
      run(function* () {
        const [reader, writer] = yield* ask("reset");
        let name = "nothing";
        try {
          yield* reader.read();
        } catch (error) {
          ({ name } = error as Error);
        }
        same(name, "ConnectionResetError");
        writer.close();
      }),

    "the end of the connection is the end of the stream": () =>
      run(function* () {
        const [reader, writer] = yield* ask("close");
        same((yield* reader.read()).length, 0);
        yield* close(writer);
      }),

    "a drain waits for a peer that does not read, and can be cancelled": () =>
      run(function* () {
        const [, writer] = yield* ask("silent");
        const sending = createTask(sendAll(writer, MORE_THAN_BUFFERS));
        yield* sleep(0.1);
        check(sending.cancel(), "all was sent");
        yield* gather([sending], { returnExceptions: true });
        writer.transport.abort();
        yield* gather([writer.waitClosed()], { returnExceptions: true });
      }),

    "a read waits, and can be cancelled": () =>
      run(function* () {
        const [reader, writer] = yield* ask("silent");
        const reading = createTask(reader.read());
        yield* sleep(0.02);
        check(reading.cancel(), "something came");
        yield* gather([reading], { returnExceptions: true });
        yield* close(writer);
      }),

    "an attempt that is cancelled": () =>
      run(function* () {
        for (const steps of [0, 1, 2, 4, 8]) {
          const connecting = createTask(openConnection(HOST, port));
          for (let step = 0; step < steps; step++) yield* sleep(0);
          connecting.cancel();
          yield* gather([connecting], { returnExceptions: true });
          if (!connecting.cancelled()) yield* close(connecting.result()[1]);
        }
      }),

    "nobody there: OSError": () =>
      run(function* () {
        const [outcome] = yield* gather([openConnection(HOST, 1)], { returnExceptions: true });
        check(outcome instanceof OSError, String(outcome));
      }),

    "knows whom it is connected to": () =>
      run(function* () {
        const [, writer] = yield* ask("echo");
        same(writer.getExtraInfo("peername"), [HOST, port]);
        yield* close(writer);
      }),

    "connects by name": () =>
      run(function* () {
        const [reader, writer] = yield* openConnection("localhost", port);
        writer.write(encode("echo\nby name"));
        same(decode(yield* reader.readexactly(7)), "by name");
        yield* close(writer);
      }),

    "listens, or says why not": () =>
      run(function* () {
        const [outcome] = yield* gather([startServer(function* () {}, HOST, 0)], { returnExceptions: true });
        if (!(outcome instanceof Error)) return outcome.close();
        same(
          [outcome.name, outcome.message],
          ["NotAvailableError", "Cannot use sockets: workers only connect, and workerd itself finds the names"],
        );
      }),
  };
};

const SECURED_TESTS = (port: number, { authority }: Pems): Record<string, () => unknown> => {
  const trusting = { ssl: trustIn(authority), serverHostname: "localhost" };

  function* ask(wish: Wish): Coroutine<[StreamReader, StreamWriter]> {
    const streams = yield* openConnection(HOST, port, trusting);
    streams[1].write(encode(`${wish}\n`));
    return streams;
  }

  return {
    "an echo, a hundred times": () =>
      run(function* () {
        const [reader, writer] = yield* ask("echo");
        for (let round = 0; round < 100; round++) {
          writer.write(encode(`round ${round}\n`));
          same(decode(yield* reader.readline()), `round ${round}\n`);
        }
        yield* close(writer);
      }),

    "connects by name, which is the certificate's": () =>
      run(function* () {
        const [reader, writer] = yield* openConnection("localhost", port, { ssl: trusting.ssl });
        writer.write(encode("echo\nby name"));
        same(decode(yield* reader.readexactly(7)), "by name");
        yield* close(writer);
      }),

    "receives 20 MB": () =>
      run(function* () {
        const [reader, writer] = yield* ask("source");
        same(yield* receiveAll(reader), checksumOf(20 * MEGABYTE));
        yield* close(writer);
      }),

    "sends 20 MB, and waits where it has to": () =>
      run(function* () {
        const [reader, writer] = yield* ask("echo");
        const receiving = createTask(receiveSum(reader, 20 * MEGABYTE));
        check((yield* sendAll(writer, 20 * MEGABYTE)) <= 1024 * 1024, "kept too much");
        same(yield* receiving, checksumOf(20 * MEGABYTE));
        yield* close(writer);
      }),

    "a certificate for another name: SSLError": () =>
      run(function* () {
        const strange = { ...trusting, serverHostname: "elsewhere.test" };
        const [outcome] = yield* gather([openConnection(HOST, port, strange)], { returnExceptions: true });
        check(outcome instanceof SSLError, String(outcome));
      }),

    "a handshake that is cancelled": () =>
      run(function* () {
        for (const seconds of [0, 0.001, 0.002, 0.004, 0.008]) {
          const connecting = createTask(openConnection(HOST, port, trusting));
          yield* sleep(seconds);
          connecting.cancel();
          yield* gather([connecting], { returnExceptions: true });
          if (!connecting.cancelled()) connecting.result()[1].transport.abort();
        }
        const [reader, writer] = yield* ask("echo");
        writer.write(encode("still there"));
        same(decode(yield* reader.readexactly(11)), "still there");
        yield* close(writer);
      }),

    "asks for a protocol, or says why not": () =>
      run(function* () {
        const asking = { ...trusting, ssl: trustIn(authority) };
        asking.ssl.setAlpnProtocols(["first"]);
        const [outcome] = yield* gather([openConnection(HOST, port, asking)], { returnExceptions: true });
        if (!(outcome instanceof Error)) return outcome[1].transport.abort();
        same([outcome.name, outcome.message], ["NotAvailableError", "Cannot use ALPN: workerd agrees on no protocol"]);
      }),

    "startTls before anything was read": () =>
      run(function* () {
        const [reader, writer] = yield* openConnection(HOST, port);
        yield* writer.startTls(trustIn(authority), { serverHostname: "localhost" });
        writer.write(encode("echo\nsecret"));
        same(decode(yield* reader.readexactly(6)), "secret");
        yield* close(writer);
      }),
  };
};

/** Trust in an authority. On workerd its settings say whom to trust. */
function trustIn(cadata: string): SSLContext {
  try {
    return createDefaultContext("SERVER_AUTH", { cadata });
  } catch (error) {
    if (!(error instanceof NotAvailableError)) throw error;
    return createDefaultContext();
  }
}

export async function testPeer(report: Report, { peer, securedPeer, certificates }: Sockets): Promise<void> {
  for (const [name, body] of Object.entries(TESTS(peer))) await report.test(`peer: ${name}`, body);
  for (const [name, body] of Object.entries(SECURED_TESTS(securedPeer, certificates)))
    await report.test(`peer with TLS: ${name}`, body);
}

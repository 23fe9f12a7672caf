// Connections that go on with TLS, and connecting that is cancelled at any point: both ends in one loop.

import { type Coroutine, createTask, getRunningLoop, run, sleep } from "wasyncio";
import {
  BufferedProtocol,
  Protocol,
  type SSLObject,
  type SocketTransport,
  type StreamReader,
  type StreamWriter,
  type Transport,
  createConnection,
  createDefaultContext,
  createServer,
  openConnection,
  startServer,
  startTls,
} from "wasyncio/streams";
import { afterAll, describe, expect, test, vi } from "vitest";
import { bytes, text } from "../../support/bytes.ts";
import { Certificates } from "../../support/certificates.ts";
import { attemptAwait } from "../../support/outcomes.ts";
import { portOf } from "../../support/servers.ts";

const certificates = new Certificates();
const [certificate, key] = certificates.make("localhost", "DNS:localhost");
afterAll(() => certificates.remove());

const serverContext = createDefaultContext("CLIENT_AUTH");
serverContext.loadCertChain(certificate, key);
const clientContext = createDefaultContext("SERVER_AUTH", { cafile: certificates.authority });
const toLocalhost = { serverHostname: "localhost" };

function* until(condition: () => boolean): Coroutine<void> {
  while (!condition()) yield* sleep(0.002);
}

/** Runs a client against a server's handler of streams. */
function serving<T>(
  serve: (reader: StreamReader, writer: StreamWriter) => Coroutine<void>,
  body: (reader: StreamReader, writer: StreamWriter) => Coroutine<T>,
): Promise<T> {
  return run(function* () {
    const server = yield* startServer(serve, "127.0.0.1", 0);
    const [reader, writer] = yield* openConnection("127.0.0.1", portOf(server));
    const result = yield* body(reader, writer);
    writer.close();
    yield* attemptAwait(writer.waitClosed());
    server.close();
    yield* server.waitClosed();
    return result;
  });
}

/** Says "go", secures the connection, and echoes lines. */
function* securing(reader: StreamReader, writer: StreamWriter): Coroutine<void> {
  if (text(yield* reader.readline()) !== "starttls\n") throw new Error("it does not ask for TLS");
  writer.write(bytes("go\n"));
  yield* writer.startTls(serverContext);
  for (;;) {
    const line = yield* reader.readline();
    if (line.length === 0) break;
    writer.write(line);
  }
  writer.close();
}

describe("StreamWriter.startTls", () => {
  test("has both ends go on with TLS", async () => {
    const outcome = await serving(securing, function* (reader, writer) {
      const before = writer.transport;
      writer.write(bytes("starttls\n"));
      const go = text(yield* reader.readline());
      yield* writer.startTls(clientContext, toLocalhost);
      writer.write(bytes("one\ntwo\n"));
      const lines = [text(yield* reader.readline()), text(yield* reader.readline())];
      const object = writer.getExtraInfo("sslObject") as SSLObject;
      return [go, ...lines, object.version(), before === writer.transport, before.isClosing(), writer.canWriteEof()];
    });
    expect(outcome).toEqual(["go\n", "one\n", "two\n", "TLSv1.3", false, true, false]);
  });

  test("sends first what waits, however much it is", async () => {
    const size = 20_000_000;
    const outcome = await serving(
      function* (reader, writer) {
        yield* sleep(0.05);
        const plain = yield* reader.readexactly(size);
        yield* writer.startTls(serverContext);
        writer.write(bytes(`${plain.length} ${text(yield* reader.readline())}`));
        writer.close();
      },
      function* (reader, writer) {
        writer.write(new Uint8Array(size));
        yield* writer.startTls(clientContext, toLocalhost);
        writer.write(bytes("secured\n"));
        return text(yield* reader.read());
      },
    );
    expect(outcome).toBe(`${size} secured\n`);
  });

  test("takes what came too early for the beginning of TLS", async () => {
    const outcome = await serving(
      function* (reader, writer) {
        yield* sleep(0.1); // the client's first message is here by now
        yield* writer.startTls(serverContext);
        writer.write(yield* reader.readline());
        writer.close();
      },
      function* (reader, writer) {
        yield* writer.startTls(clientContext, toLocalhost);
        writer.write(bytes("early\n"));
        return text(yield* reader.readline());
      },
    );
    expect(outcome).toBe("early\n");
  });

  test("goes on pausing and resuming the reader's transport", async () => {
    const size = 3_000_000;
    const received = await serving(
      function* (_reader, writer) {
        yield* writer.startTls(serverContext);
        writer.write(new Uint8Array(size));
        yield* writer.drain();
        writer.close();
      },
      function* (reader, writer) {
        yield* writer.startTls(clientContext, toLocalhost);
        yield* until(() => !(writer.transport as Transport).isReading());
        return (yield* reader.read()).length;
      },
    );
    expect(received).toBe(size);
  });

  test("closes the connection when the handshake fails", async () => {
    const outcome = await serving(
      function* (_reader, writer) {
        writer.write(bytes("this is no TLS, and too long for a record of it\n"));
        yield* writer.drain();
        writer.close();
      },
      function* (reader, writer) {
        const outcome = yield* attemptAwait(writer.startTls(clientContext, toLocalhost));
        return [outcome, yield* attemptAwait(reader.read()), yield* attemptAwait(writer.waitClosed())];
      },
    );
    const error = "SSLError('[SSL: WRONG_VERSION_NUMBER] wrong version number')";
    expect(outcome).toEqual([error, error, error]);
  });

  test("closes the connection when the handshake takes too long", async () => {
    const outcome = await serving(
      function* (reader, writer) {
        yield* reader.read();
        writer.close();
      },
      function* (_reader, writer) {
        return yield* attemptAwait(writer.startTls(clientContext, { ...toLocalhost, sslHandshakeTimeout: 0.05 }));
      },
    );
    expect(outcome).toBe(
      "ConnectionAbortedError('SSL handshake is taking longer than 0.05 seconds: aborting the connection')",
    );
  });

  test("refuses what is no context, one of the other side, and a connection that is closing", async () => {
    await serving(
      function* (reader, writer) {
        yield* reader.read();
        writer.close();
      },
      function* (_reader, writer) {
        expect(() => writer.startTls({} as typeof clientContext)).toThrow("sslcontext is expected to be an instance");
        expect(() => writer.startTls(serverContext)).toThrow(
          "Cannot create a client socket with a PROTOCOL_TLS_SERVER",
        );
        expect(() => writer.startTls(clientContext, { sslHandshakeTimeout: 0 })).toThrow("positive number, got 0");
        writer.close();
        expect(yield* attemptAwait(writer.startTls(clientContext))).toBe("ConnectionResetError('Connection lost')");
      },
    );
  });
});

describe("startTls", () => {
  /** Echoes, and secures its connection when it is told "starttls". */
  class Securing extends Protocol {
    transport!: SocketTransport;
    override connectionMade(transport: Transport): void {
      this.transport = transport as SocketTransport;
    }
    override dataReceived(data: Uint8Array): void {
      if (text(data) !== "starttls") return this.transport.write(data);
      this.transport.write(bytes("go"));
      createTask(this.#secure());
    }
    *#secure(): Coroutine<void> {
      this.transport = yield* startTls(this.transport, this, serverContext, { serverSide: true });
    }
  }

  class Buffer extends BufferedProtocol {
    readonly #buffer = new Uint8Array(3);
    received = "";
    isLost = false;
    override getBuffer(): Uint8Array {
      return this.#buffer;
    }
    override bufferUpdated(count: number): void {
      this.received += text(this.#buffer.subarray(0, count));
    }
    override connectionLost(): void {
      this.isLost = true;
    }
  }

  test("gives another transport for the same protocol, which the server knows of", async () => {
    await run(function* () {
      const server = yield* createServer(() => new Securing(), "127.0.0.1", 0);
      const [transport, protocol] = yield* createConnection(() => new Buffer(), "127.0.0.1", portOf(server));
      transport.write(bytes("starttls"));
      yield* until(() => protocol.received === "go");
      const secured = yield* startTls(transport, protocol, clientContext, toLocalhost);
      expect(secured).not.toBe(transport);
      expect([transport.isClosing(), secured.isClosing(), secured.getProtocol() === protocol]).toEqual([
        true,
        false,
        true,
      ]);
      secured.write(bytes("hello"));
      yield* until(() => protocol.received === "gohello");
      transport.close();
      transport.abort();
      secured.write(bytes(" again"));
      yield* until(() => protocol.received === "gohello again");
      server.close();
      server.closeClients();
      yield* server.waitClosed();
      yield* until(() => protocol.isLost);
    });
  });

  test("can be done twice: TLS inside TLS", async () => {
    await run(function* () {
      const server = yield* createServer(() => new Securing(), "127.0.0.1", 0);
      const [transport, protocol] = yield* createConnection(() => new Buffer(), "127.0.0.1", portOf(server));
      transport.write(bytes("starttls"));
      yield* until(() => protocol.received === "go");
      const once = yield* startTls(transport, protocol, clientContext, toLocalhost);
      once.write(bytes("starttls"));
      yield* until(() => protocol.received === "gogo");
      const twice = yield* startTls(once, protocol, clientContext, toLocalhost);
      twice.write(bytes("deep"));
      yield* until(() => protocol.received === "gogodeep");
      twice.close();
      yield* until(() => protocol.isLost);
      server.close();
      yield* server.waitClosed();
    });
  });

  test("refuses what is no transport of a socket", async () => {
    await run(function* () {
      expect(() => startTls({} as SocketTransport, new Protocol(), clientContext)).toThrow(
        "is not supported by startTls",
      );
    });
  });
});

describe("TLS that is cancelled", () => {
  const { _getActiveHandles: activeHandles } = process as unknown as { _getActiveHandles(): object[] };
  const socketsOpen = (): number =>
    activeHandles().filter(({ constructor: { name } }) => /Socket|Server/.test(name)).length;

  /** Cancels after each number of arrivals, until there is nothing to cancel any more; returns how often. */
  function* sweep(connect: () => Coroutine<StreamWriter>): Coroutine<number> {
    const loop = getRunningLoop();
    for (let point = 0; ; point++) {
      const before = loop.arrivals.count;
      const task = createTask(connect());
      while (!task.done() && loop.arrivals.count < before + point) yield* sleep(0);
      const isOver = !task.cancel();
      const outcome = yield* attemptAwait(task);
      if (!isOver && outcome !== "CancelledError()") throw new Error(`cancelled at ${point}: ${String(outcome)}`);
      if (!isOver) continue;
      (outcome as StreamWriter).transport.abort();
      return point;
    }
  }

  test.each(["from the beginning", "by startTls"])("while connecting %s leaves no socket", async (way) => {
    const before = socketsOpen();
    const points = await run(function* () {
      const isUpgrade = way === "by startTls";
      function* serve(_reader: StreamReader, writer: StreamWriter): Coroutine<void> {
        yield* attemptAwait(writer.startTls(serverContext));
        writer.close();
      }
      const options = { ssl: isUpgrade ? null : serverContext };
      const server = yield* startServer(
        isUpgrade ? serve : (_reader, writer) => writer.close(),
        "127.0.0.1",
        0,
        options,
      );
      const listening = socketsOpen();
      const points = yield* sweep(function* () {
        const ssl = isUpgrade ? {} : { ssl: clientContext, ...toLocalhost };
        const [, writer] = yield* openConnection("localhost", portOf(server), { family: 4, ...ssl });
        if (isUpgrade) yield* writer.startTls(clientContext, toLocalhost);
        return writer;
      });
      yield* until(() => socketsOpen() <= listening);
      server.close();
      yield* server.waitClosed();
      yield* until(() => socketsOpen() <= before);
      return points;
    });
    expect(points).toBeGreaterThan(3);
  });

  test("leaves none when the leave that nobody answers is cancelled, either", async () => {
    const before = socketsOpen();
    const outcome = await run(function* () {
      const server = yield* startServer(
        (_reader, writer) => (writer.transport as Transport).pauseReading(),
        "127.0.0.1",
        0,
        {
          ssl: serverContext,
        },
      );
      const options = { ssl: clientContext, ...toLocalhost };
      const [, writer] = yield* openConnection("127.0.0.1", portOf(server), { ...options, sslShutdownTimeout: 0.1 });
      const [, abandoned] = yield* openConnection("127.0.0.1", portOf(server), options);
      const closing = [writer, abandoned].map((each) => {
        each.close();
        return createTask(each.waitClosed());
      });
      yield* sleep(0.02);
      for (const task of closing) task.cancel();
      const outcomes = [yield* attemptAwait(closing[0]), yield* attemptAwait(closing[1])];
      server.close();
      server.abortClients();
      yield* server.waitClosed();
      return outcomes; // one has some time left to wait for the other side, which the end of the loop cuts off
    });
    expect(outcome).toEqual(["CancelledError()", "CancelledError()"]);
    await vi.waitUntil(() => socketsOpen() <= before);
  });
});

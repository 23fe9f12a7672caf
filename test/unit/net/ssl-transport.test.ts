// Connections with TLS, both ends in one loop.

import { readFileSync } from "node:fs";
import { connect } from "node:tls";
import { type Coroutine, type EventLoop, getRunningLoop, run, sleep, wrapFuture } from "wasyncio";
import {
  type CertificateFields,
  type ClientSslOptions,
  Protocol,
  type SSLObject,
  type Server,
  type SocketTransport,
  type StreamReader,
  type StreamWriter,
  type Transport,
  createConnection,
  createDefaultContext,
  createServer,
  createUnixConnection,
  createUnixServer,
  openConnection,
  startServer,
} from "wasyncio/streams";
import { afterAll, describe, expect, test, vi } from "vitest";
import { bytes, text } from "../../support/bytes.ts";
import { Certificates } from "../../support/certificates.ts";
import { attemptAwait, describeError } from "../../support/outcomes.ts";
import { portOf } from "../../support/servers.ts";

const certificates = new Certificates();
const [certificate, key] = certificates.make("localhost", "DNS:localhost,IP:127.0.0.1");
const { authority } = certificates;

afterAll(() => certificates.remove());

const serverContext = createDefaultContext("CLIENT_AUTH");
serverContext.loadCertChain(certificate, key);
const clientContext = createDefaultContext("SERVER_AUTH", { cafile: authority });

/** Writes down what it is told. */
class Noting extends Protocol {
  readonly notes: string[];
  readonly side: string;
  received = 0;
  transport!: SocketTransport;
  keepsOpen = false;

  constructor(notes: string[], side: string) {
    super();
    this.notes = notes;
    this.side = side;
  }

  override connectionMade(transport: Transport): void {
    this.transport = transport as SocketTransport;
    this.notes.push(`${this.side} made`);
  }

  override dataReceived(data: Uint8Array): void {
    this.received += data.length;
  }

  override eofReceived(): boolean {
    this.notes.push(`${this.side} eof`);
    return this.keepsOpen;
  }

  override connectionLost(error: Error | null): void {
    this.notes.push(`${this.side} lost ${error === null ? "" : describeError(error)}`.trim());
  }

  override pauseWriting(): void {
    this.notes.push(`${this.side} pauses`);
  }

  override resumeWriting(): void {
    this.notes.push(`${this.side} resumes`);
  }
}

interface Pair {
  readonly loop: EventLoop;
  readonly notes: string[];
  readonly client: Noting;
  readonly server: Noting;
  readonly listening: Server;
}

/** Runs a program with two ends that are connected, and gives what they were told. */
function pair(body: (pair: Pair) => Coroutine<void>, options: ClientSslOptions = {}): Promise<string[]> {
  return run(function* () {
    const notes: string[] = [];
    const server = new Noting(notes, "server");
    const listening = yield* createServer(() => server, "127.0.0.1", 0, { ssl: serverContext });
    const [, client] = yield* createConnection(() => new Noting(notes, "client"), "127.0.0.1", portOf(listening), {
      ssl: clientContext,
      serverHostname: "localhost",
      ...options,
    });
    while (server.transport === undefined) yield* sleep(0.001);
    notes.length = 0;
    yield* body({ loop: getRunningLoop(), notes, client, server, listening });
    listening.close();
    listening.abortClients();
    client.transport.abort();
    yield* listening.waitClosed();
    return notes;
  });
}

function* until(condition: () => boolean): Coroutine<void> {
  while (!condition()) yield* sleep(0.002);
}

function* lost(notes: readonly string[], ...sides: string[]): Coroutine<void> {
  yield* until(() => sides.every((side) => notes.some((note) => note.startsWith(`${side} lost`))));
}

describe("a connection with TLS", () => {
  test("carries bytes both ways, many at once", async () => {
    await pair(function* ({ client, server }) {
      const sent = new Uint8Array(3_000_000).map((_, index) => index);
      client.transport.write(sent);
      server.transport.write(sent);
      yield* until(() => client.received === sent.length && server.received === sent.length);
    });
  });

  test("tells of TLS by getExtraInfo", async () => {
    await pair(function* ({ client, server }) {
      const { transport } = client;
      expect(transport.getExtraInfo("sslcontext")).toBe(clientContext);
      expect(transport.getExtraInfo("cipher")).toEqual([expect.stringContaining("AES"), "TLSv1.3", expect.any(Number)]);
      expect(transport.getExtraInfo("compression", "none")).toBeNull();
      const object = transport.getExtraInfo("sslObject") as SSLObject;
      expect([object.version(), object.selectedAlpnProtocol()]).toEqual(["TLSv1.3", null]);
      expect(object.cipher()).toEqual(transport.getExtraInfo("cipher"));
      expect(transport.getExtraInfo("peercert")).toMatchObject({
        subject: [
          ["countryName", "DE"],
          ["organizationName", "Tests"],
          ["commonName", "localhost"],
        ],
        issuer: [["commonName", "Test authority"]],
        subjectAltName: [
          ["DNS", "localhost"],
          ["IP Address", "127.0.0.1"],
        ],
      });
      expect(transport.getExtraInfo("peername")).toEqual(server.transport.getExtraInfo("sockname"));
      expect(server.transport.getExtraInfo("peercert", "none")).toBeNull();
    });
  });

  test("has no half-closed form", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const notes = await pair(function* ({ client, server, notes }) {
      expect(client.transport.canWriteEof()).toBe(false);
      expect(() => client.transport.writeEof()).toThrow("Cannot close one direction");
      server.keepsOpen = true;
      client.transport.close();
      yield* lost(notes, "client", "server");
    });
    expect(notes).toEqual(["server eof", "server lost", "client eof", "client lost"]);
    expect(warn.mock.calls).toEqual([["returning true from eofReceived() has no effect when using ssl"]]);
    warn.mockRestore();
  });

  test("sends what waits, and then takes leave", async () => {
    await pair(function* ({ client, server, notes }) {
      client.transport.write(new Uint8Array(5_000_000));
      client.transport.write(new Uint8Array(10));
      client.transport.close();
      yield* lost(notes, "client", "server");
      expect(server.received).toBe(5_000_010);
      expect(notes.filter((note) => note.includes("lost"))).toEqual(["server lost", "client lost"]);
    });
  });

  test("is lost by what comes after the leave was taken", async () => {
    const notes = await pair(function* ({ client, server, notes }) {
      client.transport.pauseReading();
      server.transport.write(new Uint8Array(10));
      yield* sleep(0.05);
      client.transport.close();
      yield* lost(notes, "client", "server");
    });
    expect(notes).toContain(
      "client lost SSLError('[SSL: APPLICATION_DATA_AFTER_CLOSE_NOTIFY] application data after close notify')",
    );
  });

  test("is lost when the other side takes no leave in time", async () => {
    const notes = await pair(
      function* ({ client, server, notes }) {
        server.transport.pauseReading();
        client.transport.close();
        yield* lost(notes, "client");
        server.transport.resumeReading();
        yield* lost(notes, "server");
      },
      { sslShutdownTimeout: 0.05 },
    );
    expect(notes[0]).toBe("client lost TimeoutError('SSL shutdown timed out')");
  });

  test("ends at once by abort", async () => {
    const notes = await pair(function* ({ client, notes }) {
      client.transport.abort();
      client.transport.close();
      client.transport.write(new Uint8Array(1));
      yield* lost(notes, "client", "server");
    });
    expect(notes.filter((note) => note.startsWith("client"))).toEqual(["client lost"]);
  });

  test("has its protocols pause while too much waits, and the other side's while nobody reads", async () => {
    await pair(function* ({ client, server, notes }) {
      expect(client.transport.getWriteBufferLimits()).toEqual([131_072, 524_288]);
      server.transport.pauseReading();
      const count = 300; // more than the system takes
      for (let index = 0; index < count; index++) client.transport.write(new Uint8Array(100_000));
      yield* sleep(0.05);
      expect(notes).toEqual(["client pauses"]);
      expect(server.received).toBe(0);
      server.transport.resumeReading();
      yield* until(() => server.received === count * 100_000 && notes.length === 2);
      expect(notes).toEqual(["client pauses", "client resumes"]);
    });
  });

  test("agrees on a protocol", async () => {
    const [client, server] = [
      createDefaultContext("SERVER_AUTH", { cafile: authority }),
      createDefaultContext("CLIENT_AUTH"),
    ];
    server.loadCertChain(certificate, key);
    server.setAlpnProtocols(["http/1.1"]);
    client.setAlpnProtocols(["h2", "http/1.1"]);
    const found = await run(function* () {
      const listening = yield* createServer(() => new Protocol(), "127.0.0.1", 0, { ssl: server });
      const [transport] = yield* createConnection(() => new Protocol(), "127.0.0.1", portOf(listening), {
        ssl: client,
      });
      transport.abort();
      listening.close();
      yield* listening.waitClosed();
      return (transport.getExtraInfo("sslObject") as SSLObject).selectedAlpnProtocol();
    });
    expect(found).toBe("http/1.1");
  });

  test("knows clients by their certificates when the server asks for them", async () => {
    const strict = createDefaultContext("CLIENT_AUTH", { cafile: authority });
    strict.loadCertChain(certificate, key);
    strict.verifyMode = "CERT_REQUIRED";
    const known = createDefaultContext("SERVER_AUTH", { cafile: authority });
    known.loadCertChain(...certificates.make("client", "DNS:client.test"));
    const foreign = createDefaultContext("SERVER_AUTH", { cafile: authority });
    const others = new Certificates();
    foreign.loadCertChain(...others.make("client", "DNS:client.test"));
    others.remove();
    const outcomes = await run(function* () {
      const peers: unknown[] = [];
      const server = yield* startServer(
        function* (_reader, writer) {
          peers.push((writer.getExtraInfo("peercert") as { subject: unknown[] }).subject.at(-1));
          writer.write(bytes("hello"));
          writer.close();
        },
        "127.0.0.1",
        0,
        { ssl: strict },
      );
      const answers: unknown[] = [];
      for (const ssl of [known, clientContext, foreign]) {
        const answer = yield* attemptAwait(hello(portOf(server), ssl));
        answers.push(typeof answer === "string" ? answer.split("(")[0] : answer);
      }
      server.close();
      yield* server.waitClosed();
      return { peers, answers };
    });
    expect(outcomes.peers).toEqual([["commonName", "client"]]);
    expect(outcomes.answers[0]).toBe("hello");
    for (const answer of outcomes.answers.slice(1)) expect(answer).not.toBe("hello");
  });
});

test("a client that shows a certificate may come back with its session", async () => {
  const strict = createDefaultContext("CLIENT_AUTH", { cafile: authority });
  strict.loadCertChain(certificate, key);
  strict.verifyMode = "CERT_REQUIRED";
  const [cert, privateKey] = certificates.make("returning", "DNS:client.test");
  const common = { host: "127.0.0.1", servername: "localhost", ca: readFileSync(authority) };
  const identity = { cert: readFileSync(cert), key: readFileSync(privateKey) };
  const visit = async (port: number, session: Buffer | null): Promise<[string, boolean, Buffer]> => {
    const socket = connect({ ...common, ...identity, port, ...(session !== null && { session }) });
    let newest = session as Buffer;
    let isReused = false;
    socket.on("session", (each) => (newest = each));
    socket.on("secureConnect", () => (isReused = socket.isSessionReused()));
    let heard = "";
    for await (const chunk of socket.setEncoding("utf8")) heard += chunk as string;
    return [heard, isReused, newest];
  };
  await run(function* () {
    const greet = (_reader: unknown, writer: StreamWriter): void => {
      writer.write(bytes((writer.getExtraInfo("peercert") as CertificateFields).subject[2]?.[1]));
      writer.close();
    };
    const server = yield* startServer(greet, "127.0.0.1", 0, { ssl: strict });
    const [name, isReused, session] = yield* wrapFuture(visit(portOf(server), null));
    expect([name, isReused]).toEqual(["returning", false]);
    const [again, isReusedNow] = yield* wrapFuture(visit(portOf(server), session));
    expect([again, isReusedNow]).toEqual(["returning", true]);
    server.close();
    yield* server.waitClosed();
  });
});

function* hello(port: number, ssl: typeof clientContext): Coroutine<string> {
  const [reader, writer] = yield* openConnection("127.0.0.1", port, { ssl });
  const data = yield* reader.read();
  writer.close();
  yield* writer.waitClosed();
  return text(data);
}

describe("a handshake", () => {
  const connecting = (options: ClientSslOptions): Promise<unknown> =>
    run(function* () {
      const notes: string[] = [];
      const server = yield* createServer(() => new Noting(notes, "server"), "127.0.0.1", 0, { ssl: serverContext });
      const outcome = yield* attemptAwait(
        createConnection(() => new Noting(notes, "client"), "127.0.0.1", portOf(server), {
          ssl: clientContext,
          ...options,
        }),
      );
      if (typeof outcome !== "string") outcome[0].abort();
      server.close();
      yield* server.waitClosed();
      return [
        typeof outcome === "string" ? outcome : "connected",
        ...notes.filter((note) => note.startsWith("client")),
      ];
    });

  test("checks who the server is", async () => {
    expect(await connecting({})).toEqual(["connected", "client made", "client lost"]);
    expect(await connecting({ serverHostname: "localhost" })).toEqual(["connected", "client made", "client lost"]);
    const wrongName = await connecting({ serverHostname: "other.test" });
    expect(wrongName).toEqual([
      expect.stringMatching(
        /^SSLCertVerificationError\('\[SSL: CERTIFICATE_VERIFY_FAILED\] certificate verify failed: .*other\.test/,
      ),
    ]);
    expect(await connecting({ serverHostname: "" })).toEqual(["connected", "client made", "client lost"]);
    expect(await connecting({ ssl: true, serverHostname: "localhost" })).toEqual([
      expect.stringMatching(/^SSLCertVerificationError/),
    ]);
    const blind = createDefaultContext();
    blind.checkHostname = false;
    blind.verifyMode = "CERT_NONE";
    expect(await connecting({ ssl: blind })).toEqual(["connected", "client made", "client lost"]);
  });

  test.each([
    ["of a client that is not answered", false],
    ["of a server whose client says nothing", true],
  ])("%s is given up in time", async (_, atServer) => {
    const outcome = await run(function* () {
      const notes: string[] = [];
      const timeouts = { sslHandshakeTimeout: 0.05 };
      const server = yield* createServer(() => new Noting(notes, "server"), "127.0.0.1", 0, {
        ...(atServer && { ssl: serverContext, ...timeouts }),
      });
      const client = yield* attemptAwait(
        createConnection(() => new Noting(notes, "client"), "127.0.0.1", portOf(server), {
          ...(!atServer && { ssl: clientContext, ...timeouts }),
        }),
      );
      yield* lost(notes, atServer ? "client" : "server");
      server.close();
      yield* server.waitClosed();
      return [typeof client === "string" ? client : "connected", ...notes];
    });
    if (atServer) expect(outcome).toEqual(["connected", "client made", "client eof", "client lost"]);
    else
      expect(outcome).toEqual([
        "ConnectionAbortedError('SSL handshake is taking longer than 0.05 seconds: aborting the connection')",
        "server made",
        "server eof",
        "server lost",
      ]);
  });

  test("with somebody who speaks something else fails", async () => {
    const outcome = await run(function* () {
      const server = yield* startServer(
        function* (_reader, writer) {
          writer.write(bytes("HTTP/1.1 400 Bad Request\r\n\r\n"));
          writer.close();
        },
        "127.0.0.1",
        0,
      );
      const outcome = yield* attemptAwait(openConnection("127.0.0.1", portOf(server), { ssl: clientContext }));
      server.close();
      yield* server.waitClosed();
      return outcome;
    });
    expect(outcome).toBe("SSLError('[SSL: WRONG_VERSION_NUMBER] wrong version number')");
  });

  test("with somebody who goes away fails", async () => {
    const outcome = await run(function* () {
      const server = yield* startServer((_reader, writer) => writer.close(), "127.0.0.1", 0);
      const outcome = yield* attemptAwait(openConnection("127.0.0.1", portOf(server), { ssl: clientContext }));
      server.close();
      yield* server.waitClosed();
      return outcome;
    });
    expect(outcome).toMatch(/^ConnectionResetError/);
  });
});

describe("a protocol that is told of its connection", () => {
  const serving = (connectionMade: (transport: Transport) => void): Promise<unknown> =>
    run(function* () {
      class Telling extends Protocol {
        override connectionMade(transport: Transport): void {
          connectionMade(transport);
        }
      }
      const server = yield* createServer(() => new Telling(), "127.0.0.1", 0, { ssl: serverContext });
      const answer = yield* attemptAwait(hello(portOf(server), clientContext));
      server.close();
      yield* server.waitClosed();
      return answer;
    });

  test("may write and close at once", async () => {
    const closing = (transport: Transport): void => {
      transport.write(bytes("hello"));
      transport.close();
    };
    expect(await serving(closing)).toBe("hello");
  });

  test("may throw: its connection ends", async () => {
    const consoleError = vi.spyOn(console, "error").mockReturnValue();
    const throwing = (): void => {
      throw new RangeError("not now");
    };
    expect(await serving(throwing)).toBe("");
    expect(String(consoleError.mock.calls)).toContain("protocol.connectionMade() call failed");
    consoleError.mockRestore();
  });

  test("is told what it was lost by when it has thrown", async () => {
    const consoleError = vi.spyOn(console, "error").mockReturnValue();
    const notes: string[] = [];
    class Throwing extends Noting {
      override connectionMade(transport: Transport): void {
        super.connectionMade(transport);
        throw new RangeError("not now");
      }
    }
    await run(function* () {
      const server = yield* createServer(() => new Throwing(notes, "server"), "127.0.0.1", 0, { ssl: serverContext });
      yield* attemptAwait(hello(portOf(server), clientContext));
      yield* lost(notes, "server");
      server.close();
      yield* server.waitClosed();
    });
    expect(notes).toEqual(["server made", "server lost RangeError('not now')"]);
    consoleError.mockRestore();
  });

  test("lets who waits for a writer's end go on when the callback has thrown", async () => {
    const consoleError = vi.spyOn(console, "error").mockReturnValue();
    let end: unknown;
    await run(function* () {
      let writer: StreamWriter | null = null;
      const throwing = (_: StreamReader, itsWriter: StreamWriter): void => {
        writer = itsWriter;
        throw new RangeError("not now");
      };
      const server = yield* startServer(throwing, "127.0.0.1", 0, { ssl: serverContext });
      yield* attemptAwait(hello(portOf(server), clientContext));
      end = yield* attemptAwait(writer!.waitClosed());
      server.close();
      yield* server.waitClosed();
    });
    expect(end).toBe("RangeError('not now')");
    consoleError.mockRestore();
  });
});

test("a transport with TLS shows itself by its name", async () => {
  await pair(function* ({ client }) {
    expect(String(client.transport)).toMatch(/^<SslTransport \('127.0.0.1', \d+\) to .* read=polling write=<idle/);
    yield* sleep(0);
  });
});

test("a Unix socket carries TLS, too", async () => {
  const path = certificates.path("socket");
  await run(function* () {
    const notes: string[] = [];
    const server = yield* createUnixServer(() => new Noting(notes, "server"), path, { ssl: serverContext });
    const options = { ssl: clientContext, serverHostname: "localhost" };
    const [transport] = yield* createUnixConnection(() => new Noting(notes, "client"), path, options);
    transport.close();
    yield* lost(notes, "client", "server");
    server.close();
    yield* server.waitClosed();
  });
});

test("closeClients takes leave of clients, and gives up those that are still shaking hands", async () => {
  await run(function* () {
    const notes: string[] = [];
    const server = yield* createServer(() => new Noting(notes, "server"), "127.0.0.1", 0, { ssl: serverContext });
    const port = portOf(server);
    yield* createConnection(() => new Noting(notes, "secured"), "127.0.0.1", port, { ssl: clientContext });
    yield* createConnection(() => new Noting(notes, "silent"), "127.0.0.1", port);
    yield* sleep(0.02);
    server.close();
    server.closeClients();
    yield* server.waitClosed();
    yield* lost(notes, "secured", "silent");
    expect(notes.filter((note) => note.startsWith("server"))).toEqual(["server made", "server eof", "server lost"]);
  });
});

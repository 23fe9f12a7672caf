// A session's connections, over real sockets: how many there are, which are kept, and that none is left.

import { createServer, connect } from "node:net";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { describe, expect, test } from "vitest";
import {
  type Coroutine,
  CancelledError,
  createTask,
  gather,
  getRunningLoop,
  mapConcurrently,
  run,
  sleep,
} from "wasyncio";
import {
  BasicAuth,
  ClientConnectionError,
  ClientConnectorCertificateError,
  ClientHttpProxyError,
  ClientProxyConnectionError,
  ClientSession,
  ConnectionTimeoutError,
} from "wasyncio/client";
import { createDefaultContext } from "wasyncio/streams";
import { proxyFromEnvironment } from "../../../src/client/proxies.ts";
import { Certificates } from "../../support/certificates.ts";
import { startHttpPeer } from "../../support/http-peer.ts";
import { type Answer, TestServer, bodyOf } from "../../support/http-server.ts";
import { Random } from "../../support/random.ts";
import { until } from "../../support/until.ts";

/** How many random cancellations: more by WASYNCIO_CANCELLATIONS. */
const CANCELLATIONS = Number(process.env["WASYNCIO_CANCELLATIONS"] ?? 1000);

const OK: Answer = (_, response) => void response.end("ok");
const read = (session: ClientSession, url: string): Coroutine<string> =>
  session.get(url).with((response) => response.text());

describe("connections", () => {
  test("are kept, and used again", () =>
    TestServer.with(OK, async (server) => {
      await run(() =>
        new ClientSession({ baseUrl: server.url }).with(function* (session) {
          for (let i = 0; i < 20; i++) yield* read(session, "/");
        }),
      );
      expect([server.accepted, server.requests]).toEqual([1, 20]);
      await until(() => server.sockets.size === 0); // the session has closed it
    }));

  test("of 1,000 requests are never more than there are places", () =>
    TestServer.with(
      (_, response) => void setTimeout(() => response.end("ok"), 1),
      async (server) => {
        await run(() =>
          new ClientSession({ baseUrl: server.url, limit: 20 }).with((session) =>
            gather(Array.from({ length: 1000 }, () => read(session, "/"))),
          ),
        );
        expect(server.requests).toBe(1000);
        expect(server.mostSockets).toBeLessThanOrEqual(20);
        expect(server.mostRequests).toBe(20);
      },
    ));

  test("are kept for other blocks when nobody has read a short body, and closed when there is more to come", () =>
    TestServer.with(
      (request, response) => {
        if (request.url === "/long") response.write("begun");
        else response.end("short");
      },
      async (server) => {
        await run(() =>
          new ClientSession({ baseUrl: server.url }).with(function* (session) {
            for (let i = 0; i < 3; i++) yield* session.get("/short").with(() => sleep(0.01));
            expect(server.accepted).toBe(1);
            for (let i = 0; i < 3; i++) yield* session.get("/long").with(() => sleep(0));
          }),
        );
        expect(server.accepted).toBe(3);
        await until(() => server.sockets.size === 0);
        expect(server.lost).toBe(3);
      },
    ));

  test("that the server has closed meanwhile are made anew", () =>
    TestServer.with(OK, async (server) => {
      await run(() =>
        new ClientSession({ baseUrl: server.url }).with(function* (session) {
          for (let i = 0; i < 5; i++) {
            yield* read(session, "/");
            for (const socket of server.sockets) socket.destroy(); // in the same moment: the client does not know yet
            yield* read(session, "/");
          }
        }),
      );
      expect(server.requests).toBe(10);
    }));

  test("to a server that closes each are made for each", () =>
    TestServer.with(
      (_, response) => void response.setHeader("connection", "close").end("ok"),
      async (server) => {
        await run(() =>
          new ClientSession({ baseUrl: server.url }).with(function* (session) {
            for (let i = 0; i < 3; i++) yield* read(session, "/");
          }),
        );
        expect(server.accepted).toBe(3);
      },
    ));

  test("are not kept when they are not to be", () =>
    TestServer.with(OK, async (server) => {
      await run(() =>
        new ClientSession({ baseUrl: server.url, keepAlive: 0 }).with(function* (session) {
          for (let i = 0; i < 3; i++) yield* read(session, "/");
        }),
      );
      expect(server.accepted).toBe(3);
    }));

  test(`of ${CANCELLATIONS} requests that are cancelled at random, none is left, and no place`, async () => {
    const server = await startHttpPeer();
    const random = new Random(Number(process.env["WASYNCIO_SEED"] ?? 20), 0);
    const paths = ["/text", "/slow?ms=4", "/drip?n=4&ms=1", "/big?mb=1", "/redirect/3", "/gzip", "/cut", "/drop"];
    let cancelled = 0;
    await run(() =>
      new ClientSession({ baseUrl: server.url, limit: 10, limitPerHost: 8 }).with(function* (session) {
        const numbers = Array.from({ length: CANCELLATIONS }, (_, index) => index);
        const one = function* (): Coroutine<void> {
          const path = random.pick(paths);
          const data = { data: "x".repeat(random.below(100_000)) };
          const task = createTask(
            (random.below(3) === 0 ? session.post("/echo", data) : session.get(path)).with(function* (response) {
              if (random.below(4) > 0) yield* response.read();
            }),
          );
          yield* sleep(random.below(8) / 1000);
          task.cancel();
          try {
            yield* task;
          } catch (error) {
            if (error instanceof CancelledError) cancelled++;
            else if (!(error instanceof Error)) throw error;
          }
        };
        yield* mapConcurrently(one, numbers, { limit: 30 });
        // All places are free: so many requests go on at once.
        server.reset();
        yield* gather(Array.from({ length: 8 }, () => read(session, "/slow?ms=200")));
        expect(server.mostRequests).toBeGreaterThanOrEqual(8);
        expect(server.mostSockets).toBeLessThanOrEqual(10);
      }),
    );
    expect(cancelled).toBeGreaterThan(CANCELLATIONS / 10);
    await until(() => server.sockets.size === 0);
    expect(server.open).toBe(0);
    await server.close();
  });

  test("that are not made in time are given up", async () => {
    // A server whose queue is full, and that accepts nobody, cannot be had everywhere: so the handshake of TLS hangs.
    const silent = createServer((socket) => socket.on("error", () => {}));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as { port: number };
    await run(() =>
      new ClientSession({ timeout: { sockConnect: 0.05 } }).with(function* (session) {
        const error = yield* errorOf(read(session, `https://127.0.0.1:${port}/`));
        expect(error).toBeInstanceOf(ConnectionTimeoutError);
        expect(error).toBeInstanceOf(ClientConnectionError);
      }),
    );
    silent.close();
  });

  test("keep no process alive, and are closed with their loop, with a word on the session", () =>
    TestServer.with(OK, async (server) => {
      const words: unknown[] = [];
      await run(function* () {
        getRunningLoop().setExceptionHandler((_, { message }) => words.push(message));
        yield* read(new ClientSession({ baseUrl: server.url }), "/");
      });
      expect(words).toEqual(["Unclosed client session"]);
      await until(() => server.sockets.size === 0);
    }));
});

describe("TLS", () => {
  const certificates = new Certificates();
  certificates.make("localhost", "DNS:localhost");
  const tls = { cert: certificates.text("localhost.pem"), key: certificates.text("localhost.key") };
  const authority = certificates.text("authority.pem");
  certificates.remove();

  test("is spoken with whom the context trusts, and with nobody else", async () => {
    const server = await new TestServer(OK, tls).listen();
    const url = server.url.replace("127.0.0.1", "localhost");
    const ssl = createDefaultContext("SERVER_AUTH", { cadata: authority });
    await run(() =>
      new ClientSession().with(function* (session) {
        expect(yield* errorOf(read(session, url))).toBeInstanceOf(ClientConnectorCertificateError);
        expect(yield* session.get(url, { ssl }).with((response) => response.text())).toBe("ok");
        const lenient = createDefaultContext();
        lenient.checkHostname = false;
        lenient.verifyMode = "CERT_NONE";
        expect(yield* session.get(server.url, { ssl: lenient }).with((response) => response.text())).toBe("ok");
        const strict = session.get(server.url, { ssl }).with((response) => response.text());
        expect(yield* errorOf(strict)).toBeInstanceOf(ClientConnectorCertificateError); // not by the other's connection
      }),
    );
    await server.close();
  });

  test("goes through a proxy by a tunnel", async () => {
    const server = await new TestServer(OK, tls).listen();
    const url = server.url.replace("127.0.0.1", "localhost");
    const ssl = createDefaultContext("SERVER_AUTH", { cadata: authority });
    const asked: string[] = [];
    const proxy = await startProxy(asked);
    await run(() =>
      new ClientSession({ ssl, proxy: proxy.url, proxyAuth: new BasicAuth("me", "pw") }).with(function* (session) {
        for (let i = 0; i < 2; i++) expect(yield* read(session, url)).toBe("ok");
        const refused = yield* errorOf(read(session, "https://refused.test/"));
        expect(refused).toBeInstanceOf(ClientHttpProxyError);
        expect((refused as ClientHttpProxyError).status).toBe(502);
      }),
    );
    expect(asked).toEqual([
      `CONNECT localhost:${server.port} Basic bWU6cHc=`,
      "CONNECT refused.test:443 Basic bWU6cHc=",
    ]);
    proxy.close();
    await server.close();
  });
});

describe("a proxy", () => {
  test("sends requests on, as options or the environment say", () =>
    TestServer.with(
      (request, response) =>
        void bodyOf(request).then((body) => response.end(`${request.method} ${request.url} ${String(body)}`)),
      async (server) => {
        const asked: string[] = [];
        const proxy = await startProxy(asked);
        const url = `${server.url}/path?q`;
        await run(() =>
          new ClientSession({ proxy: proxy.url.replace("//", "//u:p@") }).with(function* (session) {
            expect(yield* session.post(url, { data: "body" }).with((it) => it.text())).toBe("POST /path?q body");
            expect(yield* session.get(url, { proxy: null }).with((it) => it.text())).toBe("GET /path?q ");
          }),
        );
        process.env["http_proxy"] = proxy.url;
        try {
          await run(() =>
            new ClientSession({ trustEnv: true }).with(function* (session) {
              yield* read(session, url);
              process.env["no_proxy"] = "localhost,127.0.0.1";
              yield* read(session, url);
            }),
          );
          await run(() => new ClientSession().with((session) => read(session, url)));
        } finally {
          delete process.env["http_proxy"];
          delete process.env["no_proxy"];
        }
        expect(asked).toEqual([`POST ${url} Basic dTpw`, `GET ${url} undefined`]);
        proxy.close();
      },
    ));

  test.each<[string, string, boolean]>([
    ["site.test", "http://site.test/", true],
    ["site.test", "http://a.site.test/", true],
    [".site.test", "http://a.site.test/", true],
    ["site.test", "http://other-site.test/", false],
    ["site.test:80", "http://site.test/", true],
    ["site.test:80", "http://site.test:81/", false],
    ["other.test, *", "http://site.test/", true],
    ["::1", "http://[::1]:8080/", true],
    ["[::1]:8080", "http://[::1]:8080/", true],
  ])("is not asked where NO_PROXY is %s and the address %s: %s", (exceptions, url, isExcepted) => {
    const variables: Record<string, string> = { HTTP_PROXY: "proxy.test:3128", NO_PROXY: exceptions };
    expect(proxyFromEnvironment(new URL(url), (name) => variables[name]) === null).toBe(isExcepted);
  });

  test("that never makes its tunnel is given up in time, and nothing of it is left", async () => {
    const silent = createServer((socket) => socket.on("error", () => {}));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const asked = new Promise<void>((resolve) => {
      silent.once("connection", (socket) => socket.resume().once("close", resolve));
    });
    const { port } = silent.address() as { port: number };
    const error = await run(() =>
      new ClientSession({ proxy: `http://127.0.0.1:${port}` }).with((session) =>
        errorOf(session.get("https://site.test/", { timeout: { sockConnect: 0.05 } }).with((it) => it.text())),
      ),
    );
    expect(error).toBeInstanceOf(ConnectionTimeoutError);
    await asked; // and closed
    silent.close();
  });

  test("that nobody listens at is a ClientProxyConnectionError", async () => {
    const server = await new TestServer(OK).listen();
    await server.close();
    const error = await run(() =>
      new ClientSession({ proxy: server.url }).with((session) => errorOf(read(session, "http://site.test/"))),
    );
    expect(error).toBeInstanceOf(ClientProxyConnectionError);
  });
});

/** A proxy: writes down what it is asked for. */
async function startProxy(asked: string[]): Promise<{ readonly url: string; close(): void }> {
  const note = (request: IncomingMessage): void =>
    void asked.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"]}`);
  const sendOn = async (request: IncomingMessage): Promise<string> => {
    const body = await bodyOf(request);
    const init = { method: request.method ?? "GET", ...(body.length > 0 && { body: new Uint8Array(body) }) };
    return await (await fetch(request.url ?? "", init)).text();
  };
  const server = createHttpServer((request, response) => {
    note(request);
    void sendOn(request).then((text) => response.end(text));
  });
  server.on("connect", (request: IncomingMessage, socket) => {
    note(request);
    const [host, port] = (request.url ?? "").split(":");
    if (host !== "localhost") return void socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    const other = connect(Number(port), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      other.pipe(socket).pipe(other);
    });
    for (const each of [socket, other]) each.on("error", () => {});
    socket.on("close", () => other.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** What a coroutine fails with. */
function* errorOf(coroutine: Coroutine<unknown>): Coroutine<unknown> {
  try {
    yield* coroutine;
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    return error;
  }
  return null;
}

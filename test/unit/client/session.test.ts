// What a session refuses at the call, how it keeps to its loop, and what it makes of cookies, headers and traces.

import { CookieJar as ToughJar } from "tough-cookie";
import WebSocket from "ws";
import { describe, expect, test } from "vitest";
import { type Coroutine, NotAvailableError, createTask, gather, run, sleep } from "wasyncio";
import {
  BasicAuth,
  ClientConnectionError,
  ClientConnectorError,
  ClientError,
  ClientOSError,
  ClientSession,
  ConnectionTimeoutError,
  CookieJar,
  type RequestOptions,
  ServerTimeoutError,
  type SessionOptions,
} from "wasyncio/client";
import { OSError, createDefaultContext } from "wasyncio/streams";
import { TimeoutError } from "wasyncio";
import { TestServer } from "../../support/http-server.ts";
import { startHttpPeer } from "../../support/http-peer.ts";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { until } from "../../support/until.ts";

describe("a session refuses at the call", () => {
  test.each<[string, unknown, string]>([
    ["options that there are not", { limits: 1 }, "TypeError('Invalid options: there is no 'limits', only"],
    ["a limit below 0", { limit: -1 }, "RangeError('Invalid limit"],
    ["a limit that is no number", { limitPerHost: "2" }, "TypeError('Invalid limitPerHost"],
    ["a timeout that is none", { timeout: { total: "1" } }, "TypeError('Invalid timeout.total"],
    ["a timeout of other names", { timeout: { read: 1 } }, "TypeError('Invalid timeout: there is no 'read'"],
    ["a negative timeout", { timeout: { connect: -1 } }, "RangeError('Invalid timeout.connect"],
    ["a base that is no address", { baseUrl: "no address" }, "InvalidURL('no address"],
    ["a base of another kind", { baseUrl: "ftp://x/" }, "NonHttpUrlClientError('ftp://x/"],
    ["headers that are none", { headers: { "a b": "1" } }, "TypeError('Invalid headers: there is no header 'a b'"],
    ["values that are none", { headers: { a: "1\n2" } }, "TypeError('Invalid headers: '1\\n2' is no value of a"],
    ["an auth that is none", { auth: "me" }, "TypeError('Invalid auth"],
    ["a jar that is none", { cookieJar: {} }, "TypeError('Invalid cookieJar"],
    ["traces that are none", { traces: [{ onStart() {} }] }, "TypeError('Invalid trace: there is no 'onStart'"],
    ["hooks that are none", { traces: [{ onRequestStart: 1 }] }, "TypeError('Invalid onRequestStart"],
    ["a retry that is none", { retry: { attempts: 0 } }, "RangeError('retry.attempts must be greater than 0"],
    ["a proxy that is none", { proxy: "x" }, "InvalidURL('x - is no address of a proxy"],
    ["a proxy of another kind", { proxy: "socks5://x" }, "InvalidURL('socks5://x - a proxy is asked by http or https"],
    ["a context that is none", { ssl: {} }, "TypeError('Invalid ssl"],
    ["a transport that is none", { transport: 1 }, "TypeError('Invalid transport"],
    ["a keepAlive below 0", { keepAlive: -1 }, "RangeError('Invalid keepAlive"],
  ])("%s", (_, options, error) => {
    expect(attempt(() => new ClientSession(options as SessionOptions))).toContain(error);
  });

  test.each<[string, unknown, string]>([
    ["options that there are not", { body: "x" }, "TypeError('Invalid options: there is no 'body'"],
    ["data and JSON", { data: "x", json: 1 }, "TypeError('Invalid options: data and json parameters"],
    ["data that are none", { data: 1 }, "TypeError('Invalid data"],
    ["data that are an array", { data: [1] }, "TypeError('Invalid data"],
    ["what has no JSON", { json: () => {} }, "TypeError('Invalid json"],
    ["params that are none", { params: { a: null } }, "TypeError('Invalid params: null is no value of a"],
    ["redirects below 0", { maxRedirects: -1 }, "RangeError('Invalid maxRedirects"],
    ["what is no boolean", { allowRedirects: 1 }, "TypeError('Invalid allowRedirects"],
    ["data of which nothing would be sent", { data: new Map([["a", 1]]) }, "TypeError('Invalid data: expected text"],
    ["data that are numbers", { data: new Uint16Array(2) }, "TypeError('Invalid data: expected text"],
    [
      "a length that is another",
      { data: "hello", headers: { "content-length": "2" } },
      "TypeError('Invalid headers: Content-Length is 2, and the body has 5 bytes",
    ],
    ["fields that are none", { data: { a: undefined } }, "TypeError('Invalid data: undefined is no value of a"],
    ["cookies that are no object", { cookies: "a=b" }, "TypeError('Invalid cookies: expected an object, got 'a=b'"],
    ["cookies that are two", { cookies: { a: "1; b=2" } }, "TypeError('Invalid cookies: '1; b=2' is no value of a"],
    ["names that are no cookie's", { cookies: { "a;b": "1" } }, "TypeError('Invalid cookies: there is no header 'a;b'"],
    ["a delay below 0", { retry: { delay: -1 } }, "RangeError('Invalid retry.delay: expected a time from 0 on"],
    ["methods that are none", { retry: { methods: [1] } }, "TypeError('Invalid retry.methods: expected an array of s"],
    ["cookies that are none", { cookies: { a: "1\n" } }, "TypeError('Invalid cookies"],
    ["a proxy that is none", { proxy: "x" }, "InvalidURL('x - is no"],
    [
      "two ways to say who asks",
      { auth: new BasicAuth("a"), headers: { authorization: "b" } },
      "TypeError('Cannot combine AUTHORIZATION header with AUTH argument",
    ],
  ])("for a request %s", (_, options, error) => {
    const session = new ClientSession();
    expect(attempt(() => session.post("http://x/", options as RequestOptions))).toContain(error);
  });

  test("addresses that are none, and methods", () => {
    const session = new ClientSession();
    expect(attempt(() => session.get("/relative"))).toBe("InvalidURL('/relative')");
    expect(attempt(() => session.get("http://:1/"))).toBe("InvalidURL('http://:1/')");
    expect(attempt(() => session.get("data:,x"))).toBe("NonHttpUrlClientError('data:,x')");
    expect(attempt(() => session.get(1 as never))).toContain("TypeError('Invalid url");
    expect(attempt(() => session.request("a b", "http://x/"))).toContain("TypeError('Invalid method");
    expect(attempt(() => session.get("http://%zz:b@x/"))).toBe(
      "InvalidURL('http://x/ - the credentials in it are none')",
    );
    expect(attempt(() => session.wsConnect("ws://x/", { closeTimeout: -1 }))).toContain("Invalid closeTimeout");
    expect(attempt(() => session.get("http://a:b@x/", { auth: new BasicAuth("c") }))).toContain("Cannot combine");
    expect(attempt(() => new BasicAuth("a:b"))).toContain("RangeError(");
  });

  test("web sockets that cannot be", () => {
    const session = new ClientSession();
    expect(attempt(() => session.wsConnect("http://x/", { heartbeat: 0 }))).toContain("RangeError('Invalid heartbeat");
    expect(attempt(() => session.wsConnect("http://x/", { protocols: "a" as never }))).toContain("Invalid protocols");
    expect(attempt(() => session.wsConnect("http://x/", { protocol: "a" } as never))).toContain(
      "there is no 'protocol'",
    );
  });
});

describe("a session", () => {
  test("belongs to the loop of its first request", async () => {
    const server = await startHttpPeer();
    const session = new ClientSession({ baseUrl: server.url });
    const read = (): Coroutine<string> => session.get("/text").with((response) => response.text());
    await run(function* () {
      yield* read();
      yield* session.close();
      expect(String(session)).toBe(`<ClientSession ${server.url}/ closed>`);
    });
    const other = new ClientSession({ transport: () => Promise.resolve(new Response("x")) });
    const words = await Promise.all(
      [1, 2].map(() =>
        run(function* () {
          const word = yield* attemptAwait(other.get("http://x/").with((response) => response.text()));
          yield* sleep(0.01);
          if (word === "x") yield* other.close();
          return word;
        }),
      ),
    );
    expect(words.sort()).toEqual(["RuntimeError('ClientSession is bound to a different event loop')", "x"]);
    await server.close();
  });

  test("makes a request once for each call", async () => {
    const words = await run(() =>
      new ClientSession({
        transport: function* () {
          return {};
        },
      }).with(function* (session) {
        const context = session.get("http://x/");
        yield* context.with((response) => response.read());
        return yield* attemptAwait(context.with((response) => response.read()));
      }),
    );
    expect(words).toBe("RuntimeError('Cannot make a request twice: each needs a call of its own')");
  });

  test.each<[string, RequestOptions]>([
    ["ssl", { ssl: createDefaultContext() }],
    ["autoDecompress: false", { autoDecompress: false }],
    ["proxy", { proxy: "http://proxy.test" }],
  ])("over a fetch has no %s", async (name, options) => {
    const fetch = (): Promise<Response> => Promise.resolve(new Response("x"));
    const made = run(() =>
      new ClientSession({ fetch }).with((session) => session.get("http://x/", options).with((it) => it.text())),
    );
    await expect(made).rejects.toThrow(`Cannot use ${name}: the fetch of this host has no setting for it`);
  });

  test("has an auth for its own server", async () => {
    const seen: (string | null)[] = [];
    const transport: SessionOptions["transport"] = function* ({ headers }) {
      seen.push(headers.get("authorization"));
      return {};
    };
    await run(() =>
      new ClientSession({ baseUrl: "http://own.test/a/", auth: new BasicAuth("me", "x"), transport }).with(
        function* (session) {
          for (const url of ["b", "http://other.test/", "https://own.test/", "http://you:y@own.test/"])
            yield* session.get(url).with((response) => response.read());
          yield* session.get("b", { auth: null }).with((response) => response.read());
          yield* session.get("b", { headers: { Authorization: "own" } }).with((response) => response.read());
        },
      ),
    );
    expect(seen).toEqual(["Basic bWU6eA==", null, null, "Basic eW91Onk=", null, "own"]);
  });

  test("tells traces of queues, connections, redirects and further attempts", async () => {
    const server = await startHttpPeer();
    const log: string[] = [];
    const names = ["onConnectionQueuedStart", "onConnectionQueuedEnd", "onConnectionCreateStart"] as const;
    const more = ["onConnectionCreateEnd", "onRequestRedirect", "onRequestRetry"] as const;
    const hooks = Object.fromEntries([...names, ...more].map((name) => [name, () => void log.push(name)]));
    await run(() =>
      new ClientSession({ baseUrl: server.url, limit: 1, traces: [hooks] }).with(function* (session) {
        yield* session.get("/redirect/1").with((response) => response.read());
        yield* session.get("/flaky?times=1", { retry: { delay: 0 } }).with((response) => response.read());
        yield* gather([1, 2].map(() => session.get("/text").with((response) => response.read())));
      }),
    );
    expect(log).toEqual([
      "onConnectionCreateStart",
      "onConnectionCreateEnd",
      "onRequestRedirect",
      "onRequestRetry",
      "onConnectionQueuedStart",
      "onConnectionQueuedEnd",
    ]);
    await server.close();
  });

  test("knows the classes of two bases", () => {
    const [os, late] = [new ClientOSError("x", { code: "EX" }), new ConnectionTimeoutError("x")];
    const kinds = [Error, OSError, ClientError, ClientConnectionError, ClientConnectorError, TimeoutError];
    expect(kinds.map((kind) => os instanceof kind)).toEqual([true, true, true, true, false, false]);
    expect(kinds.map((kind) => late instanceof kind)).toEqual([true, true, true, true, false, true]);
    expect([late instanceof ServerTimeoutError, new TypeError("x") instanceof ClientError]).toEqual([true, false]);
    expect([null, undefined, 1, {}].some((value: unknown) => value instanceof ClientError)).toBe(false);
  });
});

describe("cookies", () => {
  /** What a jar has for an address. */
  const kept = (jar: { getCookieStringSync(url: string): string }, ...urls: string[]): string[] =>
    urls.map((url) => jar.getCookieStringSync(url));

  test("are kept by domain, path and name", () => {
    const jar = new CookieJar();
    const from = "http://www.example.com/shop/cart";
    for (const header of ["own=1", "all=2; Domain=.example.com", "path=3; Path=/shop", "root=4; path=/", "own=5"])
      jar.setCookieSync(header, from);
    expect(
      kept(jar, from, "http://www.example.com/", "http://a.example.com/shop/x", "http://example.org/shop/"),
    ).toEqual(["own=5; all=2; path=3; root=4", "root=4", "all=2", ""]);
    expect(kept(jar, "http://www.example.com/shopping")).toEqual(["root=4"]);
    expect(jar.size).toBe(4);
    jar.clear();
    expect(jar.size).toBe(0);
  });

  test("of others are dropped, and those of addresses", () => {
    const jar = new CookieJar();
    jar.setCookieSync("a=1; Domain=other.test", "http://example.com/");
    jar.setCookieSync("b=1", "http://127.0.0.1/");
    jar.setCookieSync("c=1", "http://[::1]/");
    jar.setCookieSync("no cookie", "http://example.com/");
    jar.setCookieSync("d=1; Secure", "http://example.com/");
    jar.setCookieSync("e=1; Domain=com", "http://example.com/");
    jar.setCookieSync("f=1; Domain=.com.", "http://example.com./");
    expect(jar.size).toBe(0);
  });

  test("that are secure go by https alone", () => {
    const jar = new CookieJar();
    jar.setCookieSync("a=1; Secure", "https://example.com/");
    expect(kept(jar, "https://example.com/", "wss://example.com/", "http://example.com/")).toEqual(["a=1", "a=1", ""]);
  });

  test("last as long as they say", () => {
    let now = Date.UTC(2030, 0, 1);
    const jar = new CookieJar({ now: () => now });
    const url = "http://example.com/";
    jar.setCookieSync("a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", url);
    jar.setCookieSync("b=1; Expires=Tue, 01 Jan 2030 00:00:10 GMT", url);
    jar.setCookieSync("c=1; Expires=never", url);
    jar.setCookieSync("d=1; Max-Age=99999999999", url);
    expect(jar.size).toBe(4);
    now += 11_000;
    expect(kept(jar, url)).toEqual(["a=1; c=1; d=1"]);
    jar.setCookieSync("a=1; Max-Age=0", url);
    now += 401 * 86_400_000;
    expect(kept(jar, url)).toEqual(["c=1"]);
  });

  test("are kept by tough-cookie, too, which knows public suffixes", async () => {
    const jar = new ToughJar();
    const transport: SessionOptions["transport"] = function* ({ headers }) {
      return {
        headers: [
          ["Set-Cookie", "a=1"],
          ["Set-Cookie", "b=2; Domain=co.uk"],
        ],
        body: headers.get("cookie") ?? "",
      };
    };
    const text = await run(() =>
      new ClientSession({ cookieJar: jar, transport }).with(function* (session) {
        yield* session.get("http://shop.co.uk/").with((response) => response.read());
        return yield* session.get("http://shop.co.uk/").with((response) => response.text());
      }),
    );
    expect(text).toBe("a=1");
  });
});

describe("web sockets of ws", () => {
  const options = { webSocket: WebSocket };

  test("take headers and cookies", async () => {
    const server = await startHttpPeer();
    const cookieJar = new CookieJar({ unsafe: true });
    cookieJar.setCookieSync("kept=1", server.url);
    const headers = await run(() =>
      new ClientSession({ ...options, baseUrl: server.url, cookieJar, headers: { "X-Session": "1" } }).with((session) =>
        session.wsConnect("/ws", { headers: { "X-Own": "2" }, auth: new BasicAuth("a") }).with(function* (socket) {
          yield* socket.sendStr("headers");
          return yield* socket.receiveJson<Record<string, string>>();
        }),
      ),
    );
    expect([headers["cookie"], headers["x-session"], headers["x-own"], headers["authorization"]]).toEqual([
      "kept=1",
      "1",
      "2",
      "Basic YTo=",
    ]);
    await server.close();
  });

  test("tell the status of a server that begins none", async () => {
    const server = await startHttpPeer();
    const error = await run(() =>
      new ClientSession({ ...options, baseUrl: server.url }).with((session) =>
        attemptAwait(session.wsConnect("/status/404").with((socket) => socket.receive())),
      ),
    );
    expect(error).toMatch(/^WSServerHandshakeError\('401, message='Invalid response status'/);
    await server.close();
  });

  test("ask whether the other side is there", async () => {
    const server = await startHttpPeer();
    const results = await run(() =>
      new ClientSession({ ...options, baseUrl: server.url }).with(function* (session) {
        const alive = yield* session.wsConnect("/ws", { heartbeat: 0.04 }).with(function* (socket) {
          yield* sleep(0.3);
          return [socket.closed, socket.exception()];
        });
        const gone = yield* session.wsConnect("/silent", { heartbeat: 0.04 }).with(function* (socket) {
          const message = yield* socket.receive(10);
          return [message.type, socket.closeCode, socket.exception()?.name];
        });
        return [alive, gone];
      }),
    );
    expect(results).toEqual([
      [false, null],
      ["CLOSED", 1006, "ServerTimeoutError"],
    ]);
    await server.close();
  });

  test("have no heartbeat where pings cannot be sent", async () => {
    let made = 0;
    class Plain extends EventTarget {
      constructor() {
        super();
        made++;
      }
      close(): void {}
    }
    const error = run(() =>
      new ClientSession({ webSocket: Plain }).with((session) =>
        session.wsConnect("http://x/", { heartbeat: 1 }).with((socket) => socket.receive()),
      ),
    );
    await expect(error).rejects.toThrow(NotAvailableError);
    expect(made).toBe(0); // nobody would have closed it
  });

  test("that have to wait for a place are not opened when the session is closed meanwhile", async () => {
    const server = await startHttpPeer();
    const words = await run(function* () {
      const session = new ClientSession({ ...options, baseUrl: server.url, limit: 1 });
      const first = yield* session.wsConnect("/ws");
      const second = createTask(attemptAwait(session.wsConnect("/ws").with((socket) => socket.receive())));
      yield* sleep(0);
      yield* session.close();
      return [yield* second, first.closed];
    });
    expect(words).toEqual(["ClientConnectionError('Connector is closed.')", true]);
    await server.close();
  });

  test("are closed by a code and a message that there can be, or are not closed", async () => {
    const server = await startHttpPeer();
    await run(() =>
      new ClientSession({ ...options, baseUrl: server.url }).with((session) =>
        session.wsConnect("/ws").with(function* (socket) {
          expect(attempt(() => socket.close({ message: "x".repeat(124) }))).toContain("RangeError('Invalid message");
          expect(attempt(() => socket.close({ code: "3000" as never }))).toContain("RangeError('Invalid code");
          expect(socket.closed).toBe(false);
        }),
      ),
    );
    await server.close();
  });

  test("let one task wait for a message", async () => {
    const server = await startHttpPeer();
    const word = await run(() =>
      new ClientSession({ ...options, baseUrl: server.url }).with((session) =>
        session.wsConnect("/ws").with(function* (socket) {
          const first = createTask(attemptAwait(socket.receive()));
          yield* sleep(0);
          const second = yield* attemptAwait(socket.receive());
          yield* socket.close();
          return [second, yield* first];
        }),
      ),
    );
    expect(word).toEqual(["RuntimeError('Concurrent call to receive() is not allowed')", { type: "CLOSED" }]);
    await server.close();
  });
});

test.each<[string, string, string]>([
  [
    "another protocol",
    "101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x",
    "ClientConnectionError('the server",
  ],
  ["no credentials", "302 Found\r\nLocation: http://%zz@127.0.0.1/", "InvalidUrlRedirectClientError('http://%zz@127"],
  [
    "a login with a colon",
    "302 Found\r\nLocation: http://a%3Ab@127.0.0.1/",
    "InvalidUrlRedirectClientError('http://a%3A",
  ],
])("a server that answers with %s is told", (_, head, error) =>
  TestServer.with(
    (request) => void request.socket.write(`HTTP/1.1 ${head}\r\n\r\n`),
    async (server) => {
      const found = run(() =>
        new ClientSession({ baseUrl: server.url, timeout: { total: null } }).with((session) =>
          attemptAwait(session.get("/").with((response) => response.text())),
        ),
      );
      expect(await found).toContain(error);
      await until(() => server.sockets.size === 0);
    },
  ),
);

test("credentials of an address are in headers alone, behind a redirect, too", () =>
  TestServer.with(
    ({ url, headers }, response, { port }) => {
      const to = `http://you:y@127.0.0.1:${port}/b`;
      if (url === "/a") response.writeHead(302, { location: to });
      response.end(headers.authorization ?? "none");
    },
    async (server) => {
      const got = await run(() =>
        new ClientSession().with((session) =>
          session.get(`${server.url.replace("//", "//me:x@")}/a`).with(function* (response) {
            return [response.history[0].url.href, response.url.href, yield* response.text()];
          }),
        ),
      );
      expect(got).toEqual([`${server.url}/a`, `${server.url}/b`, "Basic eW91Onk="]);
    },
  ));

test("a charset that there is not is UTF-8, and what is no cookie is none", () =>
  TestServer.with(
    (_, response) => {
      response.setHeader("content-type", "text/plain; charset=nonsense");
      response.setHeader("set-cookie", ["a=1", "none"]);
      response.end("grüße");
    },
    async (server) => {
      const got = await run(() =>
        new ClientSession().with((session) =>
          session.get(server.url).with(function* (response) {
            return [yield* response.text(), [...response.cookies]];
          }),
        ),
      );
      expect(got).toEqual(["grüße", [["a", "1"]]]);
    },
  ));

test("a long password is encoded, too", () => {
  expect(atob(new BasicAuth("a", "x".repeat(1e6)).encode().slice("Basic ".length))).toHaveLength(1e6 + 2);
});

test("what a server says in no header of its own is left out, and its garbage is an error", () =>
  TestServer.with(
    (request) => void request.socket.end("HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n"),
    async (server) => {
      const error = await run(() =>
        new ClientSession({ baseUrl: server.url }).with((session) =>
          attemptAwait(session.get("/").with((response) => response.text())),
        ),
      );
      expect(error).toMatch(/^ClientResponseError\('400, message=/);
    },
  ));

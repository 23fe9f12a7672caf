// What a client does, scenario by scenario, for every host: a program that asks ./http-peer.ts, and what comes of it.
// The facts are those of aiohttp's own tests.

import { type Coroutine, CancelledError, TimeoutError, createTask, forEach, gather, sleep, timeout } from "wasyncio";
import {
  BasicAuth,
  ClientConnectionError,
  ClientConnectorError,
  ClientError,
  ClientPayloadError,
  ClientResponseError,
  type ClientResponse,
  ClientSession,
  ContentTypeError,
  CookieJar,
  InvalidURL,
  ServerDisconnectedError,
  ServerTimeoutError,
  type SessionOptions,
  type TraceConfig,
  TooManyRedirects,
} from "wasyncio/client";

/** What a program has of the outside. */
export interface World {
  /** The peer: "http://127.0.0.1:8080". */
  readonly url: string;
  /** The same server by another name, which is another origin. */
  readonly otherUrl: string;
  /** Where nobody listens. */
  readonly nowhere: string;
}

export interface Scenario {
  readonly program: (session: ClientSession, world: World) => Coroutine<unknown>;
  readonly expected: unknown;
  readonly options?: SessionOptions;
}

interface Echo {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

const TEXT = "some text, and some text, ".repeat(40);
const text = (response: ClientResponse): Coroutine<string> => response.text();
const json = (response: ClientResponse): Coroutine<unknown> => response.json();
const echo = (response: ClientResponse): Coroutine<Echo> => response.json<Echo>();
const encode = (value: string): Uint8Array => new TextEncoder().encode(value);
let keys = 0;

/** Which of the classes an error is of, with those of two bases. */
const KINDS = {
  ClientError,
  ClientConnectionError,
  ClientConnectorError,
  ClientPayloadError,
  ClientResponseError,
  ContentTypeError,
  InvalidURL,
  ServerDisconnectedError,
  ServerTimeoutError,
  TooManyRedirects,
  TimeoutError,
  CancelledError,
};

/** The name of what an awaitable fails with. */
function* nameOfError(program: () => Coroutine<unknown>): Coroutine<string> {
  try {
    yield* program();
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    return (error as Error).name;
  }
  return "nothing";
}

/** The kinds of what it fails with. */
function* kindsOf(program: () => Coroutine<unknown>): Coroutine<string[]> {
  try {
    yield* program();
  } catch (error) {
    return Object.entries(KINDS).flatMap(([name, kind]) => (error instanceof kind ? [name] : []));
  }
  return [];
}

/** What the server has counted since it was asked last. */
interface Stats {
  readonly accepted: number;
  readonly requests: number;
  readonly mostRequests: number;
  readonly lost: number;
  readonly open: number;
}

function* stats(world: World): Coroutine<Stats> {
  return yield* new ClientSession({ baseUrl: world.url }).with((session) =>
    session.get("/stats").with((response) => response.json<Stats>()),
  );
}

/** Waits until the server has no request but the one that asks. */
function* untilQuiet(world: World): Coroutine<void> {
  while ((yield* stats(world)).open > 1) yield* sleep(0.01);
}

async function* chunksOf(...chunks: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  yield* chunks;
}

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  // ── What is sent ─────────────────────────────────────────────────────────────────────────────────────────────
  "each method by its name": {
    *program(session) {
      const methods: string[] = [];
      for (const method of ["get", "post", "put", "patch", "delete"] as const)
        methods.push((yield* session[method]("/echo").with(echo)).method);
      methods.push((yield* session.request("report", "/echo").with(echo)).method);
      methods.push(String((yield* session.head("/echo").with(text)).length));
      return methods;
    },
    expected: ["GET", "POST", "PUT", "PATCH", "DELETE", "REPORT", "0"],
  },
  "params are added to those of the address": {
    program: (session) =>
      session.get("/echo?a=1", { params: { b: 2, c: ["x y", "ü"], d: true } }).with(function* (response) {
        return (yield* echo(response)).path;
      }),
    expected: "/echo?a=1&b=2&c=x+y&c=%C3%BC&d=true",
  },
  "params as pairs, as text and as URLSearchParams": {
    *program(session) {
      const paths: string[] = [];
      for (const params of [
        [
          ["q", "1"],
          ["q", "2"],
        ] as const,
        "q=3&r",
        new URLSearchParams({ q: "4" }),
      ])
        paths.push((yield* session.get("/echo", { params }).with(echo)).path);
      return paths;
    },
    expected: ["/echo?q=1&q=2", "/echo?q=3&r=", "/echo?q=4"],
  },
  "a fragment is not sent": {
    *program(session) {
      return (yield* session.get("/echo?a#part").with(echo)).path;
    },
    expected: "/echo?a",
  },
  "headers of a request stand in the place of the session's": {
    options: { headers: { "X-One": "session", "X-Two": "session" } },
    *program(session) {
      const { headers } = yield* session
        .get("/echo", {
          headers: [
            ["x-one", "request"],
            ["X-Three", 3],
          ],
        })
        .with(echo);
      return [headers["x-one"], headers["x-two"], headers["x-three"], headers["accept"]];
    },
    expected: ["request", "session", "3", "*/*"],
  },
  "a text": {
    *program(session) {
      const { body, headers } = yield* session.post("/echo", { data: "a text" }).with(echo);
      return [body, headers["content-type"], headers["content-length"]];
    },
    expected: ["a text", "text/plain; charset=utf-8", "6"],
  },
  bytes: {
    *program(session) {
      const { body, headers } = yield* session.post("/echo", { data: new Uint8Array([0, 65, 255]) }).with(echo);
      return [body, headers["content-type"]];
    },
    expected: ["\0A\u00ff", "application/octet-stream"],
  },
  JSON: {
    *program(session) {
      const { body, headers } = yield* session.put("/echo", { json: { a: [1, null] } }).with(echo);
      return [body, headers["content-type"]];
    },
    expected: ['{"a":[1,null]}', "application/json"],
  },
  "a type of one's own": {
    *program(session) {
      const options = { data: "<a/>", headers: { "Content-Type": "text/xml" } };
      return (yield* session.post("/echo", options).with(echo)).headers["content-type"];
    },
    expected: "text/xml",
  },
  "a form, as an object and as URLSearchParams": {
    *program(session) {
      const first = yield* session.post("/echo", { data: { a: "1 2", b: 3 } }).with(echo);
      const second = yield* session.post("/echo", { data: new URLSearchParams("c=4") }).with(echo);
      return [first.body, first.headers["content-type"], second.body];
    },
    expected: ["a=1+2&b=3", "application/x-www-form-urlencoded", "c=4"],
  },
  "a form with a file": {
    *program(session) {
      const form = new FormData();
      form.append("field", "line\nbreak");
      form.append("file", new File(["content"], 'na"me.txt', { type: "text/x-own" }));
      const { body, headers } = yield* session.post("/echo", { data: form }).with(echo);
      const boundary = /boundary=(.+)/.exec(headers["content-type"])?.[1] ?? "";
      return [
        body.replaceAll(boundary, "B").split("\r\n"),
        Number(headers["content-length"] ?? body.length) === body.length,
      ];
    },
    expected: [
      [
        "--B",
        'Content-Disposition: form-data; name="field"',
        "",
        "line",
        "break",
        "--B",
        'Content-Disposition: form-data; name="file"; filename="na%22me.txt"',
        "Content-Type: text/x-own",
        "",
        "content",
        "--B--",
        "",
      ],
      true,
    ],
  },
  "a Blob": {
    *program(session) {
      const { body, headers } = yield* session.post("/echo", { data: new Blob(["ab"], { type: "a/b" }) }).with(echo);
      return [body, headers["content-type"]];
    },
    expected: ["ab", "a/b"],
  },
  "chunks of an async generator": {
    *program(session) {
      const { body } = yield* session.post("/echo", { data: chunksOf("a", encode("b"), "", "c") }).with(echo);
      return body;
    },
    expected: "abc",
  },
  "chunks of a coroutine iterator": {
    *program(session) {
      let left = 3;
      const data = {
        *anext(): Coroutine<IteratorResult<string, undefined>> {
          yield* sleep(0.001);
          return left-- > 0 ? { done: false, value: `${left}` } : { done: true, value: undefined };
        },
      };
      return (yield* session.post("/echo", { data }).with(echo)).body;
    },
    expected: "210",
  },
  "a web stream": {
    *program(session) {
      const data = new Blob(["stream"]).stream() as AsyncIterable<Uint8Array>;
      return (yield* session.post("/echo", { data }).with(echo)).body;
    },
    expected: "stream",
  },
  "8 MB in chunks, at the pace of the server": {
    *program(session) {
      const chunk = new Uint8Array(65_536);
      let left = 128;
      const data = {
        *anext(): Coroutine<IteratorResult<Uint8Array, undefined>> {
          return left-- > 0 ? { done: false, value: chunk } : { done: true, value: undefined };
        },
      };
      return yield* session.post("/sink", { data }).with(json);
    },
    expected: { length: 8 * 1024 * 1024 },
  },
  "an iterable that throws is what the request fails with": {
    *program(session, world) {
      async function* broken(): AsyncGenerator<string> {
        yield "a";
        throw new Error("the chunks are gone");
      }
      try {
        yield* session.post("/sink", { data: broken() }).with(text);
      } catch (error) {
        yield* untilQuiet(world);
        return [(error as Error).name, ((error as Error).cause as Error).message];
      }
      return [];
    },
    expected: ["ClientConnectionError", "the chunks are gone"],
  },
  "an answer that comes before the body is sent": {
    *program(session) {
      const data = {
        *anext(): Coroutine<IteratorResult<string, undefined>> {
          yield* sleep(0.005);
          return { done: false, value: "for ever" };
        },
      };
      return [yield* session.post("/early", { data }).with(text), yield* session.get("/text").with(text)];
    },
    expected: ["early", "grüße"],
  },
  "basic authentication, by option and in the address": {
    *program(session, { url }) {
      const first = yield* session.get("/echo", { auth: new BasicAuth("ann", "ü:") }).with(echo);
      const second = yield* session.get(url.replace("//", "//bob:s%20s@") + "/echo").with(echo);
      return [first.headers["authorization"], second.headers["authorization"]];
    },
    expected: ["Basic YW5uOsO8Og==", "Basic Ym9iOnMgcw=="],
  },

  "a proxy is asked, with what it is to know": {
    *program(session, { url }) {
      const proxyAuth = new BasicAuth("me", "secret");
      const { path, headers } = yield* session.get("http://site.test/echo?q=1", { proxy: url, proxyAuth }).with(echo);
      return [path, headers["host"], headers["proxy-authorization"]];
    },
    expected: ["/echo?q=1", "site.test", "Basic bWU6c2VjcmV0"],
  },

  // ── What comes back ──────────────────────────────────────────────────────────────────────────────────────────
  "status, reason and headers": {
    program: (session) =>
      session.get("/headers").with(function* (response) {
        const { status, ok, headers, contentType, charset, method } = response;
        yield* response.read();
        return [status, ok, headers.get("x-one"), headers.get("X-EMPTY"), contentType, charset, method];
      }),
    expected: [200, true, "1, 2", "", "text/html", "utf-8", "GET"],
  },
  "text in the charset of its type": {
    *program(session) {
      return [yield* session.get("/text").with(text), yield* session.get("/latin1").with(text)];
    },
    expected: ["grüße", "grüße"],
  },
  "JSON of its type only, unless any will do": {
    *program(session) {
      return [
        yield* session.get("/jsontype").with(json),
        yield* nameOfError(() => session.get("/wrongtype").with(json)),
        yield* session.get("/wrongtype").with((response) => response.json({ contentType: null })),
        yield* session.get("/wrongtype").with((response) => response.json({ contentType: "text/plain" })),
        yield* session.get("/empty").with(json),
        yield* nameOfError(() => session.get("/badjson").with(json)),
      ];
    },
    expected: [[1], "ContentTypeError", [1], [1], null, "SyntaxError"],
  },
  "a body that is read twice": {
    program: (session) =>
      session.get("/text").with(function* (response) {
        const first = yield* response.bytes();
        return [first === (yield* response.read()), yield* response.text(), first.length];
      }),
    expected: [true, "grüße", 7],
  },
  "lines, and chunks of a size": {
    *program(session) {
      const lines: string[] = [];
      yield* session
        .get("/drip?n=3&ms=1")
        .with((response) => forEach(response.content, (line) => void lines.push(new TextDecoder().decode(line))));
      const sizes: number[] = [];
      yield* session
        .get("/big?mb=1")
        .with((response) => forEach(response.content.iterChunked(50_000), (chunk) => void sizes.push(chunk.length)));
      return [lines, sizes.every((size) => size <= 50_000), sizes.reduce((sum, size) => sum + size, 0)];
    },
    expected: [["chunk 0\n", "chunk 1\n", "chunk 2\n"], true, 1_048_576],
  },
  "parts of a body, and its end": {
    program: (session) =>
      session.get("/drip?n=2&ms=1").with(function* ({ content }) {
        const first = yield* content.readexactly(5);
        const line = yield* content.readline();
        const rest = yield* content.read();
        return [first, line, rest].map((bytes) => new TextDecoder().decode(bytes)).concat(String(content.atEof()));
      }),
    expected: ["chunk", " 0\n", "chunk 1\n", "true"],
  },
  "20 MB, read slowly": {
    program: (session) =>
      session.get("/big?mb=20").with(function* ({ content }) {
        let length = 0;
        let rounds = 0;
        yield* forEach(content.iterAny(), function* (chunk) {
          length += chunk.length;
          if (++rounds % 50 === 0) yield* sleep(0.001);
        });
        return length;
      }),
    expected: 20 * 1024 * 1024,
  },
  "what is compressed comes decompressed": {
    *program(session) {
      const texts: boolean[] = [];
      for (const path of ["/gzip", "/br", "/chunkedgzip"]) texts.push((yield* session.get(path).with(text)) === TEXT);
      return texts;
    },
    expected: [true, true, true],
  },
  "deflate, with zlib's header and without": {
    *program(session) {
      return [
        (yield* session.get("/deflate").with(text)) === TEXT,
        (yield* session.get("/rawdeflate").with(text)) === TEXT,
      ];
    },
    expected: [true, true],
  },
  "an answer without a body that is called compressed": {
    *program(session) {
      return [
        (yield* session.head("/gzip").with((response) => response.read())).length,
        (yield* session.get("/status/204").with((response) => response.read())).length,
      ];
    },
    expected: [0, 0],
  },
  "what is no gzip is a ClientPayloadError": {
    program: (session) => kindsOf(() => session.get("/badgzip").with(text)),
    expected: ["ClientError", "ClientPayloadError"],
  },
  "a body that is cut is a ClientPayloadError, whatever its framing": {
    *program(session) {
      return [
        yield* kindsOf(() => session.get("/cut").with(text)),
        yield* kindsOf(() => session.get("/cutchunked").with(text)),
      ];
    },
    expected: [
      ["ClientError", "ClientPayloadError"],
      ["ClientError", "ClientPayloadError"],
    ],
  },
  "what came before a body was cut can be read": {
    program: (session) =>
      session.get("/cut").with(function* ({ content }) {
        const half = new TextDecoder().decode(yield* content.readexactly(4));
        return [half, yield* nameOfError(() => content.read(1))];
      }),
    expected: ["half", "ClientPayloadError"],
  },
  "a server that hangs up is a ServerDisconnectedError": {
    program: (session) => kindsOf(() => session.post("/drop").with(text)),
    expected: ["ClientError", "ClientConnectionError", "ServerDisconnectedError"],
  },
  "where nobody listens, a ClientConnectorError": {
    program: (session, { nowhere }) => kindsOf(() => session.get(nowhere).with(text)),
    expected: ["ClientError", "ClientConnectionError", "ClientConnectorError"],
  },
  "a response that was released gives nothing any more": {
    *program(session) {
      const response = yield* session.get("/big?mb=4").with(function* (inside) {
        return inside;
      });
      return [
        response.closed,
        yield* nameOfError(() => response.read()),
        yield* nameOfError(() => response.json({ contentType: null })),
      ];
    },
    expected: [true, "ClientConnectionError", "ClientConnectionError"],
  },
  "what was read in the block can be read behind it": {
    *program(session) {
      const response = yield* session.get("/text").with(function* (inside) {
        yield* inside.read();
        return inside;
      });
      return yield* response.text();
    },
    expected: "grüße",
  },
  "a request without a block, read to its end": {
    *program(session) {
      const response = yield* session.get("/text");
      const before = response.closed;
      return [before, yield* response.text(), response.closed, String(response).endsWith("/text) [200 OK]>")];
    },
    expected: [false, "grüße", true, true],
  },

  // ── Statuses that are errors ─────────────────────────────────────────────────────────────────────────────────
  "a status is no error by itself": {
    program: (session) =>
      session.get("/status/404").with(function* (response) {
        const { status, ok } = response;
        return [status, ok, yield* response.text()];
      }),
    expected: [404, false, "status 404"],
  },
  "raiseForStatus, of a response, a request and a session": {
    options: { raiseForStatus: true },
    *program(session, { url }) {
      const plain = new ClientSession({ baseUrl: url });
      const errors = [
        yield* nameOfError(() => session.get("/status/500").with(text)),
        yield* nameOfError(() => session.get("/status/500", { raiseForStatus: false }).with(text)),
        yield* nameOfError(() => plain.get("/status/404", { raiseForStatus: true }).with(text)),
        yield* nameOfError(() =>
          plain.get("/status/404").with(function* (response) {
            response.raiseForStatus();
          }),
        ),
      ];
      yield* plain.close();
      return errors;
    },
    expected: ["ClientResponseError", "nothing", "ClientResponseError", "ClientResponseError"],
  },
  "raiseForStatus as a coroutine function that reads the body": {
    *program(session) {
      const raiseForStatus = function* (response: ClientResponse): Coroutine<void> {
        if (!response.ok) throw new RangeError(yield* response.text());
      };
      return [
        yield* session.get("/text", { raiseForStatus }).with(text),
        yield* nameOfError(() => session.get("/status/418", { raiseForStatus }).with(text)),
      ];
    },
    expected: ["grüße", "RangeError"],
  },
  "what a ClientResponseError knows": {
    *program(session, { url }) {
      try {
        yield* session.get("/status/503", { raiseForStatus: true }).with(text);
      } catch (error) {
        const { status, requestInfo, history, headers, message } = error as ClientResponseError;
        const { method, url: address } = requestInfo;
        return [
          status,
          method,
          address.href === `${url}/status/503`,
          history.length,
          headers?.get("content-type"),
          message.startsWith("503, message='"),
        ];
      }
      return [];
    },
    expected: [503, "GET", true, 0, "text/plain", true],
  },

  // ── Redirects ────────────────────────────────────────────────────────────────────────────────────────────────
  "redirects are followed": {
    program: (session) =>
      session.get("/redirect/3").with(function* (response) {
        const { path } = yield* echo(response);
        return [path, response.url.pathname, response.status];
      }),
    expected: ["/echo", "/echo", 200],
  },
  "the answers that led somewhere are known": {
    program: (session) =>
      session.get("/redirect/2").with(function* ({ history }) {
        return history.map(({ status, url }) => [status, url.pathname]);
      }),
    expected: [
      [302, "/redirect/2"],
      [302, "/redirect/1"],
    ],
  },
  "a redirect that is not to be followed": {
    *program(session) {
      return [
        yield* session.get("/redirect/1", { allowRedirects: false }).with(function* ({ status, headers }) {
          return [status, headers.get("location")];
        }),
        yield* session.head("/redirect/1").with(function* ({ status }) {
          return status;
        }),
        yield* session.head("/redirect/1", { allowRedirects: true }).with(function* ({ status }) {
          return status;
        }),
      ];
    },
    expected: [[302, "/echo"], 302, 200],
  },
  "a redirect to nowhere is an answer": {
    program: (session) =>
      session.get("/to?status=301").with(function* (response) {
        return [response.status, yield* response.text()];
      }),
    expected: [301, "elsewhere"],
  },
  "too many redirects": {
    *program(session) {
      try {
        yield* session.get("/redirect/9", { maxRedirects: 3 }).with(text);
      } catch (error) {
        const { name, history, requestInfo } = error as TooManyRedirects;
        return [name, history.length, requestInfo.url.pathname];
      }
      return [];
    },
    expected: ["TooManyRedirects", 3, "/redirect/9"],
  },
  "methods and bodies behind redirects": {
    *program(session) {
      const results: string[] = [];
      for (const status of [301, 302, 303, 307, 308]) {
        for (const method of ["POST", "PUT"]) {
          const url = `/to?status=${status}&url=/echo`;
          const { method: then, body } = yield* session.request(method, url, { data: "body" }).with(echo);
          results.push(`${status} ${method}: ${then} ${body}`.trim());
        }
      }
      return results;
    },
    expected: [
      "301 POST: GET",
      "301 PUT: PUT body",
      "302 POST: GET",
      "302 PUT: PUT body",
      "303 POST: GET",
      "303 PUT: GET",
      "307 POST: POST body",
      "307 PUT: PUT body",
      "308 POST: POST body",
      "308 PUT: PUT body",
    ],
  },
  "a redirect keeps the type of a body that it keeps": {
    *program(session) {
      const kept = yield* session.post("/to?status=307&url=/echo", { json: 1 }).with(echo);
      const lost = yield* session.post("/to?status=303&url=/echo", { json: 1 }).with(echo);
      return [kept.headers["content-type"], lost.headers["content-type"] ?? null];
    },
    expected: ["application/json", null],
  },
  "chunks that are used up cannot be sent again": {
    program: (session) =>
      nameOfError(() => session.post("/to?status=307&url=/echo", { data: chunksOf("a") }).with(text)),
    expected: "ClientPayloadError",
  },
  "params are not carried on by a redirect": {
    *program(session) {
      return (yield* session.get("/to", { params: { url: "/echo?b=2", a: 1 } }).with(echo)).path;
    },
    expected: "/echo?b=2",
  },
  "credentials go to no other origin": {
    *program(session, { otherUrl, url }) {
      const options = { auth: new BasicAuth("ann", "secret"), cookies: { own: "1" }, headers: { "X-Kept": "1" } };
      const same = yield* session.get(`/to?url=${url}/echo`, options).with(echo);
      const other = yield* session.get(`/to?url=${otherUrl}/echo`, options).with(echo);
      const byHeader = { headers: { Authorization: "Bearer t", Cookie: "own=1" } };
      const header = yield* session.get(`/to?url=${otherUrl}/echo`, byHeader).with(echo);
      return [same, other, header].map(({ headers }) => [
        headers["authorization"] ?? null,
        headers["cookie"] ?? null,
        headers["x-kept"] ?? null,
      ]);
    },
    expected: [
      ["Basic YW5uOnNlY3JldA==", "own=1", "1"],
      [null, null, "1"],
      [null, null, null],
    ],
  },
  "redirects to what cannot be asked": {
    *program(session) {
      return [
        yield* nameOfError(() => session.get("/to?url=ftp://x/").with(text)),
        yield* nameOfError(() => session.get("/to?url=http://:1:2/").with(text)),
      ];
    },
    expected: ["NonHttpUrlRedirectClientError", "InvalidUrlRedirectClientError"],
  },

  // ── Cookies ──────────────────────────────────────────────────────────────────────────────────────────────────
  "cookies that are set are sent": {
    options: { cookieJar: new CookieJar({ unsafe: true }) },
    *program(session) {
      yield* session.get("/cookie?set=a%3D1&set=b%3D2%3B%20Path%3D/echo&set=c%3D3%3B%20Max-Age%3D0").with(function* ({
        cookies,
      }) {
        return [...cookies];
      });
      const { headers } = yield* session.get("/echo", { cookies: { own: "x" } }).with(echo);
      return headers["cookie"];
    },
    expected: "b=2; a=1; own=x",
  },
  "cookies of redirects": {
    options: { cookieJar: new CookieJar({ unsafe: true }) },
    *program(session) {
      return (yield* session.get("/cookieredirect").with(echo)).headers["cookie"];
    },
    expected: "step=1",
  },
  "no cookies of addresses, and none without a jar": {
    *program(session, { url }) {
      yield* session.get("/cookie?set=a%3D1").with(text);
      const kept = (yield* session.get("/echo").with(echo)).headers["cookie"] ?? null;
      const without = yield* new ClientSession({ baseUrl: url, cookieJar: null }).with(function* (other) {
        yield* other.get("/cookie?set=a%3D1").with(text);
        return (yield* other.get("/echo").with(echo)).headers["cookie"] ?? null;
      });
      return [kept, without];
    },
    expected: [null, null],
  },

  // ── Times ────────────────────────────────────────────────────────────────────────────────────────────────────
  "total is a TimeoutError, and no ClientError": {
    program: (session) => kindsOf(() => session.get("/slow?ms=10000", { timeout: { total: 0.05 } }).with(text)),
    expected: ["TimeoutError"],
  },
  "total holds for the body, too": {
    *program(session, world) {
      const kinds = yield* kindsOf(() =>
        session.get("/drip?n=1000&ms=20", { timeout: { total: 0.15 } }).with(function* (response) {
          yield* response.content.readline();
          yield* response.read();
        }),
      );
      yield* untilQuiet(world);
      return kinds;
    },
    expected: ["TimeoutError"],
  },
  "total is for the request alone: a block that does something else goes on": {
    program: (session) =>
      session.get("/text", { timeout: { total: 0.1 } }).with(function* (response) {
        yield* response.read();
        yield* sleep(0.2);
        return yield* response.text();
      }),
    expected: "grüße",
  },
  "sockRead is a ServerTimeoutError, and a TimeoutError": {
    *program(session) {
      return [
        yield* kindsOf(() => session.get("/slow?ms=10000", { timeout: { sockRead: 0.05 } }).with(text)),
        yield* kindsOf(() => session.get("/drip?n=2&ms=10000", { timeout: { sockRead: 0.05 } }).with(text)),
        yield* nameOfError(() => session.get("/drip?n=10&ms=10", { timeout: { sockRead: 2 } }).with(text)),
      ];
    },
    expected: [
      ["ClientError", "ClientConnectionError", "ServerTimeoutError", "TimeoutError"],
      ["ClientError", "ClientConnectionError", "ServerTimeoutError", "TimeoutError"],
      "nothing",
    ],
  },
  "a field of a request stands in the place of the session's, the others hold": {
    options: { timeout: { total: 0.1, sockRead: 5 } },
    *program(session) {
      return [
        yield* nameOfError(() => session.get("/slow?ms=10000", { timeout: { sockRead: 4 } }).with(text)),
        yield* nameOfError(() => session.get("/slow?ms=200", { timeout: { total: null } }).with(text)),
      ];
    },
    expected: ["TimeoutError", "nothing"],
  },
  "total counts the wait for a place": {
    options: { limit: 1 },
    *program(session) {
      const first = createTask(session.get("/slow?ms=400").with(text));
      yield* sleep(0);
      const second = yield* nameOfError(() => session.get("/text", { timeout: { total: 0.05 } }).with(text));
      const third = yield* kindsOf(() => session.get("/text", { timeout: { connect: 0.05 } }).with(text));
      return [second, third, yield* first];
    },
    expected: ["TimeoutError", ["ClientError", "ClientConnectionError", "ServerTimeoutError", "TimeoutError"], "late"],
  },
  "a timeout around a block cancels the request": {
    *program(session, world) {
      const name = yield* nameOfError(() => timeout(0.05).with(() => session.get("/slow?ms=10000").with(text)));
      yield* untilQuiet(world);
      return name;
    },
    expected: "TimeoutError",
  },

  // ── Places and connections ───────────────────────────────────────────────────────────────────────────────────
  "no more requests at once than there are places": {
    options: { limit: 5 },
    *program(session, world) {
      yield* stats(world);
      yield* gather(Array.from({ length: 40 }, () => session.get("/slow?ms=5").with(text)));
      const { mostRequests, requests } = yield* stats(world);
      return [mostRequests <= 5, requests - 1];
    },
    expected: [true, 40],
  },
  "no more requests to one host": {
    options: { limit: 50, limitPerHost: 3 },
    *program(session, world) {
      yield* stats(world);
      yield* gather(Array.from({ length: 20 }, () => session.get("/slow?ms=5").with(text)));
      return (yield* stats(world)).mostRequests <= 3;
    },
    expected: true,
  },
  "a place is held to the end of the block": {
    options: { limit: 1 },
    *program(session) {
      const order: string[] = [];
      const second = createTask(
        (function* () {
          yield* sleep(0.01);
          yield* session.get("/text").with(text);
          order.push("second");
        })(),
      );
      yield* session.get("/text").with(function* (response) {
        yield* response.text();
        yield* sleep(0.05);
        order.push("first");
      });
      yield* second;
      return order;
    },
    expected: ["first", "second"],
  },
  "50 requests are cancelled, and the server sees it": {
    *program(session, world) {
      yield* stats(world);
      const all = gather(Array.from({ length: 50 }, () => session.get("/slow?ms=10000").with(text)));
      const name = yield* nameOfError(() =>
        timeout(0.3).with(function* () {
          yield* all;
        }),
      );
      yield* untilQuiet(world);
      return [name, yield* session.get("/text").with(text)];
    },
    expected: ["TimeoutError", "grüße"],
  },
  "a body that is given up ends its connection": {
    *program(session, world) {
      const line = yield* session.get("/drip?n=100000&ms=5").with((response) => response.content.readline());
      yield* untilQuiet(world);
      return new TextDecoder().decode(line);
    },
    expected: "chunk 0\n",
  },
  "a session that is closed ends what is under way": {
    *program(_, { url }) {
      const session = new ClientSession({ baseUrl: url });
      const task = createTask(kindsOf(() => session.get("/slow?ms=10000").with(text)));
      yield* sleep(0.05);
      yield* session.close();
      yield* session.close();
      return [yield* task, session.closed, yield* nameOfError(() => session.get("/text").with(text))];
    },
    expected: [["ClientError", "ClientConnectionError"], true, "RuntimeError"],
  },

  // ── Again, and traces ────────────────────────────────────────────────────────────────────────────────────────
  "a request is made again as it is told": {
    *program(session) {
      const retry = { attempts: 4, delay: 0.001 };
      return [
        yield* session.get(`/flaky?times=2&key=${++keys}`, { retry }).with(text),
        yield* session.get(`/droptwice?key=${++keys}`, { retry }).with(text),
        yield* nameOfError(() => session.post(`/droptwice?key=${++keys}`, { retry }).with(text)),
        yield* session.get(`/flaky?times=9&key=${++keys}`, { retry }).with(function* ({ status }) {
          return status;
        }),
      ];
    },
    expected: ["answered at 3", "answered at 3", "ServerDisconnectedError", 503],
  },
  "traces are told, in order": {
    *program(_, { url }) {
      const log: string[] = [];
      const trace: TraceConfig = {
        *onRequestStart({ method, url: { pathname } }) {
          yield* sleep(0);
          log.push(`start ${method} ${pathname}`);
        },
        onRequestEnd: ({ response, context }) => void log.push(`end ${response.status} ${String(context["tag"])}`),
        onRequestException: ({ exception }) => void log.push(`exception ${(exception as Error).name}`),
      };
      yield* new ClientSession({ baseUrl: url, traces: [trace] }).with(function* (session) {
        yield* session.get("/text", { traceRequestContext: { tag: "tag" } }).with(text);
        yield* nameOfError(() => session.get("/slow?ms=5000", { timeout: { total: 0.02 } }).with(text));
      });
      return log;
    },
    expected: ["start GET /text", "end 200 tag", "start GET /slow", "exception TimeoutError"],
  },

  // ── Web sockets ──────────────────────────────────────────────────────────────────────────────────────────────
  "a web socket sends and receives texts, bytes and JSON": {
    program: (session) =>
      session.wsConnect("/ws").with(function* (socket) {
        yield* socket.sendStr("a text");
        yield* socket.sendBytes(new Uint8Array([1, 2]));
        yield* socket.sendJson({ a: 1 });
        return [
          yield* socket.receiveStr(),
          [...(yield* socket.receiveBytes())],
          yield* socket.receiveJson(),
          socket.closed,
        ];
      }),
    expected: ["a text", [1, 2], { a: 1 }, false],
  },
  "a web socket that the other side closes": {
    program: (session) =>
      session.wsConnect("/ws").with(function* (socket) {
        const texts: unknown[] = [];
        yield* socket.sendStr("send 3");
        yield* socket.sendStr("close");
        yield* forEach(socket, (message) => void texts.push("data" in message && message.data));
        return [
          texts,
          socket.closeCode,
          socket.closed,
          yield* socket.receive(),
          yield* nameOfError(() => socket.sendStr("x")),
        ];
      }),
    expected: [["message 0", "message 1", "message 2"], 4001, true, { type: "CLOSED" }, "ClientConnectionError"],
  },
  "what a web socket is closed by": {
    program: (session) =>
      session.wsConnect("/ws").with(function* (socket) {
        yield* socket.sendStr("close");
        return [yield* socket.receive(), yield* socket.close()];
      }),
    expected: [{ type: "CLOSE", data: 4001, extra: "as you wish" }, false],
  },
  "a web socket whose connection is lost": {
    program: (session) =>
      session.wsConnect("/ws").with(function* (socket) {
        yield* socket.sendStr("cut");
        return [yield* socket.receive(), socket.closeCode, socket.exception()?.name];
      }),
    expected: [{ type: "CLOSED" }, 1006, "ClientConnectionError"],
  },
  "a web socket is closed at the end of its block, also by a cancellation": {
    *program(session) {
      const name = yield* nameOfError(() =>
        timeout(0.05).with(() => session.wsConnect("/ws").with((socket) => socket.receive())),
      );
      const socket = yield* session.wsConnect("/ws");
      const wasOpen = yield* socket.close({ code: 3000, message: "done" });
      return [name, wasOpen, socket.closed, socket.closeCode];
    },
    expected: ["TimeoutError", true, true, 3000],
  },
  "a message of a web socket in time": {
    program: (session) =>
      session.wsConnect("/ws").with(function* (socket) {
        const late = yield* nameOfError(() => socket.receive(0.02));
        yield* socket.sendStr("in time");
        return [late, yield* socket.receiveStr(5), yield* nameOfError(() => wrongType(socket))];
      }),
    expected: ["TimeoutError", "in time", "WSMessageTypeError"],
  },
  "web sockets agree on a protocol": {
    program: (session) =>
      session.wsConnect("/ws", { protocols: ["first", "second"] }).with(function* ({ protocol }) {
        return protocol;
      }),
    expected: "second",
  },
  "where there is no web socket, a ClientError": {
    *program(session) {
      return (yield* kindsOf(() => session.wsConnect("/status/404").with((socket) => socket.receive()))).includes(
        "ClientError",
      );
    },
    expected: true,
  },
  "a web socket has a place, as a request has": {
    options: { limit: 1 },
    program: (session) =>
      session.wsConnect("/ws").with(function* (socket) {
        const waiting = createTask(session.get("/text").with(text));
        yield* sleep(0.03);
        const before = waiting.done();
        yield* socket.close();
        return [before, yield* waiting];
      }),
    expected: [false, "grüße"],
  },
};

function* wrongType(socket: {
  sendStr(text: string): Coroutine<void>;
  receiveBytes(): Coroutine<Uint8Array>;
}): Coroutine<unknown> {
  yield* socket.sendStr("a text");
  return yield* socket.receiveBytes();
}

/** Runs a scenario. Gives what came of it. */
export function* play({ program, options = {} }: Scenario, world: World): Coroutine<unknown> {
  return yield* new ClientSession({ baseUrl: world.url, ...options }).with((session) => program(session, world));
}

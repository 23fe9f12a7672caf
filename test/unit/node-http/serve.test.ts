// node:http behind fetch handlers, over real sockets.

import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import { type Socket, connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Coroutine, Event, sleep, wrapFuture } from "wasyncio";
import { handler, streamOf } from "wasyncio/edge";
import { type FetchFunction, type HttpServer, type ServeOptions, serve, toNodeListener } from "wasyncio/node-http";
import { Traces } from "../../support/requests.ts";
import { until } from "../../support/until.ts";

const servers: HttpServer[] = [];

afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(fetch: FetchFunction, options: ServeOptions = {}): Promise<HttpServer> {
  const server = await serve(fetch, { host: "127.0.0.1", ...options });
  servers.push(server);
  return server;
}

/** Sends bytes, and gives all that comes back until the server ends the connection. */
async function raw(server: HttpServer, message: string): Promise<string> {
  const socket = connect(server.port, "127.0.0.1");
  socket.write(message.replaceAll("\n", "\r\n"));
  return (await text(socket)).replaceAll("\r\n", "\n").replace(/^(Date|Connection): .*\n/gm, "");
}

/** A connection on which the head of a request was sent. */
async function open(server: HttpServer, head: string): Promise<Socket> {
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(`${head}\r\nhost: x\r\n\r\n`);
  return socket;
}

describe("a request", () => {
  test("comes with its method, URL, headers and body", async () => {
    const server = await start(async (request) => {
      const { method, url, headers } = request;
      return Response.json([method, url, headers.get("x-twice"), headers.get("x-latin"), await request.text()]);
    });
    const answer = await raw(
      server,
      "PUT //a/../b?c=d#e HTTP/1.1\nHost: example.com:81\nX-Twice: 1\nx-twice: 2\nX-Latin: \xe9\nContent-Length: 4\nConnection: close\n\nbody",
    );
    expect(JSON.parse(/\[.*\]/.exec(answer)?.[0] ?? "")).toEqual([
      "PUT",
      "http://example.com:81//b?c=d#e",
      "1, 2",
      "\u00c3\u00a9", // the socket has written two bytes
      "body",
    ]);
  });

  test.each([
    ["OPTIONS * HTTP/1.1\nHost: x", "http://x/*"],
    ["GET http://y/z HTTP/1.1\nHost: x", "http://y/z"],
    ["GET / HTTP/1.0", "http://localhost/"],
  ])("%s has the URL %s", async (head, url) => {
    const server = await start((request) => new Response(request.url));
    expect((await raw(server, `${head}\nConnection: close\n\n`)).split("\n\n")[1]).toContain(url);
  });

  test.each([
    "GET / HTTP/1.1\nHost: x/y",
    "GET / HTTP/1.1\nHost: a@b",
    "TRACE / HTTP/1.1\nHost: x",
    "GET / HTTP/1.1\nHost: a b",
  ])("%s is answered with 400", async (head) => {
    const fetch = vi.fn(() => new Response("x"));
    const server = await start(fetch);
    expect(await raw(server, `${head}\nConnection: close\n\n`)).toMatch(/^HTTP\/1.1 400 Bad Request\n/);
    expect(fetch).not.toHaveBeenCalled();
  });

  test("whose body is not read to its end leaves the connection to the next one", async () => {
    const server = await start(async (request) => {
      const reader = request.body?.getReader();
      await reader?.read();
      return new Response(request.method);
    });
    const big = "x".repeat(3_000_000);
    const head = `POST / HTTP/1.1\nHost: x\nContent-Length: ${big.length}\n\n`;
    const answers = await raw(server, `${head}${big}${head}${big}GET / HTTP/1.1\nHost: x\nConnection: close\n\n`);
    expect(answers.match(/POST|GET/g)).toEqual(["POST", "POST", "GET"]);
  });

  test("whose body is cancelled leaves it, too; and nobody reads it behind the answer", async () => {
    const bodies: ReadableStream<Uint8Array>[] = [];
    const server = await start(async (request) => {
      if (request.method === "POST") await request.body?.cancel();
      else if (request.body) bodies.push(request.body);
      return new Response(request.method);
    });
    const rest = "HTTP/1.1\nHost: x\nContent-Length: 3\n\nabc";
    const answers = await raw(server, `POST / ${rest}PUT / ${rest}GET / HTTP/1.1\nHost: x\nConnection: close\n\n`);
    expect(answers.match(/POST|PUT|GET/g)).toEqual(["POST", "PUT", "GET"]);
    await expect(bodies[0].getReader().read()).rejects.toThrow("Cannot read the body of a request after its answer");
  });

  test("has a signal that is not aborted behind its answer", async () => {
    const signals: AbortSignal[] = [];
    const server = await start((request) => {
      signals.push(request.signal);
      return new Response("x");
    });
    await (await fetch(server.url)).text();
    await server.close();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });
});

describe("an answer", () => {
  test("has the status, headers, cookies and body of the response", async () => {
    const server = await start(() => {
      const headers = new Headers({ "x-one": "1", "x-latin": "\xe9" });
      headers.append("set-cookie", "a=1");
      headers.append("set-cookie", "b=2");
      return new Response("text", { status: 418, statusText: "Short and stout", headers });
    });
    expect(await raw(server, "GET / HTTP/1.1\nHost: x\nConnection: close\n\n")).toBe(
      "HTTP/1.1 418 Short and stout\ncontent-type: text/plain;charset=UTF-8\nx-latin: \ufffd\nx-one: 1\nset-cookie: a=1\nset-cookie: b=2\nTransfer-Encoding: chunked\n\n4\ntext\n0\n\n",
    );
  });

  test("has no body for HEAD and 204, and a body that is not sent is cancelled", async () => {
    const cancelled = vi.fn();
    const server = await start((request) => {
      if (request.method === "GET") return new Response(null, { status: 204 });
      return new Response(new ReadableStream({ cancel: cancelled }), { headers: { "content-length": "7" } });
    });
    expect(await raw(server, "GET / HTTP/1.1\nHost: x\nConnection: close\n\n")).toBe("HTTP/1.1 204 No Content\n\n");
    expect(await raw(server, "HEAD / HTTP/1.1\nHost: x\nConnection: close\n\n")).toBe(
      "HTTP/1.1 200 OK\ncontent-length: 7\n\n",
    );
    expect(cancelled).toHaveBeenCalledTimes(1);
  });

  test("sends its head before the first chunk is there", async () => {
    const traces = new Traces();
    const go: (() => void)[] = [];
    const server = await start(
      handler(
        function* () {
          return new Response(
            streamOf(function* (write) {
              yield* wrapFuture(new Promise<void>((resolve) => go.push(resolve)));
              yield* write("late");
            }),
          );
        },
        { loop: traces.kind, loopFactory: traces.realLoop },
      ),
    );
    const response = await fetch(server.url);
    expect(response.status).toBe(200);
    await until(() => go.length > 0);
    go[0]();
    expect(await response.text()).toBe("late");
    await until(() => traces.closed === 1);
  });

  test("is 500 when the fetch handler fails or gives no response, and the error is reported", async () => {
    const errors: string[] = [];
    const answers: unknown[] = [new Error("secret"), undefined, "text"];
    const answer = (): Promise<Response> => {
      const next = answers.shift();
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next as Response);
    };
    const server = await start(answer, { onError: (error) => errors.push(String(error)) });
    for (let i = 0; i < 3; i++) {
      const response = await fetch(server.url);
      expect([response.status, await response.text()]).toEqual([500, "Internal Server Error"]);
    }
    expect(errors).toEqual([
      "Error: secret",
      "TypeError: Cannot answer: expected a Response from the fetch handler, got undefined",
      "TypeError: Cannot answer: expected a Response from the fetch handler, got 'text'",
    ]);
    const log = vi.spyOn(console, "error").mockReturnValue();
    const other = await start(() => {
      throw new Error("to the console");
    });
    expect((await fetch(other.url)).status).toBe(500);
    expect(log.mock.calls.flat().map(String)).toEqual(["Error: to the console"]);
  });

  test("that breaks off cuts the connection, and the error is reported", async () => {
    const errors: string[] = [];
    const body = (): ReadableStream =>
      new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode("begun")),
        pull: () => Promise.reject(new Error("broken")),
      });
    const server = await start(() => new Response(body()), { onError: (error) => errors.push(String(error)) });
    await expect((await fetch(server.url)).text()).rejects.toThrow("terminated");
    expect(errors).toEqual(["Error: broken"]);
  });

  test.each([
    ["less", 9],
    ["more", 11],
  ])(
    "whose body is of %s bytes than it says cuts the connection: no other answer stands in their place",
    async (_, size) => {
      const errors: string[] = [];
      const body = (): ReadableStream =>
        new ReadableStream({
          start: (controller) => {
            controller.enqueue(new Uint8Array(size));
            controller.close();
          },
        });
      const server = await start(() => new Response(body(), { headers: { "content-length": "10" } }), {
        onError: (error) => errors.push(String(error)),
      });
      const answer = await raw(server, "GET / HTTP/1.1\nHost: x\n\n");
      expect(answer.slice(answer.indexOf("\n\n") + 2)).toHaveLength(size < 10 ? size : 0);
      expect(errors).toEqual([expect.stringMatching(/content-length/i)]);
    },
  );
});

describe("a client that goes away", () => {
  test("before the answer cancels the handler", async () => {
    const traces = new Traces();
    const log: string[] = [];
    const server = await start(
      handler(
        function* () {
          try {
            log.push("begun");
            yield* new Event().wait();
          } catch (error) {
            log.push(String(error));
            throw error;
          }
          return new Response("never");
        },
        { loop: traces.kind, loopFactory: traces.realLoop, onError: (error) => void traces.errors.push(error) },
      ),
    );
    const socket = await open(server, "GET / HTTP/1.1");
    await until(() => log.length > 0);
    socket.destroy();
    await until(() => traces.closed === 1);
    expect(log).toEqual(["begun", "CancelledError: the request was aborted"]);
    await traces.ended();
    expect(traces.errors).toEqual([]);
  });

  test("in the middle of its body cancels the handler that reads it", async () => {
    const traces = new Traces();
    const log: string[] = [];
    const server = await start(
      handler(
        function* (request) {
          const reader = request.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
          try {
            for (;;) {
              const { value } = yield* wrapFuture(reader.read());
              log.push(new TextDecoder().decode(value));
            }
          } catch (error) {
            log.push(String(error));
            throw error;
          }
        },
        { loop: traces.kind, loopFactory: traces.realLoop, onError: (error) => void traces.errors.push(error) },
      ),
    );
    const socket = await open(server, "POST / HTTP/1.1\r\ncontent-length: 100");
    socket.write("abc");
    await until(() => log.length > 0);
    socket.destroy();
    await until(() => traces.closed === 1);
    expect(log).toEqual(["abc", "CancelledError: the request was aborted"]);
    expect(traces.errors).toEqual([]);
  });

  test("in the middle of the answer cancels what writes that", async () => {
    const traces = new Traces();
    const errors: unknown[] = [];
    const log: string[] = [];
    const server = await start(
      handler(
        function* () {
          return new Response(
            streamOf(function* (write) {
              try {
                for (;;) yield* write("x".repeat(100_000));
              } catch (error) {
                log.push((error as Error).name);
                throw error;
              }
            }),
          );
        },
        { loop: traces.kind, loopFactory: traces.realLoop, onError: (error) => void traces.errors.push(error) },
      ),
      { onError: (error) => errors.push(error) },
    );
    const socket = await open(server, "GET / HTTP/1.1");
    await once(socket, "data");
    socket.destroy();
    await until(() => traces.closed === 1);
    expect([log, errors, traces.errors]).toEqual([["CancelledError"], [], []]);
    await traces.ended();
  });

  test("is told to a handler that holds nothing but a signal, also after a garbage collection", async () => {
    let begun = 0;
    let aborted = 0;
    const server = await start(({ signal }) => {
      begun++;
      signal.addEventListener("abort", () => aborted++);
      return new Promise(() => {});
    });
    const sockets = await Promise.all(Array.from({ length: 20 }, () => open(server, "GET / HTTP/1.1")));
    await until(() => sockets.every((socket) => socket.bytesWritten > 0));
    const controller = new AbortController();
    const answer = fetch(server.url, { signal: controller.signal }).catch(() => {});
    await until(() => begun === 21);
    controller.abort();
    await answer;
    (globalThis as { gc?: () => void }).gc?.();
    for (const socket of sockets) socket.destroy();
    await until(() => aborted === 21);
  });
});

describe("bodies both ways", () => {
  test("pass at the pace of the slower side", async () => {
    const traces = new Traces();
    let received = 0;
    const server = await start(
      handler(
        function* (request) {
          const reader = request.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
          return new Response(
            streamOf(function* (write) {
              for (;;) {
                const { done, value } = yield* wrapFuture(reader.read());
                if (done) return;
                received += value.length;
                yield* write(value);
              }
            }),
          );
        },
        { loop: traces.kind, loopFactory: traces.realLoop },
      ),
    );
    const total = 50_000_000;
    const outgoing = httpRequest(server.url, { method: "POST" });
    let sent = 0;
    const chunk = Buffer.alloc(100_000, "x");
    const send = (): void => {
      while (sent < total) {
        sent += chunk.length;
        if (!outgoing.write(chunk)) return;
      }
      outgoing.end();
    };
    outgoing.on("drain", send);
    send();
    const [incoming] = (await once(outgoing, "response")) as [NodeJS.ReadableStream];
    // Nobody reads: everything comes to a standstill, long before all is sent.
    let before = -1;
    while (before !== received) {
      before = received;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(received).toBeLessThan(total / 2);
    let returned = 0;
    for await (const part of incoming) returned += (part as Buffer).length;
    expect([sent, received, returned]).toEqual([total, total, total]);
    await until(() => traces.closed === 1);
    await traces.ended();
  });
});

describe("a server", () => {
  const ok: FetchFunction = () => new Response("ok");

  test("says where it is", async () => {
    const server = await start(ok);
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    const other = await start(ok, { host: "::1" });
    expect(other.url).toBe(`http://[::1]:${other.port}`);
    expect(await (await fetch(other.url)).text()).toBe("ok");
  });

  test("waits at its end for the requests in progress, and sends their answers whole", async () => {
    const go: (() => void)[] = [];
    const size = 20_000_000;
    const server = await start(async () => {
      await new Promise<void>((resolve) => go.push(resolve));
      return new Response(new Uint8Array(size));
    });
    const idle = await open(server, "GET / HTTP/1.1");
    const slow = httpRequest(server.url).end();
    await until(() => go.length === 2);
    go[0]();
    await once(idle, "data");
    const idleEnded = once(idle, "close");
    idle.resume();
    const closed = server.close();
    expect(server.close()).toBe(closed);
    expect(server.closed).toBe(closed);
    go[1]();
    const [incoming] = (await once(slow, "response")) as [NodeJS.ReadableStream & { headers: object }];
    expect(incoming.headers).toHaveProperty("connection", "close");
    let received = 0;
    for await (const part of incoming) received += (part as Buffer).length;
    expect(received).toBe(size);
    await Promise.all([closed, idleEnded]);
    await expect(fetch(server.url)).rejects.toThrow();
  });

  test("cuts off connections that wait for nothing, at once", async () => {
    const server = await start(ok);
    const unused = connect(server.port, "127.0.0.1");
    await once(unused, "connect");
    const used = await open(server, "GET / HTTP/1.1");
    await once(used, "data");
    await server.close();
  });

  test("waits no longer than its grace: then handlers are cancelled", async () => {
    const traces = new Traces();
    let begun = false;
    const server = await start(
      handler(
        function* () {
          begun = true;
          yield* sleep(3600);
          return new Response("never");
        },
        { loop: traces.kind, loopFactory: traces.realLoop },
      ),
      { grace: { milliseconds: 20 } },
    );
    const answer = fetch(server.url).catch(() => "cut");
    await until(() => begun);
    await server.close();
    expect(await answer).toBe("cut");
    await until(() => traces.closed === 1);
    await traces.ended();
  });

  test("is closed by its signal, and by `await using`", async () => {
    const controller = new AbortController();
    const server = await start(ok, { signal: controller.signal });
    expect((await fetch(server.url)).status).toBe(200);
    controller.abort();
    await server.closed;
    const other = await start(ok);
    await other[Symbol.asyncDispose]();
    await other.closed;
  });

  test("that cannot listen, or no more shall, is none", async () => {
    const server = await start(ok);
    await expect(serve(ok, { port: server.port, host: "127.0.0.1" })).rejects.toThrow("EADDRINUSE");
    const reason = new Error("no more");
    await expect(serve(ok, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const promise = serve(ok, { signal: controller.signal });
    controller.abort(reason);
    await expect(promise).rejects.toBe(reason);
  });

  test("may be one of the program's own", async () => {
    const server = createServer(toNodeListener(ok)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe("ok");
    server.close();
    server.closeAllConnections();
  });
});

describe("wrong arguments are refused", () => {
  const ok: FetchFunction = () => new Response("ok");
  const coroutineFunction = function* (): Coroutine<Response> {
    return new Response("ok");
  } as never;

  test.each<[string, () => unknown, Error]>([
    ["no fetch handler", () => serve(1 as never), new TypeError("Invalid fetch handler: expected a function, got 1")],
    [
      "a coroutine function",
      () => toNodeListener(coroutineFunction),
      new TypeError("Invalid fetch handler: a coroutine function becomes one by handler() of wasyncio/edge"),
    ],
    ["no options", () => serve(ok, 1 as never), new TypeError("Invalid options: expected an object, got 1")],
    [
      "an option that there is not",
      () => serve(ok, { prot: 80 } as never),
      new TypeError("Invalid options: there is no 'prot', only port, host, signal, grace, onError"),
    ],
    [
      "an option that a listener has not",
      () => toNodeListener(ok, { port: 80 } as never),
      new TypeError("Invalid options: there is no 'port', only onError"),
    ],
    ["no port", () => serve(ok, { port: "80" as never }), new TypeError("Invalid port: expected a number, got '80'")],
    ["a port that there cannot be", () => serve(ok, { port: 65536 }), new RangeError("Invalid port: 65536")],
    ["half a port", () => serve(ok, { port: 0.5 }), new RangeError("Invalid port: 0.5")],
    ["no host", () => serve(ok, { host: 1 as never }), new TypeError("Invalid host: expected a string, got 1")],
    [
      "no signal",
      () => serve(ok, { signal: 1 as never }),
      new TypeError("Invalid signal: expected an AbortSignal, got 1"),
    ],
    ["no grace", () => serve(ok, { grace: NaN }), new TypeError("Invalid grace: NaN (not a number)")],
    [
      "no onError",
      () => serve(ok, { onError: 1 as never }),
      new TypeError("Invalid onError: expected a function, got 1"),
    ],
  ])("%s", (_, call, error) => {
    expect(call).toThrow(error);
  });
});

test("an onError that throws costs nobody the answer", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  const server = await start(
    () => {
      throw new RangeError("the handler's");
    },
    {
      onError: () => {
        throw new TypeError("the logger's");
      },
    },
  );
  const { status } = await fetch(server.url);
  expect([status, log.mock.calls.flat().map(String)]).toEqual([
    500,
    ["RangeError: the handler's", "Unhandled error in onError:", "TypeError: the logger's"],
  ]);
});

test("a response that was sent before is an error, and the client is told", async () => {
  const errors: unknown[] = [];
  const once = new Response("once");
  const server = await start(() => once, { onError: (error) => errors.push(error) });
  const first = await fetch(server.url);
  expect([first.status, await first.text()]).toEqual([200, "once"]);
  const second = await fetch(server.url);
  expect([second.status, await second.text()]).toEqual([500, "Internal Server Error"]);
  expect(String(errors[0])).toContain("the body of the response was used before");
});

test("concurrent requests keep their own store, also when one is woken by another", async () => {
  const requests = new AsyncLocalStorage<string>();
  let release!: () => void;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const fetchHandler = handler(function* (request: Request) {
    const before = requests.getStore();
    if (request.url.endsWith("/waits")) yield* wrapFuture(released);
    else release();
    yield* sleep(0);
    return new Response(`${before} ${requests.getStore()}`);
  });
  const server = await start((request) =>
    requests.run(new URL(request.url).pathname, async () => {
      await Promise.resolve();
      return fetchHandler(request);
    }),
  );
  const ask = async (path: string): Promise<string> => (await fetch(`${server.url}/${path}`)).text();
  const waiting = ask("waits");
  expect(await ask("wakes")).toBe("/wakes /wakes");
  expect(await waiting).toBe("/waits /waits");
});

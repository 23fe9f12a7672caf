// WebSocket connections of a service, with the package ws as the client.

import { once } from "node:events";
import { text } from "node:stream/consumers";
import { connect } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type ClientOptions, WebSocket } from "ws";
import { type Coroutine, CancelledError, forEach, race, sleep, wrapFuture } from "wasyncio";
import { type ServerWebSocket, type WebSocketHandler, WebSocketDisconnect } from "wasyncio/serve";
import { attemptAwait } from "../../support/outcomes.ts";
import { until } from "../../support/until.ts";
import { served } from "./served.ts";

afterEach(() => void vi.restoreAllMocks());

/** A client, and what it has got: messages, then the code and reason of the end. */
class Client {
  readonly socket: WebSocket;
  readonly got: unknown[] = [];

  constructor(port: number, path = "/", options: ClientOptions = {}) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, options);
    this.socket.on("message", (data: Buffer, isBinary: boolean) => this.got.push(isBinary ? [...data] : String(data)));
    this.socket.on("close", (code: number, reason: Buffer) => this.got.push({ code, reason: String(reason) }));
    this.socket.on("error", (error: Error) => this.got.push(error.message));
  }

  *opened(): Coroutine<this> {
    yield* wrapFuture(once(this.socket, "open"));
    return this;
  }

  *closed(): Coroutine<unknown[]> {
    yield* wrapFuture(until(() => typeof this.got.at(-1) === "object" && !Array.isArray(this.got.at(-1))));
    return this.got;
  }
}

/** Serves WebSockets for as long as `body` takes. */
const talking = (
  websocket: WebSocketHandler,
  body: (port: number, stop: () => void) => Coroutine<void>,
  grace = 5,
): Promise<void> =>
  served({ fetch: () => new Response("http"), websocket }, ({ port, task }) => body(port, () => void task.cancel()), {
    grace,
  });

const echo: WebSocketHandler = (socket) =>
  forEach(socket, function* (message) {
    yield* socket.send(message);
  });

describe("a WebSocket", () => {
  test("passes texts and bytes on, both ways, in order", async () => {
    await talking(echo, function* (port) {
      const client = yield* new Client(port).opened();
      client.socket.send("grüße");
      client.socket.send(new Uint8Array([1, 2]));
      client.socket.send("");
      yield* wrapFuture(until(() => client.got.length === 3));
      client.socket.close(1000, "bye");
      expect(yield* client.closed()).toEqual(["grüße", [1, 2], "", { code: 1000, reason: "bye" }]);
    });
  });

  test("has its request, and what startup has given", async () => {
    const websocket: WebSocketHandler<string> = function* (socket, env) {
      yield* socket.send(`${new URL(socket.request.url).pathname} ${socket.request.headers.get("host")} ${env}`);
    };
    await served({ startup: () => "env", fetch: () => new Response(), websocket }, function* ({ port }) {
      const client = new Client(port, "/chat?room=1");
      expect(yield* client.closed()).toEqual([`/chat 127.0.0.1:${port} env`, { code: 1000, reason: "" }]);
    });
  });

  test("leaves other requests to fetch, and those that ask wrongly are refused", async () => {
    await talking(echo, function* (port) {
      const response = yield* wrapFuture(fetch(`http://127.0.0.1:${port}/`));
      expect(yield* wrapFuture(response.text())).toBe("http");
      const socket = connect(port, "127.0.0.1");
      socket.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
      expect(yield* wrapFuture(text(socket))).toContain("400 Bad Request");
    });
  });

  test("is not there without a handler", async () => {
    await served({ fetch: () => new Response("http") }, function* ({ port }) {
      const client = new Client(port);
      yield* wrapFuture(until(() => client.got.length > 1));
      expect(client.got[0]).toBe("Unexpected server response: 200");
    });
  });

  test("is closed by its handler, with a code and a reason", async () => {
    await talking(
      function* (socket) {
        yield* socket.close(4404, "no such room");
        yield* socket.close(); // does nothing
      },
      function* (port) {
        expect(yield* new Client(port).closed()).toEqual([{ code: 4404, reason: "no such room" }]);
      },
    );
  });

  test("is pinged, and stays as long as it answers", async () => {
    const app = { fetch: () => new Response(), websocket: echo };
    await served(
      app,
      function* ({ port }) {
        const client = yield* new Client(port).opened();
        let pings = 0;
        client.socket.on("ping", () => pings++);
        yield* wrapFuture(until(() => pings > 3));
        client.socket.send("still there");
        yield* wrapFuture(until(() => client.got.length === 1));
        expect(client.got).toEqual(["still there"]);
        client.socket.close();
      },
      { wsPingInterval: 0.001 },
    );
  });

  test("is ended when it does not answer a ping, and its handler is told", async () => {
    const told: unknown[] = [];
    const websocket: WebSocketHandler = function* (socket) {
      told.push(yield* attemptAwait(socket.receive()), yield* attemptAwait(socket.send("late")));
    };
    await served(
      { fetch: () => new Response(), websocket },
      function* ({ port }) {
        const client = yield* new Client(port, "/", { autoPong: false }).opened();
        expect(yield* client.closed()).toEqual([{ code: 1011, reason: "keepalive ping timeout" }]);
        yield* wrapFuture(until(() => told.length === 2));
      },
      { wsPingInterval: 0.001, wsPingTimeout: 0.001 },
    );
    expect(told.join()).toMatch(/^(WebSocketDisconnect\(.*1011.*\),?){2}$/);
  });

  test("is closed with 1011 when its handler fails, and the error is reported", async () => {
    const report = vi.spyOn(console, "error").mockReturnValue();
    await talking(
      function* () {
        yield* sleep(0);
        throw new Error("a bug");
      },
      function* (port) {
        expect(yield* new Client(port).closed()).toEqual([{ code: 1011, reason: "" }]);
      },
    );
    expect(report.mock.calls.join()).toContain("Unhandled error in WebSocket handler");
    expect(report.mock.calls.join()).toContain("a bug");
  });

  test("tells who receives and who sends that it has ended, behind all that came before; it is no failure", async () => {
    const report = vi.spyOn(console, "error").mockReturnValue();
    const seen: unknown[] = [];
    await talking(
      function* (socket) {
        yield* sleep(0.2); // the client is gone by then
        seen.push(yield* socket.receive(), yield* socket.receive());
        for (const attempt of [() => socket.receive(), () => socket.send("x")]) {
          try {
            yield* attempt();
          } catch (error) {
            seen.push(error instanceof WebSocketDisconnect ? [error.code, error.reason, error.message] : error);
          }
        }
        yield* socket.waitClosed();
        yield* socket.send("x");
      },
      function* (port) {
        const client = yield* new Client(port).opened();
        client.socket.send("one");
        client.socket.send("two");
        client.socket.close(4000, "enough");
        yield* wrapFuture(until(() => seen.length === 4));
      },
    );
    const end = [4000, "enough", "The WebSocket was closed: 4000 enough"];
    expect(seen).toEqual(["one", "two", end, end]);
    expect(report).not.toHaveBeenCalled();
  });

  test("that is cut is 1006", async () => {
    const codes: number[] = [];
    await talking(
      function* (socket) {
        try {
          yield* socket.receive();
        } catch (error) {
          codes.push((error as WebSocketDisconnect).code);
        }
      },
      function* (port) {
        (yield* new Client(port).opened()).socket.terminate();
        yield* wrapFuture(until(() => codes.length > 0));
      },
    );
    expect(codes).toEqual([1006]);
  });

  test("can be raced with what the client alone wants", async () => {
    const ends: string[] = [];
    const feed = function* (socket: ServerWebSocket): Coroutine<void> {
      try {
        for (let i = 0; ; i++) {
          yield* socket.send(String(i));
          yield* sleep(1000);
        }
      } catch (error) {
        ends.push((error as Error).name);
        throw error;
      }
    };
    await talking(
      (socket) => race(feed(socket), socket.waitClosed()),
      function* (port) {
        const client = yield* new Client(port).opened();
        yield* wrapFuture(until(() => client.got.length > 0));
        client.socket.close();
        yield* wrapFuture(until(() => ends.length > 0));
      },
    );
    expect(ends).toEqual([CancelledError.prototype.name]);
  });

  test("goes at the pace of the slower side", async () => {
    const size = 64 * 1024;
    let received = 0;
    let go = (): void => {};
    const paused = new Promise<void>((resolve) => (go = resolve));
    await talking(
      function* (socket) {
        yield* wrapFuture(paused);
        yield* forEach(socket, () => void received++);
      },
      function* (port) {
        const client = yield* new Client(port).opened();
        const count = 1000; // more than all buffers hold
        let sent = 0;
        for (let i = 0; i < count; i++) client.socket.send(new Uint8Array(size), () => sent++);
        yield* sleep(0.3);
        expect([sent < count, received]).toEqual([true, 0]); // the rest waits in the client
        go();
        yield* wrapFuture(until(() => received === count));
      },
    );
  });

  test.each([
    ["a code that is for protocols", (socket: ServerWebSocket) => socket.close(1006), RangeError],
    ["a code that is none", (socket: ServerWebSocket) => socket.close("x" as never), RangeError],
    ["a reason that is too long", (socket: ServerWebSocket) => socket.close(1000, "x".repeat(124)), RangeError],
    ["a message that is none", (socket: ServerWebSocket) => socket.send({} as never), TypeError],
  ])("refuses %s at the call", async (_, call, type) => {
    const seen: unknown[] = [];
    await talking(
      function* (socket) {
        try {
          call(socket);
        } catch (error) {
          seen.push(error);
        }
        yield* sleep(0);
      },
      function* (port) {
        yield* new Client(port).closed();
      },
    );
    expect(seen).toEqual([expect.any(type)]);
  });
});

/** What a server answers to bytes, up to the end of the connection. */
function* answerTo(port: number, ...parts: readonly (string | Uint8Array)[]): Coroutine<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(Buffer.concat(parts.map((part) => Buffer.from(part as string))));
  return yield* wrapFuture(text(socket.setEncoding("latin1")));
}

const head = (protocol: string, host = "x"): string =>
  `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n` +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

describe("what comes together with the request for a WebSocket", () => {
  test("is received when it is a message", async () => {
    const received: unknown[] = [];
    await talking(
      function* (socket) {
        received.push(yield* socket.receive());
      },
      function* (port) {
        const close = [0x88, 0x82, 0, 0, 0, 0, 3, 232]; // with code 1000
        const bytes = new Uint8Array([0x81, 0x82, 0, 0, 0, 0, 104, 105, ...close]); // "hi"
        expect(yield* answerTo(port, head("websocket"), bytes)).toContain("101 Switching Protocols");
      },
    );
    expect(received).toEqual(["hi"]);
  });

  test.each<[string, number[]]>([
    ["an unmasked frame", [0x81, 2, 104, 105]],
    ["a frame with reserved bits", [0xff, 0x80, 0, 0, 0, 0]],
    ["a frame that is too large", [0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4]],
  ])("breaks no more than its connection when it is %s", async (_, frame) => {
    const log: unknown[] = [];
    await talking(
      function* (socket) {
        log.push(yield* attemptAwait(socket.receive()));
      },
      function* (port) {
        expect(yield* answerTo(port, head("websocket"), new Uint8Array(frame))).toContain("101 Switching Protocols");
        yield* wrapFuture(until(() => log.length > 0));
      },
    );
    expect(log).toEqual([expect.stringContaining("WebSocketDisconnect")]);
  });
});

describe("a request to change to another protocol", () => {
  test("is refused when it is no request", async () => {
    await talking(echo, function* (port) {
      expect(yield* answerTo(port, head("websocket", "a/b"))).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
    });
  });

  test("is answered as any other when it is not for WebSockets", async () => {
    await talking(echo, function* (port) {
      const answer = yield* answerTo(port, head("h2c"));
      expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*Connection: close\r\n/);
      expect(answer).toContain("\r\n\r\n4\r\nhttp\r\n0\r\n\r\n");
    });
  });

  test("is refused when it has a body, which nobody could read", async () => {
    await talking(echo, function* (port) {
      const request = head("h2c").replace("\r\n\r\n", "\r\nContent-Length: 2\r\n\r\nhi");
      expect(yield* answerTo(port, request)).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
    });
  });
});

describe("the end of the service", () => {
  test("tells clients that it goes away, and waits for the handlers", async () => {
    const log: string[] = [];
    await talking(
      function* (socket) {
        yield* forEach(socket, () => {});
        yield* sleep(0.1);
        log.push("saved");
      },
      function* (port, stop) {
        const client = yield* new Client(port).opened();
        yield* sleep(0.05);
        stop();
        expect(yield* client.closed()).toEqual([{ code: 1001, reason: "" }]);
      },
    );
    expect(log).toEqual(["saved"]);
  });

  test("cancels the handlers that are left when the grace is over", async () => {
    const log: string[] = [];
    const report = vi.spyOn(console, "error").mockReturnValue();
    await talking(
      function* () {
        try {
          yield* sleep(1000);
        } finally {
          log.push("cancelled");
        }
      },
      function* (port, stop) {
        const client = yield* new Client(port).opened();
        yield* sleep(0.05);
        stop();
        yield* client.closed();
      },
      0.2,
    );
    expect(log).toEqual(["cancelled"]);
    expect(report).not.toHaveBeenCalled();
  });

  test("is not held up by clients that do not answer", async () => {
    await talking(
      echo,
      function* (port, stop) {
        const client = yield* new Client(port).opened();
        client.socket.pause();
        yield* sleep(0.05);
        stop();
      },
      0.2,
    );
  });
});

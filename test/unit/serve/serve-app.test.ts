// serveApp: the life of an app, over real sockets, in a program of this process.

import { once } from "node:events";
import { type Socket, connect } from "node:net";
import { text } from "node:stream/consumers";
import process from "node:process";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Coroutine, CancelledError, Lock, createTask, run, sleep, wrapFuture } from "wasyncio";
import { background, eventStream, handler, streamOf } from "wasyncio/edge";
import { type App, type ServeAppOptions, serveApp } from "wasyncio/serve";
import { until } from "../../support/until.ts";
import { served } from "./served.ts";

afterEach(() => void vi.restoreAllMocks());

const get = (url: string, init: RequestInit = {}): Coroutine<string> =>
  (function* () {
    const response = yield* wrapFuture(fetch(url, init));
    return `${response.status} ${yield* wrapFuture(response.text())}`;
  })();

/** A connection on which a request was sent. */
function* open(port: number, head: string): Coroutine<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  yield* wrapFuture(once(socket, "connect"));
  socket.write(`${head} HTTP/1.1\r\nhost: x\r\n\r\n`);
  return socket;
}

describe("an app", () => {
  test("starts, answers and shuts down, in this order, with what startup has given", async () => {
    const log: string[] = [];
    const app: App<{ name: string }> = {
      *startup() {
        yield* sleep(0.01);
        log.push("started");
        return { name: "Ann" };
      },
      *fetch(request, { name }) {
        yield* sleep(0);
        log.push(new URL(request.url).pathname);
        return new Response(name);
      },
      *shutdown({ name }) {
        yield* sleep(0.01);
        log.push(`shut down ${name}`);
      },
    };
    await served(app, function* ({ url }) {
      log.push("listening");
      expect(yield* get(`${url}/a`)).toBe("200 Ann");
    });
    expect(log).toEqual(["started", "listening", "/a", "shut down Ann"]);
  });

  test("may have plain and async functions", async () => {
    const log: string[] = [];
    const app: App<string> = {
      startup: async () => "env",
      fetch: (_, env) => new Response(env),
      shutdown: (env) => void log.push(env),
    };
    await served(app, function* ({ url }) {
      expect(yield* get(url)).toBe("200 env");
    });
    expect(log).toEqual(["env"]);
  });

  test("is called as an object", async () => {
    class Service implements App {
      readonly #name = "this";
      *fetch(): Coroutine<Response> {
        return new Response(this.#name);
      }
    }
    await served(new Service(), function* ({ url }) {
      expect(yield* get(url)).toBe("200 this");
    });
  });

  test("may have a fetch that handler has made: it serves in the loop of the program, too", async () => {
    const lock = new Lock();
    const fetch = handler(
      function* () {
        yield* lock.acquire();
        lock.release();
        return new Response("ok");
      },
      { deadline: 5 },
    );
    await served({ fetch }, function* ({ url }) {
      yield* lock.acquire(); // in another loop that would be an error
      const answers = [createTask(get(url)), createTask(get(url))];
      yield* sleep(0.05);
      lock.release();
      for (const answer of answers) expect(yield* answer).toBe("200 ok");
    });
  });

  test("that fails to start is not served, and not shut down", async () => {
    const shutdown = vi.fn();
    const startup = function* (): Coroutine<never> {
      yield* sleep(0);
      throw new Error("no database");
    };
    const serving = run(() => serveApp({ startup, fetch: () => new Response(), shutdown }, { port: 0, signals: [] }));
    await expect(serving).rejects.toThrow("no database");
    expect(shutdown).not.toHaveBeenCalled();
  });

  test("is shut down when its port is in use", async () => {
    const shutdown = vi.fn();
    await served({ fetch: () => new Response() }, function* ({ port }) {
      try {
        yield* serveApp({ fetch: () => new Response(), shutdown }, { port, signals: [] });
        expect.unreachable();
      } catch (error) {
        expect(error).toMatchObject({ code: "EADDRINUSE" });
      }
    });
    expect(shutdown).toHaveBeenCalledOnce();
  });

  test("streams events", async () => {
    const app: App = {
      *fetch() {
        return eventStream(function* (send) {
          yield* send("one\ntwo");
          yield* sleep(0.01);
          yield* send({ event: "price", id: "7", retry: 500, data: "42" });
        });
      },
    };
    await served(app, function* ({ url }) {
      const response = yield* wrapFuture(fetch(url));
      expect(response.headers.get("content-type")).toBe("text/event-stream");
      expect(yield* wrapFuture(response.text())).toBe(
        "data: one\ndata: two\n\nevent: price\nid: 7\nretry: 500\ndata: 42\n\n",
      );
    });
  });
});

describe("the end of a service", () => {
  test("by a signal: it answers what goes on, accepts nothing new, and returns", async () => {
    const log: string[] = [];
    const app: App = {
      *fetch() {
        log.push("begun");
        yield* sleep(0.2);
        return new Response("done");
      },
      shutdown: () => void log.push("shut down"),
    };
    await served(
      app,
      function* ({ url, task }) {
        const answer = createTask(get(url));
        yield* wrapFuture(until(() => log.length > 0));
        process.kill(process.pid, "SIGTERM");
        yield* sleep(0.05);
        yield* wrapFuture(expect(fetch(url)).rejects.toThrow());
        expect(yield* answer).toBe("200 done");
        yield* task;
      },
      { signals: ["SIGTERM"] },
    );
    expect(log).toEqual(["begun", "shut down"]);
    expect(process.listenerCount("SIGTERM")).toBe(0);
  });

  test("waits for background tasks, before it shuts the app down", async () => {
    const log: string[] = [];
    const app: App = {
      *fetch() {
        background(
          (function* () {
            yield* sleep(0.1);
            log.push("written");
          })(),
        );
        return new Response();
      },
      shutdown: () => void log.push("shut down"),
    };
    await served(app, function* ({ url }) {
      yield* get(url);
    });
    expect(log).toEqual(["written", "shut down"]);
  });

  test("answers with 500 what goes on when the grace is over, and cancels it with all that it has begun", async () => {
    const log: string[] = [];
    const report = vi.spyOn(console, "error").mockReturnValue();
    const forever = function* (name: string): Coroutine<never> {
      try {
        for (;;) yield* sleep(1000);
      } finally {
        log.push(`${name} ended`);
      }
    };
    const app: App = {
      *fetch(request) {
        log.push("begun");
        if (request.url.endsWith("/stream"))
          return new Response(
            streamOf(function* (write) {
              yield* write("x");
              yield* forever("stream");
            }),
          );
        background(forever("background"));
        return yield* forever("handler");
      },
      shutdown: () => void log.push("shut down"),
    };
    await served(
      app,
      function* ({ url, task }) {
        const answer = createTask(get(url));
        const stream = createTask(get(`${url}/stream`));
        yield* wrapFuture(until(() => log.length === 2));
        yield* sleep(0.05);
        task.cancel();
        expect(yield* answer).toBe("500 Internal Server Error");
        yield* wrapFuture(expect(Promise.resolve(stream)).rejects.toThrow());
      },
      { grace: 0.1 },
    );
    expect(log.slice(2).sort()).toEqual(["background ended", "handler ended", "shut down", "stream ended"]);
    expect(log.at(-1)).toBe("shut down");
    expect(report.mock.calls.join()).toContain("the server was shut down");
  });

  test("does not wait by a second signal", async () => {
    const ended = vi.fn();
    vi.spyOn(console, "error").mockReturnValue();
    const app: App = {
      *fetch() {
        try {
          yield* sleep(1000);
        } finally {
          ended();
        }
        return new Response();
      },
    };
    await served(
      app,
      function* ({ port, task }) {
        yield* open(port, "GET /");
        yield* sleep(0.1);
        process.kill(process.pid, "SIGTERM");
        yield* sleep(0.2);
        expect([task.done(), ended.mock.calls.length]).toEqual([false, 0]);
        process.kill(process.pid, "SIGTERM");
        yield* task;
      },
      { signals: ["SIGTERM"], grace: null },
    );
    expect(ended).toHaveBeenCalledOnce();
  });

  test("interrupts a startup that goes on: nothing is served or shut down", async () => {
    const log: string[] = [];
    const app: App<void> = {
      *startup() {
        try {
          yield* sleep(1000);
        } finally {
          log.push("interrupted");
        }
      },
      fetch: () => new Response(),
      shutdown: () => void log.push("shut down"),
      websocket: () => sleep(0),
    };
    setTimeout(() => process.kill(process.pid, "SIGTERM"), 50);
    await run(() => serveApp(app, { port: 0, signals: ["SIGTERM"] }));
    expect(log).toEqual(["interrupted"]);
  });

  test("lets shutdown run, until a signal comes once more", async () => {
    const log: string[] = [];
    const app: App = {
      fetch: () => new Response(),
      *shutdown() {
        log.push("begun");
        try {
          yield* sleep(1000);
        } finally {
          log.push("interrupted");
        }
      },
    };
    const kill = (): void => void process.kill(process.pid, "SIGTERM");
    const onListening = (): void => void (kill(), setTimeout(kill, 200));
    await run(() => serveApp(app, { port: 0, signals: ["SIGTERM"], onListening }));
    expect(log).toEqual(["begun", "interrupted"]);
  });

  test("by a second cancellation does not wait, and shuts down", async () => {
    const shutdown = vi.fn();
    vi.spyOn(console, "error").mockReturnValue();
    await served({ fetch: () => sleep(1000) as never, shutdown }, function* ({ port, task }) {
      yield* open(port, "GET /");
      yield* sleep(0.1);
      task.cancel();
      yield* sleep(0.1);
      expect(task.done()).toBe(false);
      task.cancel();
    });
    expect(shutdown).toHaveBeenCalledOnce();
  });

  test("closes idle connections, and says so on the others", async () => {
    await served({ fetch: () => sleep(0.2, new Response("x")) }, function* ({ port, task }) {
      const idle = connect(port, "127.0.0.1");
      yield* wrapFuture(once(idle, "connect"));
      const busy = yield* open(port, "GET /");
      yield* sleep(0.1);
      task.cancel();
      expect(yield* wrapFuture(text(idle))).toBe("");
      expect(yield* wrapFuture(text(busy))).toContain("Connection: close");
    });
  });

  test("is told at the path of health", async () => {
    const app = { fetch: () => sleep(0.3, new Response("app")) };
    await served(
      app,
      function* ({ port, url, task }) {
        expect(yield* get(`${url}/healthz`)).toBe("200 ok\n");
        const busy = yield* open(port, "GET /");
        busy.write("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"); // behind the answer
        yield* sleep(0.1);
        task.cancel();
        expect(yield* wrapFuture(text(busy))).toContain("app");
      },
      { health: "/healthz" },
    );
  });
});

describe("the access log", () => {
  test("has a line for each request but those of health", async () => {
    const lines: string[] = [];
    const app: App = {
      *fetch(request) {
        if (request.url.endsWith("/slow")) yield* sleep(1000);
        return new Response(request.url.endsWith("/none") ? null : "hello", { status: 201 });
      },
    };
    await served(
      app,
      function* ({ url, port }) {
        yield* get(`${url}/healthz`);
        yield* get(`${url}/a?b=c`, { method: "POST", body: "x" });
        yield* get(`${url}/none`, { method: "HEAD" });
        const socket = yield* open(port, 'GET /"quoted"');
        yield* wrapFuture(once(socket, "data"));
        socket.destroy();
        const gone = yield* open(port, "GET /slow");
        yield* sleep(0.1);
        gone.destroy();
        yield* wrapFuture(until(() => lines.length === 4));
      },
      { health: "/healthz", accessLog: (line) => void lines.push(line) },
    );
    const DATE = /\[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000\]/;
    expect(lines.map((line) => line.replace(DATE, "[date]").replace(/\d\.\d{3}\n$/, "time"))).toEqual([
      '127.0.0.1 - - [date] "POST /a?b=c HTTP/1.1" 201 5 time',
      '127.0.0.1 - - [date] "HEAD /none HTTP/1.1" 201 - time',
      String.raw`127.0.0.1 - - [date] "GET /\x22quoted\x22 HTTP/1.1" 201 5 time`,
      '127.0.0.1 - - [date] "GET /slow HTTP/1.1" 499 - time',
    ]);
  });
});

test("a connection is not kept where keepAlive is 0", async () => {
  await served(
    { fetch: () => new Response("ok") },
    function* ({ port }) {
      const socket = yield* open(port, "GET /");
      expect(yield* wrapFuture(text(socket))).toContain("Connection: close");
    },
    { keepAlive: 0 },
  );
});

test("an access log that throws ends nothing", async () => {
  const report = vi.spyOn(console, "error").mockReturnValue();
  const accessLog = (): never => {
    throw new Error("disk full");
  };
  await served(
    { fetch: () => new Response("ok") },
    function* ({ url }) {
      for (let i = 0; i < 2; i++) expect(yield* get(url)).toBe("200 ok");
      yield* wrapFuture(until(() => report.mock.calls.length === 2));
    },
    { accessLog },
  );
  expect(report).toHaveBeenCalledWith("Unhandled error in accessLog:", new Error("disk full"));
});

describe("bad input is refused at the call:", () => {
  const app = { fetch: () => new Response() };

  test.each([
    ["no app", null, {}, "Invalid app"],
    ["an app without fetch", {}, {}, "Invalid fetch of the app"],
    ["a startup that is no function", { ...app, startup: 1 }, {}, "Invalid startup of the app"],
    ["Bun's websocket", { ...app, websocket: { open() {} } }, {}, "Invalid websocket of the app"],
    ["an option that there is not", app, { workers: 2 }, "there is no 'workers'"],
    ["a host that is no string", app, { host: 1 }, "Invalid host"],
    ["a port that is no number", app, { port: "80" }, "Invalid port"],
    ["a health that is no path", app, { health: "healthz" }, "Invalid health"],
    ["a grace that is no delay", app, { grace: "30" }, "Invalid grace"],
    ["a keepAlive that is no delay", app, { keepAlive: null }, "Invalid keepAlive"],
    ["an accessLog that is no function", app, { accessLog: "yes" }, "Invalid accessLog"],
    ["signals that are no array", app, { signals: "SIGTERM" }, "Invalid signals"],
    ["an onListening that is no function", app, { onListening: 1 }, "Invalid onListening"],
  ])("%s", (_, given, options, message) => {
    expect(() => serveApp(given as App, options as ServeAppOptions)).toThrow(TypeError);
    expect(() => serveApp(given as App, options as ServeAppOptions)).toThrow(message);
  });

  test("a port that there cannot be", () => {
    expect(() => serveApp(app, { port: 70_000 })).toThrow(RangeError);
  });

  test.each(["wsPingInterval", "wsPingTimeout"])("a %s that is not above 0", (name) => {
    for (const seconds of [0, -1])
      expect(() => serveApp(app, { [name]: seconds })).toThrow(
        expect.objectContaining({ name: "RangeError", message: expect.stringContaining(`Invalid ${name}`) }),
      );
    expect(() => serveApp(app, { [name]: "5" as never })).toThrow(TypeError);
  });

  test.each(["grace", "keepAlive"])("a %s below 0", (name) => {
    const message = `Invalid ${name}: expected a time from 0 on, got -1 s`;
    expect(() => serveApp(app, { [name]: -1 })).toThrow(new RangeError(message));
  });

  test("a service inside a request", async () => {
    const fetch = handler(() => serveApp(app, { port: 0, signals: [] }) as never, {
      loop: "request",
      onError: (error) => new Response(String(error)),
    });
    expect(await (await fetch(new Request("http://localhost"))).text()).toContain("a request is being handled");
  });
});

test("a cancelled service throws CancelledError behind its end", async () => {
  await served({ fetch: () => new Response() }, function* ({ task }) {
    task.cancel();
    try {
      yield* task;
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(CancelledError);
    }
  });
});

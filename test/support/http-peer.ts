// The server of the client's scenarios: what it answers follows from the path. It runs in the tests' own process, so
// that every host asks the same one; pages are let in.

import type { IncomingMessage, ServerResponse } from "node:http";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { WebSocketServer } from "ws";
import type { World } from "./client-scenarios.ts";
import { type Answer, TestServer, bodyOf } from "./http-server.ts";

const TEXT = "some text, and some text, ".repeat(40);

type Route = (request: IncomingMessage, response: ServerResponse, url: URL, server: TestServer) => unknown;

const FOR_PAGES = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "*, authorization",
  "access-control-allow-methods": "*",
  "access-control-expose-headers": "*",
  "timing-allow-origin": "*",
};

/** How often each server was asked by a key. */
const asked = new WeakMap<TestServer, Map<string, number>>();

/** How often a server is asked by a key, now included. */
function countOf(server: TestServer, { searchParams }: URL): number {
  const counts = asked.get(server) ?? new Map<string, number>();
  asked.set(server, counts);
  const key = searchParams.get("key") ?? "";
  const count = (counts.get(key) ?? 0) + 1;
  counts.set(key, count);
  return count;
}

const later = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

function send(response: ServerResponse, status: number, headers: Record<string, string>, body: string | Buffer): void {
  response.writeHead(status, { "content-length": Buffer.byteLength(body), ...headers });
  response.end(body);
}

const json = (response: ServerResponse, value: unknown, status = 200): void =>
  send(response, status, { "content-type": "application/json" }, JSON.stringify(value));

const ROUTES: Record<string, Route> = {
  /** What was asked. */
  echo: async (request, response, url) => {
    const body = await bodyOf(request);
    json(response, {
      method: request.method,
      path: url.pathname + url.search,
      headers: request.headers,
      body: body.toString("latin1"),
    });
  },
  text: (_, response) => send(response, 200, { "content-type": "text/plain; charset=utf-8" }, "grüße"),
  latin1: (_, response) =>
    send(response, 200, { "content-type": "text/plain; charset=ISO-8859-1" }, Buffer.from("grüße", "latin1")),
  empty: (_, response) => send(response, 200, { "content-type": "application/json" }, ""),
  status: (_, response, { pathname }) => {
    const status = Number(pathname.split("/")[2]);
    if (status === 204 || status === 304) response.writeHead(status, { "content-encoding": "gzip" }).end();
    else send(response, status, { "content-type": "text/plain" }, `status ${status}`);
  },
  headers: (_, response) => {
    response.setHeader("x-one", ["1", "2"]);
    response.setHeader("x-empty", "");
    response.setHeader("content-type", "Text/HTML; charset=UTF-8");
    response.end();
  },
  gzip: (_, response) => send(response, 200, { "content-encoding": "gzip" }, gzipSync(TEXT)),
  deflate: (_, response) => send(response, 200, { "content-encoding": "deflate" }, deflateSync(TEXT)),
  rawdeflate: (_, response) => send(response, 200, { "content-encoding": "deflate" }, deflateRawSync(TEXT)),
  br: (_, response) => send(response, 200, { "content-encoding": "br" }, brotliCompressSync(TEXT)),
  chunkedgzip: async (_, response) => {
    response.writeHead(200, { "content-encoding": "gzip" });
    const bytes = gzipSync(TEXT);
    for (let at = 0; at < bytes.length; at += 7) {
      response.write(bytes.subarray(at, at + 7));
      await later(0);
    }
    response.end();
  },
  badgzip: (_, response) => send(response, 200, { "content-encoding": "gzip" }, "this is not gzip at all"),
  /** Redirects so many times, and then to /echo. */
  redirect: (_, response, { pathname }) => {
    const left = Number(pathname.split("/")[2]);
    send(response, 302, { location: left === 1 ? "/echo" : `/redirect/${left - 1}` }, "elsewhere");
  },
  to: async (request, response, { searchParams }) => {
    await bodyOf(request);
    const headers: Record<string, string> = {};
    const location = searchParams.get("url");
    if (location !== null) headers["location"] = location;
    send(response, Number(searchParams.get("status") ?? 302), headers, "elsewhere");
  },
  slow: async (_, response, { searchParams }) => {
    await later(Number(searchParams.get("ms")));
    send(response, 200, {}, "late");
  },
  /** Chunks, each after a while. */
  drip: async (_, response, { searchParams }) => {
    response.writeHead(200, { "content-type": "text/plain" });
    for (let i = 0; i < Number(searchParams.get("n")) && !response.destroyed; i++) {
      response.write(`chunk ${i}\n`);
      await later(Number(searchParams.get("ms")));
    }
    response.end();
  },
  big: (_, response, { searchParams }) => {
    let left = Number(searchParams.get("mb")) * 16;
    const chunk = Buffer.alloc(65_536, "x");
    const more = (): void => {
      while (left > 0) {
        left--;
        if (!response.write(chunk)) return void response.once("drain", more);
      }
      response.end();
    };
    more();
  },
  /** Takes all in, and says how much. */
  sink: async (request, response) => {
    let length = 0;
    for await (const chunk of request) length += (chunk as Buffer).length;
    json(response, { length });
  },
  /** Answers before it has read what comes. */
  early: (_, response) => send(response, 200, {}, "early"),
  /** Ends the connection in the middle of the body. */
  cut: (_, response) => {
    response.writeHead(200, { "content-length": "1000" });
    response.write("half");
    setTimeout(() => response.destroy(), 20);
  },
  cutchunked: (_, response) => {
    response.writeHead(200);
    response.write("half");
    setTimeout(() => response.destroy(), 20);
  },
  /** Ends the connection without a word. */
  drop: (request) => void request.socket.destroy(),
  /** Says what is no HTTP. */
  garbage: (request) => void request.socket.end("this is no HTTP\r\n\r\n"),
  /** 503 so many times, by a key. */
  flaky: (_, response, url, server) => {
    const count = countOf(server, url);
    if (count <= Number(url.searchParams.get("times"))) send(response, 503, {}, "not yet");
    else send(response, 200, {}, `answered at ${count}`);
  },
  droptwice: (request, response, url, server) => {
    const count = countOf(server, url);
    if (count <= 2) request.socket.destroy();
    else send(response, 200, {}, `answered at ${count}`);
  },
  cookie: (_, response, { searchParams }) => {
    response.setHeader("set-cookie", searchParams.getAll("set"));
    send(response, 200, {}, "set");
  },
  cookieredirect: (_, response) => {
    response.setHeader("set-cookie", "step=1; Path=/");
    send(response, 302, { location: "/echo" }, "");
  },
  wrongtype: (_, response) => send(response, 200, { "content-type": "text/plain" }, "[1]"),
  jsontype: (_, response) => send(response, 200, { "content-type": "application/problem+json" }, "[1]"),
  badjson: (_, response) => send(response, 200, { "content-type": "application/json" }, "{"),
  close: (_, response) => send(response, 200, { connection: "close" }, "closed"),
  /** What the server has counted, and counts anew. */
  stats: (_, response, __, server) => {
    const { accepted, requests, mostRequests, lost, open } = server;
    server.reset();
    json(response, { accepted, requests, mostRequests, lost, open });
  },
};

const answer: Answer = (request, response, server) => {
  for (const [name, value] of Object.entries(FOR_PAGES)) response.setHeader(name, value);
  if (request.method === "OPTIONS" && request.headers["access-control-request-method"] !== undefined) {
    server.requests--; // the page's own
    response.writeHead(204).end();
    return;
  }
  const url = new URL(request.url ?? "", "http://peer");
  const route = ROUTES[url.pathname.split("/")[1]];
  if (route === undefined) return send(response, 404, {}, "there is no such path");
  void Promise.resolve(route(request, response, url, server)).catch(() => response.destroy());
};

/** The server, and what scenarios have to know of it. */
export class HttpPeer extends TestServer {
  #nowhere = "";

  get world(): World {
    return { url: this.url, otherUrl: this.url.replace("127.0.0.1", "localhost"), nowhere: this.#nowhere };
  }

  override async listen(): Promise<this> {
    const server = await new TestServer(() => {}).listen();
    await server.close();
    this.#nowhere = server.url;
    return await super.listen();
  }
}

/** Starts it. Besides, /ws is a web socket, which gives back what it gets, and does what it is told. */
export async function startHttpPeer(): Promise<HttpPeer> {
  const server = await new HttpPeer(answer).listen();
  const sockets = new WebSocketServer({
    server: server.node,
    handleProtocols: (protocols) => [...protocols].find((name) => name === "second") ?? false,
    verifyClient: ({ req }: { req: IncomingMessage }) => /^\/(ws|silent)/.test(req.url ?? ""),
    autoPong: false,
  });
  sockets.on("connection", (socket, request) => {
    if (request.url !== "/silent") socket.on("ping", (data) => socket.pong(data));
    socket.on("message", (data: Buffer, isBinary) => {
      const text = data.toString();
      if (text === "close") socket.close(4001, "as you wish");
      else if (text === "cut") socket.terminate();
      else if (text === "headers") socket.send(JSON.stringify(request.headers));
      else if (text.startsWith("send ")) for (let i = 0; i < Number(text.slice(5)); i++) socket.send(`message ${i}`);
      else socket.send(data, { binary: isBinary });
    });
    socket.on("error", () => {});
  });
  return server;
}

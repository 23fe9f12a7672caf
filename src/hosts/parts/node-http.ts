// HTTP by node:http and node:https. Connections are kept by their agents; how many there are is the client's matter,
// which has a place for each: an agent's own limit for all hosts would count those that nobody uses.

import type {
  Http,
  HttpConnections,
  HttpEvents,
  HttpExchange,
  HttpFault,
  HttpOptions,
  HttpProxy,
  HttpRequest,
} from "../../drivers/http.ts";
import { NotAvailableError } from "../../errors/base.ts";
import { builtin } from "./builtins.ts";
import type { HttpModule, NodeAgent, NodeClientRequest, NodePipe, NodeResponse } from "./node-types.ts";
import { decompress } from "./node-decompression.ts";

/** HTTP, by Node's own modules. */
export function nodeHttp(): Http {
  return {
    followsRedirects: false,
    keepsCookies: false,
    WebSocket: globalThis.WebSocket, // from Node 22 on
    webSocketsTakeHeaders: true,
    open: (options) => new NodeConnections(options),
  };
}

function moduleOf(name: "http" | "https"): HttpModule {
  const found = builtin(name);
  if (found === undefined) throw new NotAvailableError("HTTP", `this host gives no node:${name}`);
  return found;
}

/** What asks a proxy for a connection to a server: by then there is none that could be closed with the request. */
interface Tunnel {
  ask: NodeClientRequest | null;
}

/** All that connections have to have in common, to be used for each other. */
type Way = readonly unknown[];

class NodeConnections implements HttpConnections {
  readonly #options: object;
  /** For what is not secured. */
  #plain: NodeAgent | null = null;
  /** For what is, by its TLS and its proxy. */
  readonly #secured: { readonly way: Way; readonly agent: NodeAgent }[] = [];

  constructor({ limitPerHost, keepAlive }: HttpOptions) {
    this.#options = {
      keepAlive: keepAlive > 0,
      maxSockets: limitPerHost,
      maxFreeSockets: limitPerHost,
      ...(keepAlive > 0 && { timeout: Math.min(keepAlive * 1000, 2 ** 31 - 1) }),
    };
  }

  request(request: HttpRequest, events: HttpEvents): HttpExchange {
    const isSecure = request.url.protocol === "https:";
    return new NodeExchange(moduleOf(isSecure ? "https" : "http"), request, events, this.#agentFor(request, isSecure));
  }

  close(): void {
    this.#plain?.destroy();
    for (const { agent } of this.#secured) agent.destroy();
  }

  #agentFor({ tls, proxy }: HttpRequest, isSecure: boolean): NodeAgent {
    if (!isSecure) return (this.#plain ??= new (moduleOf("http").Agent)(this.#options));
    const way: Way = [tls?.material, tls?.verifies, tls?.checksHostname, proxy?.url.href, proxy?.authorization];
    const known = this.#secured.find((each) => each.way.every((part, index) => part === way[index]));
    if (known !== undefined) return known.agent;
    const agent = new (moduleOf("https").Agent)(this.#options);
    if (proxy !== null) agent.createConnection = tunnelThrough(proxy);
    this.#secured.push({ way, agent });
    return agent;
  }
}

/** Makes connections through a proxy: it is asked for one to the server, on which TLS begins. */
function tunnelThrough({ url, authorization }: HttpProxy): NodeAgent["createConnection"] {
  return (options, created) => {
    const { host, port, tunnel } = options as {
      readonly host: string;
      readonly port: number;
      readonly tunnel: Tunnel;
    };
    const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
    const headers = ["Host", authority, ...(authorization === null ? [] : ["Proxy-Authorization", authorization])];
    const ask = moduleOf(url.protocol === "https:" ? "https" : "http").request({
      ...hostAndPort(url),
      method: "CONNECT",
      path: authority,
      headers,
      agent: false,
    });
    tunnel.ask = ask;
    ask.on("error", (error) => created(error as Error));
    ask.on("connect", ({ statusCode, statusMessage }, socket) => {
      if (statusCode === 200) {
        const tls = builtin("tls");
        if (tls !== undefined) return created(null, tls.connect({ ...options, socket }));
      }
      socket.destroy();
      created(
        Object.assign(new Error(`the proxy has answered ${statusCode} ${statusMessage}`), { proxyStatus: statusCode }),
      );
    });
    ask.end();
  };
}

function hostAndPort(url: URL): { readonly host: string; readonly port: number } {
  const { hostname, port, protocol } = url;
  const host = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  return { host, port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port) };
}

/** The headers of a request, with those that say how long it is, and what the host can decompress. */
function headersOf({ url, headers, body, length, method, proxy }: HttpRequest, isForwarded: boolean): string[] {
  const all = [...headers];
  if (!hasHeader(headers, "host")) all.unshift("Host", url.host);
  if (!hasHeader(headers, "accept-encoding")) all.push("Accept-Encoding", "gzip, deflate, br");
  const authorization = isForwarded ? (proxy?.authorization ?? null) : null;
  if (authorization !== null) all.push("Proxy-Authorization", authorization);
  if (hasHeader(headers, "content-length") || hasHeader(headers, "transfer-encoding")) return all;
  const known = body === "written" ? length : (body?.length ?? (WITHOUT_BODY.has(method) ? null : 0));
  if (known !== null) all.push("Content-Length", String(known));
  else if (body === "written") all.push("Transfer-Encoding", "chunked");
  return all;
}

const WITHOUT_BODY = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "DELETE"]);

function hasHeader(headers: readonly string[], name: string): boolean {
  for (let i = 0; i < headers.length; i += 2)
    if (headers[i].length === name.length && headers[i].toLowerCase() === name) return true;
  return false;
}

class NodeExchange implements HttpExchange {
  readonly #request: NodeClientRequest;
  readonly #decompresses: boolean;
  readonly #isHead: boolean;
  readonly #tunnel: Tunnel = { ask: null };
  #response: NodeResponse | null = null;
  /** Where the body comes from: the response, or what decompresses it. */
  #body: NodePipe | null = null;
  /** null: it is over. */
  #events: HttpEvents | null;

  constructor(http: HttpModule, request: HttpRequest, events: HttpEvents, agent: NodeAgent) {
    const { url, method, body, tls, proxy } = request;
    this.#events = events;
    this.#decompresses = request.decompresses;
    this.#isHead = method === "HEAD";
    const isSecure = url.protocol === "https:";
    const isForwarded = proxy !== null && !isSecure;
    const sent = http.request({
      ...hostAndPort(isForwarded ? proxy.url : url),
      method,
      path: isForwarded ? url.origin + url.pathname + url.search : url.pathname + url.search,
      headers: headersOf(request, isForwarded),
      agent,
      tunnel: this.#tunnel,
      ...(tls !== null && {
        secureContext: tls.material,
        rejectUnauthorized: tls.verifies,
        ...(!tls.checksHostname && { checkServerIdentity: () => undefined }),
      }),
    });
    this.#request = sent;
    sent.on("error", (error) => this.#fail(error));
    sent.on("response", (response) => this.#answered(response));
    for (const event of ["upgrade", "connect"] as const)
      sent.on(event, (_, socket) => {
        socket.destroy();
        this.#fail({ message: "the server has changed to another protocol" });
      });
    sent.on("drain", () => this.#events?.drained());
    const isAsking = this.#tunnel.ask !== null;
    if (isAsking) queueMicrotask(() => this.#events?.connecting());
    sent.on("socket", (socket) => {
      if (!(isAsking || socket.connecting) || this.#events === null) return;
      if (!isAsking) this.#events.connecting();
      socket.once(isSecure ? "secureConnect" : "connect", () => this.#events?.connected());
    });
    if (body !== "written") sent.end(body ?? undefined);
  }

  write(bytes: Uint8Array): boolean {
    return this.#request.write(bytes);
  }

  finish(): void {
    this.#request.end();
  }

  pause(): void {
    this.#body?.pause();
  }

  resume(): void {
    this.#body?.resume();
  }

  close(): void {
    this.#events = null;
    if (this.#response?.complete === true && this.#request.writableEnded) {
      if (this.#body !== this.#response) this.#body?.destroy();
      this.#response.resume(); // what has come and was not told: else the connection is not given back
    } else {
      this.#body?.destroy();
      this.#request.destroy();
      this.#tunnel.ask?.destroy();
    }
  }

  #answered(response: NodeResponse): void {
    if (this.#events === null) return;
    this.#response = response;
    this.#body = response;
    const { statusCode: status, statusMessage: reason, rawHeaders: headers } = response;
    this.#events.answered({ status, reason, headers, url: null });
    response.on("error", (error) => this.#fail(error));
    const isEmpty = this.#isHead || status === 204 || status === 304;
    if (this.#decompresses && !isEmpty) decompress(response, headers, (body) => this.#receive(body));
    else this.#receive(response);
  }

  #receive(body: NodePipe): void {
    this.#body = body;
    body.on("data", (data) => this.#events?.data(data));
    if (body !== this.#response) body.on("error", (error) => this.#fail(error));
    if (body.readableEnded) this.#ended();
    else body.on("end", () => this.#ended());
  }

  #ended(): void {
    const events = this.#events;
    this.#events = null;
    events?.ended();
  }

  #fail(error: HttpFault): void {
    const events = this.#events;
    if (events === null) return;
    this.close();
    const wasReused = this.#response === null && this.#request.reusedSocket;
    const { message, code, errno, syscall, proxyStatus } = error;
    events.failed({ message, code, errno, syscall, wasReused, proxyStatus: proxyStatus ?? null });
  }
}

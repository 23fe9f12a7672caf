// ClientSession: what requests have in common, and the places and connections that they share.

import { createHttp } from "#http";
import type { FetchLike, Http, HttpConnections, HttpProxy, HttpTls, WebSocketClass } from "../drivers/http.ts";
import { NotAvailableError, RuntimeError } from "../errors/base.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import { checkLoop } from "../runtime/loop.ts";
import { getRunningLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import type { Task } from "../runtime/task.ts";
import { refuseInVirtualTime } from "../net/network.ts";
import type { SSLContext } from "../net/ssl-context.ts";
import { checkBoolean, checkFunction, checkNames, wholeFrom } from "../support/checks.ts";
import { type Delay, secondsFrom0, secondsOf } from "../support/delay.ts";
import { format } from "../support/format.ts";
import { Shown } from "../support/shown.ts";
import { type AsyncContextManager, type Ways, checkBody, enterAndLeave } from "../waiting/async-with.ts";
import { operation } from "../waiting/operation.ts";
import { timeout } from "../tasks/timeout.ts";
import { wait } from "../tasks/wait.ts";
import { type BasicAuth, takeAuth } from "./basic-auth.ts";
import { ClientWebSocket } from "./client-web-socket.ts";
import { type ClientTimeout, DEFAULT_TIMES, type Times, timesOf } from "./client-timeout.ts";
import { CookieJar, type CookieStore, checkJar } from "./cookie-jar.ts";
import { ClientConnectionError } from "./errors.ts";
import { type HeadersGiven, flatHeaders, headerIn, mergeHeaders } from "./headers.ts";
import type { UnderWay } from "./hop.ts";
import { Places } from "./places.ts";
import { proxyAt, proxyFromEnvironment } from "./proxies.ts";
import {
  type Params,
  type RaiseForStatus,
  type RequestOptions,
  bodyIn,
  checkAuth,
  checkLength,
  checkMethod,
  checkRaising,
  checkRequest,
  cookieHeader,
  headersIn,
  urlOf,
} from "./request-options.ts";
import { type PreparedRequest, RequestContext, type Requesting } from "./request.ts";
import { type Retry, RetryPolicy } from "./retry.ts";
import { type TraceConfig, checkTraces } from "./traces.ts";
import { type ClientTransport, virtualHttp } from "./transport.ts";
import { WebSocketContext } from "./web-socket-context.ts";

/** Options of a session. */
export interface SessionOptions {
  /** What the addresses of requests are relative to. */
  baseUrl?: string | URL;
  /** Sent with each request. */
  headers?: HeadersGiven;
  /** Added to each address. */
  params?: Params;
  /** For the origin of `baseUrl`, or for all when there is none. */
  auth?: BasicAuth | null;
  /** Requests that may be under way at once; 0: no limit. Default: 100. */
  limit?: number;
  /** The same, to one host and port. Default: 0. */
  limitPerHost?: number;
  timeout?: ClientTimeout;
  /** How long a connection that nobody uses is kept, where that is not the host's matter. Default: 15 s. */
  keepAlive?: Delay;
  /** Whether statuses from 400 on are errors, or what is done with each response. Default: false. */
  raiseForStatus?: RaiseForStatus;
  /** Where cookies are kept: also a jar of tough-cookie; null: nowhere. Default: a new jar. */
  cookieJar?: CookieStore | null;
  /** Whether compressed bodies are given decompressed. Default: true. */
  autoDecompress?: boolean;
  /** Who sends requests on; null: nobody. */
  proxy?: string | URL | null;
  proxyAuth?: BasicAuth | null;
  /** Whether HTTP_PROXY, HTTPS_PROXY and NO_PROXY say which proxy to ask. Default: false. */
  trustEnv?: boolean;
  /** How TLS is spoken. Default: as the host does. */
  ssl?: SSLContext | null;
  /** How requests that have failed are made again; null: not at all. Default: null. */
  retry?: Retry | null;
  traces?: readonly TraceConfig[];
  /** A server of the program's in place of the network, for tests and for virtual time. */
  transport?: ClientTransport;
  /** What takes the place of the host's HTTP: a function that does what fetch does. */
  fetch?: FetchLike;
  /** The class of web sockets: `WebSocket` of the package ws, or one like it. Default: the host's. */
  webSocket?: WebSocketClass;
}

const SESSION_OPTIONS: readonly (keyof SessionOptions)[] = [
  "baseUrl",
  "headers",
  "params",
  "auth",
  "limit",
  "limitPerHost",
  "timeout",
  "keepAlive",
  "raiseForStatus",
  "cookieJar",
  "autoDecompress",
  "proxy",
  "proxyAuth",
  "trustEnv",
  "ssl",
  "retry",
  "traces",
  "transport",
  "fetch",
  "webSocket",
];

/** Options of `wsConnect`. */
export interface WebSocketOptions {
  /** Those that are offered, the preferred one first. */
  protocols?: readonly string[];
  params?: Params;
  /** Beside the session's; not in browsers and workerd. */
  headers?: HeadersGiven;
  auth?: BasicAuth | null;
  /** How often to ask whether the other side is there, which has half of that time to answer; null: never. */
  heartbeat?: Delay | null;
  /** How long it may take to open it: `total` of this. */
  timeout?: ClientTimeout;
  /** How long to wait for the other side when it is closed. Default: 10 s. */
  closeTimeout?: Delay;
}

const WEB_SOCKET_OPTIONS: readonly (keyof WebSocketOptions)[] = [
  "protocols",
  "params",
  "headers",
  "auth",
  "heartbeat",
  "timeout",
  "closeTimeout",
];

const AUTOMATIC = ["Accept", "*/*", "User-Agent", "wasyncio"];

/**
 * Makes requests. Mirrors aiohttp.ClientSession: at most 100 at once, each with 300 seconds, cancelled with the task
 * that makes it. A session belongs to the loop of its first request, and is closed at the end of its block.
 *
 * @example
 * yield* new ClientSession({ baseUrl: "https://example.org" }).with(function* (session) {
 *   const user = yield* session.get("/users/1").with((response) => response.json());
 * });
 */
export class ClientSession extends Shown implements AsyncContextManager<ClientSession, void> {
  /** @internal */
  static override readonly name: string = "ClientSession";
  readonly #options: SessionOptions;
  readonly #baseUrl: URL | null;
  readonly #headers: readonly string[];
  readonly #times: Times;
  readonly #proxy: HttpProxy | null | undefined;
  readonly #retry: RetryPolicy | null;
  readonly #state: State;

  /**
   * @throws TypeError or RangeError for an option that is none
   * @throws InvalidURL for a `baseUrl` or a proxy that is no address
   */
  constructor(options: SessionOptions = {}) {
    super();
    checkNames(options, SESSION_OPTIONS);
    const { baseUrl, headers, limit = 100, limitPerHost = 0, timeout, retry, proxy, traces = [], ssl } = options;
    const { keepAlive = 15, cookieJar, transport, fetch, webSocket } = options;
    checkAuth(options.auth);
    checkAuth(options.proxyAuth, "proxyAuth");
    checkRaising(options.raiseForStatus);
    checkBoolean(options.autoDecompress, "autoDecompress");
    checkBoolean(options.trustEnv, "trustEnv");
    for (const [name, value] of Object.entries({ transport, fetch, webSocket }))
      if (value !== undefined) checkFunction(value, name);
    tlsOf(ssl);
    this.#options = { ...options };
    this.#baseUrl = baseUrl === undefined ? null : urlOf(baseUrl, null);
    if (options.params !== undefined) urlOf("http://localhost", null, options.params);
    this.#headers = mergeHeaders(AUTOMATIC, headers === undefined ? [] : flatHeaders(headers));
    this.#times = timesOf(timeout, DEFAULT_TIMES);
    this.#proxy = proxy === undefined || proxy === null ? proxy : proxyAt(proxy, options.proxyAuth ?? null);
    this.#retry = retry === undefined || retry === null ? null : new RetryPolicy(retry);
    const jar = cookieJar === undefined ? undefined : cookieJar === null ? null : checkJar(cookieJar);
    this.#state = new State(new Places(wholeFrom(0, limit, "limit"), wholeFrom(0, limitPerHost, "limitPerHost")), {
      transport: transport ?? null,
      fetch: fetch ?? null,
      limitPerHost: limitPerHost || limit || Infinity,
      keepAlive: secondsFrom0(keepAlive, "keepAlive"),
      jar,
      traces: checkTraces(traces),
    });
  }

  /** Whether it is closed: no request can be made any more. Mirrors ClientSession.closed. */
  get closed(): boolean {
    return this.#state.closed;
  }

  /** Where cookies are kept; null: nowhere, or where the host keeps them. Mirrors ClientSession.cookie_jar. */
  get cookieJar(): CookieStore | null {
    return this.#state.jar;
  }

  /**
   * A request, which is made by `with` or by `yield*`. Mirrors ClientSession.request.
   * @throws TypeError or RangeError for an argument or an option that is none
   * @throws InvalidURL for what is no address
   *
   * @example
   * yield* session.request("PROPFIND", url).with((response) => response.text());
   */
  request(method: string, url: string | URL, options: RequestOptions = {}): RequestContext {
    return new RequestContext(this.#state, this.#prepare(checkMethod(method), url, options));
  }

  /** As `request`, with GET. Mirrors ClientSession.get. */
  get(url: string | URL, options?: RequestOptions): RequestContext {
    return this.request("GET", url, options);
  }

  /** As `request`, with OPTIONS. Mirrors ClientSession.options. */
  options(url: string | URL, options?: RequestOptions): RequestContext {
    return this.request("OPTIONS", url, options);
  }

  /** As `request`, with HEAD, which goes to no redirect unless it is told to. Mirrors ClientSession.head. */
  head(url: string | URL, options?: RequestOptions): RequestContext {
    return this.request("HEAD", url, options);
  }

  /** As `request`, with POST. Mirrors ClientSession.post. */
  post(url: string | URL, options?: RequestOptions): RequestContext {
    return this.request("POST", url, options);
  }

  /** As `request`, with PUT. Mirrors ClientSession.put. */
  put(url: string | URL, options?: RequestOptions): RequestContext {
    return this.request("PUT", url, options);
  }

  /** As `request`, with PATCH. Mirrors ClientSession.patch. */
  patch(url: string | URL, options?: RequestOptions): RequestContext {
    return this.request("PATCH", url, options);
  }

  /** As `request`, with DELETE. Mirrors ClientSession.delete. */
  delete(url: string | URL, options?: RequestOptions): RequestContext {
    return this.request("DELETE", url, options);
  }

  /**
   * A web socket, which is opened by `with` or by `yield*`, and has a place as a request has. Mirrors
   * ClientSession.ws_connect. It asks no proxy, and speaks TLS as the host does, whatever `ssl` says.
   * @throws TypeError or RangeError for an argument or an option that is none
   * @throws InvalidURL for what is no address
   *
   * @example
   * yield* session.wsConnect("/chat").with((socket) => socket.sendStr("hello"));
   */
  wsConnect(address: string | URL, options: WebSocketOptions = {}): WebSocketContext {
    checkNames(options, WEB_SOCKET_OPTIONS);
    if (this.closed) throw new RuntimeError("Session is closed");
    const { protocols = [], params, headers = {}, auth, heartbeat = null, closeTimeout = 10 } = options;
    if (!Array.isArray(protocols) || !protocols.every((each) => typeof each === "string"))
      throw new TypeError(`Invalid protocols: expected an array of strings, got ${format(protocols)}`);
    const url = urlOf(address, this.#baseUrl, this.#options.params, params);
    url.protocol = url.protocol.replace("http", "ws");
    const own = flatHeaders(headers);
    const credentials = this.#authFor(url, auth)?.encode();
    if (credentials !== undefined) own.push("Authorization", credentials);
    const closeSeconds = secondsFrom0(closeTimeout, "closeTimeout");
    const beat = heartbeat === null ? null : secondsOf(heartbeat, "heartbeat");
    if (beat !== null && beat <= 0) throw new RangeError(`Invalid heartbeat: expected a time over 0, got ${beat} s`);
    const { total } = timesOf(options.timeout, this.#times);
    return new WebSocketContext(() => this.#openSocket(url, protocols, own, beat, closeSeconds, total));
  }

  *#openSocket(
    url: URL,
    protocols: readonly string[],
    own: readonly string[],
    heartbeat: number | null,
    closeTimeout: number,
    total: number | null,
  ): Coroutine<ClientWebSocket> {
    const state = this.#state;
    const { loop, http } = state.bind();
    const { webSocket = http.WebSocket } = this.#options;
    if (webSocket === undefined)
      throw new NotAvailableError("web sockets", "there are none here; give the session a class, such as that of ws");
    const isOther = webSocket !== http.WebSocket;
    const takesHeaders = isOther ? ("behind" as const) : http.webSocketsTakeHeaders ? ("together" as const) : null;
    if (takesHeaders === null && own.length > 0)
      throw new NotAvailableError("headers of web sockets", "those of this host take none");
    const address = url.href.replace(/^ws/, "http");
    const cookies = state.jar?.getCookieStringSync(address) ?? "";
    const headers = mergeHeaders(this.#headers, cookies === "" ? own : [...own, "Cookie", cookies]);
    return yield* timeout(total).with(function* () {
      const place = yield* state.places.take(url.host);
      let socket: ClientWebSocket | null = null;
      try {
        if (state.closed) throw new ClientConnectionError("Connector is closed.");
        const opening = { loop, url, protocols, headers, type: webSocket, takesHeaders, heartbeat, closeTimeout };
        socket = new ClientWebSocket(opening, place, state.underWay);
      } finally {
        if (socket === null) place.release();
      }
      yield* socket._open();
      return socket;
    });
  }

  /**
   * Closes the session: what is under way fails with ClientConnectionError, and connections are closed. Mirrors
   * ClientSession.close.
   */
  close(): Coroutine<void> {
    return operation("ClientSession.close", this.#close());
  }

  *#close(): Coroutine<void> {
    yield* this._leave() ?? [];
  }

  /** Enters the block. */
  *aenter(): Coroutine<this> {
    return this;
  }

  /** Closes the session. */
  aexit(): Coroutine<void> {
    return this.#close();
  }

  /** @internal Closes it; null when there is nothing to wait for. */
  _leave(): Coroutine<void> | null {
    const { servers } = this.#state;
    this.#state.close();
    return servers.size > 0 ? ended(servers) : null;
  }

  /** Runs a block with the session, and closes it. Mirrors Python's `async with`. */
  with<R>(body: (session: this) => Awaitable<R>): Coroutine<R> {
    checkBody(body);
    return enterAndLeave<ClientSession, this, R>(BY_SESSION, this, body);
  }

  override toString(): string {
    return `<ClientSession${this.#baseUrl === null ? "" : ` ${this.#baseUrl.href}`}${this.closed ? " closed" : ""}>`;
  }

  #prepare(method: string, address: string | URL, options: RequestOptions): PreparedRequest {
    if (this.closed) throw new RuntimeError("Session is closed");
    checkRequest(options);
    const session = this.#options;
    const url = urlOf(address, this.#baseUrl, session.params, options.params);
    const headers = mergeHeaders(this.#headers, headersIn(options));
    const auth = this.#authFor(url, options.auth);
    const hasOwnHeader = headerIn(headers, "authorization") !== null;
    if (hasOwnHeader && auth !== null && auth !== session.auth)
      throw new TypeError("Cannot combine AUTHORIZATION header with AUTH argument or credentials encoded in URL");
    const { retry, ssl = session.ssl, cookies = {} } = options;
    return {
      method,
      url,
      headers,
      body: checkLength(bodyIn(options), headers),
      cookies: cookieHeader(cookies),
      auth: hasOwnHeader ? null : auth,
      times: timesOf(options.timeout, this.#times),
      allowRedirects: options.allowRedirects,
      maxRedirects: options.maxRedirects ?? 10,
      raiseForStatus: options.raiseForStatus ?? session.raiseForStatus ?? false,
      decompresses: options.autoDecompress ?? session.autoDecompress ?? true,
      proxyFor: this.#proxyBy(options),
      tls: tlsOf(ssl),
      retry: retry === undefined ? this.#retry : retry === null ? null : new RetryPolicy(retry),
      context: options.traceRequestContext ?? {},
    };
  }

  /** Who asks: as the request says, or its address, else as the session says, if that means this server. */
  #authFor(url: URL, given: BasicAuth | null | undefined): BasicAuth | null {
    const auth = checkAuth(given);
    const own = takeAuth(url);
    if (auth !== null && own !== null)
      throw new TypeError("Cannot combine AUTH argument with credentials encoded in URL");
    if (auth !== null || own !== null || given === null) return auth ?? own;
    const isForServer = this.#baseUrl === null || httpOrigin(this.#baseUrl) === httpOrigin(url);
    return isForServer ? (this.#options.auth ?? null) : null;
  }

  #proxyBy({ proxy, proxyAuth }: RequestOptions): (url: URL) => HttpProxy | null {
    const chosen = proxy === undefined || proxy === null ? proxy : proxyAt(proxy, proxyAuth ?? null);
    const own = chosen === undefined ? this.#proxy : chosen;
    if (own !== undefined || this.#options.trustEnv !== true) return () => own ?? null;
    return (url) => proxyFromEnvironment(url, (name) => this.#state.environment(name));
  }
}

/** Waits for servers, and returns nothing: what an exit returns may mean that an error of its block is dealt with. */
function* ended(servers: Set<Task<void>>): Coroutine<void> {
  yield* wait(servers);
}

const BY_SESSION: Ways<ClientSession> = {
  enter: (session) => session.aenter(),
  gives: true,
  leave: (session) => session._leave(),
  close: (session) => void session._leave(),
};

/** What a session is made with, as far as its requests ask for it. */
interface StateOptions {
  readonly transport: ClientTransport | null;
  readonly fetch: FetchLike | null;
  readonly limitPerHost: number;
  readonly keepAlive: number;
  /** undefined: a new one, where the host keeps none. */
  readonly jar: CookieStore | null | undefined;
  readonly traces: readonly TraceConfig[];
}

/** What a session shares with its requests. */
class State implements Requesting {
  readonly places: Places;
  readonly underWay = new Set<UnderWay>();
  /** What runs of a transport. */
  readonly servers = new Set<Task<void>>();
  closed = false;
  readonly #options: StateOptions;
  #bound: { readonly loop: EventLoop; readonly connections: HttpConnections; readonly http: Http } | null = null;
  #jar: CookieStore | null | undefined;
  #leave: () => void = () => {};

  constructor(places: Places, options: StateOptions) {
    this.places = places;
    this.#options = options;
    this.#jar = options.jar;
  }

  get traces(): readonly TraceConfig[] {
    return this.#options.traces;
  }

  get jar(): CookieStore | null {
    if (this.#jar !== undefined) return this.#jar;
    const { transport, fetch } = this.#options;
    if (transport === null && createHttp(fetch).keepsCookies) return (this.#jar = null);
    const loop = this.#bound?.loop;
    const isVirtual = loop?.host.virtual === true;
    return (this.#jar = new CookieJar(isVirtual ? { now: () => EPOCH_MS + loop.time() * 1000 } : {}));
  }

  environment(name: string): string | undefined {
    return this.#bound?.loop.host.environment?.(name);
  }

  bind(): { readonly loop: EventLoop; readonly connections: HttpConnections; readonly http: Http } {
    if (this.closed) throw new RuntimeError("Session is closed");
    const loop = checkLoop(getRunningLoop());
    if (this.#bound?.loop === loop) return this.#bound;
    if (this.#bound !== null) throw new RuntimeError("ClientSession is bound to a different event loop");
    const { transport, fetch, limitPerHost, keepAlive } = this.#options;
    if (transport === null && fetch === null) refuseInVirtualTime(loop, "the network", INSTEAD);
    const http = transport === null ? createHttp(fetch) : virtualHttp(loop, transport, this.servers);
    this.#leave = loop.arrivals.listen(() => this.lost());
    return (this.#bound = { loop, http, connections: http.open({ limitPerHost, keepAlive }) });
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const each of this.underWay) each.abandon(new ClientConnectionError("Connector is closed."));
    this.#bound?.connections.close();
    this.#leave();
  }

  /** Nobody can close it any more. */
  lost(): void {
    if (this.closed) return;
    this.close();
    this.#bound?.loop.callExceptionHandler({ message: "Unclosed client session" });
  }
}

/** Virtual time 0 on the calendar. */
const EPOCH_MS = Date.UTC(2000, 0, 1);

const INSTEAD = "give the session a transport, a server of the program's: new ClientSession({ transport })";

/** The origin of an address, with a web socket's taken for that of the requests to its server. */
function httpOrigin({ protocol, host }: URL): string {
  return `${protocol.replace("ws", "http")}//${host}`;
}

function tlsOf(ssl: SSLContext | null | undefined): HttpTls | null {
  if (ssl === undefined || ssl === null) return null;
  if (typeof (ssl as Partial<SSLContext>)._forHttp !== "function")
    throw new TypeError(`Invalid ssl: expected an SSLContext, got ${format(ssl)}`);
  return ssl._forHttp();
}

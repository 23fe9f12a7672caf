// A request: what is done from the call to the head of the answer that counts, by way of redirects and further
// attempts; and the block that the response belongs to.

import type { Http, HttpConnections, HttpProxy, HttpTls } from "../drivers/http.ts";
import { CancelledError, TimeoutError } from "../errors/asyncio.ts";
import { NotAvailableError, RuntimeError } from "../errors/base.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { sleep } from "../tasks/sleep.ts";
import { timeoutError } from "../tasks/timeout-error.ts";
import { Timeout } from "../tasks/timeout.ts";
import { type AsyncContextManager, type Ways, awaitedOf, checkBody, enterAndLeave } from "../waiting/async-with.ts";
import { operation } from "../waiting/operation.ts";
import { type BasicAuth, takeAuth } from "./basic-auth.ts";
import type { RequestBody } from "./body.ts";
import { ClientResponse, headersOf } from "./client-response.ts";
import type { Times } from "./client-timeout.ts";
import type { CookieStore } from "./cookie-jar.ts";
import {
  ClientConnectionError,
  ClientPayloadError,
  ConnectionTimeoutError,
  InvalidUrlRedirectClientError,
  NonHttpUrlRedirectClientError,
  type RequestInfo,
  TooManyRedirects,
} from "./errors.ts";
import { Exchange } from "./exchange.ts";
import { headerIn, mergeHeaders, withoutHeaders } from "./headers.ts";
import { Hop, type UnderWay } from "./hop.ts";
import type { Place, Places } from "./places.ts";
import type { RaiseForStatus } from "./request-options.ts";
import { IDEMPOTENT, type RetryPolicy } from "./retry.ts";
import { type TraceConfig, Tracing } from "./traces.ts";

/** What a request needs of its session. */
export interface Requesting {
  readonly closed: boolean;
  readonly places: Places;
  readonly underWay: Set<UnderWay>;
  readonly jar: CookieStore | null;
  readonly traces: readonly TraceConfig[];
  /** The loop and the connections: made for the first request. Throws RuntimeError when it is closed. */
  bind(): { readonly loop: EventLoop; readonly connections: HttpConnections; readonly http: Http };
}

/** A request, checked, with what the session adds. */
export interface PreparedRequest {
  readonly method: string;
  readonly url: URL;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: RequestBody | null;
  readonly cookies: string;
  readonly auth: BasicAuth | null;
  readonly times: Times;
  /** undefined: as the method has it. */
  readonly allowRedirects: boolean | undefined;
  readonly maxRedirects: number;
  readonly raiseForStatus: RaiseForStatus;
  readonly decompresses: boolean;
  readonly proxyFor: (url: URL) => HttpProxy | null;
  readonly tls: HttpTls | null;
  readonly retry: RetryPolicy | null;
  readonly context: Record<string, unknown>;
}

/** What changes from redirect to redirect. */
type Target = Pick<PreparedRequest, "method" | "url" | "headers" | "body" | "cookies" | "auth">;

/** Statuses of redirects. */
const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * A request that is about to be made: `with` makes it and runs a block with the response; `yield*` gives the response,
 * to be read to its end or released. Mirrors aiohttp's `async with session.get(...)` and `await session.get(...)`.
 */
export class RequestContext implements AsyncContextManager<ClientResponse, void> {
  /** @internal */
  static readonly name: string = "RequestContext";
  readonly #session: Requesting;
  readonly #request: PreparedRequest;
  #hop: Hop | null = null;
  #tracing: Tracing | null = null;
  #isBlock = true;

  /** @internal */
  constructor(session: Requesting, request: PreparedRequest) {
    this.#session = session;
    this.#request = request;
  }

  /**
   * Makes the request, and runs a block with the response. At its end the place is given back; a connection on which
   * there is more to come is closed, and the others are kept. Mirrors Python's `async with`.
   * @returns what the block returns
   * @throws ClientError and its kinds, TimeoutError
   */
  with<R>(body: (response: ClientResponse) => Awaitable<R>): Coroutine<R> {
    checkBody(body);
    return enterAndLeave<RequestContext, ClientResponse, R>(BY_RESPONSE, this, body);
  }

  /** Makes the request. Mirrors Python's __aenter__. */
  aenter(): Coroutine<ClientResponse> {
    return this.#send();
  }

  /** Ends it. Mirrors Python's __aexit__. */
  *aexit(): Coroutine<void> {
    yield* this.#hop?.end() ?? NOTHING;
  }

  /** Makes the request: its place is given back when the response is read to its end, or released. */
  [Symbol.iterator](): Coroutine<ClientResponse> {
    this.#isBlock = false;
    return operation("ClientSession.request", this.#send());
  }

  /** @internal Ends it; null when there is nothing to wait for. */
  _leave(): Coroutine<void> | null {
    const hop = this.#hop;
    if (hop?.isWriting === true) return hop.end();
    hop?.release();
    return null;
  }

  *#send(): Coroutine<ClientResponse> {
    if (this.#hop !== null) throw new RuntimeError("Cannot make a request twice: each needs a call of its own");
    const { times, method, url, headers, context } = this.#request;
    const { traces } = this.#session;
    const { loop, http } = this.#session.bind();
    this.#refuseWhatCannotBe(http);
    const { total } = times;
    const deadline = total === null ? null : loop.time() + total;
    if (traces.length > 0) this.#tracing = new Tracing(traces, { method, url, headers: headersOf(headers), context });
    const tracing = this.#tracing;
    const scope = new Timeout(deadline, total).enter();
    try {
      if (tracing !== null) yield* tracing.tell("onRequestStart", {});
      const response = yield* this.#follow(deadline);
      if (tracing !== null) yield* tracing.tell("onRequestEnd", { response });
      scope.exit();
      return response;
    } catch (error) {
      throw yield* this.#failureOf(error, scope);
    }
  }

  /** Throws NotAvailableError for what the host takes on itself. */
  #refuseWhatCannotBe({ followsRedirects, keepsCookies }: Http): void {
    const { allowRedirects, cookies } = this.#request;
    if (followsRedirects && allowRedirects === false)
      throw new NotAvailableError("allowRedirects: false", "this host goes where it is redirected to by itself");
    if (keepsCookies && (cookies !== "" || this.#session.jar !== null))
      throw new NotAvailableError("cookies", "this host keeps them by itself");
  }

  /** Ends what there is of a request that has failed. Returns what it has failed by. */
  *#failureOf(error: unknown, scope: Timeout): Coroutine<unknown> {
    yield* this._leave() ?? NOTHING;
    const exception = scope.fail(error);
    if (this.#tracing !== null) yield* this.#tracing.tell("onRequestException", { exception });
    return exception;
  }

  /** Makes the request, and those that answers redirect to. */
  *#follow(deadline: number | null): Coroutine<ClientResponse> {
    const { method, allowRedirects = method !== "HEAD", maxRedirects, raiseForStatus } = this.#request;
    const history: ClientResponse[] = [];
    let target: Target = this.#request;
    for (;;) {
      const response = yield* this.#attempt(target, history, deadline);
      const isRedirect = allowRedirects && REDIRECTS.includes(response.status);
      const location = isRedirect ? (response.headers.get("location") ?? response.headers.get("uri")) : null;
      if (location === null) {
        if (typeof raiseForStatus === "function") yield* outcomeOf(raiseForStatus(response));
        else if (raiseForStatus) response.raiseForStatus();
        return response;
      }
      history.push(response);
      if (this.#tracing !== null) yield* this.#tracing.tell("onRequestRedirect", { response });
      yield* this.#hop?.end() ?? NOTHING;
      if (maxRedirects > 0 && history.length >= maxRedirects)
        throw new TooManyRedirects("", { requestInfo: history[0].requestInfo, history });
      target = redirected(target, response, location);
    }
  }

  /** Makes the request to one server, again and again as it is to be tried. */
  *#attempt(target: Target, history: readonly ClientResponse[], deadline: number | null): Coroutine<ClientResponse> {
    const { retry } = this.#request;
    const isRepeatable = target.body?.isRepeatable ?? true;
    for (let attempt = 1; ;) {
      let delay: number | null;
      let error: unknown = null;
      try {
        const response = yield* this.#once(target, history, deadline);
        if (retry === null || !isRepeatable) return response;
        delay = retry.afterAnswer(response, target.method, attempt);
        if (delay === null) return response;
        yield* this.#hop?.end() ?? NOTHING;
      } catch (failure) {
        if (!isRepeatable || failure instanceof CancelledError) throw failure;
        if (this.#hop?.exchange.wasReused === true && IDEMPOTENT.includes(target.method)) continue;
        delay = retry?.afterError(failure, target.method, attempt) ?? null;
        if (delay === null) throw failure;
        error = failure;
      }
      attempt++;
      if (this.#tracing !== null) yield* this.#tracing.tell("onRequestRetry", { attempt, error });
      yield* sleep(delay);
    }
  }

  *#once(target: Target, history: readonly ClientResponse[], deadline: number | null): Coroutine<ClientResponse> {
    const session = this.#session;
    const { times, decompresses, proxyFor, tls } = this.#request;
    const { method, url, body } = target;
    this.#hop = null; // whatever fails from here on is not that one's
    const { loop, connections } = session.bind();
    const connectBy = times.connect === null ? null : loop.time() + times.connect;
    const place = yield* this.#takePlace(url, connectBy);
    const headers = headersFor(target, session.jar);
    const content = body?.content ?? null;
    const isWhole = content === null || content instanceof Uint8Array;
    let hop: Hop;
    try {
      if (session.closed) throw new ClientConnectionError("Connector is closed.");
      const request = {
        method,
        url,
        headers,
        body: isWhole ? content : ("written" as const),
        length: body?.length ?? null,
        decompresses,
        proxy: proxyFor(url),
        tls,
      };
      const exchange = new Exchange(loop, request, { ...times, connectBy }, this.#tracing);
      hop = new Hop(exchange, place, session.underWay);
    } catch (error) {
      place.release();
      throw error;
    }
    this.#hop = hop;
    hop.isOverWhenRead = !this.#isBlock;
    try {
      hop.exchange.start(connections);
      if (!isWhole) hop.write(loop, content);
      const head = yield* hop.exchange.head();
      const { total } = times;
      if (deadline !== null) hop.exchange.expireAt(deadline, () => timeoutError({ delay: total }));
      const response = new ClientResponse(head, new SentRequest(method, url, headers), [...history], hop);
      if (session.jar !== null) keepCookies(session.jar, head.headers, url);
      return response;
    } catch (error) {
      yield* hop.end();
      throw error;
    }
  }

  *#takePlace(url: URL, connectBy: number | null): Coroutine<Place> {
    const { places } = this.#session;
    const tracing = this.#tracing;
    if (!places.isFull(url.host)) return yield* places.take(url.host);
    if (tracing !== null) yield* tracing.tell("onConnectionQueuedStart", {});
    const place = yield* this.#waitForPlace(url, connectBy);
    try {
      if (tracing !== null) yield* tracing.tell("onConnectionQueuedEnd", {});
    } catch (error) {
      place.release();
      throw error;
    }
    return place;
  }

  *#waitForPlace(url: URL, connectBy: number | null): Coroutine<Place> {
    const scope = new Timeout(connectBy);
    try {
      return yield* scope.with(() => this.#session.places.take(url.host));
    } catch (error) {
      if (!(error instanceof TimeoutError && scope.expired())) throw error;
      throw new ConnectionTimeoutError(`Connection timeout to host ${url.href}`, { cause: error });
    }
  }
}

const NOTHING: Iterable<never, void> = [] as never[] as Iterable<never, void>;

const BY_RESPONSE: Ways<RequestContext> = {
  enter: (context) => context.aenter(),
  gives: true,
  leave: (context) => context._leave(),
  close: (context) => void context._leave(),
};

/** What was sent. Its headers are made when somebody asks. */
class SentRequest implements RequestInfo {
  readonly method: string;
  readonly url: URL;
  readonly #flat: readonly string[];

  constructor(method: string, url: URL, flat: readonly string[]) {
    this.method = method;
    this.url = url;
    this.#flat = flat;
  }

  get headers(): Headers {
    return headersOf(this.#flat);
  }
}

/** What a program's function has returned, waited for. */
function* outcomeOf(outcome: Awaitable<unknown> | void): Coroutine<void> {
  if (outcome !== undefined) yield* awaitedOf(outcome, "raiseForStatus");
}

/** The headers of a request to a server, with what is only for that one. */
function headersFor({ headers, url, auth, cookies, body }: Target, jar: CookieStore | null): readonly string[] {
  const more: string[] = [];
  const type = body?.contentType ?? null;
  if (type !== null && headerIn(headers, "content-type") === null) more.push("Content-Type", type);
  if (auth !== null) more.push("Authorization", auth.encode());
  const kept = jar?.getCookieStringSync(url.href) ?? "";
  const all = [kept, cookies, headerIn(headers, "cookie") ?? ""].filter((text) => text !== "").join("; ");
  if (all !== "") more.push("Cookie", all);
  return mergeHeaders(headers, more);
}

function keepCookies(jar: CookieStore, headers: readonly string[], url: URL): void {
  for (let i = 0; i < headers.length; i += 2)
    if (headers[i].toLowerCase() === "set-cookie") jar.setCookieSync(headers[i + 1], url.href, { ignoreError: true });
}

/** Takes the credentials out of an address that was redirected to. Throws InvalidUrlRedirectClientError likewise. */
function authIn(url: URL, location: string): BasicAuth | null {
  try {
    return takeAuth(url);
  } catch (cause) {
    throw new InvalidUrlRedirectClientError(location, null, { cause });
  }
}

/** What an answer redirects to. Throws InvalidURL's kinds for what is no address. */
function redirected(target: Target, { status, url: from }: ClientResponse, location: string): Target {
  if (!URL.canParse(location, from.href)) throw new InvalidUrlRedirectClientError(location);
  const url = new URL(location, from);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new NonHttpUrlRedirectClientError(location);
  let { method, headers, body, cookies, auth } = target;
  const becomesGet = (status === 303 && method !== "HEAD") || ((status === 301 || status === 302) && method === "POST");
  if (becomesGet) {
    method = "GET";
    body = null;
    headers = withoutHeaders(headers, "content-length", "content-type", "transfer-encoding");
  }
  // What is for one server is not told another one; but from http to https it is the same one, as aiohttp has it.
  const isUpgrade = url.hostname === from.hostname && from.protocol === "http:" && url.protocol === "https:";
  if (url.origin !== from.origin && !isUpgrade) {
    headers = withoutHeaders(headers, "authorization", "cookie", "proxy-authorization", "host");
    cookies = "";
    auth = null;
  }
  auth = authIn(url, location) ?? auth;
  if (body !== null && !body.isRepeatable)
    throw new ClientPayloadError("Cannot follow redirect with a body whose chunks are used up");
  return { method, url, headers, body, cookies, auth };
}

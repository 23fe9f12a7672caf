// A server inside of the program: what a session asks in place of the network. It runs on the session's own loop, as a
// task for each request, so that programs with sessions run in virtual time, and are searched and replayed.

import { forEach } from "../bridges/for-each.ts";
import type {
  Http,
  HttpConnections,
  HttpEvents,
  HttpExchange,
  HttpFault,
  HttpHead,
  HttpRequest,
} from "../drivers/http.ts";
import { CancelledError } from "../errors/asyncio.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Future } from "../runtime/future.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import type { Task } from "../runtime/task.ts";
import { isResponse } from "../edge/answers.ts";
import { checkFunction } from "../support/checks.ts";
import { format } from "../support/format.ts";
import { sleep } from "../tasks/sleep.ts";
import { ReadTransport } from "../streams/transports.ts";
import { awaitedOf } from "../waiting/async-with.ts";
import { type BodyChunks, bytesOf } from "./body.ts";
import { headersOf } from "./client-response.ts";
import { ContentReader } from "./content-reader.ts";
import { type HeadersGiven, flatHeaders } from "./headers.ts";

/** A request, as a transport gets it. */
export interface TransportRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** The body as it comes. */
  readonly content: ContentReader;
  /** All of the body. */
  read(): Coroutine<Uint8Array>;
  /** All of the body, as text. */
  text(): Coroutine<string>;
  /** The value of which the body is the JSON text. */
  json<T = unknown>(): Coroutine<T>;
}

/** What a transport answers with. */
export interface TransportResponse {
  /** Default: 200. */
  status?: number;
  /** Default: "". */
  reason?: string;
  headers?: HeadersGiven;
  /** Text, bytes, or chunks as they are made. Default: none. */
  body?: string | Uint8Array | BodyChunks | null;
}

/**
 * A server: answers a request of a session. An OSError that it throws is what the session finds of its connection. A
 * Response has a body that comes by promises, for which there is no virtual time.
 */
export type ClientTransport = (request: TransportRequest) => Awaitable<TransportResponse | Response>;

/**
 * A fetch handler as a transport: what `handler` of `wasyncio/edge` takes or gives, or an app of others.
 * @throws TypeError for what is not a function
 *
 * @example
 * const session = new ClientSession({ baseUrl: "http://app", transport: handlerFetch(app.fetch) });
 */
export function handlerFetch(fetch: (request: Request) => Awaitable<Response> | Response): ClientTransport {
  checkFunction(fetch, "fetch handler");
  return function* (request): Coroutine<Response> {
    const { method, url, headers } = request;
    const bytes = yield* request.read();
    const body = bytes.length === 0 ? {} : { body: bytes as Uint8Array<ArrayBuffer> };
    const answer = fetch(new Request(url, { method, headers, ...body }));
    return isResponse(answer) ? answer : yield* awaitedOf(answer, "the fetch handler");
  };
}

/** HTTP by a transport, on a loop. `servers` is where the tasks are that have not ended. */
export function virtualHttp(loop: EventLoop, transport: ClientTransport, servers: Set<Task<void>>): Http {
  return {
    followsRedirects: false,
    keepsCookies: false,
    WebSocket: undefined,
    webSocketsTakeHeaders: false,
    open: (): HttpConnections => ({
      request(request, events) {
        const exchange = new VirtualExchange(loop, transport, request, events);
        servers.add(exchange.server);
        exchange.server.addDoneCallback((server) => void servers.delete(server));
        return exchange;
      },
      close() {},
    }),
  };
}

class VirtualExchange extends ReadTransport implements HttpExchange {
  readonly #loop: EventLoop;
  readonly #content: ContentReader;
  readonly server: Task<void>;
  /** null: it is over. */
  #events: HttpEvents | null;
  /** Whether the server has enough of the body for now. */
  #isFull = false;
  /** Who waits until the session goes on reading. */
  #paused: Future<void> | null = null;

  constructor(loop: EventLoop, transport: ClientTransport, request: HttpRequest, events: HttpEvents) {
    super();
    this.#loop = loop;
    this.#events = events;
    this.#content = new ContentReader(undefined, loop);
    this.#content.setTransport(this);
    if (request.body !== "written") {
      if (request.body !== null) this.#content.feedData(request.body);
      this.#content.feedEof();
    }
    this.server = loop.createTask(this.#serve(transport, request), {
      name: `${request.method} ${request.url.pathname}`,
    });
  }

  *#serve(transport: ClientTransport, { method, url, headers }: HttpRequest): Coroutine<void> {
    try {
      const response = yield* awaitedOf(
        transport(new ReceivedRequest(method, url, headers, this.#content)),
        "the transport",
      );
      const { head, body } = answerOf(response);
      this.#events?.answered(head);
      if (body instanceof Uint8Array) this.#tell(body);
      else yield* forEach(body, (chunk) => this.#send(bytesOf(chunk)));
      this.#events?.ended();
    } catch (error) {
      if (error instanceof CancelledError && this.#events === null) throw error;
      const { message, code, errno, syscall } = error as HttpFault;
      this.#events?.failed({ message, code, errno, syscall, ...(error instanceof Error && { error }) });
    }
    this.#events = null;
  }

  *#send(bytes: Uint8Array): Coroutine<void> {
    this.#tell(bytes);
    yield* sleep(0); // the session takes it in first, and says whether it has enough
    if (this.#paused !== null) yield* this.#paused;
  }

  #tell(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#events?.data(new Uint8Array(bytes));
  }

  write(bytes: Uint8Array): boolean {
    this.#content.feedData(bytes);
    return !this.#isFull;
  }

  finish(): void {
    this.#content.feedEof();
  }

  pause(): void {
    this.#paused ??= this.#loop.createFuture<void>();
  }

  resume(): void {
    const paused = this.#paused;
    this.#paused = null;
    if (paused?.done() === false) paused.setResult();
  }

  override close(): void {
    if (this.#events === null) return;
    this.#events = null;
    this.server.cancel("the client went away");
  }

  override pauseReading(): void {
    this.#isFull = true;
  }

  override resumeReading(): void {
    this.#isFull = false;
    this.#events?.drained();
  }
}

class ReceivedRequest implements TransportRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly content: ContentReader;

  constructor(method: string, url: URL, headers: readonly string[], content: ContentReader) {
    this.method = method;
    this.url = url;
    this.headers = headersOf(headers);
    this.content = content;
  }

  read(): Coroutine<Uint8Array> {
    return this.content.read();
  }

  *text(): Coroutine<string> {
    return new TextDecoder().decode(yield* this.content.read());
  }

  *json<T>(): Coroutine<T> {
    return JSON.parse(yield* this.text()) as T;
  }
}

const NONE = new Uint8Array();

/** Head and body of what a transport has returned. Throws TypeError for what is no answer. */
function answerOf(response: TransportResponse | Response): { head: HttpHead; body: Uint8Array | BodyChunks } {
  if (typeof response !== "object" || response === null)
    throw new TypeError(`Cannot answer: expected a response from the transport, got ${format(response)}`);
  if (isResponse(response)) {
    const { status, statusText: reason, headers, body } = response;
    return {
      head: { status, reason, headers: [...headers].flat(), url: null },
      body: (body as BodyChunks | null) ?? NONE,
    };
  }
  const { status = 200, reason = "", headers = {}, body = null } = response;
  const head = { status, reason, headers: flatHeaders(headers), url: null };
  return { head, body: body === null ? NONE : typeof body === "string" ? bytesOf(body) : body };
}

// HTTP by fetch: of hosts whose own is cheaper than their node:http, or that have no other, and of what a program gives
// in its place. It does not say when a connection is made, and gives no choice in how bodies are decompressed.

import type {
  FetchLike,
  Http,
  HttpConnections,
  HttpEvents,
  HttpExchange,
  HttpFault,
  HttpProxy,
  HttpRequest,
} from "../../drivers/http.ts";
import { NotAvailableError } from "../../errors/base.ts";

/** How a host's fetch differs from others. */
export interface FetchFacts {
  readonly fetch: FetchLike;
  /** Default: no. */
  readonly followsRedirects?: boolean;
  /** Default: no. */
  readonly keepsCookies?: boolean;
  /** Whether bodies are sent whole: what is written is gathered first. Default: no. */
  readonly sendsWhole?: boolean;
  /** Default: no. */
  readonly webSocketsTakeHeaders?: boolean;
  /** What has a request go through a proxy, among the options of fetch. Default: nothing can. */
  readonly proxyOptions?: (proxy: HttpProxy) => object;
  /** The system's name for what it has failed by, where that is not a `code`. Default: there is none. */
  readonly codeOf?: (error: HttpFault) => string | undefined;
}

/** HTTP by a fetch. */
export function fetchHttp(facts: FetchFacts): Http {
  return {
    followsRedirects: facts.followsRedirects ?? false,
    keepsCookies: facts.keepsCookies ?? false,
    WebSocket: globalThis.WebSocket,
    webSocketsTakeHeaders: facts.webSocketsTakeHeaders ?? false,
    open: () => new FetchConnections(facts),
  };
}

/** They are the host's: it keeps and closes them as it likes. */
class FetchConnections implements HttpConnections {
  readonly #facts: FetchFacts;

  constructor(facts: FetchFacts) {
    this.#facts = facts;
  }

  request(request: HttpRequest, events: HttpEvents): HttpExchange {
    return new FetchExchange(this.#facts, request, events);
  }

  close(): void {}
}

class FetchExchange implements HttpExchange {
  readonly #facts: FetchFacts;
  readonly #controller = new AbortController();
  /** null: it is over. */
  #events: HttpEvents | null;
  /** What a body is written to; null: there is none, or nobody wants it any more. */
  #writing: ReadableStreamDefaultController<Uint8Array> | null = null;
  /** What was written of a body that is sent whole. */
  #gathered: Uint8Array<ArrayBuffer>[] | null = null;
  #start: (body: BodyInit) => void = ignore;
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  /** Goes on with reading, while it is paused. */
  #goOn: (() => void) | null = null;
  #isPaused = false;

  constructor(facts: FetchFacts, request: HttpRequest, events: HttpEvents) {
    const { proxyOptions } = facts;
    const refuse = (option: string): never => {
      throw new NotAvailableError(option, "the fetch of this host has no setting for it");
    };
    if (request.tls !== null) refuse("ssl");
    if (!request.decompresses) refuse("autoDecompress: false");
    if (request.proxy !== null && proxyOptions === undefined) refuse("proxy");
    this.#facts = facts;
    this.#events = events;
    const options = request.proxy === null ? {} : (proxyOptions?.(request.proxy) ?? {});
    if (request.body === "written" && facts.sendsWhole === true) this.#gathered = [];
    const start = (body: BodyInit | null): void => {
      this.#run(request, body, options).catch((error: unknown) => this.#fail(error));
    };
    if (this.#gathered === null) start(this.#bodyOf(request));
    else this.#start = start;
  }

  async #run(request: HttpRequest, body: BodyInit | null, options: object): Promise<void> {
    const { url, method, headers } = request;
    const { fetch, followsRedirects = false } = this.#facts;
    const init: RequestInit = {
      method,
      headers: pairsOf(headers),
      redirect: followsRedirects ? "follow" : "manual",
      signal: this.#controller.signal,
      ...(body !== null && ({ body, duplex: "half" } as RequestInit)),
      ...options,
    };
    const response = await fetch(url.href, init);
    if (this.#events === null) {
      response.body?.cancel().catch(ignore);
      return;
    }
    this.#events.answered({
      status: response.status,
      reason: response.statusText,
      headers: [...response.headers].flat(),
      url: response.redirected ? response.url : null,
    });
    if (response.body !== null) await this.#read(response.body.getReader());
    const told = this.#events as HttpEvents | null;
    this.#events = null;
    told?.ended();
  }

  async #read(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    this.#reader = reader;
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.#events === null) break;
      if (value.length > 0) this.#events.data(value);
      if (this.#isPaused)
        await new Promise<void>((resolve) => {
          this.#goOn = resolve;
        });
    }
    this.#reader = null;
  }

  #bodyOf({ body }: HttpRequest): Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null {
    if (body !== "written") return body as Uint8Array<ArrayBuffer> | null;
    return new ReadableStream({
      start: (controller) => {
        this.#writing = controller;
      },
      pull: () => this.#events?.drained(),
      cancel: () => {
        this.#writing = null;
      },
    });
  }

  write(bytes: Uint8Array): boolean {
    if (this.#gathered !== null) {
      this.#gathered.push(new Uint8Array(bytes));
      return true;
    }
    const writing = this.#writing;
    writing?.enqueue(bytes);
    return (writing?.desiredSize ?? 1) > 0;
  }

  finish(): void {
    if (this.#gathered !== null) return this.#start(new Blob(this.#gathered));
    this.#writing?.close();
    this.#writing = null;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#goOn?.();
    this.#goOn = null;
  }

  close(): void {
    if (this.#events === null && this.#writing === null) return;
    this.#events = null;
    this.resume();
    this.#reader?.cancel().catch(ignore);
    this.#controller.abort();
    this.#writing?.error(new TypeError("the answer came before all of the body was sent"));
    this.#writing = null;
  }

  #fail(error: unknown): void {
    const events = this.#events;
    this.#events = null;
    events?.failed(faultOf(error, this.#facts));
  }
}

function ignore(): void {}

function pairsOf(flat: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i], flat[i + 1]]);
  return pairs;
}

/** What a fetch has failed by: the reason for it stands in its cause, on hosts that tell. */
function faultOf(error: unknown, { codeOf }: FetchFacts): HttpFault {
  if (!(error instanceof Error)) return { message: String(error) };
  const reason: HttpFault = error.cause instanceof Error ? error.cause : error;
  const { code, errno, syscall } = reason;
  return { message: reason.message || error.message, code: codeOf?.(reason) ?? code, errno, syscall };
}

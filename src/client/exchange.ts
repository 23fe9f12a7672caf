// An exchange: one request to one server, and its answer. It is the loop's side of the seam: what the host tells, at
// any time, waits here until the exchange's source has its turn.

import type { HttpConnections, HttpEvents, HttpExchange, HttpFault, HttpHead, HttpRequest } from "../drivers/http.ts";
import { Source } from "../runtime/arrivals.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Future } from "../runtime/future.ts";
import type { Handle } from "../runtime/handle.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { ReadTransport } from "../streams/transports.ts";
import { ContentReader } from "./content-reader.ts";
import { ConnectionTimeoutError, SocketTimeoutError } from "./errors.ts";
import { errorOf } from "./faults.ts";

/** Deadlines of an exchange, in seconds. */
export interface ExchangeTimes {
  /** The loop's time at which a connection has to stand; null: none. */
  readonly connectBy: number | null;
  /** How long it may take to make one; null: for ever. */
  readonly sockConnect: number | null;
  /** How long nothing may come; null: for ever. */
  readonly sockRead: number | null;
}

/** Who is told of its connection, for traces. */
export interface ConnectionWatcher {
  connecting(): void;
  connected(): void;
}

export class Exchange extends ReadTransport implements HttpEvents {
  readonly request: HttpRequest;
  readonly content: ContentReader;
  /** Whether it failed on a connection that the server may have closed before it saw the request. */
  wasReused = false;
  readonly #loop: EventLoop;
  readonly #source: Source;
  readonly #times: ExchangeTimes;
  readonly #watcher: ConnectionWatcher | null;
  readonly #answer: Future<HttpHead>;
  #end: HttpExchange | null = null;
  /** Who waits until `write` may go on. */
  #drain: Future<void> | null = null;
  /** The deadline for a connection, or for what comes next. */
  #timer: Handle | null = null;
  /** The deadline of all. */
  #total: Handle | null = null;
  // What has come, and is not told yet.
  #head: HttpHead | null = null;
  #received = 0;
  #fault: HttpFault | null = null;
  #hasEnded = false;
  #hasDrained = false;
  #isConnecting = false;
  #hasConnected = false;
  // What was told.
  #hasAnswer = false;
  #isComplete = false;
  #isOver = false;

  constructor(loop: EventLoop, request: HttpRequest, times: ExchangeTimes, watcher: ConnectionWatcher | null) {
    super();
    this.#loop = loop;
    this.request = request;
    this.#times = times;
    this.#watcher = watcher;
    this.#source = new Source(loop, "http", () => this.#takeIn());
    this.#answer = loop.createFuture<HttpHead>();
    this.content = new ContentReader(undefined, loop);
    this.content.setTransport(this);
  }

  /** Sends the request. Throws what the host throws for what it cannot do. */
  start(connections: HttpConnections): void {
    this.#end = connections.request(this.request, this);
    if (this.#times.sockRead !== null && this.request.body !== "written") this.#awaitData();
  }

  /** The head of the answer, once it has come. */
  head(): Future<HttpHead> {
    return this.#answer;
  }

  /** Whether all has come. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Ends at a time of the loop, with this error, what has not come by then. */
  expireAt(when: number, errorAt: () => Error): void {
    if (!this.#isComplete && !this.#isOver) this.#total = this.#loop.callAt(when, () => this.fail(errorAt()));
  }

  /** Sends a part of the body, and waits until the next one may be sent. Returns whether anybody wants that. */
  *write(bytes: Uint8Array): Coroutine<boolean> {
    if (this.#isOver || this.#end === null) return false;
    if (bytes.length === 0 || this.#end.write(bytes)) return true;
    this.#drain = this.#loop.createFuture<void>();
    try {
      yield* this.#drain;
    } finally {
      this.#drain = null;
    }
    return !this.#isOver;
  }

  /** The body is complete. */
  finish(): void {
    if (this.#isOver) return;
    this.#end?.finish();
    if (this.#times.sockRead !== null && !this.#hasAnswer) this.#awaitData();
  }

  /** Fails, and ends the connection. */
  fail(error: Error): void {
    if (this.#isOver || this.#isComplete) return;
    this.close();
    if (!this.#answer.done()) this.#answer.setException(error);
    else this.content.setException(error);
    this.#wakeWriter();
  }

  /** It is over: what has not come by now comes no more. The connection is kept if all has. */
  override close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer?.cancel();
    this.#total?.cancel();
    this.#end?.close();
    this.#source.close();
  }

  override pauseReading(): void {
    this.#end?.pause();
  }

  override resumeReading(): void {
    if (!this.#isOver) this.#end?.resume();
  }

  // ── Told by the host ───────────────────────────────────────────────────────────────────────────────────────────

  connecting(): void {
    this.#isConnecting = true;
    this.#post();
  }

  connected(): void {
    this.#hasConnected = true;
    this.#post();
  }

  answered(head: HttpHead): void {
    this.#head = head;
    this.#post();
  }

  data(bytes: Uint8Array): void {
    this.#received += bytes.length;
    this.content.receive(bytes);
    this.#post();
  }

  ended(): void {
    this.#hasEnded = true;
    this.#post();
  }

  drained(): void {
    if (this.#drain === null) return;
    this.#hasDrained = true;
    this.#post();
  }

  failed(fault: HttpFault): void {
    this.#fault = fault;
    this.#post();
  }

  #post(): void {
    if (!this.#isOver) this.#source.post();
  }

  /** Takes in what has come. */
  #takeIn(): void {
    this.#loop.arrivals.admit("http");
    if (this.#isConnecting) this.#takeConnecting();
    if (this.#hasConnected) this.#takeConnected();
    if (this.#hasDrained) this.#wakeWriter();
    if (this.#head !== null) this.#takeHead(this.#head);
    if (this.#received > 0) {
      this.content.feedReceived(this.#received);
      this.#received = 0;
      if (this.#timer !== null) this.#awaitData();
    }
    if (this.#hasEnded) this.#complete();
    if (this.#fault !== null) {
      this.wasReused = this.#fault.wasReused === true;
      this.fail(errorOf(this.#fault, this.request, this.#hasAnswer));
    }
  }

  #takeConnecting(): void {
    this.#isConnecting = false;
    this.#watcher?.connecting();
    const { connectBy, sockConnect } = this.#times;
    const by = Math.min(connectBy ?? Infinity, this.#loop.time() + (sockConnect ?? Infinity));
    if (by === Infinity) return;
    const text = `Connection timeout to host ${this.request.url.href}`;
    this.#timer?.cancel();
    this.#timer = this.#loop.callAt(by, () => this.fail(new ConnectionTimeoutError(text)));
  }

  #takeConnected(): void {
    this.#hasConnected = false;
    this.#watcher?.connected();
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#times.sockRead !== null && this.request.body !== "written") this.#awaitData();
  }

  #takeHead(head: HttpHead): void {
    this.#head = null;
    this.#hasAnswer = true;
    this.#timer?.cancel();
    this.#timer = null;
    if (!this.#answer.done()) this.#answer.setResult(head);
    if (this.#times.sockRead !== null) this.#awaitData();
  }

  /** All has come. */
  #complete(): void {
    this.#hasEnded = false;
    this.#isComplete = true;
    this.#timer?.cancel();
    this.#total?.cancel();
    this.content.feedEof();
    this.#wakeWriter();
  }

  /** Gives the server a time within which something has to come. */
  #awaitData(): void {
    this.#timer?.cancel();
    const text = `Timeout on reading data from socket of ${this.request.url.host}`;
    const expire = (): void => this.fail(new SocketTimeoutError(text));
    this.#timer = this.#loop.callLater(this.#times.sockRead ?? 0, expire);
  }

  #wakeWriter(): void {
    this.#hasDrained = false;
    if (this.#drain?.done() === false) this.#drain.setResult();
  }
}

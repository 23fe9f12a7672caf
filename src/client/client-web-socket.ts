// Web sockets: over a class of the host's, or of the package ws. What such a socket tells, at any time, waits until the
// source of this end has its turn.

import type { WebSocketClass } from "../drivers/http.ts";
import { NotAvailableError, RuntimeError } from "../errors/base.ts";
import type { Fault } from "../errors/os.ts";
import { Source } from "../runtime/arrivals.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Future } from "../runtime/future.ts";
import type { Handle } from "../runtime/handle.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { checkNames } from "../support/checks.ts";
import type { Delay } from "../support/delay.ts";
import { format } from "../support/format.ts";
import { Shown } from "../support/shown.ts";
import { Event } from "../sync/event.ts";
import { moveOnAfter } from "../tasks/move-on.ts";
import { sleep } from "../tasks/sleep.ts";
import { timeout as deadline } from "../tasks/timeout.ts";
import { operation } from "../waiting/operation.ts";
import { ClientConnectionError, ServerTimeoutError, WSMessageTypeError, WSServerHandshakeError } from "./errors.ts";
import { errorOf } from "./faults.ts";
import type { UnderWay } from "./hop.ts";
import type { Place } from "./places.ts";

/** What comes by a web socket. Mirrors aiohttp.WSMessage, and the names of WSMsgType. */
export type WSMessage =
  | { readonly type: "TEXT"; readonly data: string }
  | { readonly type: "BINARY"; readonly data: Uint8Array }
  /** The other side closes, by this code and for this reason. */
  | { readonly type: "CLOSE"; readonly data: number; readonly extra: string }
  /** It is closed, and nothing more comes. */
  | { readonly type: "CLOSED" };

/** How a web socket is closed. */
export interface WebSocketCloseOptions {
  /** Default: 1000. */
  code?: number;
  /** The reason, of at most 123 bytes. Default: "". */
  message?: string;
}

/** What a web socket is opened with. */
export interface Opening {
  readonly loop: EventLoop;
  readonly url: URL;
  readonly protocols: readonly string[];
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly type: WebSocketClass;
  /** Whether headers stand with the protocols in one object; else they stand behind these; null: there are none. */
  readonly takesHeaders: "together" | "behind" | null;
  /** Seconds between pings; null: none. */
  readonly heartbeat: number | null;
  /** How long to wait for the other side when it is closed, in seconds. */
  readonly closeTimeout: number;
}

/** What is used of a web socket; the last three are not there everywhere. */
interface Socket {
  binaryType: string;
  readonly bufferedAmount: number;
  readonly protocol: string;
  addEventListener(type: string, listener: (event: SocketEvent) => void): void;
  send(data: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
  ping?(): void;
  on?(event: "pong", listener: () => void): void;
  terminate?(): void;
}

interface SocketEvent {
  readonly data?: unknown;
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly error?: unknown;
}

/** Bytes that may wait to be sent before `send` waits, too. */
const MOST_BUFFERED = 65_536;
/** A web socket does not tell when it has sent something: so it is looked at, every so many seconds. */
const LOOK_AGAIN = 0.005;
/** Bytes of a reason. */
const LONGEST_REASON = 123;
const encoder = new TextEncoder();
/** What a socket is closed by that nobody closed. */
const ABNORMAL = 1006;

/**
 * One end of a web socket. In `forEach` it gives the messages up to its end. What nobody receives waits in memory: web
 * sockets of hosts cannot be paused. Mirrors aiohttp.ClientWebSocketResponse.
 *
 * @example
 * yield* session.wsConnect("/chat").with(function* (socket) {
 *   yield* socket.sendStr("hello");
 *   yield* forEach(socket, (message) => console.log(message.data));
 * });
 */
export class ClientWebSocket extends Shown implements UnderWay {
  /** @internal */
  static override readonly name: string = "ClientWebSocket";
  readonly #loop: EventLoop;
  readonly #url: URL;
  readonly #socket: Socket;
  readonly #place: Place;
  readonly #underWay: Set<UnderWay>;
  readonly #source: Source;
  readonly #opened: Future<void>;
  readonly #ended = new Event();
  readonly #closeTimeout: number;
  readonly #messages: WSMessage[] = [];
  #waiter: Future<void> | null = null;
  #heartbeat: Handle | null = null;
  // What has come, and is not told yet.
  #untold: WSMessage[] = [];
  #hasOpened = false;
  #fault: SocketEvent | null = null;
  #closing: SocketEvent | null = null;
  // What was told.
  #closeCode: number | null = null;
  #exception: Error | null = null;
  #isClosing = false;

  /** @internal Begins to open it. Throws NotAvailableError for what the class cannot do. */
  constructor(opening: Opening, place: Place, underWay: Set<UnderWay>) {
    super();
    const { loop, url, heartbeat, type } = opening;
    // Before it begins to open: nobody would close it.
    if (heartbeat !== null && !("ping" in type.prototype && "on" in type.prototype))
      throw new NotAvailableError("heartbeat", "this host's web sockets send no pings; give the session those of ws");
    this.#loop = loop;
    this.#url = url;
    this.#place = place;
    this.#underWay = underWay;
    this.#closeTimeout = opening.closeTimeout;
    this.#opened = loop.createFuture<void>();
    this.#socket = socketOf(opening);
    this.#source = new Source(loop, "web socket", () => this.#takeIn());
    this.#listen();
    if (heartbeat !== null) this.#beat(heartbeat);
    underWay.add(this);
  }

  /** The protocol that both sides have agreed on, or null. Mirrors ClientWebSocketResponse.protocol. */
  get protocol(): string | null {
    return this.#socket.protocol || null;
  }

  /** Whether it is closed, or about to be. Mirrors ClientWebSocketResponse.closed. */
  get closed(): boolean {
    return this.#isClosing || this.#closeCode !== null;
  }

  /** What it was closed by; 1006 when the connection was lost; null before. Mirrors close_code. */
  get closeCode(): number | null {
    return this.#closeCode;
  }

  /** What it has failed by, or null. Mirrors ClientWebSocketResponse.exception. */
  exception(): Error | null {
    return this.#exception;
  }

  /** Sends a text. Mirrors send_str. */
  sendStr(data: string): Coroutine<void> {
    if (typeof data !== "string") throw new TypeError(`data argument must be str (${format(data)})`);
    return operation("ClientWebSocket.send", this.#send(data));
  }

  /** Sends bytes. Mirrors send_bytes. */
  sendBytes(data: Uint8Array): Coroutine<void> {
    if (!(data instanceof Uint8Array)) throw new TypeError(`data argument must be byte-ish (${format(data)})`);
    return operation("ClientWebSocket.send", this.#send(data));
  }

  /** Sends a value as its JSON text. Mirrors send_json. */
  sendJson(data: unknown): Coroutine<void> {
    return this.sendStr(JSON.stringify(data));
  }

  *#send(data: string | Uint8Array): Coroutine<void> {
    if (this.closed) throw new ClientConnectionError("Cannot write to closing transport");
    this.#socket.send(data);
    while (this.#socket.bufferedAmount > MOST_BUFFERED && !this.closed) yield* sleep(LOOK_AGAIN);
  }

  /**
   * The next message; when the other side closes, what it closes by, and then that it is closed. Mirrors receive.
   * @param timeout longest time to wait; default: null, for ever
   * @throws RuntimeError while another task waits for one
   * @throws TimeoutError
   */
  receive(timeout: Delay | null = null): Coroutine<WSMessage> {
    const waiting = this.#receive();
    return operation("ClientWebSocket.receive", timeout === null ? waiting : deadline(timeout).with(() => waiting));
  }

  *#receive(): Coroutine<WSMessage> {
    if (this.#waiter !== null) throw new RuntimeError("Concurrent call to receive() is not allowed");
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      if (this.#closeCode !== null) return { type: "CLOSED" };
      this.#waiter = this.#loop.createFuture<void>();
      try {
        yield* this.#waiter;
      } finally {
        this.#waiter = null;
      }
    }
  }

  /**
   * The next message, which is a text. Mirrors receive_str.
   * @throws WSMessageTypeError when it is none
   */
  *receiveStr(timeout: Delay | null = null): Coroutine<string> {
    const message = yield* this.receive(timeout);
    if (message.type === "TEXT") return message.data;
    throw new WSMessageTypeError(`Received message ${message.type} is not WSMsgType.TEXT`);
  }

  /**
   * The next message, which is bytes. Mirrors receive_bytes.
   * @throws WSMessageTypeError when it is none
   */
  *receiveBytes(timeout: Delay | null = null): Coroutine<Uint8Array> {
    const message = yield* this.receive(timeout);
    if (message.type === "BINARY") return message.data;
    throw new WSMessageTypeError(`Received message ${message.type} is not WSMsgType.BINARY`);
  }

  /** The value of the next message, which is a JSON text. Mirrors receive_json. */
  *receiveJson<T = unknown>(timeout: Delay | null = null): Coroutine<T> {
    return JSON.parse(yield* this.receiveStr(timeout)) as T;
  }

  /** The next message, for `forEach`: up to the one that says that it is closed. */
  *anext(): Coroutine<IteratorResult<WSMessage, undefined>> {
    const value = yield* this.receive();
    return value.type === "TEXT" || value.type === "BINARY" ? { done: false, value } : { done: true, value: undefined };
  }

  /**
   * Closes it, and waits for the other side to do so, as long as `closeTimeout` says. Mirrors close.
   * @returns whether it was open
   * @throws RangeError for a code that a program may not close by, and for a message that is too long
   */
  close(options: WebSocketCloseOptions = {}): Coroutine<boolean> {
    const { code = 1000, message = "" } = checkNames(options, ["code", "message"]);
    if (code !== 1000 && !(Number.isInteger(code) && code >= 3000 && code < 5000))
      throw new RangeError(`Invalid code: expected 1000, or one from 3000 to 4999, got ${format(code)}`);
    if (typeof message !== "string") throw new TypeError(`Invalid message: expected a string, got ${format(message)}`);
    if (encoder.encode(message).length > LONGEST_REASON)
      throw new RangeError(`Invalid message: it is longer than ${LONGEST_REASON} bytes`);
    return operation("ClientWebSocket.close", this.#close(code, message));
  }

  *#close(code: number, message: string): Coroutine<boolean> {
    if (this.closed) {
      if (this.#closeCode === null) yield* this.#waitClosed();
      return false;
    }
    this.#isClosing = true;
    this.#socket.close(code, message);
    yield* this.#waitClosed();
    return true;
  }

  *#waitClosed(): Coroutine<void> {
    try {
      yield* moveOnAfter(this.#closeTimeout).with(() => this.#ended.wait());
    } finally {
      this.#end(ABNORMAL);
    }
  }

  override toString(): string {
    return `<ClientWebSocket ${this.#url.href}${this.closed ? " closed" : ""}>`;
  }

  /** @internal Waits until it is open. */
  *_open(): Coroutine<void> {
    try {
      yield* this.#opened;
    } catch (error) {
      this.#end(ABNORMAL);
      throw error;
    }
  }

  abandon(error: Error): void {
    this.#exception ??= error;
    this.#end(ABNORMAL);
  }

  #listen(): void {
    const socket = this.#socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      this.#hasOpened = true;
      this.#post();
    });
    socket.addEventListener("message", ({ data }) => {
      const message = typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer);
      this.#untold.push(
        typeof message === "string" ? { type: "TEXT", data: message } : { type: "BINARY", data: message },
      );
      this.#post();
    });
    socket.addEventListener("error", (event) => {
      this.#fault ??= event;
      this.#post();
    });
    socket.addEventListener("close", (event) => {
      this.#closing = event;
      this.#post();
    });
  }

  #post(): void {
    if (this.#closeCode === null) this.#source.post();
  }

  #takeIn(): void {
    this.#loop.arrivals.admit("web socket");
    if (this.#hasOpened && !this.#opened.done()) this.#opened.setResult();
    if (this.#fault !== null && !this.#opened.done()) this.#opened.setException(this.#openingError(this.#fault));
    this.#messages.push(...this.#untold);
    this.#untold = [];
    if (this.#closing !== null) this.#takeClosing(this.#closing);
    else this.#wake();
  }

  #takeClosing({ code: given, reason = "" }: SocketEvent): void {
    const code = given || ABNORMAL; // Deno says 0
    if (!this.#opened.done()) this.#opened.setException(this.#openingError(this.#fault ?? {}));
    if (code === ABNORMAL) this.#exception ??= new ClientConnectionError("Connection lost");
    else if (!this.#isClosing) this.#messages.push({ type: "CLOSE", data: code, extra: reason });
    this.#end(code);
  }

  /** It is closed: nothing more comes, and the place is free. */
  #end(code: number): void {
    if (this.#closeCode !== null) return;
    this.#closeCode = code;
    this.#heartbeat?.cancel();
    this.#source.close();
    if (this.#closing === null) endSocket(this.#socket);
    if (!this.#opened.done()) this.#opened.cancel();
    this.#wake();
    this.#ended.set();
    this.#underWay.delete(this);
    this.#place.release();
  }

  #wake(): void {
    if (this.#waiter !== null && !this.#waiter.done()) this.#waiter.setResult();
  }

  #openingError({ message = "", error }: SocketEvent): Error {
    const text = error instanceof Error ? error.message : message;
    const [, status] = /^Unexpected server response: (\d+)/.exec(text) ?? [];
    const requestInfo = { url: this.#url, method: "GET", headers: new Headers() };
    if (status !== undefined)
      return new WSServerHandshakeError("Invalid response status", { requestInfo, status: Number(status) });
    const fault: Fault = { message: text || "the web socket could not be opened", ...(error as Partial<Fault>) };
    return errorOf({ ...fault, error: undefined }, { ...REQUEST, url: this.#url }, false);
  }

  /** Sends a ping now and then: who does not answer one until half of the time has passed is gone. */
  #beat(seconds: number): void {
    const socket = this.#socket;
    let isDue = false;
    socket.on?.("pong", () => {
      isDue = false;
    });
    const look = (): void => {
      if (isDue) return this.abandon(new ServerTimeoutError(`No PONG received after ${seconds / 2} seconds`));
      this.#heartbeat = this.#loop.callLater(seconds / 2, ping);
    };
    const ping = (): void => {
      if (this.#opened.done()) {
        isDue = true;
        socket.ping?.();
      }
      this.#heartbeat = this.#loop.callLater(seconds / 2, look);
    };
    this.#heartbeat = this.#loop.callLater(seconds, ping);
  }
}

const REQUEST = {
  method: "GET",
  headers: [],
  body: null,
  length: null,
  decompresses: false,
  proxy: null,
  tls: null,
} as const;

function socketOf({ url, protocols, headers, type, takesHeaders }: Opening): Socket {
  const pairs = Object.fromEntries(headers.flatMap((name, i) => (i % 2 === 0 ? [[name, headers[i + 1]]] : [])));
  const rest: readonly unknown[] =
    takesHeaders === "together"
      ? [{ protocols, headers: pairs }]
      : takesHeaders === "behind"
        ? [protocols, { headers: pairs }]
        : [protocols];
  return new type(url.href, ...(rest as never[])) as Socket;
}

function endSocket(socket: Socket): void {
  if (socket.terminate !== undefined) socket.terminate();
  else socket.close();
}

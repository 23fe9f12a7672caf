// A WebSocket connection, as its handler has it.

import type { WebSocket } from "ws";
import type { CoroutineIterator } from "../bridges/for-each.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { wrapFuture } from "../runtime/wrap-future.ts";
import { format } from "../support/format.ts";
import { Event } from "../sync/event.ts";
import { operation } from "../waiting/operation.ts";
import { QueueShutDown } from "../errors/asyncio.ts";
import { Queue } from "../queues/queue.ts";
import { WebSocketDisconnect } from "./errors.ts";
import { type PingOptions, WebSocketPings } from "./web-socket-pings.ts";

/** A text, or bytes. */
export type WebSocketMessage = string | Uint8Array;

/** Why a connection is ended whose client does not answer a ping: in the words of Python's websockets. */
const UNANSWERED = { code: 1011, reason: "keepalive ping timeout" };

/** Messages that nobody has received yet, from which on the client is not read: it has to wait, too. */
const MOST_UNRECEIVED = 16;

/**
 * A WebSocket connection of a server. `forEach` goes through its messages, and ends when it is closed.
 *
 * @example
 * function* websocket(socket) {
 *   yield* forEach(socket, function* (message) {
 *     yield* socket.send(`you said ${message}`);
 *   });
 * }
 */
export class ServerWebSocket implements CoroutineIterator<WebSocketMessage> {
  /** @internal */
  static readonly name: string = "ServerWebSocket";
  /** The request that it began as: its URL, its headers. */
  readonly request: Request;
  readonly #socket: WebSocket;
  readonly #messages = new Queue<WebSocketMessage>();
  readonly #closed = new Event();
  #isPaused = false;
  #pings: WebSocketPings | null = null;
  /** How it has ended, once it has. */
  #end: { readonly code: number; readonly reason: string } | null = null;

  /** @internal */
  constructor(socket: WebSocket, request: Request, loop: EventLoop) {
    this.request = request;
    this.#socket = socket;
    socket.on("message", (data: Buffer, isBinary: boolean) =>
      loop.arrivals.deliver("websocket", () => this.#received(isBinary ? new Uint8Array(data) : data.toString())),
    );
    socket.on("close", (code: number, reason: Buffer) =>
      loop.arrivals.deliver("websocket", () => this.#ended(code, reason.toString())),
    );
    socket.on("error", () => {}); // it is closed behind that
  }

  /**
   * Waits for the next message.
   * @throws WebSocketDisconnect when the connection has ended, and all that came before was received
   */
  receive(): Coroutine<WebSocketMessage> {
    return operation("ServerWebSocket.receive", this.#receive());
  }

  /**
   * Sends a message, and waits until the system has taken it: so who sends much goes at the pace of the client.
   * @throws TypeError at the call, for what is neither a string nor a Uint8Array
   * @throws WebSocketDisconnect when the connection has ended
   */
  send(message: WebSocketMessage): Coroutine<void> {
    if (typeof message !== "string" && !(message instanceof Uint8Array))
      throw new TypeError(`Cannot send: expected a string or a Uint8Array, got ${format(message)}`);
    return operation("ServerWebSocket.send", this.#send(message));
  }

  /**
   * Closes the connection, and waits until the client has done so, too, or for 30 s. Does nothing when it has ended.
   * @param code 1000 to 1014, but for what only protocols say, or 3000 to 4999. Default: 1000, all is well
   * @param reason at most 123 bytes for the client. Default: none
   * @throws RangeError at the call, for another code, and for a reason that is too long
   */
  close(code = 1000, reason = ""): Coroutine<void> {
    const isStandard = code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code);
    if (!Number.isInteger(code) || !(isStandard || (code >= 3000 && code <= 4999)))
      throw new RangeError(`Cannot close: ${format(code)} is no code for that`);
    if (Buffer.byteLength(reason) > 123) throw new RangeError("Cannot close: the reason is longer than 123 bytes");
    return operation("ServerWebSocket.close", this.#close(code, reason));
  }

  /** Waits until the connection has ended: `race` it with what the client alone wants. */
  waitClosed(): Coroutine<void> {
    return operation("ServerWebSocket.waitClosed", this.#waitClosed());
  }

  /** The next message for `forEach`; done when the connection has ended. */
  *anext(): Coroutine<IteratorResult<WebSocketMessage, undefined>> {
    try {
      return { done: false, value: yield* this.#receive() };
    } catch (error) {
      if (error instanceof WebSocketDisconnect) return { done: true, value: undefined };
      throw error;
    }
  }

  /** @internal Has its client pinged from now on. */
  keepAlive(loop: EventLoop, { interval, timeout }: PingOptions): void {
    if (interval === null || this.#closed.isSet()) return;
    const pinged = { isPaused: () => this.#isPaused, fail: () => this.#cut() };
    this.#pings = new WebSocketPings(this.#socket, loop, interval, timeout, pinged);
  }

  /** @internal Closes it without waiting. */
  endSoon(code: number): void {
    this.#resume(); // or nobody would read what the client answers
    this.#socket.close(code, "");
  }

  *#receive(): Coroutine<WebSocketMessage> {
    try {
      const message = yield* this.#messages.get();
      if (this.#messages.qsize() < MOST_UNRECEIVED) this.#resume();
      return message;
    } catch (error) {
      throw error instanceof QueueShutDown ? this.#disconnected() : error;
    }
  }

  *#send(message: WebSocketMessage): Coroutine<void> {
    if (this.#end !== null) throw this.#disconnected();
    const sent = new Promise<boolean>((resolve) =>
      this.#socket.send(message, (error) => resolve(error === undefined || error === null)),
    );
    if (yield* wrapFuture(sent)) return;
    yield* this.#closed.wait(); // that is why; it says so in its turn
    throw this.#disconnected();
  }

  *#close(code: number, reason: string): Coroutine<void> {
    this.#resume();
    this.#socket.close(code, reason);
    yield* this.#closed.wait();
  }

  *#waitClosed(): Coroutine<void> {
    yield* this.#closed.wait();
  }

  #disconnected(): WebSocketDisconnect {
    return new WebSocketDisconnect(this.#end?.code ?? 1006, this.#end?.reason ?? "");
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  #received(message: WebSocketMessage): void {
    this.#messages.putNowait(message);
    if (this.#isPaused || this.#messages.qsize() < MOST_UNRECEIVED) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  /** Tells the client, which may be gone, and does not wait for its answer. */
  #cut(): void {
    const { code, reason } = (this.#end = UNANSWERED);
    this.#socket.close(code, reason);
    this.#socket.terminate();
  }

  #ended(code: number, reason: string): void {
    this.#pings?.stop();
    this.#end ??= { code, reason };
    this.#messages.shutdown();
    this.#closed.set();
  }
}

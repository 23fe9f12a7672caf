// The protocol between a transport and a pair of streams.

import type { EventLoop } from "../runtime/event-loop.ts";
import { format } from "../support/format.ts";
import { type Future, isFuture } from "../runtime/future.ts";
import { type Coroutine, isAsyncFunction, isCoroutine, isThenable } from "../runtime/suspension.ts";
import type { Task } from "../runtime/task.ts";
import { checkError } from "./bytes.ts";
import { FlowControlMixin } from "./flow-control-mixin.ts";
import { StreamReader } from "./stream-reader.ts";
import { StreamWriter } from "./stream-writer.ts";
import type { Transport } from "./transports.ts";

/** Called for each connection of a server with its streams; a coroutine that it returns is run as a task. */
export type ClientConnected = (reader: StreamReader, writer: StreamWriter) => Coroutine<unknown> | void;

const INSTEAD = "make it a function*, and each await in it a yield*";

/** Throws TypeError for what cannot be called with streams; `expected` says what can. Returns it. */
export function checkClientConnected(callback: ClientConnected, expected = "a function"): ClientConnected {
  if (typeof callback !== "function")
    throw new TypeError(`Invalid clientConnectedCb: expected ${expected}, got ${format(callback)}`);
  if (isAsyncFunction(callback)) throw new TypeError(`Cannot serve by an async function: ${INSTEAD}`);
  return callback;
}

/**
 * Feeds a StreamReader with what a transport receives, and lets StreamWriters wait for it. Mirrors
 * asyncio.StreamReaderProtocol.
 *
 * @example
 * const reader = new StreamReader();
 * const protocol = new StreamReaderProtocol(reader);
 * const writer = new StreamWriter(transport, protocol, reader, getRunningLoop());
 * protocol.connectionMade(transport);
 */
export class StreamReaderProtocol extends FlowControlMixin {
  /** @internal */
  static override readonly name: string = "StreamReaderProtocol";
  /** Held until the connection is lost: whether somebody else holds it must not decide what happens. */
  #reader: StreamReader | null;
  readonly #clientConnected: ClientConnected | null;
  /** Done when the connection is lost. */
  readonly #closed: Future<void>;
  #transport: Transport | null = null;

  /**
   * @param streamReader what it feeds; null: nothing
   * @param clientConnectedCb called with the streams when the connection is made. Default: none
   * @param loop the loop that it belongs to; default: the current one
   * @throws TypeError for what is not a reader, a function, a loop, and for an async function
   * @throws RuntimeError when there is no current loop
   */
  constructor(streamReader: StreamReader | null, clientConnectedCb: ClientConnected | null = null, loop?: EventLoop) {
    if (streamReader !== null && !(streamReader instanceof StreamReader))
      throw new TypeError(`Invalid streamReader: expected a StreamReader or null, got ${format(streamReader)}`);
    if (clientConnectedCb !== null) checkClientConnected(clientConnectedCb, "a function or null");
    super(loop);
    this.#reader = streamReader;
    this.#clientConnected = clientConnectedCb;
    this.#closed = this._loop.createFuture();
  }

  /**
   * Gives the transport to the reader, and calls the callback.
   * @throws TypeError for what is not a transport
   */
  override connectionMade(transport: Transport): void {
    if (typeof transport?.getExtraInfo !== "function")
      throw new TypeError(`Invalid transport: expected a transport, got ${format(transport)}`);
    this.#reader?.setTransport(transport);
    this.#transport = transport;
    const clientConnected = this.#clientConnected;
    if (clientConnected === null) return;
    const reader = this.#reader as StreamReader;
    const outcome = clientConnected(reader, new StreamWriter(transport, this, reader, this._loop));
    if (isCoroutine(outcome)) {
      const onDone = (task: Task<unknown>): void => this.#onClientDone(task, this.#transport as Transport);
      this._loop.createTask(outcome).addDoneCallback(onDone);
    } else if (isThenable(outcome) && !isFuture(outcome)) {
      this.#refuse(transport);
    }
  }

  /**
   * Ends the reader, by `exc` if there is one, and releases what waits in `waitClosed` and `drain`.
   * @throws TypeError for what is not an error
   */
  override connectionLost(exc: Error | null): void {
    if (exc !== null) checkError(exc);
    if (exc === null) this.#reader?.feedEof();
    else this.#reader?.setException(exc);
    if (!this.#closed.done()) this.#close(exc);
    super.connectionLost(exc);
    this.#reader = null;
  }

  /** @internal Whether it serves a connection of a server. */
  override get _isServerSide(): boolean {
    return this.#clientConnected !== null;
  }

  /** @internal What has come and nobody has read: it is taken away. */
  _takeBuffered(): Uint8Array {
    return this.#reader?._takeBuffered() ?? new Uint8Array();
  }

  /** @internal The connection goes on over another transport. */
  _replaceTransport(transport: Transport): void {
    this.#transport = transport;
    this.#reader?._replaceTransport(transport);
  }

  /** Feeds the reader. */
  override dataReceived(data: Uint8Array): void {
    this.#reader?.feedData(data);
  }

  /** @internal The reader, when it gets all that comes as it is: a transport may fill it by itself. */
  get fed(): StreamReader | null {
    return this.dataReceived === StreamReaderProtocol.prototype.dataReceived ? this.#reader : null;
  }

  /**
   * Ends the reader.
   * @returns whether the connection stays open for writing: true, but over TLS, which cannot
   */
  override eofReceived(): boolean {
    this.#reader?.feedEof();
    return (this.#transport?.getExtraInfo("sslcontext") ?? null) === null;
  }

  override _getCloseWaiter(_stream: unknown): Future<void> {
    return this.#closed;
  }

  #close(exc: Error | null): void {
    if (exc === null) {
      this.#closed.setResult();
    } else {
      this.#closed.setException(exc);
      this.#closed.exception(); // counts as looked at: who reads or writes gets the error too
    }
  }

  /** Nobody would wait for its promise, or hear how that ends. */
  #refuse(transport: Transport): void {
    const exception = new TypeError(`clientConnectedCb has returned a promise: ${INSTEAD}`);
    this._loop.callExceptionHandler({ message: "Unhandled exception in clientConnectedCb", exception, transport });
    transport.close();
  }

  #onClientDone(task: Task<unknown>, transport: Transport): void {
    if (!task.failed) return;
    if (!task.cancelled()) {
      this._loop.callExceptionHandler({
        message: "Unhandled exception in clientConnectedCb",
        exception: task.exception(),
        transport,
      });
    }
    transport.close();
  }
}

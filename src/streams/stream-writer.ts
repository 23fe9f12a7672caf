// Stream writers: a transport's sending end, with something to wait for.

import { Shown } from "../support/shown.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import { checkNames } from "../support/checks.ts";
import type { Delay } from "../support/delay.ts";
import { format } from "../support/format.ts";
import { operation } from "../waiting/operation.ts";
import { checkLoop } from "../runtime/loop.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { sleep } from "../tasks/sleep.ts";
import { checkBytes, chunksOf } from "./bytes.ts";
import type { FlowControlMixin } from "./flow-control-mixin.ts";
import { StreamReader } from "./stream-reader.ts";
import type { WriteTransport } from "./transports.ts";

/** Times of TLS, and whom the server's certificate has to be for. */
export interface WriterTlsOptions {
  /** Whom the server's certificate has to be for. Default: it is not looked at, nor told to the server. */
  serverHostname?: string | null;
  /** How long the handshake may take. Default: 60 seconds. */
  sslHandshakeTimeout?: Delay | null;
  /** How long closing may take. Default: 30 seconds. */
  sslShutdownTimeout?: Delay | null;
}

/** Has the connection of a transport go on with TLS; gives the transport that takes its place. */
export type UpgradeTls = (transport: WriteTransport, protocol: FlowControlMixin) => Coroutine<WriteTransport>;

/** What TLS is made with: an SSLContext. */
export interface TlsContext {
  readonly protocol: string;
  readonly verifyMode: string;
  /** @internal Checks the options at the call. */
  _startTls(options: WriterTlsOptions & { serverSide: boolean }): UpgradeTls;
}

const TLS_OPTIONS = ["serverHostname", "sslHandshakeTimeout", "sslShutdownTimeout"];

/**
 * The sending end of a stream of bytes. Writing never waits; `drain` waits while too much is to be sent. Mirrors
 * asyncio.StreamWriter.
 *
 * @example
 * writer.write(new TextEncoder().encode("hello\n"));
 * yield* writer.drain();
 * writer.close();
 * yield* writer.waitClosed();
 */
export class StreamWriter extends Shown {
  /** @internal */
  static override readonly name: string = "StreamWriter";
  #transport: WriteTransport;
  readonly #protocol: FlowControlMixin;
  readonly #reader: StreamReader | null;

  /**
   * @param transport where the bytes go
   * @param protocol the transport's protocol, which knows when to wait
   * @param reader the receiving end, whose error `drain` throws; null: none
   * @param loop the loop that they belong to
   * @throws TypeError for what is not a transport, a protocol of streams, a reader, a loop
   */
  constructor(transport: WriteTransport, protocol: FlowControlMixin, reader: StreamReader | null, loop: EventLoop) {
    super();
    if (typeof transport?.write !== "function")
      throw new TypeError(`Invalid transport: expected a transport to write to, got ${format(transport)}`);
    if (typeof protocol?._drainHelper !== "function")
      throw new TypeError(`Invalid protocol: expected a protocol with flow control, got ${format(protocol)}`);
    if (reader !== null && !(reader instanceof StreamReader))
      throw new TypeError(`Invalid reader: expected a StreamReader or null, got ${format(reader)}`);
    checkLoop(loop);
    this.#transport = transport;
    this.#protocol = protocol;
    this.#reader = reader;
  }

  /** The transport. Mirrors StreamWriter.transport. */
  get transport(): WriteTransport {
    return this.#transport;
  }

  /**
   * Sends bytes, or keeps them to send them later. Mirrors StreamWriter.write.
   * @throws TypeError for what is not a Uint8Array
   */
  write(data: Uint8Array): void {
    checkBytes(data);
    this.#transport.write(data);
  }

  /**
   * As `write`, for several chunks. Mirrors StreamWriter.writelines.
   * @throws TypeError for what is not an iterable of Uint8Arrays
   */
  writelines(data: Iterable<Uint8Array>): void {
    this.#transport.writelines(chunksOf(data));
  }

  /** Says that no more will be sent. Mirrors StreamWriter.write_eof. */
  writeEof(): void {
    this.#transport.writeEof();
  }

  /** Whether the transport has `writeEof`. Mirrors StreamWriter.can_write_eof. */
  canWriteEof(): boolean {
    return this.#transport.canWriteEof();
  }

  /**
   * Closes the transport once what waits to be sent has gone; `waitClosed` waits for it. Mirrors StreamWriter.close.
   */
  close(): void {
    this.#transport.close();
  }

  /** Whether the transport is closed or closing. Mirrors StreamWriter.is_closing. */
  isClosing(): boolean {
    return this.#transport.isClosing();
  }

  /**
   * Waits until the connection is closed. Mirrors StreamWriter.wait_closed.
   * @throws CancelledError when the task is cancelled, and from then on in every later call
   * @throws what the connection was lost by
   */
  waitClosed(): Coroutine<void> {
    return operation("StreamWriter.waitClosed", this.#waitClosed());
  }

  *#waitClosed(): Coroutine<void> {
    yield* this.#protocol._getCloseWaiter(this);
  }

  /**
   * What is known of the transport under a name, such as "peername"; else `defaultValue`. Mirrors
   * StreamWriter.get_extra_info.
   */
  getExtraInfo(name: string, defaultValue: unknown = null): unknown {
    return this.#transport.getExtraInfo(name, defaultValue);
  }

  /**
   * Waits while more bytes wait to be sent than the transport's high mark; does not suspend otherwise, unless the
   * transport is closing: then it gives way once, so that the end of the connection can be seen. Mirrors
   * StreamWriter.drain.
   * @throws the reader's error, if it has one
   * @throws ConnectionResetError when the connection was lost
   * @throws CancelledError when the task is cancelled
   */
  drain(): Coroutine<void> {
    return operation("StreamWriter.drain", this.#drain());
  }

  *#drain(): Coroutine<void> {
    const exception = this.#reader?.exception() ?? null;
    if (exception !== null) throw exception;
    if (this.#transport.isClosing()) yield* sleep(0);
    yield* this.#protocol._drainHelper();
  }

  /**
   * Has the connection go on with TLS, once all that was written has gone. What came and was not read is the beginning
   * of what is decrypted. A server's streams become the server's side. Mirrors StreamWriter.start_tls.
   * @throws TypeError or RangeError, at the call, for what is no SSLContext, and for bad options
   * @throws SSLError, at the call, for a context of the other side
   * @throws SSLCertVerificationError when the other side's certificate is not trusted
   * @throws SSLError, ConnectionError when the handshake fails, or takes longer than `sslHandshakeTimeout`; the
   *   connection is closed then
   * @throws CancelledError when the task is cancelled; the connection is closed then
   *
   * @example
   * yield* writer.startTls(createDefaultContext(), { serverHostname: "localhost" });
   */
  startTls(sslcontext: TlsContext, options: WriterTlsOptions = {}): Coroutine<void> {
    if (typeof sslcontext?._startTls !== "function")
      throw new TypeError(`sslcontext is expected to be an instance of SSLContext, got ${format(sslcontext)}`);
    const serverSide = this.#protocol._isServerSide;
    const upgrade = sslcontext._startTls({ ...checkNames(options, TLS_OPTIONS), serverSide });
    return operation("StreamWriter.startTls", this.#startTls(upgrade));
  }

  *#startTls(upgrade: UpgradeTls): Coroutine<void> {
    yield* this.#drain();
    this.#transport = yield* upgrade(this.#transport, this.#protocol);
  }

  /** "<StreamWriter transport=... reader=...>". */
  override toString(): string {
    const reader = this.#reader === null ? "" : ` reader=${format(this.#reader)}`;
    return `<${this.constructor.name} transport=${format(this.#transport)}${reader}>`;
  }
}

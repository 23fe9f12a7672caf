// A transport with TLS. The end has it already; what is added here is what asyncio makes of it: the handshake before
// anybody is told of a connection, taking leave at the end, and a time for each on the loop's clock.

import type { StreamEnd } from "../drivers/network.ts";
import type { TlsSession } from "../drivers/tls.ts";
import { TimeoutError } from "../errors/asyncio.ts";
import { ConnectionAbortedError, type Fault, SSLCertVerificationError, osError } from "../errors/os.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Future } from "../runtime/future.ts";
import type { TimerHandle } from "../runtime/handle.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { writeLog } from "../runtime/reports.ts";
import { Shown } from "../support/shown.ts";
import { NotImplementedError } from "../streams/errors.ts";
import { concat } from "../streams/bytes.ts";
import { StreamReaderProtocol } from "../streams/stream-reader-protocol.ts";
import { SocketTransport, type StreamProtocol, type TransportOver, type TransportOwner } from "./socket-transport.ts";
import type { SSLContext } from "./ssl-context.ts";
import type { Securing } from "./ssl-options.ts";

/** More may wait to be sent than without TLS, as in asyncio. */
const DEFAULT_HIGH = 512 * 1024;

/** What a transport with TLS is made of. */
export interface SslParts {
  readonly loop: EventLoop;
  /** An end that begins its handshake. */
  readonly end: StreamEnd;
  readonly protocol: StreamProtocol;
  /** Settled when the handshake is over, one way or the other. */
  readonly waiter: Future<void>;
  readonly owner: TransportOwner | null;
  readonly context: SSLContext;
  readonly securing: Securing;
  /** Whether the protocol knows of the connection already. */
  readonly isMade: boolean;
}

/** What is known of a connection's TLS. Mirrors the part of Python's ssl.SSLObject that does no I/O. */
export class SSLObject extends Shown {
  /** @internal */
  static override readonly name: string = "SSLObject";
  readonly #session: TlsSession;

  /** @internal Programs get one by `getExtraInfo("sslObject")`. */
  constructor(session: TlsSession) {
    super();
    this.#session = session;
  }

  /** "TLSv1.3", or another version. Mirrors SSLObject.version. */
  version(): string | null {
    return this.#session.version;
  }

  /** Name, version and bits of the cipher. Mirrors SSLObject.cipher. */
  cipher(): readonly [name: string, version: string, bits: number] | null {
    return this.#session.cipher;
  }

  /** The protocol that both sides have agreed on; null: none. Mirrors SSLObject.selected_alpn_protocol. */
  selectedAlpnProtocol(): string | null {
    return this.#session.alpnProtocol;
  }

  /** "<SSLObject TLSv1.3>". */
  override toString(): string {
    return `<SSLObject ${this.#session.version}>`;
  }
}

/** One end of a connection with TLS. Mirrors asyncio's transport of SSLProtocol. */
export class SslTransport extends SocketTransport {
  /** @internal */
  static override readonly name: string = "SslTransport";
  readonly #loop: EventLoop;
  readonly #end: StreamEnd;
  readonly #securing: Securing;
  #isMade: boolean;
  #isShakingHands = true;
  #waiter: Future<void> | null;
  /** Of the handshake, then of the shutdown. */
  #timer: TimerHandle | null;
  #session: TlsSession | null = null;
  #hasEnded = false;
  #isGone = false;
  #fault: Fault | null = null;
  /** Whether the other side was told that nothing more is sent. */
  #hasTakenLeave = false;

  /** @internal */
  constructor(parts: SslParts) {
    const { loop, end, protocol, waiter, owner, context, securing } = parts;
    const { handshakeTimeout } = securing;
    super(loop, end, protocol, null, owner, DEFAULT_HIGH);
    this.#loop = loop;
    this.#end = end;
    this.#securing = securing;
    this.#isMade = parts.isMade;
    this.#waiter = waiter;
    this.#timer = loop.callLater(handshakeTimeout, () => this.#giveUpHandshake(handshakeTimeout));
    this._extra.sslcontext = context;
    end.resume(); // nothing comes before TLS stands, but the end of the stream may
  }

  // ── What the end tells ─────────────────────────────────────────────────────────────────────────────────────────

  /** @internal */
  secured(session: TlsSession): void {
    this.#session = session;
    this._wake();
  }

  /** @internal */
  override ended(): void {
    this.#hasEnded = true;
    super.ended();
    this._wake();
  }

  /** @internal */
  override closed(fault: Fault | null): void {
    this.#isGone = true;
    this.#fault = fault === null ? null : inWordsOfPython(fault);
    super.closed(this.#fault);
    this._wake();
  }

  protected override _takeIn(): void {
    if (!this.#isShakingHands || this.isClosing()) return super._takeIn();
    this.#loop.arrivals.admit("socket");
    this.#goOnWithHandshake();
  }

  // ── The beginning ──────────────────────────────────────────────────────────────────────────────────────────────

  #goOnWithHandshake(): void {
    if (this.#session !== null) this.#endHandshake(this.#session);
    else if (this.#hasEnded || this.#isGone) this._fail(osError(this.#fault ?? RESET), "SSL handshake failed");
  }

  #endHandshake(session: TlsSession): void {
    this.#isShakingHands = false;
    this.#stopTimer();
    this.#end.pause();
    const { peerCertificate, cipher } = session;
    Object.assign(this._extra, {
      peercert: peerCertificate,
      cipher,
      compression: null,
      sslObject: new SSLObject(session),
    });
    if (this.#isMade) {
      const protocol = this.getProtocol();
      if (protocol instanceof StreamReaderProtocol) protocol._replaceTransport(this);
      this.#settle(null);
      this.#loop.callSoon(() => this._startReading()); // who waits has this transport before anything comes
      return;
    }
    this.#isMade = true; // also when it throws: then it is told that the connection is lost
    try {
      this.getProtocol().connectionMade(this);
    } catch (error) {
      return this._fail(error, "Fatal error: protocol.connectionMade() call failed.");
    }
    this.#settle(null);
    this._startReading(); // what has come is told in the next iteration
  }

  #giveUpHandshake(seconds: number): void {
    const text = `SSL handshake is taking longer than ${seconds} seconds: aborting the connection`;
    this._fail(new ConnectionAbortedError(text), "SSL handshake failed");
  }

  #settle(error: Error | null): void {
    const waiter = this.#waiter;
    this.#waiter = null;
    if (waiter === null || waiter.done()) return;
    if (error === null) waiter.setResult();
    else waiter.setException(error);
  }

  // ── The end ────────────────────────────────────────────────────────────────────────────────────────────────────

  override canWriteEof(): boolean {
    return false;
  }

  /** @throws NotImplementedError always: TLS has no half-closed connections */
  override writeEof(): void {
    throw new NotImplementedError("Cannot close one direction of a connection with TLS");
  }

  protected override _staysOpen(answer: boolean): boolean {
    if (answer) writeLog(this.#loop.host, "warning", "returning true from eofReceived() has no effect when using ssl");
    return false;
  }

  override close(): void {
    if (this.isClosing()) return;
    if (this.#isShakingHands) return this.abort();
    this.#timer = this.#loop.callLater(this.#securing.shutdownTimeout, () =>
      this._forceClose(new TimeoutError("SSL shutdown timed out")),
    );
    super.close();
  }

  /** Takes leave, and waits until the other side has done so. */
  protected override _finish(): void {
    if (!this.#hasTakenLeave) {
      this.#hasTakenLeave = true;
      if (!this.#isGone) {
        this.#end.end();
        this.#end.resume();
      }
    }
    if (this._hasBytes) this._fail(osError(inWordsOfPython(LATE_DATA)), "Fatal error on transport");
    else if (this.#fault !== null) this._fail(osError(this.#fault), "Fatal error on transport");
    else if (this.#hasEnded || this.#isGone) {
      this._receiveEnd();
      super._finish(true);
    }
  }

  protected override _tellProtocolLost(error: Error | null): void {
    this.#stopTimer();
    if (this.#isMade) super._tellProtocolLost(error);
    this.#settle(error);
  }

  #stopTimer(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }
}

const RESET: Fault = { code: "ECONNRESET", message: "Connection reset by peer" };
const LATE_DATA: Fault = { code: "ERR_SSL_APPLICATION_DATA_AFTER_CLOSE_NOTIFY", message: "" };

/** A fault of TLS with one message on all hosts, as Python has it: they differ in theirs, but not in their codes. */
function inWordsOfPython(fault: Fault): Fault {
  const { code = "", errno, syscall } = fault;
  const reason = /^ERR_SSL_(\w+)$/.exec(code)?.[1];
  let { message } = fault;
  if (reason !== undefined) message = `[SSL: ${reason}] ${reason.toLowerCase().replaceAll("_", " ")}`;
  else if (osError(fault) instanceof SSLCertVerificationError)
    message = `[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: ${message}`;
  return { message, code, errno, syscall };
}

/** How transports with TLS are made. */
export function sslTransportOver(context: SSLContext, securing: Securing): TransportOver {
  return (loop, end, protocol, waiter, owner = null) => {
    const secured = context._secure(end, securing, new Uint8Array());
    return new SslTransport({ loop, end: secured, protocol, waiter, owner, context, securing, isMade: false });
  };
}

/** Has a connection go on with TLS. Returns the transport that takes the place of the other one. */
export function* upgrade(
  context: SSLContext,
  securing: Securing,
  transport: SocketTransport,
  protocol: StreamProtocol,
): Coroutine<SslTransport> {
  let current = transport;
  try {
    const { loop, end, received, owner } = yield* transport._detach();
    const buffered = protocol instanceof StreamReaderProtocol ? protocol._takeBuffered() : new Uint8Array();
    const waiter = loop.createFuture();
    let secured: StreamEnd;
    try {
      secured = context._secure(end, securing, concat([buffered, received]));
    } catch (error) {
      end.abort();
      owner?.detach(transport);
      throw error;
    }
    const upgraded = new SslTransport({ loop, end: secured, protocol, waiter, owner, context, securing, isMade: true });
    current = upgraded;
    owner?.detach(transport);
    yield* waiter;
    return upgraded;
  } catch (error) {
    current.close();
    throw error;
  }
}

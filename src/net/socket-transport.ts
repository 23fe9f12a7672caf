// A transport over an end of the host's: what the end tells comes in by a source of its own, once an iteration, and
// then asyncio's order of calls holds.

import type { StreamEnd } from "../drivers/network.ts";
import { RuntimeError } from "../errors/base.ts";
import { ConnectionResetError, type Fault, OSError, osError } from "../errors/os.ts";
import { Source } from "../runtime/arrivals.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Future } from "../runtime/future.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { writeLog } from "../runtime/reports.ts";
import { format } from "../support/format.ts";
import { checkBytes, concat } from "../streams/bytes.ts";
import { BufferedProtocol, type Protocol } from "../streams/protocols.ts";
import type { StreamReader } from "../streams/stream-reader.ts";
import { StreamReaderProtocol } from "../streams/stream-reader-protocol.ts";
import { Transport } from "../streams/transports.ts";
import { checkProtocol } from "./checks.ts";
import { Gathered, giveBack } from "./gathered.ts";
import { MOST_RECEIVED, takeChunks } from "./received.ts";
import { TransportSocket, addressText } from "./transport-socket.ts";
import { SILENT_WRITES, WriteFlow } from "./write-flow.ts";
import { atEndOfTurn } from "./write-turns.ts";

/** What a server wants to know of its transports. */
export interface TransportOwner {
  attach(transport: SocketTransport): void;
  detach(transport: SocketTransport): void;
}

/** How a transport is made of an end; as `SocketTransport` is, or one with TLS. */
export type TransportOver = (
  loop: EventLoop,
  end: StreamEnd,
  protocol: StreamProtocol,
  waiter: Future<void>,
  owner?: TransportOwner | null,
) => SocketTransport;

/** What a transport leaves to the one that takes its place. */
export interface Detached {
  readonly loop: EventLoop;
  readonly end: StreamEnd;
  /** What came, and its protocol was not told of. */
  readonly received: Uint8Array;
  readonly owner: TransportOwner | null;
}

/** A protocol of a stream of bytes: it takes them as they come, or says where they are put. */
export type StreamProtocol = Protocol | BufferedProtocol;

/** Gathered bytes are sent before the turn has ended when there are so many. */
const MOST_GATHERED = 64 * 1024;
const DATA_FAILED = "Fatal error: protocol.dataReceived() call failed.";

/** One end of a connection. Mirrors asyncio's transport of a socket. */
export class SocketTransport extends Transport {
  /** @internal */
  static override readonly name: string = "SocketTransport";
  readonly #loop: EventLoop;
  readonly #end: StreamEnd;
  readonly #owner: TransportOwner | null;
  readonly #source: Source;
  /** Lets go of the end, as the loop does when it is closed. */
  readonly #leave: () => void;
  #protocol: StreamProtocol;
  /** Who is given bytes at once, and told of them in turn: they are copied once less. */
  #reader: StreamReader | null = null;
  // What has come, and was not told yet, in this order: bytes that the reader has, bytes, the end, a fault.
  #received = 0;
  #chunks: Uint8Array[] = [];
  #hasEnded = false;
  #fault: Fault | null = null;
  /** Whether the end is closed: it tells nothing any more, and takes nothing. */
  #isGone = false;
  #isReading = false;
  /** Whether anything was told by the end, before reading begins. */
  #hasCome = false;
  #isPaused = false;
  #isClosing = false;
  /** Whether the end of the stream was told: nothing is read any more. */
  #isEofTold = false;
  #hasWrittenEof = false;
  /** 0 while the connection stands; then one more than the writes that came too late. */
  #lost = 0;
  #isLostTold = false;
  #isAborted = false;
  readonly #flow: WriteFlow;
  /** Waits until nothing is to be sent. */
  #emptied: Future<void> | null = null;
  /** How many writes there were in this turn. */
  #writes = 0;
  /** Whether there were several in the last turn with any: then the first one, too, waits for the others. */
  #isGathering = false;
  /** Whether the system has not taken all that was sent. */
  #isSending = false;
  readonly #gathered = new Gathered();

  /**
   * @internal `connectionMade` is called soon, then `waiter` is settled, and reading begins. Null: not before somebody
   * says so.
   */
  constructor(
    loop: EventLoop,
    end: StreamEnd,
    protocol: StreamProtocol,
    waiter: Future<void> | null,
    owner: TransportOwner | null = null,
    defaultHigh?: number,
  ) {
    const socket = new TransportSocket(end.localAddress, end.remoteAddress);
    super({ socket, sockname: end.localAddress, peername: end.remoteAddress });
    this.#loop = loop;
    this.#end = end;
    this.#protocol = protocol;
    this.#reader = readerOf(protocol);
    this.#owner = owner;
    this.#flow = new WriteFlow(loop, this, defaultHigh);
    this.#source = new Source(loop, "socket", () => this._takeIn());
    this.#leave = loop.arrivals.listen(() => this.#release());
    end.start(this);
    owner?.attach(this);
    if (waiter === null) return;
    const connectionMade = (): void => this.#protocol.connectionMade(this);
    loop.callSoon(connectionMade);
    loop.callSoon(() => {
      if (!waiter.done()) waiter.setResult();
      this._startReading(); // behind the waiter: who waits goes on before anything is told
    });
  }

  // ── What the end tells ─────────────────────────────────────────────────────────────────────────────────────────

  /** @internal */
  data(bytes: Uint8Array): void {
    if (this.#reader === null || this.#chunks.length > 0) {
      this.#chunks.push(bytes);
    } else {
      this.#reader.receive(bytes);
      this.#received += bytes.length;
    }
    this.#post();
  }

  /** @internal */
  ended(): void {
    this.#hasEnded = true;
    this.#post();
  }

  /** @internal */
  drained(): void {
    this.#isSending = false;
    if (this.#flow.isPaused || this.#isClosing || this.#emptied !== null) this.#post();
  }

  /** @internal */
  closed(fault: Fault | null): void {
    this.#isGone = true;
    if (fault !== null) this.#fault = fault;
    else this.#hasEnded = true;
    this.#post();
  }

  /** Nobody is to be told when the connection is lost, or the loop takes no more. */
  #post(): void {
    this.#hasCome = true;
    if (this.#isReading) this._wake();
  }

  protected _wake(): void {
    if (this.#isLostTold || this.#source.post()) return;
    this.#end.abort(); // there is no memory to tell of anything
  }

  protected _takeIn(): void {
    this.#loop.arrivals.admit("socket");
    this.#receive();
    if (!this._hasBytes) this.#end.taken?.();
    this.#goOnWriting();
    if (!this.#isLostTold && this.#canReceive()) this.#source.post();
  }

  /** Whether something has come that may be told now. */
  #canReceive(): boolean {
    if (!this.#isOpen()) return this.#isBroken();
    return this._hasBytes || this.#hasEnded || this.#fault !== null;
  }

  /** Whether bytes have come that the protocol was not told of. */
  protected get _hasBytes(): boolean {
    return this.#received > 0 || this.#chunks.length > 0;
  }

  /** Whether the protocol is told what comes. */
  #isOpen(): boolean {
    return this.#isReading && this.isReading() && !this.#isEofTold;
  }

  /** Whether a fault has come that does not wait until somebody reads: it is one of sending. */
  #isBroken(): boolean {
    return this.#fault !== null && this.#lost === 0 && (this.#isSending || this.#fault.syscall === "write");
  }

  /** One thing an iteration, as a selector does: bytes, the end, or a fault. */
  #receive(): void {
    if (!this.#canReceive()) return;
    if (this._hasBytes && this.#isOpen()) this.#receiveBytes();
    else if (this.#fault !== null) this._fail(osError(this.#fault), "Fatal read error on socket transport");
    else this._receiveEnd();
  }

  #receiveBytes(): void {
    const count = Math.min(this.#received, MOST_RECEIVED);
    if (count === 0) return this.#receiveData(takeChunks(this.#chunks));
    this.#received -= count;
    try {
      this.#reader?.feedReceived(count);
    } catch (error) {
      this._fail(error, DATA_FAILED);
    }
  }

  #receiveData(data: Uint8Array): void {
    if (this.#protocol instanceof BufferedProtocol) return this.#fillBuffers(this.#protocol, data);
    try {
      this.#protocol.dataReceived(data);
    } catch (error) {
      this._fail(error, DATA_FAILED);
    }
  }

  /** Gives a protocol the bytes in its own arrays: as many as fit at once, the others next. */
  #fillBuffers(protocol: BufferedProtocol, data: Uint8Array): void {
    let buffer: Uint8Array | void;
    try {
      buffer = protocol.getBuffer(-1);
      checkBytes(buffer, "buffer");
      if (buffer.length === 0) throw new RuntimeError("getBuffer() returned an empty buffer");
    } catch (error) {
      return this._fail(error, "Fatal error: protocol.getBuffer() call failed.");
    }
    const count = Math.min(buffer.length, data.length);
    buffer.set(data.subarray(0, count));
    if (count < data.length) this.#chunks.unshift(data.subarray(count));
    try {
      protocol.bufferUpdated(count);
    } catch (error) {
      this._fail(error, "Fatal error: protocol.bufferUpdated() call failed.");
    }
  }

  protected _receiveEnd(): void {
    if (this.#isEofTold) return;
    this.#isEofTold = true;
    let keepsOpen: boolean | void;
    try {
      keepsOpen = this.#protocol.eofReceived();
    } catch (error) {
      return this._fail(error, "Fatal error: protocol.eofReceived() call failed.");
    }
    if (!this._staysOpen(keepsOpen === true)) this.close();
  }

  /** Whether the connection stays open for writing when the other side sends no more, by the protocol's answer. */
  protected _staysOpen(answer: boolean): boolean {
    return answer;
  }

  // ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────────

  protected _startReading(): void {
    this.#isReading = true;
    if (this.#hasCome) this.#post();
    if (this.isReading()) this.#end.resume();
  }

  override isReading(): boolean {
    return !this.#isClosing && !this.#isPaused;
  }

  override pauseReading(): void {
    if (!this.isReading()) return;
    this.#isPaused = true;
    if (this.#isReading && !this.#isGone) this.#end.pause();
  }

  override resumeReading(): void {
    if (this.#isClosing || !this.#isPaused) return;
    this.#isPaused = false;
    if (!this.#isReading) return;
    if (!this.#isGone) this.#end.resume();
    if (this.#canReceive()) this.#source.post();
  }

  // ── Writing ────────────────────────────────────────────────────────────────────────────────────────────────────

  override write(data: Uint8Array): void {
    checkBytes(data);
    if (this.#hasWrittenEof) throw new RuntimeError("Cannot call write() after writeEof()");
    if (data.length === 0) return;
    if (this.#lost > 0) return this.#warnOfWrite();
    const isFirst = this.#writes++ === 0;
    if (isFirst) atEndOfTurn(this);
    if (isFirst && !this.#isGathering) {
      this.#send(data);
    } else if (data.length >= MOST_GATHERED) {
      this.#flush();
      this.#send(data);
    } else {
      this.#gathered.append(data);
      if (this.#gathered.length >= MOST_GATHERED) this.#flush();
    }
    this.#pauseWriting();
  }

  #send(data: Uint8Array): void {
    if (this.#isGone) return this.#failWrite();
    this.#end.write(data);
    this.#isSending = this.#end.pending > 0;
    if (this.#isGone) this.#failWrite();
  }

  #warnOfWrite(): void {
    if (this.#lost >= SILENT_WRITES) writeLog(this.#loop.host, "warning", "socket.send() raised exception.");
    this.#lost++;
  }

  /** The end is closed, which reading has not told. */
  #failWrite(): void {
    if (this.#lost > 0) return;
    const fault = this.#fault ?? { code: "EPIPE", message: "write EPIPE", syscall: "write" };
    this._fail(osError(fault), "Fatal write error on socket transport");
  }

  /** @internal */
  endTurn(): void {
    this.#isGathering = this.#writes > 1;
    this.#writes = 0;
    this.#flush();
  }

  #flush(): void {
    if (this.#gathered.length === 0) return;
    const data = this.#gathered.takeAll();
    this.#send(data);
    if (!this.#isSending) giveBack(data);
  }

  override writeEof(): void {
    if (this.#isClosing || this.#hasWrittenEof) return;
    this.#hasWrittenEof = true;
    this.#flush();
    if (!this.#isGone) this.#end.end();
  }

  override canWriteEof(): boolean {
    return true;
  }

  override getWriteBufferSize(): number {
    this.#flush(); // what the system takes at once does not wait
    return this.#lost > 0 ? 0 : this.#end.pending;
  }

  override getWriteBufferLimits(): [low: number, high: number] {
    const { low, high } = this.#flow.limits;
    return [low, high];
  }

  /**
   * @throws TypeError for what is not a number of bytes
   * @throws RangeError for marks in the wrong order
   */
  override setWriteBufferLimits(high: number | null = null, low: number | null = null): void {
    this.#flow.setLimits(high, low);
    this.#pauseWriting();
  }

  /** @internal Whether the protocol was told to pause. */
  get isWritingPaused(): boolean {
    return this.#flow.isPaused;
  }

  /** Has what is gathered be sent before the protocol is told to pause for it. */
  #pauseWriting(): void {
    const { isPaused, limits } = this.#flow;
    if (isPaused || this.#end.pending + this.#gathered.length <= limits.high) return;
    this.#flow.grew(this.getWriteBufferSize());
  }

  #goOnWriting(): void {
    if (this.#lost > 0) return;
    if (this.#flow.isPaused && this.#fault === null) this.#flow.shrank(this.getWriteBufferSize());
    if (this.#lost > 0 || (!this.#isClosing && this.#emptied === null)) return; // resumeWriting may have aborted
    if (!this.#isGone && this.getWriteBufferSize() > 0) return;
    this.#tellEmptied();
    if (this.#isClosing && this.#lost === 0) this._finish(false);
  }

  // ── The end ────────────────────────────────────────────────────────────────────────────────────────────────────

  override isClosing(): boolean {
    return this.#isClosing;
  }

  override close(): void {
    if (this.#isClosing) return;
    this.#flush();
    this.#stopReading();
    if (this.#lost === 0 && (this.#isGone || this.#end.pending === 0)) this._finish(true);
  }

  /** It is closing, and nothing waits to be sent any more: the connection is lost. */
  protected _finish(soon: boolean): void {
    if (soon) this.#loseSoon(null);
    else this.#loseNow(null);
  }

  override abort(): void {
    this.#flush(); // what the system takes at once does not wait
    this._forceClose(null);
  }

  #stopReading(): void {
    if (this.#isReading && this.isReading() && !this.#isGone) this.#end.pause();
    this.#isClosing = true;
  }

  /** An error that ends the connection: those of the system are nobody's fault. */
  protected _fail(error: unknown, message: string): void {
    if (!(error instanceof OSError) && error !== this.#fault?.error) this.#report(message, error);
    else if (this.#loop.getDebug()) writeLog(this.#loop.host, "debug", `${format(this)}: ${message}`, error);
    this._forceClose(error);
  }

  protected _forceClose(error: unknown): void {
    if (this.#lost > 0) return;
    this.#isAborted = true;
    this.#gathered.takeAll();
    this.#stopReading();
    this.#loseSoon(error);
  }

  #loseSoon(error: unknown): void {
    this.#lost = 1;
    const connectionLost = (): void => this.#tellLost(error);
    this.#loop.callSoon(connectionLost);
  }

  #loseNow(error: unknown): void {
    this.#lost = 1;
    this.#tellLost(error);
  }

  #tellLost(error: unknown): void {
    this.#isLostTold = true;
    this.#tellEmptied();
    try {
      this._tellProtocolLost(error as Error | null);
    } finally {
      this.#leave();
      this.#owner?.detach(this);
    }
  }

  protected _tellProtocolLost(error: Error | null): void {
    this.#protocol.connectionLost(error);
  }

  #tellEmptied(): void {
    if (this.#emptied?.done() === false) this.#emptied.setResult();
    this.#emptied = null;
  }

  /**
   * @internal Waits until all that was written has gone, and gives the end to another transport. This one is closed
   * then, without a word to its protocol. Throws ConnectionResetError when the connection is lost or closing.
   */
  *_detach(): Coroutine<Detached> {
    this.pauseReading();
    this.#flush();
    if (!this.#isClosing && this.getWriteBufferSize() > 0) {
      this.#emptied = this.#loop.createFuture();
      yield* this.#emptied;
    }
    this.#goOnWriting(); // who was told to pause is told to go on
    if (this.#isClosing || this.#isGone || this.#hasEnded) throw new ConnectionResetError("Connection lost");
    this.#takeBack();
    const detached = { loop: this.#loop, end: this.#end, received: concat(this.#chunks), owner: this.#owner };
    this.#isClosing = this.#isGone = this.#isLostTold = true;
    this.#lost = 1;
    this.#leave();
    return detached;
  }

  #release(): void {
    const isOver = this.#isLostTold; // else the loop was closed before
    this.#isLostTold = true;
    this.#lost ||= 1;
    this.#source.close();
    this.#chunks = [];
    if (this.#isGone) return;
    this.#flush(); // what the system takes at once does not wait
    this.#isGone = true;
    if (this.#isAborted || !isOver) this.#end.abort();
    else this.#end.close();
  }

  #report(message: string, exception: unknown): void {
    this.#loop.callExceptionHandler({ message, exception, transport: this, protocol: this.#protocol });
  }

  override setProtocol(protocol: StreamProtocol): void {
    checkProtocol(protocol);
    this.#takeBack();
    this.#protocol = protocol;
    this.#reader = readerOf(protocol);
  }

  /** What the reader has and was not told of is the transport's again. */
  #takeBack(): void {
    if (this.#received > 0) this.#chunks.unshift((this.#reader as StreamReader).takeReceived());
    this.#received = 0;
  }

  override getProtocol(): StreamProtocol {
    return this.#protocol;
  }

  /** "<SocketTransport ('127.0.0.1', 1234) to ('127.0.0.1', 80) read=polling write=<idle, bufsize=0>>". */
  override toString(): string {
    const state = this.#isLostTold ? " closed" : this.#isClosing ? " closing" : "";
    const { localAddress, remoteAddress } = this.#end;
    const size = this.#end.pending + this.#gathered.length;
    const ends = `${addressText(localAddress)} to ${addressText(remoteAddress)}`;
    const read = this.isReading() ? "polling" : "idle";
    return `<${this.constructor.name}${state} ${ends} read=${read} write=<${size > 0 ? "polling" : "idle"}, bufsize=${size}>>`;
  }
}

function readerOf(protocol: StreamProtocol): StreamReader | null {
  return protocol instanceof StreamReaderProtocol ? protocol.fed : null;
}

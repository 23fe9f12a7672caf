// Transports over pipes, which go one way each.

import type { ReadEnd, WriteEnd } from "../drivers/network.ts";
import { BrokenPipeError, type Fault, osError } from "../errors/os.ts";
import { Source } from "../runtime/arrivals.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Future } from "../runtime/future.ts";
import { writeLog } from "../runtime/reports.ts";
import { checkBytes } from "../streams/bytes.ts";
import type { BaseProtocol, Protocol } from "../streams/protocols.ts";
import { ReadTransport, WriteTransport } from "../streams/transports.ts";
import { checkProtocol } from "./checks.ts";
import { takeChunks } from "./received.ts";
import { SILENT_WRITES, WriteFlow } from "./write-flow.ts";

/** What a transport over a pipe is made of. */
export interface PipeParts<E, P> {
  readonly loop: EventLoop;
  readonly end: E;
  readonly protocol: P;
  /** The stream that the program has given. */
  readonly pipe: object;
  /** Settled when `connectionMade` was called. */
  readonly waiter: Future<void>;
}

/** The end of a pipe to read from. Mirrors asyncio's transport of such a pipe. */
export class ReadPipeTransport extends ReadTransport {
  /** @internal */
  static override readonly name: string = "ReadPipeTransport";
  readonly #loop: EventLoop;
  readonly #end: ReadEnd;
  readonly #source: Source;
  /** Lets go of the end, as the loop does when it is closed. */
  readonly #leave: () => void;
  #protocol: Protocol;
  // What has come, and was not told yet, in this order.
  #chunks: Uint8Array[] = [];
  #fault: Fault | null = null;
  #hasEnded = false;
  #isStarted = false;
  #isPaused = false;
  #isClosing = false;
  #isLostTold = false;

  /** @internal `connectionMade` is called soon, then reading begins. */
  constructor({ loop, end, protocol, pipe, waiter }: PipeParts<ReadEnd, Protocol>) {
    super({ pipe });
    this.#loop = loop;
    this.#end = end;
    this.#protocol = protocol;
    this.#source = new Source(loop, "pipe", () => this.#takeIn());
    this.#leave = loop.arrivals.listen(() => this.#release());
    end.start(this);
    loop.callSoon(() => this.#protocol.connectionMade(this));
    loop.callSoon(() => {
      if (!waiter.done()) waiter.setResult();
      this.#start(); // behind the waiter: who waits goes on before anything is told
    });
  }

  // ── What the end tells ─────────────────────────────────────────────────────────────────────────────────────────

  /** @internal */
  data(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#post();
  }

  /** @internal */
  ended(): void {
    this.#hasEnded = true;
    this.#post();
  }

  /** @internal */
  closed(fault: Fault | null): void {
    this.#fault = fault;
    this.#hasEnded = true;
    this.#post();
  }

  #post(): void {
    if (!this.#canReceive() || this.#source.post()) return;
    this.#end.abort(); // there is no memory to tell of anything
  }

  /** Whether something has come that may be told now. */
  #canReceive(): boolean {
    return this.#isStarted && this.isReading() && (this.#chunks.length > 0 || this.#hasEnded);
  }

  /** One thing an iteration, as a selector does: bytes, the end, or a fault. */
  #takeIn(): void {
    this.#loop.arrivals.admit("pipe");
    if (!this.#canReceive()) return;
    if (this.#chunks.length > 0) this.#receive(takeChunks(this.#chunks));
    else if (this.#fault !== null) this.#closeBy(osError(this.#fault));
    else this.#receiveEnd();
    if (this.#chunks.length === 0) this.#end.taken?.();
    if (this.#canReceive()) this.#source.post();
  }

  #receive(data: Uint8Array): void {
    try {
      this.#protocol.dataReceived(data);
    } catch (exception) {
      const message = "Fatal error: protocol.dataReceived() call failed.";
      this.#loop.callExceptionHandler({ message, exception, transport: this, protocol: this.#protocol });
      this.#closeBy(exception);
    }
  }

  /** A pipe cannot be kept open for the other direction, whatever `eofReceived` returns. */
  #receiveEnd(): void {
    this.#isClosing = true;
    this.#loop.callSoon(() => void this.#protocol.eofReceived());
    this.#loop.callSoon(() => this.#tellLost(null));
  }

  // ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────────

  #start(): void {
    this.#isStarted = true;
    this.#goOn();
  }

  #goOn(): void {
    if (!this.#isStarted || !this.isReading()) return;
    if (!this.#hasEnded) this.#end.resume();
    this.#post();
  }

  override isReading(): boolean {
    return !this.#isClosing && !this.#isPaused;
  }

  override pauseReading(): void {
    if (!this.isReading()) return;
    this.#isPaused = true;
    if (this.#isStarted && !this.#hasEnded) this.#end.pause();
  }

  override resumeReading(): void {
    if (this.#isClosing || !this.#isPaused) return;
    this.#isPaused = false;
    this.#goOn();
  }

  // ── The end ────────────────────────────────────────────────────────────────────────────────────────────────────

  override isClosing(): boolean {
    return this.#isClosing;
  }

  override close(): void {
    if (!this.#isClosing) this.#closeBy(null);
  }

  #closeBy(error: unknown): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#loop.callSoon(() => this.#tellLost(error));
  }

  #tellLost(error: unknown): void {
    this.#isLostTold = true;
    try {
      this.#protocol.connectionLost(error as Error | null);
    } finally {
      this.#leave();
    }
  }

  #release(): void {
    this.#isClosing = true;
    this.#isLostTold = true;
    this.#source.close();
    this.#chunks = [];
    this.#end.abort();
  }

  override setProtocol(protocol: Protocol): void {
    checkProtocol(protocol);
    this.#protocol = protocol;
  }

  override getProtocol(): Protocol {
    return this.#protocol;
  }

  /** "<ReadPipeTransport polling>". */
  override toString(): string {
    return `<ReadPipeTransport ${stateOf(this.#isLostTold, this.#isClosing, this.isReading())}>`;
  }
}

function stateOf(isClosed: boolean, isClosing: boolean, isPolling: boolean): string {
  if (isClosed) return "closed";
  if (isClosing) return "closing";
  return isPolling ? "polling" : "idle";
}

/** The end of a pipe to write to. Mirrors asyncio's transport of such a pipe. */
export class WritePipeTransport extends WriteTransport {
  /** @internal */
  static override readonly name: string = "WritePipeTransport";
  readonly #loop: EventLoop;
  readonly #end: WriteEnd;
  readonly #source: Source;
  readonly #flow: WriteFlow;
  /** Lets go of the end, as the loop does when it is closed. */
  readonly #leave: () => void;
  #protocol: BaseProtocol;
  /** How the end was closed: by a fault or without one; undefined while it is open. */
  #outcome: Fault | null | undefined = undefined;
  /** Whether who waits for the transport goes on: before that nothing is told. */
  #isStarted = false;
  #isClosing = false;
  #isLost = false;
  #isLostTold = false;
  /** Writes that came too late. */
  #lateWrites = 0;

  /** @internal `connectionMade` is called soon. */
  constructor({ loop, end, protocol, pipe, waiter }: PipeParts<WriteEnd, BaseProtocol>) {
    super({ pipe });
    this.#loop = loop;
    this.#end = end;
    this.#protocol = protocol;
    this.#source = new Source(loop, "pipe", () => this.#takeIn());
    this.#flow = new WriteFlow(loop, this);
    this.#leave = loop.arrivals.listen(() => this.#release());
    end.start(this);
    loop.callSoon(() => this.#protocol.connectionMade(this));
    loop.callSoon(() => {
      if (!waiter.done()) waiter.setResult();
      this.#isStarted = true;
      if (this.#outcome !== undefined) this.#post(); // behind the waiter
    });
  }

  // ── What the end tells ─────────────────────────────────────────────────────────────────────────────────────────

  /** @internal */
  drained(): void {
    this.#post();
  }

  /** @internal */
  closed(fault: Fault | null): void {
    this.#outcome = fault;
    this.#post();
  }

  #post(): void {
    if (!this.#isStarted || this.#isLost || this.#source.post()) return;
    this.#end.abort(); // there is no memory to tell of anything
  }

  #takeIn(): void {
    this.#loop.arrivals.admit("pipe");
    if (this.#isLost) return;
    const outcome = this.#outcome;
    if (outcome === undefined) return this.#flow.shrank(this.#end.pending);
    const isCutShort = outcome === null && !this.#isClosing && this.#end.pending > 0;
    this.#loseBy(isCutShort ? new BrokenPipeError() : outcome === null ? null : osError(outcome));
  }

  // ── Writing ────────────────────────────────────────────────────────────────────────────────────────────────────

  override write(data: Uint8Array): void {
    checkBytes(data);
    if (data.length === 0) return;
    if (this.#isClosing || this.#outcome !== undefined) return this.#warnOfWrite();
    this.#end.write(data);
    this.#flow.grew(this.#end.pending);
  }

  #warnOfWrite(): void {
    const message = "pipe closed by peer or os.write(pipe, data) raised exception.";
    if (this.#lateWrites++ >= SILENT_WRITES) writeLog(this.#loop.host, "warning", message);
  }

  override canWriteEof(): boolean {
    return true;
  }

  /** Closes the pipe once what waits to be sent has gone: there is no other direction. */
  override writeEof(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    if (this.#outcome === undefined) this.#end.end();
  }

  override getWriteBufferSize(): number {
    return this.#outcome === undefined ? this.#end.pending : 0;
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
    this.#flow.grew(this.getWriteBufferSize());
  }

  // ── The end ────────────────────────────────────────────────────────────────────────────────────────────────────

  override isClosing(): boolean {
    return this.#isClosing;
  }

  override close(): void {
    this.writeEof();
  }

  override abort(): void {
    this.#loseBy(null);
  }

  #loseBy(error: Error | null): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#isClosing = true;
    this.#loop.callSoon(() => {
      this.#isLostTold = true;
      try {
        this.#protocol.connectionLost(error);
      } finally {
        this.#leave();
      }
    });
  }

  #release(): void {
    this.#isClosing = true;
    this.#isLost = true;
    this.#isLostTold = true;
    this.#source.close();
    if (this.#outcome === undefined) this.#end.abort();
  }

  override setProtocol(protocol: BaseProtocol): void {
    checkProtocol(protocol);
    this.#protocol = protocol;
  }

  override getProtocol(): BaseProtocol {
    return this.#protocol;
  }

  /** "<WritePipeTransport idle bufsize=0>". */
  override toString(): string {
    const size = this.getWriteBufferSize();
    return `<WritePipeTransport ${stateOf(this.#isLostTold, this.#isClosing, size > 0)} bufsize=${size}>`;
  }
}

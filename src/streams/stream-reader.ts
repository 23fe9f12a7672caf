// Stream readers: bytes come in by `feedData`, and go out as somebody asks for them.
//
// One reader may wait at a time: who would get the bytes, if two did? It waits for a future that the next bytes settle,
// and looks again when it runs; what another one has taken meanwhile is gone, as in asyncio.

import { Shown } from "../support/shown.ts";
import { CancelledError, IncompleteReadError, LimitOverrunError } from "../errors/asyncio.ts";
import { RuntimeError } from "../errors/base.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import { format } from "../support/format.ts";
import type { Future } from "../runtime/future.ts";
import { operation } from "../waiting/operation.ts";
import { checkLoop } from "../runtime/loop.ts";
import { getEventLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { ByteBuffer } from "./byte-buffer.ts";
import { type Separator, checkBytes, checkError, encodeSeparators, concat } from "./bytes.ts";
import { NotImplementedError, assert } from "./errors.ts";
import type { ReadTransport } from "./transports.ts";

const DEFAULT_LIMIT = 65_536;
const NEWLINE = new Uint8Array([10]);
const NEWLINES = [NEWLINE];

/**
 * The receiving end of a stream of bytes. What feeds it is a protocol, or the program itself. Mirrors
 * asyncio.StreamReader.
 *
 * Reading gives new arrays, which are the caller's. In `forEach`, and in `for await` of an async function, it gives
 * lines.
 *
 * @example
 * const reader = new StreamReader();
 * reader.feedData(new TextEncoder().encode("first\nsecond"));
 * reader.feedEof();
 * yield* forEach(reader, (line) => console.log(line)); // with its "\n"
 */
export class StreamReader extends Shown {
  /** @internal */
  static override readonly name: string = "StreamReader";
  readonly #limit: number;
  readonly #loop: EventLoop;
  readonly #buffer = new ByteBuffer();
  #eof = false;
  /** What the coroutine that waits for bytes waits for. */
  #waiter: Future<void> | null = null;
  #exception: Error | null = null;
  #transport: ReadTransport | null = null;
  /** Whether the transport was told to pause. */
  #isPaused = false;

  /**
   * @param limit longest message that `readuntil` and `readline` give, in bytes without the separator; the transport is
   *   paused while more than twice as many wait to be read. A whole number, or Infinity. Default: 65,536
   * @param loop the loop that it belongs to; default: the current one
   * @throws TypeError when `limit` is not a whole number or `loop` is no loop, RangeError when `limit` is not positive
   * @throws RuntimeError when there is no current loop
   */
  constructor(limit = DEFAULT_LIMIT, loop?: EventLoop) {
    super();
    if (limit !== Infinity) checkWhole(limit, "limit");
    if (limit <= 0) throw new RangeError("Limit cannot be <= 0");
    this.#limit = limit;
    this.#loop = checkLoop(loop ?? getEventLoop());
  }

  // ── Feeding ────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Adds bytes at the end; they are copied. A coroutine that waits for some runs in the next iteration. Mirrors
   * StreamReader.feed_data.
   * @throws TypeError for what is not a Uint8Array
   * @throws AssertionError after `feedEof`
   */
  feedData(data: Uint8Array): void {
    checkBytes(data);
    assert(!this.#eof, "feedData after feedEof");
    if (data.length === 0) return;
    this.#wake();
    this.#buffer.append(data);
    if (this.#transport === null || this.#isPaused || this.#buffer.length <= 2 * this.#limit) return;
    try {
      this.#transport.pauseReading();
      this.#isPaused = true;
    } catch (error) {
      if (!(error instanceof NotImplementedError)) throw error;
      this.#transport = null; // it cannot pause, so it is not asked again: all that comes is kept
    }
  }

  /** Says that no more bytes come. Mirrors StreamReader.feed_eof. */
  feedEof(): void {
    this.#wake();
    this.#eof = true;
  }

  /**
   * Says that no more bytes come, because of an error. The coroutine that waits throws it, and so does whatever reads
   * from now on, as soon as it would have to wait. What has come before can still be read, also a part of a line, by
   * `read`: asyncio throws at once. Mirrors StreamReader.set_exception.
   * @throws TypeError for what is not an error
   */
  setException(exc: Error): void {
    checkError(exc);
    if (this.#waiter !== null && !this.#waiter.cancelled()) this.#waiter.setException(exc);
    this.#waiter = null;
    this.#exception = exc;
  }

  /** The error that reading throws, or null. Mirrors StreamReader.exception. */
  exception(): Error | null {
    return this.#exception;
  }

  /**
   * Sets the transport that is paused while too many bytes wait to be read. Mirrors StreamReader.set_transport.
   * @throws TypeError for what is not a transport
   * @throws AssertionError when it has one
   */
  setTransport(transport: ReadTransport): void {
    if (typeof transport?.pauseReading !== "function" || typeof transport.resumeReading !== "function")
      throw new TypeError(`Invalid transport: expected a transport to read from, got ${format(transport)}`);
    assert(this.#transport === null, "Transport already set");
    this.#transport = transport;
  }

  /** @internal What has come and nobody has read: it is taken away. */
  _takeBuffered(): Uint8Array {
    return this.#buffer.takeAll();
  }

  /** @internal The bytes come from another transport now. */
  _replaceTransport(transport: ReadTransport): void {
    this.#transport = transport;
    this.#isPaused = false;
  }

  /** Whether no bytes are left and no more come. Mirrors StreamReader.at_eof. */
  atEof(): boolean {
    return this.#eof && this.#buffer.length === 0;
  }

  // ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Reads up to `n` bytes: those that are there, and waits for some only when there are none. Mirrors
   * StreamReader.read.
   * @param n a whole number; negative, as by default: all up to the end of the stream
   * @returns at least one byte, or none at the end of the stream and for an `n` of 0
   * @throws TypeError when `n` is not a whole number
   * @throws RuntimeError when another coroutine is waiting for bytes already
   * @throws CancelledError when the task is cancelled; what a negative `n` has taken until then is lost, otherwise
   *   nothing is
   * @throws what `setException` was given
   *
   * @example
   * const chunk = yield* reader.read(1024);
   */
  read(n = -1): Coroutine<Uint8Array> {
    checkWhole(n, "n");
    return operation("StreamReader.read", n < 0 ? this.#readToEnd() : this.#read(n));
  }

  *#read(n: number): Coroutine<Uint8Array> {
    this.#checkException();
    if (n === 0) return new Uint8Array();
    if (this.#buffer.length === 0 && !this.#eof) yield* this.#wait("read");
    const data = this.#buffer.take(n);
    this.#resumeTransport();
    return data;
  }

  *#readToEnd(): Coroutine<Uint8Array> {
    const chunks: Uint8Array[] = [];
    try {
      for (;;) {
        const chunk = yield* this.#read(this.#limit);
        if (chunk.length > 0) chunks.push(chunk);
        if (chunk.length === 0 || this.atEof()) return concat(chunks);
      }
    } catch (error) {
      // There is no end: what was taken for it can still be read.
      if (this.#exception !== null && !(error instanceof CancelledError)) this.#buffer.prepend(chunks);
      throw error;
    }
  }

  /**
   * Reads `n` bytes, and waits until so many have come. Mirrors StreamReader.readexactly.
   * @param n a whole number, not negative
   * @throws TypeError when `n` is not a whole number, RangeError when it is negative
   * @throws IncompleteReadError when the stream ends before; it has the bytes that came as `partial`, and they are
   *   taken
   * @throws RuntimeError when another coroutine is waiting for bytes already
   * @throws CancelledError when the task is cancelled; nothing is taken
   * @throws what `setException` was given
   *
   * @example
   * const header = yield* reader.readexactly(4);
   */
  readexactly(n: number): Coroutine<Uint8Array> {
    checkWhole(n, "n");
    if (n < 0) throw new RangeError("readexactly size can not be less than zero");
    return operation("StreamReader.readexactly", this.#readexactly(n));
  }

  *#readexactly(n: number): Coroutine<Uint8Array> {
    this.#checkException();
    if (n === 0) return new Uint8Array();
    while (this.#buffer.length < n) {
      if (this.#eof) throw new IncompleteReadError(this.#buffer.takeAll(), n);
      yield* this.#wait("readexactly");
    }
    const data = this.#buffer.take(n);
    this.#resumeTransport();
    return data;
  }

  /**
   * Reads up to a separator, which is part of the result; of several, the one that ends first. Mirrors
   * StreamReader.readuntil.
   * @param separator bytes, a string, which stands for its UTF-8, or a list of them. Default: "\n"
   * @throws TypeError for other separators, RangeError for an empty one or an empty list
   * @throws IncompleteReadError when the stream ends before; it has the bytes that came as `partial`, and they are
   *   taken
   * @throws LimitOverrunError when more bytes than the limit come before the separator; nothing is taken
   * @throws RuntimeError when another coroutine is waiting for bytes already
   * @throws CancelledError when the task is cancelled; nothing is taken
   * @throws what `setException` was given
   *
   * @example
   * const head = yield* reader.readuntil("\r\n\r\n");
   */
  readuntil(separator: Separator | readonly Separator[] = NEWLINE): Coroutine<Uint8Array> {
    return operation("StreamReader.readuntil", this.#readuntil(encodeSeparators(separator)));
  }

  *#readuntil(separators: readonly Uint8Array[]): Coroutine<Uint8Array> {
    this.#checkException();
    const shortest = separators[0].length;
    const longest = separators[separators.length - 1].length;
    /** No separator begins before this index. */
    let searched = 0;
    for (;;) {
      const { length } = this.#buffer;
      if (length - searched >= shortest) {
        let start = -1;
        let end = length;
        for (const separator of separators) {
          // A later one counts only if it ends before: of two that end together, the shorter one is the separator.
          const index = this.#buffer.find(separator, searched, start < 0 ? end : end - 1);
          if (index < 0) continue;
          start = index;
          end = index + separator.length;
        }
        if (start > this.#limit)
          throw new LimitOverrunError("Separator is found, but chunk is longer than limit", start);
        if (start >= 0) {
          const message = this.#buffer.take(end);
          this.#resumeTransport();
          return message;
        }
        // The last bytes may be the beginning of a separator.
        searched = Math.max(0, length + 1 - longest);
        if (searched > this.#limit)
          throw new LimitOverrunError("Separator is not found, and chunk exceed the limit", searched);
      }
      if (this.#eof) throw new IncompleteReadError(this.#buffer.takeAll(), null);
      yield* this.#wait("readuntil");
    }
  }

  /**
   * Reads a line, with its "\n"; at the end of the stream what is left, without one. Mirrors StreamReader.readline.
   * @returns the line; no bytes at the end of the stream
   * @throws RangeError when the line is longer than the limit; it is dropped, or what has come of it if its end has not
   * @throws RuntimeError when another coroutine is waiting for bytes already
   * @throws CancelledError when the task is cancelled; nothing is taken
   * @throws what `setException` was given
   *
   * @example
   * const line = yield* reader.readline();
   */
  readline(): Coroutine<Uint8Array> {
    return operation("StreamReader.readline", this.#readline());
  }

  *#readline(): Coroutine<Uint8Array> {
    try {
      return yield* this.#readuntil(NEWLINES);
    } catch (error) {
      if (error instanceof IncompleteReadError) return error.partial;
      if (!(error instanceof LimitOverrunError)) throw error;
      const isWhole = this.#buffer.startsWith(NEWLINE, error.consumed);
      this.#buffer.drop(isWhole ? error.consumed + 1 : this.#buffer.length);
      this.#resumeTransport();
      throw new RangeError(error.message, { cause: error });
    }
  }

  /** The next line, or that there is none, for `forEach`. Mirrors Python's `__anext__`. */
  anext(): Coroutine<IteratorResult<Uint8Array, undefined>> {
    return operation("StreamReader.anext", this.#anext());
  }

  *#anext(): Coroutine<IteratorResult<Uint8Array, undefined>> {
    const line = yield* this.readline();
    return line.length === 0 ? { done: true, value: undefined } : { done: false, value: line };
  }

  /** For `for await` in async functions: the lines. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return { next: async () => this.#loop.createTask(this.anext()) };
  }

  /** "<StreamReader 3 bytes eof limit=4 paused>", without what does not apply. */
  override toString(): string {
    const parts = ["StreamReader"];
    if (this.#buffer.length > 0) parts.push(`${this.#buffer.length} bytes`);
    if (this.#eof) parts.push("eof");
    if (this.#limit !== DEFAULT_LIMIT) parts.push(`limit=${this.#limit}`);
    if (this.#waiter !== null) parts.push(`waiter=${format(this.#waiter)}`);
    if (this.#exception !== null) parts.push(`exception=${format(this.#exception)}`);
    if (this.#transport !== null) parts.push(`transport=${format(this.#transport)}`);
    if (this.#isPaused) parts.push("paused");
    return `<${parts.join(" ")}>`;
  }

  /**
   * Waits for more bytes, or for the end. A transport that was paused goes on: what is asked for may be more than the
   * limit.
   */
  *#wait(method: string): Coroutine<void> {
    if (this.#exception !== null) throw this.#exception;
    if (this.#waiter !== null)
      throw new RuntimeError(`${method}() called while another coroutine is already waiting for incoming data`);
    if (this.#isPaused) this.#resume();
    this.#waiter = this.#loop.createFuture();
    try {
      yield* this.#waiter;
    } finally {
      this.#waiter = null;
    }
  }

  /** Lets what waits run in the next iteration. Throws, before anything has changed, when the loop is closed. */
  #wake(): void {
    if (this.#waiter !== null && !this.#waiter.cancelled()) this.#waiter.setResult();
    this.#waiter = null;
  }

  #resumeTransport(): void {
    if (this.#isPaused && this.#buffer.length <= this.#limit) this.#resume();
  }

  #resume(): void {
    this.#isPaused = false;
    this.#transport?.resumeReading();
  }

  /** An error comes behind the bytes that came before it. */
  #checkException(): void {
    if (this.#exception !== null && this.#buffer.length === 0) throw this.#exception;
  }
}

function checkWhole(value: unknown, what: string): void {
  if (!Number.isInteger(value)) throw new TypeError(`Invalid ${what}: expected a whole number, got ${format(value)}`);
}

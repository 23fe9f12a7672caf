// Stream readers: bytes come in by `feedData`, and go out as somebody asks for them.
//
// One reader may wait at a time: who would get the bytes, if two did? The next bytes wake it, and it looks again when
// it runs; what another one has taken meanwhile is gone, as in asyncio.

import { Shown } from "../support/shown.ts";
import { CancelledError, IncompleteReadError, LimitOverrunError } from "../errors/asyncio.ts";
import { RuntimeError } from "../errors/base.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import { format } from "../support/format.ts";
import { operation } from "../waiting/operation.ts";
import { LoopBinding, WaiterList } from "../waiting/waiter-list.ts";
import { MUST_WAIT, type Steps, waiting } from "../waiting/waiting.ts";
import { checkLoop, runningTask } from "../runtime/loop.ts";
import { getEventLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { ByteBuffer } from "./byte-buffer.ts";
import { type Separator, checkBytes, checkError, encodeSeparators, concat } from "./bytes.ts";
import { NotImplementedError, assert } from "./errors.ts";
import { Search } from "./search.ts";
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
  readonly #binding = new LoopBinding(this);
  /** The operation that waits, and that nothing has woken. */
  #waiter: Reading | null = null;
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
    this.#pauseTransport();
  }

  /** @internal Takes bytes of a transport in, before it is their turn. */
  receive(data: Uint8Array): void {
    this.#buffer.addUntold(data);
  }

  /** @internal As `feedData`, for so many bytes that were received. */
  feedReceived(count: number): void {
    assert(!this.#eof, "feedData after feedEof");
    this.#wake();
    this.#buffer.tell(count);
    this.#pauseTransport();
  }

  /** @internal Gives bytes back that were received and not fed. */
  takeReceived(): Uint8Array {
    return this.#buffer.takeUntold();
  }

  #pauseTransport(): void {
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
    if (this.#waiter !== null) this.#waiter.failure = exc;
    this.#wake();
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
    return n < 0 ? operation("StreamReader.read", this.#readToEnd()) : this.#reading(StreamReader.#read, n);
  }

  static readonly #read: Steps<StreamReader, Uint8Array, Reading> = {
    begin(reader, reading) {
      reader.#checkException();
      if (reading.count === 0) return new Uint8Array();
      if (reader.#buffer.length === 0 && !reader.#eof) return reader.#mustWait("read", reading);
      return reader.#take(reading.count);
    },
    resume(reader, reading) {
      reader.#goOn(reading);
      return reader.#take(reading.count);
    },
    abandon: abandonRead,
  };

  *#readToEnd(): Coroutine<Uint8Array> {
    const chunks: Uint8Array[] = [];
    try {
      for (;;) {
        const chunk = yield* this.#reading(StreamReader.#read, this.#limit);
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
    return this.#reading(StreamReader.#readexactly, n);
  }

  static readonly #readexactly: Steps<StreamReader, Uint8Array, Reading> = {
    name: "StreamReader.readexactly",
    begin(reader, reading) {
      reader.#checkException();
      return reading.count === 0 ? new Uint8Array() : reader.#takeExactly(reading);
    },
    resume(reader, reading) {
      reader.#goOn(reading);
      return reader.#takeExactly(reading);
    },
    abandon: abandonRead,
  };

  #takeExactly(reading: Reading): Uint8Array | typeof MUST_WAIT {
    const { count } = reading;
    if (this.#buffer.length >= count) return this.#take(count);
    if (this.#eof) throw new IncompleteReadError(this.#buffer.takeAll(), count);
    return this.#mustWait("readexactly", reading);
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
    return this.#reading(StreamReader.#readuntil, 0, new Search(encodeSeparators(separator)));
  }

  static readonly #readuntil: Steps<StreamReader, Uint8Array, Reading> = {
    name: "StreamReader.readuntil",
    begin(reader, reading) {
      reader.#checkException();
      return reader.#takeMessage(reading);
    },
    resume(reader, reading) {
      reader.#goOn(reading);
      return reader.#takeMessage(reading);
    },
    abandon: abandonRead,
  };

  #takeMessage(reading: Reading): Uint8Array | typeof MUST_WAIT {
    const end = reading.search.endOfMessage(this.#buffer, this.#limit);
    if (end >= 0) return this.#take(end);
    if (this.#eof) throw new IncompleteReadError(this.#buffer.takeAll(), null);
    return this.#mustWait("readuntil", reading);
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
    return this.#reading(StreamReader.#readline, 0, new Search(NEWLINES));
  }

  static readonly #readline: Steps<StreamReader, Uint8Array, Reading> = {
    name: "StreamReader.readline",
    begin(reader, reading) {
      reader.#checkException();
      return reader.#takeLine(reading);
    },
    resume(reader, reading) {
      reader.#goOn(reading);
      return reader.#takeLine(reading);
    },
    abandon: abandonRead,
  };

  #takeLine(reading: Reading): Uint8Array | typeof MUST_WAIT {
    try {
      return this.#takeMessage(reading);
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
    return this.#reading(StreamReader.#anext, 0, new Search(NEWLINES));
  }

  static readonly #anext: Steps<StreamReader, IteratorResult<Uint8Array, undefined>, Reading> = {
    name: "StreamReader.anext",
    begin: (reader, reading) => itemOf(StreamReader.#readline.begin(reader, reading)),
    resume: (reader, reading) => itemOf(StreamReader.#readline.resume(reader, reading)),
    abandon: abandonRead,
  };

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
    if (this.#waiter !== null) parts.push("waiter");
    if (this.#exception !== null) parts.push(`exception=${format(this.#exception)}`);
    if (this.#transport !== null) parts.push(`transport=${format(this.#transport)}`);
    if (this.#isPaused) parts.push("paused");
    return `<${parts.join(" ")}>`;
  }

  #take(n: number): Uint8Array {
    const data = this.#buffer.take(n);
    this.#resumeTransport();
    return data;
  }

  /** The coroutine of an operation. Each has a list of its own, for asyncio wakes the one that began to wait last. */
  #reading<T>(steps: Steps<StreamReader, T, Reading>, count: number, search = NO_SEARCH): Coroutine<T> {
    const list = new WaiterList(this.#binding, "StreamReader.read");
    return waiting(list, steps, this, new Reading(list, count, search));
  }

  /**
   * The coroutine has to wait for more bytes, or for the end. A transport that was paused goes on: what is asked for
   * may be more than the limit.
   */
  #mustWait(method: string, reading: Reading): typeof MUST_WAIT {
    if (this.#exception !== null) throw this.#exception;
    if (this.#waiter !== null)
      throw new RuntimeError(`${method}() called while another coroutine is already waiting for incoming data`);
    const task = runningTask();
    if (task !== null && task.getLoop() !== this.#loop)
      throw new RuntimeError(`${this.toString()} is bound to a different event loop`);
    if (this.#isPaused) this.#resume();
    if (task !== null) this.#waiter = reading; // without one it is refused
    return MUST_WAIT;
  }

  /** The coroutine waits no longer. */
  #goOn({ failure }: Reading): void {
    this.#waiter = null;
    if (failure !== null) throw failure;
  }

  /** @internal */
  abandonRead(): void {
    this.#waiter = null;
  }

  /** Lets what waits run in the next iteration. Throws, before anything has changed, when the loop is closed. */
  #wake(): void {
    if (this.#waiter === null) return;
    this.#loop.checkOpen();
    this.#waiter.list.wakeFirst();
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

const NO_SEARCH = new Search([]);

/** An operation of a reader: how many bytes it takes, or what for it looks. */
class Reading {
  readonly list: WaiterList;
  readonly count: number;
  readonly search: Search;
  /** What it was woken by, when that is an error. */
  failure: Error | null = null;

  constructor(list: WaiterList, count: number, search: Search) {
    this.list = list;
    this.count = count;
    this.search = search;
  }
}

function abandonRead(reader: StreamReader): void {
  reader.abandonRead();
}

function itemOf(line: Uint8Array | typeof MUST_WAIT): IteratorResult<Uint8Array, undefined> | typeof MUST_WAIT {
  if (line === MUST_WAIT) return line;
  return line.length === 0 ? { done: true, value: undefined } : { done: false, value: line };
}

function checkWhole(value: unknown, what: string): void {
  if (!Number.isInteger(value)) throw new TypeError(`Invalid ${what}: expected a whole number, got ${format(value)}`);
}

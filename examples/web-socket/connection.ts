// A WebSocket over streams: messages, which may come in pieces, pings in between, and how both sides come to an end.

import { type Coroutine, IncompleteReadError, moveOnAfter } from "wasyncio";
import { type StreamReader, type StreamWriter, openConnection } from "wasyncio/streams";
import {
  BINARY,
  CLOSE,
  CONTINUATION,
  FrameError,
  PING,
  PONG,
  PROTOCOL_ERROR,
  TEXT,
  encodeFrame,
  isControl,
  readFrame,
} from "./frames.ts";
import { ask } from "./handshake.ts";

/** Codes with which a connection is closed. */
export const NORMAL = 1000;
export const GOING_AWAY = 1001;
const INVALID_DATA = 1007;

/** A text, or bytes. */
export type Message = string | Uint8Array;

export interface ConnectionOptions {
  readonly isClient: boolean;
  /** Most bytes of a message that comes. Default: 16 MiB. */
  readonly mostBytes?: number;
}

/** Seconds for which the other side's goodbye is waited for. */
const MOST_FOR_GOODBYE = 10;

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class WebSocketConnection {
  readonly #reader: StreamReader;
  readonly #writer: StreamWriter;
  readonly #isClient: boolean;
  readonly #mostBytes: number;
  #hasLeft = false;
  /** Whether nothing more is received: the other side has said goodbye, or what is not allowed. */
  #isOver = false;
  #hasFailed = false;
  #endCode: number | null = null;

  constructor(reader: StreamReader, writer: StreamWriter, { isClient, mostBytes = 2 ** 24 }: ConnectionOptions) {
    this.#reader = reader;
    this.#writer = writer;
    this.#isClient = isClient;
    this.#mostBytes = mostBytes;
  }

  /** Connects to "ws://..." or "wss://...". */
  static *connect(address: string, options: Omit<ConnectionOptions, "isClient"> = {}): Coroutine<WebSocketConnection> {
    const url = new URL(address);
    const ssl = url.protocol === "wss:";
    const [reader, writer] = yield* openConnection(url.hostname, Number(url.port || (ssl ? 443 : 80)), { ssl });
    try {
      yield* ask(reader, writer, url);
      return new WebSocketConnection(reader, writer, { ...options, isClient: true });
    } catch (error) {
      writer.close();
      throw error;
    }
  }

  /** The code that the other side has closed the connection with, or has made this side close it with; null: none. */
  get endCode(): number | null {
    return this.#endCode;
  }

  /**
   * The next message; null at the end, also behind what is not allowed, which the other side is told.
   * @throws IncompleteReadError when the connection has ended without a goodbye
   */
  *receive(): Coroutine<Message | null> {
    if (this.#isOver) return null;
    try {
      return yield* this.#message();
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#isOver = this.#hasFailed = true;
      this.#endCode = error.code;
      this.leave(error.code, error.message);
      return null;
    }
  }

  *#message(): Coroutine<Message | null> {
    let kind: number | null = null;
    const pieces: Uint8Array[] = [];
    let left = this.#mostBytes;
    for (;;) {
      const { opcode, isFinal, payload } = yield* readFrame(this.#reader, !this.#isClient, left);
      if (isControl(opcode)) {
        if (opcode === PING) this.#send(PONG, payload);
        else if (opcode === CLOSE) return this.#end(payload);
        continue;
      }
      if ((kind === null) === (opcode === CONTINUATION))
        throw new FrameError(PROTOCOL_ERROR, "a message within another one, or without a beginning");
      kind ??= opcode;
      pieces.push(payload);
      left -= payload.length;
      if (isFinal) return kind === TEXT ? decode(joined(pieces)) : joined(pieces);
    }
  }

  /** The other side says goodbye, and gets its code back. */
  #end(payload: Uint8Array): null {
    let code: number | null = null;
    if (payload.length > 0) {
      code = payload.length === 1 ? 0 : payload[0] * 256 + payload[1];
      if (!isCode(code)) throw new FrameError(PROTOCOL_ERROR, `closed with ${code}`);
      decode(payload.subarray(2)); // the reason
    }
    this.#isOver = true;
    this.#endCode = code;
    this.leave(code);
    return null;
  }

  /** Sends a message, and waits while the other side does not keep up. */
  *send(message: Message): Coroutine<void> {
    if (typeof message === "string") this.#send(TEXT, new TextEncoder().encode(message));
    else this.#send(BINARY, message);
    yield* this.#writer.drain();
  }

  /** Sends a message piece by piece. */
  *sendPieces(pieces: readonly string[]): Coroutine<void> {
    for (const [index, piece] of pieces.entries()) {
      const opcode = index === 0 ? TEXT : CONTINUATION;
      this.#send(opcode, new TextEncoder().encode(piece), index === pieces.length - 1);
      yield* this.#writer.drain();
    }
  }

  /** Asks whether the other side is there: its answer is not told. */
  ping(data = ""): void {
    this.#send(PING, new TextEncoder().encode(data));
  }

  /** Says goodbye, once: whoever receives goes on until the other side has said so, too. */
  leave(code: number | null = null, reason = ""): void {
    if (this.#hasLeft) return;
    const text = new TextEncoder().encode(reason);
    this.#send(CLOSE, code === null ? text : joined([Uint8Array.of(code >> 8, code & 255), text]));
    this.#hasLeft = true;
  }

  /** Says goodbye, waits for the other side's, and closes the connection. What comes until then is lost. */
  *close(code = NORMAL): Coroutine<void> {
    try {
      this.leave(code);
      yield* moveOnAfter(MOST_FOR_GOODBYE).with(() => this.#untilEnd());
    } finally {
      this.#writer.close();
    }
    yield* this.#writer.waitClosed();
  }

  *#untilEnd(): Coroutine<void> {
    try {
      while ((yield* this.receive()) !== null);
    } catch (error) {
      if (!(error instanceof IncompleteReadError)) throw error;
    }
    // The server ends the connection. Behind what was not allowed there may be more of it: if that were not read, the
    // system would end the connection at once, and the goodbye would be lost.
    if (this.#hasFailed && this.#writer.canWriteEof()) this.#writer.writeEof();
    if (this.#hasFailed || this.#isClient) while ((yield* this.#reader.read(65_536)).length > 0);
  }

  /** Nothing is sent behind the goodbye. */
  #send(opcode: number, payload: Uint8Array, isFinal = true): void {
    if (!this.#hasLeft) this.#writer.write(encodeFrame({ opcode, isFinal, payload }, this.#isClient));
  }
}

/** Codes that may be sent: some stand only for what was never said. */
const isCode = (code: number): boolean =>
  (code >= 1000 && code <= 1011 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);

function decode(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new FrameError(INVALID_DATA, "no UTF-8");
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0];
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let end = 0;
  for (const piece of pieces) {
    whole.set(piece, end);
    end += piece.length;
  }
  return whole;
}

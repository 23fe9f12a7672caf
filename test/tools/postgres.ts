// The protocol of PostgreSQL, version 3, over our streams: what a client needs of it that queries, copies and cancels.

import { type Coroutine, RuntimeError } from "wasyncio";
import { type SSLContext, type StreamReader, type StreamWriter, openConnection } from "wasyncio/streams";
import { bytes, text } from "../support/bytes.ts";

/** Where the protocol has a version: requests that stand at the beginning of a connection. */
const VERSION_3 = 3 << 16;
const CANCEL = 80_877_102;
const SECURE = 80_877_103;

/** What the server refuses. */
export class PostgresError extends Error {
  /** The five characters of SQLSTATE. */
  readonly code: string;
  /** Whether the connection ends with it. */
  readonly isFatal: boolean;

  constructor(fields: ReadonlyMap<string, string>) {
    super(fields.get("M"));
    this.code = fields.get("C") ?? "";
    this.isFatal = fields.get("V") === "FATAL";
  }
}

/** What a statement gave: rows of texts, and the server's word for what was done, such as "SELECT 3". */
export interface Result {
  readonly rows: readonly (readonly (string | null)[])[];
  readonly tag: string;
}

/** Where a server is, and whom to trust there. */
export interface Place {
  readonly port: number;
  readonly ssl: SSLContext;
  /** Whom the certificate has to be for. */
  readonly name?: string;
}

interface Message {
  readonly kind: string;
  readonly body: Fields;
}

/** A connection with TLS, as the superuser. */
export class Connection {
  readonly #reader: StreamReader;
  readonly #writer: StreamWriter;
  /** What tells the server which statement to cancel. */
  #key: Uint8Array = new Uint8Array();

  private constructor(reader: StreamReader, writer: StreamWriter) {
    this.#reader = reader;
    this.#writer = writer;
  }

  static *open(place: Place): Coroutine<Connection> {
    const connection = yield* Connection.#secured(place);
    try {
      connection.#write(framed(int32(VERSION_3), cstring("user"), cstring("postgres"), cstring("")));
      for (const { kind, body } of yield* connection.#answers()) {
        if (kind === "K") connection.#key = body.rest();
      }
      return connection;
    } catch (error) {
      connection.abort();
      throw error;
    }
  }

  static *#secured({ port, ssl, name = "localhost" }: Place): Coroutine<Connection> {
    const [reader, writer] = yield* openConnection("127.0.0.1", port);
    try {
      writer.write(framed(int32(SECURE)));
      const answer = text(yield* reader.readexactly(1));
      if (answer !== "S") throw new RuntimeError(`the server has no TLS: it answers ${answer}`);
      yield* writer.startTls(ssl, { serverHostname: name });
      return new Connection(reader, writer);
    } catch (error) {
      writer.transport.abort();
      throw error;
    }
  }

  /** Has the server cancel the statement of another connection, by a connection of its own. */
  static *cancel(place: Place, other: Connection): Coroutine<void> {
    const connection = yield* Connection.#secured(place);
    connection.#write(framed(int32(CANCEL), other.#key));
    yield* connection.#reader.read(); // the server closes the connection when it has passed the word on
    connection.#writer.close();
    yield* connection.#writer.waitClosed();
  }

  /** Runs statements; gives what the last one gave. */
  *query(sql: string): Coroutine<Result> {
    this.#write(message("Q", cstring(sql)));
    return resultOf(yield* this.#answers());
  }

  /** Runs a statement with parameters, which are sent beside it. */
  *execute(sql: string, parameters: readonly (string | null)[]): Coroutine<Result> {
    const values = parameters.map((value) => (value === null ? [int32(-1)] : sized(bytes(value)))).flat();
    this.#write(
      message("P", cstring(""), cstring(sql), int16(0)),
      message("B", cstring(""), cstring(""), int16(0), int16(parameters.length), ...values, int16(0)),
      message("E", cstring(""), int32(0)),
      message("S"),
    );
    return resultOf(yield* this.#answers());
  }

  /** Copies chunks into a table. Gives the most that ever waited to be sent. */
  *copyIn(sql: string, chunks: Iterable<Uint8Array>): Coroutine<number> {
    this.#write(message("Q", cstring(sql)));
    const { kind, body } = yield* this.#read();
    if (kind !== "G") {
      yield* this.#answers();
      throw errorOf(body);
    }
    let most = 0;
    for (const chunk of chunks) {
      this.#write(message("d", chunk));
      yield* this.#writer.drain();
      most = Math.max(most, this.#writer.transport.getWriteBufferSize());
    }
    this.#write(message("c"));
    resultOf(yield* this.#answers());
    return most;
  }

  *close(): Coroutine<void> {
    this.#write(message("X"));
    this.#writer.close();
    yield* this.#writer.waitClosed();
  }

  /** Ends it at once, whatever is under way. */
  abort(): void {
    this.#writer.transport.abort();
  }

  #write(...messages: Uint8Array[]): void {
    this.#writer.writelines(messages);
  }

  *#read(): Coroutine<Message> {
    const head = new Fields(yield* this.#reader.readexactly(5));
    const kind = head.char();
    return { kind, body: new Fields(yield* this.#reader.readexactly(head.int32() - 4)) };
  }

  /** All messages until the server is ready for the next statement. Throws the error among them. */
  *#answers(): Coroutine<Message[]> {
    const messages: Message[] = [];
    let error: PostgresError | null = null;
    for (;;) {
      const message = yield* this.#read();
      if (message.kind === "E") error = errorOf(message.body);
      else messages.push(message);
      if (message.kind !== "Z" && error?.isFatal !== true) continue;
      if (error !== null) throw error;
      return messages;
    }
  }
}

function resultOf(messages: readonly Message[]): Result {
  const rows = messages.filter(({ kind }) => kind === "D").map(({ body }) => rowOf(body));
  const tags = messages.filter(({ kind }) => kind === "C").map(({ body }) => body.cstring());
  return { rows, tag: tags.at(-1) ?? "" };
}

const rowOf = (body: Fields): (string | null)[] => Array.from({ length: body.int16() }, () => body.value());

function errorOf(body: Fields): PostgresError {
  const fields = new Map<string, string>();
  for (let kind = body.char(); kind !== "\0"; kind = body.char()) fields.set(kind, body.cstring());
  return new PostgresError(fields);
}

// ── Bytes ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The body of a message, read from its beginning to its end. */
class Fields {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  char(): string {
    return String.fromCharCode(this.#bytes[this.#at++]);
  }

  int16(): number {
    return this.#view.getInt16((this.#at += 2) - 2);
  }

  int32(): number {
    return this.#view.getInt32((this.#at += 4) - 4);
  }

  cstring(): string {
    const start = this.#at;
    const end = this.#bytes.indexOf(0, start);
    this.#at = end + 1;
    return text(this.#bytes.subarray(start, end));
  }

  value(): string | null {
    const length = this.int32();
    return length < 0 ? null : text(this.#bytes.subarray(this.#at, (this.#at += length)));
  }

  rest(): Uint8Array {
    return this.#bytes.slice(this.#at);
  }
}

function int16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value);
}

function int32(value: number): Uint8Array {
  return Uint8Array.of(value >> 24, value >> 16, value >> 8, value);
}

const cstring = (value: string): Uint8Array => bytes(`${value}\0`);
const sized = (value: Uint8Array): Uint8Array[] => [int32(value.length), value];

/** Parts behind their length, which counts itself. */
const framed = (...parts: readonly Uint8Array[]): Uint8Array => {
  const length = parts.reduce((sum, part) => sum + part.length, 4);
  return Buffer.concat([int32(length), ...parts]);
};

const message = (kind: string, ...parts: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat([bytes(kind), framed(...parts)]);

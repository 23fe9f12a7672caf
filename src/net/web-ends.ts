// Ends over web streams, which every host has: fetch, compression, WebTransport, sockets of workerd, and what programs
// make of them. Nothing here is of a certain host.

import type { ReadEnd, ReadEvents, StreamEnd, StreamEvents, WriteEnd, WriteEvents } from "../drivers/network.ts";
import type { Fault } from "../errors/os.ts";
import { format } from "../support/format.ts";
import { checkBytes } from "../streams/bytes.ts";

/** A ReadableStream of bytes, as far as it is used: the types of the web are not everywhere. */
export interface ByteReadable {
  readonly locked: boolean;
  getReader(): ByteReader;
}

/** Its reader. */
interface ByteReader {
  readonly closed: Promise<unknown>;
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(reason?: unknown): Promise<void>;
}

/** A WritableStream of bytes, as far as it is used. */
export interface ByteWritable {
  readonly locked: boolean;
  getWriter(): ByteWriter;
}

/** Its writer. */
interface ByteWriter {
  readonly closed: Promise<unknown>;
  write(chunk: Uint8Array): Promise<void>;
  close(): Promise<void>;
  abort(reason?: unknown): Promise<void>;
}

/** Whether a value is a ReadableStream, whoever has made it. */
export function isReadable(value: unknown): value is ByteReadable {
  return typeof (value as Partial<ByteReadable> | null | undefined)?.getReader === "function";
}

/** Whether a value is a WritableStream, whoever has made it. */
export function isWritable(value: unknown): value is ByteWritable {
  return typeof (value as Partial<ByteWritable> | null | undefined)?.getWriter === "function";
}

/** Throws TypeError for a stream that somebody reads from or writes to already. */
export function checkFree(stream: { readonly locked: boolean }, what: string): void {
  if (stream.locked) throw new TypeError(`Invalid ${what}: expected a stream that is not locked`);
}

function ignore(): void {}

/** What a stream has failed with: an error goes on as it is. */
function faultOf(reason: unknown): Fault {
  if (!(reason instanceof Error)) return { message: `the stream has failed with ${format(reason)}` };
  return { message: reason.message, error: reason };
}

/** Bytes that are asked for before those that came have been told. */
const READ_AHEAD = 64 * 1024;

/**
 * An end over a ReadableStream, which is locked. A stream may have chunks without an end, each in a microtask: so it is
 * asked for more only when the loop had its turn.
 */
export class WebReadEnd implements ReadEnd {
  readonly #reader: ByteReader;
  #events: ReadEvents | null = null;
  #isPaused = true;
  #isAsking = false;
  /** Bytes that came, and were not told. */
  #ahead = 0;
  #hasEnded = false;

  constructor(stream: ByteReadable) {
    this.#reader = stream.getReader();
  }

  start(events: ReadEvents): void {
    this.#events = events;
    this.#reader.closed.catch((reason: unknown) => this.#fail(reason));
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#ask();
  }

  taken(): void {
    this.#ahead = 0;
    this.#ask();
  }

  #ask(): void {
    if (this.#isPaused || this.#ahead >= READ_AHEAD || this.#isAsking || this.#hasEnded || this.#events === null)
      return;
    this.#isAsking = true;
    this.#reader.read().then((result) => this.#take(result), ignore); // that it fails, `closed` says too
  }

  #take({ done, value }: { readonly done: boolean; readonly value?: Uint8Array | undefined }): void {
    this.#isAsking = false;
    if (done) {
      this.#hasEnded = true;
      this.#events?.ended();
      return;
    }
    try {
      checkBytes(value, "chunk of a stream");
    } catch (error) {
      this.#reader.cancel(error).catch(ignore);
      return this.#fail(error);
    }
    this.#ahead += value.length + 1; // chunks without bytes count, too
    if (value.length > 0) this.#events?.data(new Uint8Array(value)); // the stream may have it elsewhere, too
    this.#ask();
  }

  #fail(reason: unknown): void {
    const events = this.#events;
    this.#events = null;
    events?.closed(faultOf(reason));
  }

  abort(): void {
    this.#events = null;
    this.#reader.cancel().catch(ignore);
  }
}

/**
 * An end over a WritableStream, which is locked. What is written is copied: a sink may hand the array on to others, or
 * take its memory away.
 */
export class WebWriteEnd implements WriteEnd {
  readonly #writer: ByteWriter;
  #events: WriteEvents | null = null;
  #pending = 0;

  constructor(stream: ByteWritable) {
    this.#writer = stream.getWriter();
  }

  /** The close counts as a byte: it is pending until the sink has done it. */
  get pending(): number {
    return this.#pending;
  }

  start(events: WriteEvents): void {
    this.#events = events;
    this.#writer.closed.then(
      () => this.#close(null),
      (reason: unknown) => this.#close(faultOf(reason)),
    );
  }

  write(bytes: Uint8Array): void {
    const data = new Uint8Array(bytes); // the `slice` of a Buffer copies nothing
    this.#follow(data.length, () => this.#writer.write(data));
  }

  end(): void {
    this.#follow(1, () => this.#writer.close());
  }

  /** Asks for something that counts as pending until it is done. */
  #follow(count: number, ask: () => Promise<void>): void {
    this.#pending += count;
    const forget = (): void => {
      if (this.#events === null) return;
      this.#pending -= count;
      if (this.#pending === 0) this.#events.drained();
    };
    // Node 20 throws at once when the stream is closed.
    (async () => ask())().then(forget, (reason: unknown) => this.#close(faultOf(reason)));
  }

  #close(fault: Fault | null): void {
    const events = this.#events;
    this.#events = null;
    this.#pending = 0; // it may be told that all is done before the last of it is
    events?.closed(fault);
  }

  abort(): void {
    this.#events = null;
    this.#writer.abort().catch(ignore);
  }
}

/** Both directions as one connection: when one fails, the other one is given up. */
export class WebStreamEnd implements StreamEnd {
  readonly localAddress = "";
  readonly remoteAddress = "";
  readonly #reading: WebReadEnd;
  readonly #writing: WebWriteEnd;
  #isEnding = false;

  constructor(readable: ByteReadable, writable: ByteWritable) {
    this.#reading = new WebReadEnd(readable);
    this.#writing = new WebWriteEnd(writable);
  }

  get pending(): number {
    return this.#writing.pending;
  }

  start(events: StreamEvents): void {
    const data = (bytes: Uint8Array): void => events.data(bytes);
    const ended = (): void => events.ended();
    const drained = (): void => events.drained();
    const readClosed = (fault: Fault | null): void => {
      this.#writing.abort();
      events.closed(fault);
    };
    const writeClosed = (fault: Fault | null): void => {
      if (this.#isEnding && fault === null) return events.drained(); // reading goes on
      this.#reading.abort();
      events.closed({ message: "the stream is closed", code: "EPIPE", ...fault, syscall: "write" });
    };
    this.#reading.start({ data, ended, closed: readClosed });
    this.#writing.start({ drained, closed: writeClosed });
  }

  write(bytes: Uint8Array): void {
    this.#writing.write(bytes);
  }

  end(): void {
    this.#isEnding = true;
    this.#writing.end();
  }

  /** The writing half has ended before. */
  close(): void {
    this.#reading.abort();
  }

  abort(): void {
    this.#reading.abort();
    this.#writing.abort();
  }

  pause(): void {
    this.#reading.pause();
  }

  resume(): void {
    this.#reading.resume();
  }

  taken(): void {
    this.#reading.taken();
  }
}

// Sending files: no host lets the system do it by itself, so they are read block by block, as asyncio does without it.

import { RuntimeError } from "../errors/base.ts";
import { ConnectionError } from "../errors/os.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Future } from "../runtime/future.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { wrapFuture } from "../runtime/wrap-future.ts";
import { checkBoolean, checkNames } from "../support/checks.ts";
import { format } from "../support/format.ts";
import { Protocol } from "../streams/protocols.ts";
import { operation } from "../waiting/operation.ts";
import { loopForNetwork } from "./network.ts";
import { SocketTransport, type StreamProtocol } from "./socket-transport.ts";

/** Bytes that are read at once. */
const BLOCK_SIZE = 256 * 1024;

/** A file that can be read at any place: a Blob or File, or a FileHandle of `node:fs/promises`. */
export type FileToSend = BlobLike | HandleLike;

/** What is used of a Blob: the types of the web are not everywhere. */
interface BlobLike {
  readonly size: number;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** What is used of a FileHandle. */
interface HandleLike {
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): PromiseLike<{ readonly bytesRead: number }>;
}

/** Options of `sendfile`. */
export interface SendfileOptions {
  /** Whether the file may be read block by block. There is no other way: without it, RuntimeError. Default: true. */
  fallback?: boolean;
}

const SENDFILE_OPTIONS: readonly (keyof SendfileOptions)[] = ["fallback"];

/**
 * Sends a file by a transport. Meanwhile nothing else may be written to that, and nothing is read. Mirrors
 * loop.sendfile, on the running loop.
 * @param transport of a connection, with TLS or without
 * @param file a Blob (`fs.openAsBlob(path)`, `Bun.file(path)`), or a FileHandle (`fs.promises.open(path)`), whose
 *   position stays as it is
 * @param offset bytes to leave out at the beginning. Default: 0
 * @param count most bytes to send; null: all up to the end. Default: null
 * @returns how many bytes were sent, or wait in the transport to be sent
 * @throws TypeError or RangeError, at the call, for bad arguments, and for options that there are not
 * @throws RuntimeError, at the call, outside a running loop, for a transport that is closing or no connection's, and
 *   without `fallback`
 * @throws ConnectionError when the connection is closed meanwhile, or what it was lost by
 * @throws CancelledError when the task is cancelled; a part has been sent then
 *
 * @example
 * const file = yield* wrapFuture(open("page.html"));
 * yield* sendfile(writer.transport, file);
 */
export function sendfile(
  transport: object,
  file: FileToSend,
  offset = 0,
  count: number | null = null,
  options: SendfileOptions = {},
): Coroutine<number> {
  const { fallback } = checkNames(options, SENDFILE_OPTIONS);
  const mayFallBack = checkBoolean(fallback, "fallback") !== false;
  if (!Number.isInteger(offset)) throw new TypeError(`Invalid offset: expected a whole number, got ${format(offset)}`);
  if (offset < 0) throw new RangeError(`offset must be a non-negative integer (got ${offset})`);
  if (count !== null && !Number.isInteger(count))
    throw new TypeError(`Invalid count: expected a whole number or null, got ${format(count)}`);
  if (count !== null && count <= 0) throw new RangeError(`count must be a positive integer (got ${count})`);
  const read = readerOf(file);
  const loop = loopForNetwork();
  if (!(transport instanceof SocketTransport))
    throw new RuntimeError(`sendfile is not supported for transport ${format(transport)}`);
  if (transport.isClosing()) throw new RuntimeError("Transport is closing");
  if (!mayFallBack) {
    const text = "fallback is disabled and native sendfile is not supported for transport";
    throw new RuntimeError(`${text} ${format(transport)}`);
  }
  return operation("sendfile", send(loop, transport, read, offset, count ?? Infinity));
}

/** Reads up to so many bytes at a place, into a new array; none at the end. */
type ReadAt = (position: number, length: number) => Coroutine<Uint8Array>;

function readerOf(file: FileToSend): ReadAt {
  if (file instanceof Blob) {
    return function* (position, length) {
      return new Uint8Array(yield* wrapFuture(file.slice(position, position + length).arrayBuffer()));
    };
  }
  const handle = file as HandleLike;
  if (typeof (handle as Partial<HandleLike> | null | undefined)?.read !== "function")
    throw new TypeError(`Invalid file: expected a Blob or a FileHandle, got ${format(file)}`);
  return function* (position, length) {
    const buffer = new Uint8Array(length);
    const { bytesRead } = (yield* wrapFuture(handle.read(buffer, 0, length, position))) ?? {};
    if (!Number.isInteger(bytesRead))
      throw new TypeError(`Invalid file: expected its read to tell bytesRead, got ${format(bytesRead)}`);
    return buffer.subarray(0, bytesRead);
  };
}

function* send(
  loop: EventLoop,
  transport: SocketTransport,
  read: ReadAt,
  offset: number,
  count: number,
): Coroutine<number> {
  const protocol = new SendfileProtocol(loop, transport);
  let sent = 0;
  try {
    while (sent < count) {
      const data = yield* read(offset + sent, Math.min(count - sent, BLOCK_SIZE));
      if (data.length === 0) break;
      yield* protocol.drain();
      transport.write(data);
      sent += data.length;
    }
  } finally {
    protocol.restore();
  }
  return sent;
}

/** Stands in the protocol's place while a file is sent: what concerns writing is its own. */
class SendfileProtocol extends Protocol {
  static override readonly name: string = "SendfileProtocol";
  readonly #loop: EventLoop;
  readonly #transport: SocketTransport;
  readonly #protocol: StreamProtocol;
  readonly #wasReading: boolean;
  readonly #wasPaused: boolean;
  /** What waits until writing goes on. */
  #ready: Future<void> | null;
  #lostBy: Error | null = null;

  constructor(loop: EventLoop, transport: SocketTransport) {
    super();
    this.#loop = loop;
    this.#transport = transport;
    this.#protocol = transport.getProtocol();
    this.#wasReading = transport.isReading();
    this.#wasPaused = transport.isWritingPaused;
    this.#ready = this.#wasPaused ? loop.createFuture() : null;
    transport.pauseReading();
    transport.setProtocol(this);
  }

  *drain(): Coroutine<void> {
    if (this.#lostBy !== null) throw this.#lostBy;
    if (this.#transport.isClosing()) throw new ConnectionError("Connection closed by peer");
    if (this.#ready !== null) yield* this.#ready;
  }

  override connectionLost(exc: Error | null): void {
    this.#lostBy = exc ?? new ConnectionError("Connection is closed by peer");
    if (this.#ready !== null && !this.#ready.done()) {
      this.#ready.setException(this.#lostBy);
      this.#ready.exception(); // counts as looked at: `drain` throws it, too
    }
    this.#protocol.connectionLost(exc);
  }

  override pauseWriting(): void {
    this.#ready ??= this.#loop.createFuture();
  }

  override resumeWriting(): void {
    if (this.#ready !== null && !this.#ready.done()) this.#ready.setResult();
    this.#ready = null;
  }

  override dataReceived(): void {
    throw new RuntimeError("Invalid state: reading should be paused");
  }

  override eofReceived(): boolean {
    throw new RuntimeError("Invalid state: reading should be paused");
  }

  /** Gives the transport back to its protocol, which is told how writing goes now. */
  restore(): void {
    const transport = this.#transport;
    const protocol = this.#protocol;
    transport.setProtocol(protocol);
    if (this.#lostBy !== null) return;
    if (this.#wasReading) transport.resumeReading();
    if (this.#wasPaused && !transport.isWritingPaused) protocol.resumeWriting();
    else if (!this.#wasPaused && transport.isWritingPaused) protocol.pauseWriting();
  }
}

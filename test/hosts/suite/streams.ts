// What the tests of sockets share.

import { type Coroutine, Event, sleep } from "wasyncio";
import {
  type BaseTransport,
  Protocol,
  type SocketTransport,
  type StreamReader,
  type StreamWriter,
} from "wasyncio/streams";
import { CHUNK, Checksum, chunks } from "./bytes.ts";

/** Sends chunks, and waits while too much is to be sent. Gives the most that ever was. */
export function* sendAll(writer: StreamWriter, total: number): Coroutine<number> {
  let most = 0;
  for (const chunk of chunks(total)) {
    writer.write(chunk);
    yield* writer.drain();
    most = Math.max(most, writer.transport.getWriteBufferSize());
  }
  return most;
}

/** Receives all up to the end, and gives its checksum. */
export function* receiveAll(reader: StreamReader): Coroutine<string> {
  const sum = new Checksum();
  for (;;) {
    const bytes = yield* reader.read(CHUNK);
    if (bytes.length === 0) return sum.text();
    sum.add(bytes);
  }
}

/** Closes a connection, and waits until it is. */
export function* close(writer: StreamWriter): Coroutine<void> {
  writer.close();
  yield* writer.waitClosed();
}

/** Waits until something is so: a test hangs where it never is. */
export function* until(condition: () => boolean): Coroutine<void> {
  while (!condition()) yield* sleep(0.002);
}

/** A protocol that notes its calls. */
export class Noting extends Protocol {
  readonly log: string[] = [];
  readonly received = new Checksum();
  readonly lost = new Event();
  /** What it was lost by. */
  error: Error | null = null;
  transport!: SocketTransport;

  override connectionMade(transport: BaseTransport): void {
    this.transport = transport as SocketTransport;
    this.log.push("made");
  }
  override dataReceived(data: Uint8Array): void {
    this.received.add(data);
    if (this.log.at(-1) !== "data") this.log.push("data");
  }
  override eofReceived(): boolean | void {
    this.log.push("eof");
  }
  override connectionLost(error: Error | null): void {
    this.error = error;
    this.log.push(error === null ? "lost" : `lost by ${error.name}`);
    this.lost.set();
  }
}

// An end of a connection or of a pipe, in the hands of the test.

import type { SocketAddress } from "wasyncio/streams";
import type { StreamEnd, StreamEvents } from "../../../src/drivers/network.ts";
import type { Fault } from "../../../src/errors/os.ts";
import { text } from "../../support/bytes.ts";

/** An end that sends nothing: what it is told to do stands in its log. */
export class ManualEnd implements StreamEnd {
  readonly log: string[] = [];
  readonly localAddress: SocketAddress;
  readonly remoteAddress: SocketAddress;
  /** Whether the system takes what is written; else it is pending. */
  takes = true;
  /** What the next write fails by. */
  failure: Fault | null = null;
  pending = 0;
  #events: StreamEvents | null = null;

  constructor(localAddress: SocketAddress = ["127.0.0.1", 1], remoteAddress: SocketAddress = ["127.0.0.1", 2]) {
    this.localAddress = localAddress;
    this.remoteAddress = remoteAddress;
  }

  /** Who is told. */
  get events(): StreamEvents {
    if (this.#events === null) throw new Error("nobody is told yet");
    return this.#events;
  }

  /** The system has taken all. */
  drain(): void {
    this.pending = 0;
    this.events.drained();
  }

  start(events: StreamEvents): void {
    this.#events = events;
  }

  write(bytes: Uint8Array): void {
    this.log.push(bytes.length > 20 ? `write ${bytes.length}` : `write ${text(bytes)}`);
    if (this.failure !== null) this.events.closed(this.failure);
    else if (!this.takes) this.pending += bytes.length;
  }

  end(): void {
    this.log.push("end");
  }

  close(): void {
    this.log.push("close");
  }

  abort(): void {
    this.log.push("abort");
  }

  pause(): void {
    this.log.push("pause");
  }

  resume(): void {
    this.log.push("resume");
  }
}

// Pipes by node:stream: what a process was given as its standard streams, those of its children, files, and whatever
// else is a stream of bytes there.

import type { Network, ReadEnd, ReadEvents, WriteEnd, WriteEvents } from "../../drivers/network.ts";
import type { Fault } from "../../errors/os.ts";
import { format } from "../../support/format.ts";
import { builtin } from "./builtins.ts";
import type { NodeReadable, NodeWritable } from "./node-types.ts";
import { ownCopy } from "./plain.ts";

/** The part of a network that takes the host's streams. */
export function nodePipes(): Pick<Network, "adoptReadable" | "adoptWritable"> {
  const module = builtin("stream");

  function adoptReadable(stream: unknown): ReadEnd {
    if (module === undefined || !(stream instanceof module.Readable))
      throw new TypeError(`Invalid pipe: expected a stream to read from, got ${format(stream)}`);
    if (stream.readableObjectMode || stream.readableEncoding !== null)
      throw new TypeError(`Invalid pipe: expected a stream of bytes, got one of texts or objects`);
    return new NodeReadEnd(stream);
  }

  function adoptWritable(stream: unknown): WriteEnd {
    if (module === undefined || !(stream instanceof module.Writable))
      throw new TypeError(`Invalid pipe: expected a stream to write to, got ${format(stream)}`);
    if (stream.writableObjectMode) throw new TypeError(`Invalid pipe: expected a stream of bytes, got one of objects`);
    return new NodeWriteEnd(stream);
  }

  return { adoptReadable, adoptWritable };
}

/** An end over a stream to read from. */
export class NodeReadEnd implements ReadEnd {
  readonly #stream: NodeReadable;
  #events: ReadEvents | null = null;
  #isPaused = true;

  constructor(stream: NodeReadable) {
    this.#stream = stream;
    // hosts let the pipes of a child flow when that has ended, whether or not anybody is there to read
    stream.on("resume", () => {
      if (this.#isPaused) stream.pause();
    });
  }

  start(events: ReadEvents): void {
    this.#events = events;
    const stream = this.#stream;
    stream.pause();
    stream.on("data", (data) => this.#events?.data(ownCopy(data)));
    stream.on("end", () => this.#events?.ended());
    stream.on("error", (error) => this.#close(error));
    stream.on("close", () => this.#close(null));
    if (stream.destroyed) queueMicrotask(() => this.#close(null));
    else if (stream.readableEnded) queueMicrotask(() => this.#events?.ended());
  }

  #close(fault: Fault | null): void {
    const events = this.#events;
    this.#events = null;
    events?.closed(fault);
  }

  pause(): void {
    this.#isPaused = true;
    this.#stream.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#stream.resume();
  }

  abort(): void {
    this.#events = null;
    this.#stream.destroy();
  }
}

/** An end over a stream to write to. */
export class NodeWriteEnd implements WriteEnd {
  readonly #stream: NodeWritable;
  #events: WriteEvents | null = null;
  /** Whether somebody is to be told when nothing is pending. */
  #isPending = false;

  constructor(stream: NodeWritable) {
    this.#stream = stream;
  }

  get pending(): number {
    return this.#stream.writableLength;
  }

  start(events: WriteEvents): void {
    this.#events = events;
    const stream = this.#stream;
    stream.on("error", (error) => this.#close(error));
    stream.on("finish", () => this.#close(null));
    stream.on("close", () => this.#close(null));
    if (stream.destroyed || stream.writableEnded) queueMicrotask(() => this.#close(null));
  }

  #close(fault: Fault | null): void {
    const events = this.#events;
    this.#events = null;
    events?.closed(fault);
  }

  write(bytes: Uint8Array): void {
    this.#stream.write(bytes, this.#written);
    if (this.#stream.writableLength > 0) this.#isPending = true;
  }

  readonly #written = (): void => {
    if (!this.#isPending || this.#stream.writableLength > 0) return;
    this.#isPending = false;
    this.#events?.drained();
  };

  end(): void {
    this.#stream.end();
  }

  abort(): void {
    this.#events = null;
    this.#stream.destroy();
  }
}

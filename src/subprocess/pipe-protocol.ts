// What the transport of a child has as the protocol of each of its pipes.

import { Protocol } from "../streams/protocols.ts";
import type { BaseTransport } from "../streams/transports.ts";

/** Who is told what happens at the pipes. */
export interface PipeOwner {
  pipeDataReceived(fd: number, data: Uint8Array): void;
  pipeConnectionLost(fd: number, exc: Error | null): void;
  pauseWriting(): void;
  resumeWriting(): void;
}

/** Passes on what happens at a pipe, with its number. */
export class PipeProtocol<T extends BaseTransport> extends Protocol {
  pipe: T | null = null;
  isDisconnected = false;
  readonly #owner: PipeOwner;
  readonly #fd: number;

  constructor(owner: PipeOwner, fd: number) {
    super();
    this.#owner = owner;
    this.#fd = fd;
  }

  override connectionMade(transport: T): void {
    this.pipe = transport;
  }

  override connectionLost(exc: Error | null): void {
    this.isDisconnected = true;
    this.#owner.pipeConnectionLost(this.#fd, exc);
  }

  override dataReceived(data: Uint8Array): void {
    this.#owner.pipeDataReceived(this.#fd, data);
  }

  override pauseWriting(): void {
    this.#owner.pauseWriting();
  }

  override resumeWriting(): void {
    this.#owner.resumeWriting();
  }
}

// Protocols: what a transport calls when something happens on a connection. All methods do nothing, so that a protocol
// has only those that it needs.

import type { BaseTransport } from "./transports.ts";

/** What all protocols have. Mirrors asyncio.BaseProtocol. */
export class BaseProtocol {
  /** @internal */
  static readonly name: string = "BaseProtocol";
  /** Called once, with the transport, when the connection is there. Mirrors BaseProtocol.connection_made. */
  connectionMade(_transport: BaseTransport): void {}

  /**
   * Called once, at the end. Mirrors BaseProtocol.connection_lost.
   * @param _exc what ended the connection; null when it ended well, by this side or the other
   */
  connectionLost(_exc: Error | null): void {}

  /**
   * Called, inside `write`, when more bytes wait to be sent than the transport's high mark. Mirrors
   * BaseProtocol.pause_writing.
   */
  pauseWriting(): void {}

  /** Called when not more bytes wait to be sent than the low mark any more. Mirrors BaseProtocol.resume_writing. */
  resumeWriting(): void {}
}

/**
 * A protocol of a stream of bytes. The transport calls `connectionMade`, `dataReceived` any number of times,
 * `eofReceived` at most once, `connectionLost`. Mirrors asyncio.Protocol.
 *
 * @example
 * class Echo extends Protocol {
 *   #transport: Transport | null = null;
 *   override connectionMade(transport: Transport) {
 *     this.#transport = transport;
 *   }
 *   override dataReceived(data: Uint8Array) {
 *     this.#transport?.write(data);
 *   }
 * }
 */
export class Protocol extends BaseProtocol {
  /** @internal */
  static override readonly name: string = "Protocol";
  /** Called with bytes that came. Mirrors Protocol.data_received. */
  dataReceived(_data: Uint8Array): void {}

  /**
   * Called when the other side sends no more. Mirrors Protocol.eof_received.
   * @returns true to keep the connection open for writing; otherwise the transport closes it
   */
  eofReceived(): boolean | void {}
}

/**
 * A protocol that says itself where received bytes are put. The transport calls `connectionMade`, then `getBuffer` and
 * `bufferUpdated` any number of times, `eofReceived` at most once, `connectionLost`. Mirrors asyncio.BufferedProtocol.
 */
export class BufferedProtocol extends BaseProtocol {
  /** @internal */
  static override readonly name: string = "BufferedProtocol";
  /**
   * Called for an array to receive into, which must not be empty. Mirrors BufferedProtocol.get_buffer.
   * @param _sizehint number of bytes that it had better have; -1: any
   */
  getBuffer(_sizehint: number): Uint8Array | void {}

  /** Called when the first `_nbytes` bytes of the array have been received. Mirrors BufferedProtocol.buffer_updated. */
  bufferUpdated(_nbytes: number): void {}

  /** As for `Protocol`. Mirrors BufferedProtocol.eof_received. */
  eofReceived(): boolean | void {}
}

/** A protocol of datagrams. Mirrors asyncio.DatagramProtocol. */
export class DatagramProtocol extends BaseProtocol {
  /** @internal */
  static override readonly name: string = "DatagramProtocol";
  /** Called with a datagram and the address of its sender. Mirrors DatagramProtocol.datagram_received. */
  datagramReceived(_data: Uint8Array, _addr: unknown): void {}

  /** Called when the system refused to send or receive. Mirrors DatagramProtocol.error_received. */
  errorReceived(_exc: Error): void {}
}

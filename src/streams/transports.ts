// Transports: one end of a connection, as its protocol sees it. These are the names and what they promise; every method
// that moves bytes throws NotImplementedError until a transport of a certain kind overrides it.

import { checkOptions } from "../support/checks.ts";
import { chunksOf, concat } from "./bytes.ts";
import { NotImplementedError } from "./errors.ts";
import type { BaseProtocol } from "./protocols.ts";

/** What all transports have. Mirrors asyncio.BaseTransport. */
export class BaseTransport {
  /** @internal */
  static readonly name: string = "BaseTransport";
  /** What `getExtraInfo` gives, by name. */
  protected readonly _extra: Record<string, unknown>;

  /**
   * @param extra what is to be known of the transport, by name; default: nothing
   * @throws TypeError for what is not an object
   */
  constructor(extra: Record<string, unknown> = {}) {
    this._extra = checkOptions(extra, "extra");
  }

  /**
   * What is known of the transport under a name, such as "peername"; else `defaultValue`. Mirrors
   * BaseTransport.get_extra_info.
   */
  getExtraInfo(name: string, defaultValue: unknown = null): unknown {
    return Object.hasOwn(this._extra, name) ? this._extra[name] : defaultValue;
  }

  /** Whether it is closed or closing. Mirrors BaseTransport.is_closing. */
  isClosing(): boolean {
    throw new NotImplementedError();
  }

  /** Stops receiving, sends what waits to be sent, and then ends the connection. Mirrors BaseTransport.close. */
  close(): void {
    throw new NotImplementedError();
  }

  /** Sets another protocol. Mirrors BaseTransport.set_protocol. */
  setProtocol(_protocol: BaseProtocol): void {
    throw new NotImplementedError();
  }

  /** The protocol. Mirrors BaseTransport.get_protocol. */
  getProtocol(): BaseProtocol {
    throw new NotImplementedError();
  }
}

/** A transport to receive from. Mirrors asyncio.ReadTransport. */
export class ReadTransport extends BaseTransport {
  /** @internal */
  static override readonly name: string = "ReadTransport";
  /** A `Transport` is one too, as in Python, where it inherits from both. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isInstance(this, value) || isTransportFor(this, value);
  }

  /** Whether it receives: neither paused nor closing. Mirrors ReadTransport.is_reading. */
  isReading(): boolean {
    throw new NotImplementedError();
  }

  /** Stops receiving until `resumeReading`. Mirrors ReadTransport.pause_reading. */
  pauseReading(): void {
    throw new NotImplementedError();
  }

  /** Receives again. Mirrors ReadTransport.resume_reading. */
  resumeReading(): void {
    throw new NotImplementedError();
  }
}

/** A transport to send by. Mirrors asyncio.WriteTransport. */
export class WriteTransport extends BaseTransport {
  /** @internal */
  static override readonly name: string = "WriteTransport";
  /**
   * Sets how many bytes may wait to be sent before the protocol is told to pause, and how many at most when it is told
   * to go on. Mirrors WriteTransport.set_write_buffer_limits.
   * @param _high default: four times `_low`, or the transport's own
   * @param _low default: a quarter of `_high`, or the transport's own
   */
  setWriteBufferLimits(_high?: number | null, _low?: number | null): void {
    throw new NotImplementedError();
  }

  /** Number of bytes that wait to be sent. Mirrors WriteTransport.get_write_buffer_size. */
  getWriteBufferSize(): number {
    throw new NotImplementedError();
  }

  /** The two marks in bytes. Mirrors WriteTransport.get_write_buffer_limits. */
  getWriteBufferLimits(): [low: number, high: number] {
    throw new NotImplementedError();
  }

  /** Sends bytes, or keeps them to send them later; does not wait. Mirrors WriteTransport.write. */
  write(_data: Uint8Array): void {
    throw new NotImplementedError();
  }

  /**
   * Sends several chunks, by one call of `write` with all of them in one. Mirrors WriteTransport.writelines.
   * @throws TypeError for what is not an iterable of Uint8Arrays
   */
  writelines(listOfData: Iterable<Uint8Array>): void {
    this.write(concat(chunksOf(listOfData)));
  }

  /**
   * Says that no more will be sent, once what waits to be sent has gone; receiving goes on. Mirrors
   * WriteTransport.write_eof.
   */
  writeEof(): void {
    throw new NotImplementedError();
  }

  /** Whether it has `writeEof`. Mirrors WriteTransport.can_write_eof. */
  canWriteEof(): boolean {
    throw new NotImplementedError();
  }

  /** Ends the connection at once: what waits to be sent is dropped. Mirrors WriteTransport.abort. */
  abort(): void {
    throw new NotImplementedError();
  }
}

/** A transport to receive from and to send by. Mirrors asyncio.Transport. */
export class Transport extends WriteTransport implements ReadTransport {
  /** @internal */
  static override readonly name: string = "Transport";
  /** As for `ReadTransport`. */
  isReading(): boolean {
    throw new NotImplementedError();
  }

  /** As for `ReadTransport`. */
  pauseReading(): void {
    throw new NotImplementedError();
  }

  /** As for `ReadTransport`. */
  resumeReading(): void {
    throw new NotImplementedError();
  }
}

/** A transport of datagrams. Mirrors asyncio.DatagramTransport. */
export class DatagramTransport extends BaseTransport {
  /** @internal */
  static override readonly name: string = "DatagramTransport";
  /**
   * Sends a datagram; does not wait. Mirrors DatagramTransport.sendto.
   * @param _addr where to; default: what the transport is connected to
   */
  sendto(_data: Uint8Array, _addr: unknown = null): void {
    throw new NotImplementedError();
  }

  /** Ends it at once: what waits to be sent is dropped. Mirrors DatagramTransport.abort. */
  abort(): void {
    throw new NotImplementedError();
  }
}

/** Whether `value` inherits what `ReadTransport` has without having it in its chain of prototypes. */
function isTransportFor(type: Function, value: unknown): boolean {
  return type === ReadTransport && isInstance(Transport, value);
}

/** `instanceof` by the chain of prototypes alone. */
function isInstance(type: Function, value: unknown): boolean {
  return Function.prototype[Symbol.hasInstance].call(type, value);
}

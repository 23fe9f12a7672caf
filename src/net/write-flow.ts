// Flow control of writing, as transports do it: above the high mark a protocol is told to pause, at the low mark or
// below to go on.

import type { EventLoop } from "../runtime/event-loop.ts";
import type { BaseProtocol } from "../streams/protocols.ts";
import type { BaseTransport } from "../streams/transports.ts";
import { type WriteLimits, writeLimits } from "./write-limits.ts";

/** Writes on what is closed that are not worth a warning. */
export const SILENT_WRITES = 5;

/** Tells the protocol of a transport to pause and to go on. */
export class WriteFlow {
  limits: WriteLimits;
  /** Whether the protocol was told to pause. */
  isPaused = false;
  readonly #loop: EventLoop;
  readonly #transport: BaseTransport;
  readonly #defaultHigh: number | undefined;

  constructor(loop: EventLoop, transport: BaseTransport, defaultHigh?: number) {
    this.#loop = loop;
    this.#transport = transport;
    this.#defaultHigh = defaultHigh;
    this.limits = writeLimits(null, null, defaultHigh);
  }

  /** Sets the marks, as `setWriteBufferLimits` is told to. Throws TypeError or RangeError. */
  setLimits(high: number | null, low: number | null): void {
    this.limits = writeLimits(high, low, this.#defaultHigh);
  }

  /** More waits to be sent: `size` bytes. */
  grew(size: number): void {
    if (this.isPaused || size <= this.limits.high) return;
    this.isPaused = true;
    this.#tell("pauseWriting");
  }

  /** Less waits to be sent: `size` bytes. */
  shrank(size: number): void {
    if (!this.isPaused || size > this.limits.low) return;
    this.isPaused = false;
    this.#tell("resumeWriting");
  }

  #tell(method: "pauseWriting" | "resumeWriting"): void {
    const transport = this.#transport;
    const protocol: BaseProtocol = transport.getProtocol();
    try {
      protocol[method]();
    } catch (exception) {
      this.#loop.callExceptionHandler({ message: `protocol.${method}() failed`, exception, transport, protocol });
    }
  }
}

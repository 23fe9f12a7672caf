// asyncio's own errors, by its names and with its messages.

import { OSError, RuntimeError } from "./base.ts";

/**
 * The task was asked to stop. Mirrors asyncio.CancelledError.
 *
 * It is an `Error` here, because JavaScript has no BaseException: a `catch` that does not know what it caught must
 * throw it again. Its `message` is the one given to `cancel`, or empty.
 *
 * Outside debug mode it has no stack: looking for one costs more than the whole cancellation. In debug mode the stack
 * also tells who cancelled.
 */
export class CancelledError extends Error {
  static {
    this.prototype.name = "CancelledError";
  }
}

/** A deadline passed; also one of the system's, whose `code` is "ETIMEDOUT" then. Mirrors asyncio.TimeoutError. */
export class TimeoutError extends OSError {
  static {
    this.prototype.name = "TimeoutError";
  }
}

/** The future or task is not in a state for that. Mirrors asyncio.InvalidStateError. */
export class InvalidStateError extends Error {
  static {
    this.prototype.name = "InvalidStateError";
  }
}

/** `getNowait` found the queue empty. Mirrors asyncio.QueueEmpty. */
export class QueueEmpty extends Error {
  static {
    this.prototype.name = "QueueEmpty";
  }
}

/** `putNowait` found the queue full. Mirrors asyncio.QueueFull. */
export class QueueFull extends Error {
  static {
    this.prototype.name = "QueueFull";
  }
}

/** The queue was shut down. Mirrors asyncio.QueueShutDown. */
export class QueueShutDown extends Error {
  static {
    this.prototype.name = "QueueShutDown";
  }
}

/** The barrier was aborted or reset. Mirrors asyncio.BrokenBarrierError. */
export class BrokenBarrierError extends RuntimeError {
  static {
    this.prototype.name = "BrokenBarrierError";
  }
}

/** The stream ended before all that was asked for had come. Mirrors asyncio.IncompleteReadError. */
export class IncompleteReadError extends Error {
  static {
    this.prototype.name = "IncompleteReadError";
  }
  /** The bytes that came. */
  readonly partial: Uint8Array;
  /** Number of bytes asked for, or null when it is not known. */
  readonly expected: number | null;
  constructor(partial: Uint8Array, expected: number | null) {
    if (!ArrayBuffer.isView(partial))
      throw new TypeError(`Invalid partial: expected a Uint8Array, got ${partial === null ? "null" : typeof partial}`);
    super(`${partial.length} bytes read on a total of ${expected ?? "undefined"} expected bytes`);
    this.partial = partial;
    this.expected = expected;
  }
}

/** The buffer limit was reached while looking for a separator. Mirrors asyncio.LimitOverrunError. */
export class LimitOverrunError extends Error {
  static {
    this.prototype.name = "LimitOverrunError";
  }
  /** Number of bytes to consume. */
  readonly consumed: number;
  constructor(message: string, consumed: number) {
    super(message);
    this.consumed = consumed;
  }
}

// The errors that stand under all others: Python's own that have no counterpart in JavaScript, what a loop as a whole
// ends with, and the one error that is our own fault.
//
// The caller's mistakes are TypeError and RangeError, as everywhere in JavaScript. Names and messages are Python's
// where Python has one.

/** An operation that is not possible now. Mirrors Python's RuntimeError. */
export class RuntimeError extends Error {
  static {
    this.prototype.name = "RuntimeError";
  }
}

/** What is known of a fault of the system, beside its message. */
export interface FaultDetails extends ErrorOptions {
  /** The system's name for it: "ECONNREFUSED". */
  readonly code?: string | null;
  /** The system's number for it, positive. */
  readonly errno?: number | null;
  /** The call that failed: "connect". */
  readonly syscall?: string | null;
}

/**
 * The system refused something, or a deadline passed. Mirrors Python's OSError; its subclasses tell the most frequent
 * codes.
 */
export class OSError extends Error {
  static {
    this.prototype.name = "OSError";
    const unknown: Record<"code" | "errno" | "syscall", unknown> = this.prototype;
    unknown.code = unknown.errno = unknown.syscall = null;
  }
  /** The system's name for the fault, such as "ECONNREFUSED"; null when it has none. */
  declare readonly code: string | null;
  /** The system's number for it, positive; null when it is not known. */
  declare readonly errno: number | null;
  /** The call that failed, such as "connect"; null when it is not known. */
  declare readonly syscall: string | null;
  constructor(message?: string, details?: FaultDetails) {
    super(message, details);
    Object.assign(this, details); // the nulls of what is not known stand in the prototype, where no console shows them
  }
}

/** The scheduler's memory is used up. Mirrors Python's MemoryError. */
export class MemoryError extends RuntimeError {
  static {
    this.prototype.name = "MemoryError";
  }
}

/** A bug of this library. Please report it. */
export class InternalError extends Error {
  static {
    this.prototype.name = "InternalError";
  }
  constructor(message: string, options?: ErrorOptions) {
    super(`${message}. This is a bug in wasyncio, please report it.`, options);
  }
}

/** Ctrl-C ended the program: what `run` rejects with. Mirrors Python's KeyboardInterrupt. */
export class KeyboardInterrupt extends Error {
  static {
    this.prototype.name = "KeyboardInterrupt";
  }
}

/**
 * Nothing can ever run again, and tasks still wait. A loop does not know of itself that somebody outside is to wake it:
 * a task that waits for the outside waits for a promise that keeps its process alive, for
 * `loop.createExternalFuture()`, or the loop has a signal handler.
 */
export class DeadlockError extends RuntimeError {
  static {
    this.prototype.name = "DeadlockError";
  }
}

/** What is not there: not yet, or not where the program runs. */
export class NotAvailableError extends RuntimeError {
  static {
    this.prototype.name = "NotAvailableError";
  }
  constructor(name: string, reason = "it is not available yet") {
    super(`Cannot use ${name}: ${reason}`);
  }
}

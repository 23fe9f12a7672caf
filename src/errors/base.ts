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

/** Nothing can ever run again, and tasks still wait. */
export class DeadlockError extends RuntimeError {
  static {
    this.prototype.name = "DeadlockError";
  }
}

/** What needs worker threads is not available yet. */
export class NotAvailableError extends RuntimeError {
  static {
    this.prototype.name = "NotAvailableError";
  }
  constructor(name: string) {
    super(`Cannot use ${name}: it is not available yet`);
  }
}

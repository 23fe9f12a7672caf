// What streams, protocols and transports throw beside the errors of src/errors/: errors that Python has built in.

import { RuntimeError } from "../errors/base.ts";

/** A transport cannot do that. Mirrors Python's NotImplementedError. */
export class NotImplementedError extends RuntimeError {
  static {
    this.prototype.name = "NotImplementedError";
  }
}

/** A call at a time when it must not come, such as data after the end of a stream. Mirrors Python's AssertionError. */
export class AssertionError extends Error {
  static {
    this.prototype.name = "AssertionError";
  }
}

/** Throws AssertionError unless `condition` holds. */
export function assert(condition: boolean, message = ""): asserts condition {
  if (!condition) throw new AssertionError(message);
}

// What channels throw, by anyio's names.

import { RuntimeError } from "../errors/base.ts";

/** What was to be done at once could only be done by waiting. Mirrors anyio.WouldBlock. */
export class WouldBlock extends Error {
  static {
    this.prototype.name = "WouldBlock";
  }
}

/** All is received, and nobody is left who could send more. Mirrors anyio.EndOfStream. */
export class EndOfStream extends Error {
  static {
    this.prototype.name = "EndOfStream";
  }
}

/** Nobody is left who could receive. Mirrors anyio.BrokenResourceError. */
export class BrokenResourceError extends RuntimeError {
  static {
    this.prototype.name = "BrokenResourceError";
  }
}

/** This end was closed. Mirrors anyio.ClosedResourceError. */
export class ClosedResourceError extends RuntimeError {
  static {
    this.prototype.name = "ClosedResourceError";
  }
}

// What simulations and their tokens fail with.

import { RuntimeError } from "./base.ts";

/** A simulated program ended and left something behind, which it was told not to. */
export class LeakError extends RuntimeError {
  static {
    this.prototype.name = "LeakError";
  }
}

/** A token was made by another version of the core or of the program, or is none. */
export class TokenError extends RuntimeError {
  static {
    this.prototype.name = "TokenError";
  }
}

/** A program reached for the outside world from inside a simulation, where nothing outside can happen. */
export class OutsideError extends RuntimeError {
  static {
    this.prototype.name = "OutsideError";
  }
}

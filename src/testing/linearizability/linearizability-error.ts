// The error of a history that has no order. Not in src/errors/ with the others, because it carries calls.

import { RuntimeError } from "../../errors/base.ts";
import type { HistoryCall } from "./call.ts";

/**
 * The calls of a history are not linearizable: there is no order of them in which the model gives what they gave, and
 * which has no call before another one that had ended when it began.
 */
export class LinearizabilityError extends RuntimeError {
  static {
    this.prototype.name = "LinearizabilityError";
  }
  /**
   * Calls that contradict each other, as few as were found, in the order of their beginnings. Empty in runs of a search
   * that nobody looks at.
   */
  readonly calls: readonly HistoryCall[];

  /** @internal */
  constructor(message: string, calls: readonly HistoryCall[]) {
    super(message);
    this.calls = calls;
  }
}

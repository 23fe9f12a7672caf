// Callbacks as programs pass them: a function, its arguments, and the options that may follow them.

import { Context } from "./context.ts";
import { format } from "./format.ts";
import { isCoroutine, isCoroutineFunction } from "./suspension.ts";

/** Options that may follow the arguments of a callback, as the last argument. */
export interface CallOptions {
  /** The context to call it in; default: a copy of the current one. */
  context: Context;
}

/** Arguments of a callback, and the options that may follow them. */
export type CallArguments<A extends unknown[]> = A | [...A, CallOptions];

/** Splits the arguments of a callback from the options behind them. */
export function splitOptions(args: readonly unknown[]): [readonly unknown[], Context?] {
  if (args.length === 0) return [args];
  const last = args[args.length - 1] as Partial<CallOptions> | undefined | null;
  if (typeof last === "object" && last !== null && last.context instanceof Context && Object.keys(last).length === 1) {
    return [args.slice(0, -1), last.context];
  }
  return [args];
}

/** Throws TypeError for what debug mode refuses as a callback of `method`. */
export function checkCallable(callback: unknown, method: string): void {
  if (isCoroutine(callback) || isCoroutineFunction(callback))
    throw new TypeError(`coroutines cannot be used with ${method}()`);
  if (typeof callback !== "function")
    throw new TypeError(`a callable object was expected by ${method}(), got ${format(callback)}`);
}

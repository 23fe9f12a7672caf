// Callbacks as programs pass them: a function, its arguments, and the options that may follow them.

import { Context } from "./context.ts";
import { format } from "../support/format.ts";
import { isCoroutine, isCoroutineFunction } from "./suspension.ts";

/** Options that may follow the arguments of a callback, as the last argument. */
export interface CallOptions {
  /** The context to call it in; default: a copy of the current one. */
  context: Context;
}

/** Arguments of a callback, and the options that may follow them. */
export type CallArguments<A extends unknown[]> = A | [...A, CallOptions];

/**
 * Takes the options behind the arguments of a callback off them. Returns the context in them, or undefined when there
 * are none.
 */
export function takeContext(args: unknown[]): Context | undefined {
  if (args.length === 0) return undefined;
  const last = args[args.length - 1] as Partial<CallOptions> | undefined | null;
  const isOptions =
    typeof last === "object" && last !== null && last.context instanceof Context && Object.keys(last).length === 1;
  if (!isOptions) return undefined;
  args.pop();
  return last.context;
}

/** Throws TypeError for what debug mode refuses as a callback of `method`. */
export function checkCallable(callback: unknown, method: string): void {
  if (isCoroutine(callback) || isCoroutineFunction(callback))
    throw new TypeError(`coroutines cannot be used with ${method}()`);
  if (typeof callback !== "function")
    throw new TypeError(`a callable object was expected by ${method}(), got ${format(callback)}`);
}

// The options behind the arguments of a call.

import { format } from "./format.ts";

/** Throws TypeError for what cannot hold options; `what` names it. Returns it. */
export function checkOptions<T extends object>(options: T, what = "options"): T {
  if (typeof options === "object" && options !== null) return options;
  throw new TypeError(`Invalid ${what}: expected an object, got ${format(options)}`);
}

/** Throws TypeError for what is not a function; `what` names it. Returns it. */
export function checkFunction<T extends Function>(value: T, what: string): T {
  if (typeof value === "function") return value;
  throw new TypeError(`Invalid ${what}: expected a function, got ${format(value)}`);
}

/** Throws TypeError for a limit that is there and not an integer. Returns it. */
export function checkLimit(limit: number | undefined): number | undefined {
  if (limit === undefined || Number.isInteger(limit)) return limit;
  throw new TypeError(`Invalid limit: expected an integer, got ${format(limit)}`);
}

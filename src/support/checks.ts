// What a call is given, checked at the call: options, functions, limits.

import { format } from "./format.ts";

/** The options of a call that is made often, and mostly without: known by itself, so that nobody looks at it. */
export const NO_OPTIONS = Object.freeze({});

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

/** Throws TypeError for what is no number, and RangeError for one that is not whole and positive. Returns it. */
export function checkCount(count: unknown, name: string): number {
  if (Number.isInteger(count) && (count as number) > 0) return count as number;
  if (typeof count === "number")
    throw new RangeError(`${name} must be greater than 0, and whole: got ${format(count)}`);
  throw new TypeError(`Invalid ${name}: expected a whole number, got ${format(count)}`);
}

/** Throws TypeError for what is no whole number, and RangeError for one below `least`. Returns it. */
export function wholeFrom(least: number, value: unknown, what: string): number {
  if (!Number.isInteger(value)) throw new TypeError(`Invalid ${what}: expected a whole number, got ${format(value)}`);
  if ((value as number) >= least) return value as number;
  throw new RangeError(`Invalid ${what}: expected a whole number from ${least}, got ${format(value)}`);
}

/**
 * Throws TypeError for what cannot hold options, and for an option that is not in `names`: a name that there is not is
 * a mistake that would weaken a call without a word. Returns it.
 */
export function checkNames<T extends object>(options: T, names: readonly string[], what = "options"): T {
  if (options === NO_OPTIONS) return options;
  const unknown = Object.keys(checkOptions(options, what)).find((name) => !names.includes(name));
  if (unknown === undefined) return options;
  throw new TypeError(`Invalid ${what}: there is no ${format(unknown)}, only ${[...new Set(names)].join(", ")}`);
}

/** The options of these names. */
export function pick<T extends object, K extends keyof T>(options: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.flatMap((name) => (name in options ? [[name, options[name]]] : []))) as Pick<T, K>;
}

/** Throws TypeError for an option that is there and no boolean. Returns it. */
export function checkBoolean(value: boolean | undefined, name: string): boolean | undefined {
  if (value === undefined || typeof value === "boolean") return value;
  throw new TypeError(`Invalid ${name}: expected a boolean, got ${format(value)}`);
}

// Options of the functions that test: a name that there is not is a mistake that would make a test weaker without a word.

import { format } from "../../support/format.ts";
import { checkOptions } from "../../support/checks.ts";

/** Throws TypeError for what cannot hold options, and for an option that is not in `names`. Returns it. */
export function checkNames<T extends object>(options: T, names: readonly string[]): T {
  const unknown = Object.keys(checkOptions(options)).find((name) => !names.includes(name));
  if (unknown === undefined) return options;
  throw new TypeError(`Invalid options: there is no ${format(unknown)}, only ${[...new Set(names)].join(", ")}`);
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

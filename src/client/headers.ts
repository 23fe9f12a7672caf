// Headers as they are sent: names and values in turn, which is what node:http takes without looking at each again.

import { format } from "../support/format.ts";

/** Headers as programs give them. */
export type HeadersGiven =
  | Headers
  | Readonly<Record<string, string | number>>
  | Iterable<readonly [name: string, value: string | number]>;

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** What ends a header, and what is no byte. */
const NOT_IN_VALUE = /[^\t\u0020-\u007e\u0080-\u00ff]/;

/** Headers in turn. Throws TypeError for what are none. */
export function flatHeaders(headers: HeadersGiven, what = "headers"): string[] {
  if (typeof headers !== "object" || headers === null)
    throw new TypeError(`Invalid ${what}: expected an object, got ${format(headers)}`);
  const pairs = Symbol.iterator in headers ? headers : Object.entries(headers);
  const flat: string[] = [];
  for (const pair of pairs) {
    const [name, value] = pair as readonly [unknown, unknown];
    const text = typeof value === "number" ? String(value) : value;
    if (typeof name !== "string" || !NAME.test(name))
      throw new TypeError(`Invalid ${what}: there is no header ${format(name)}`);
    if (typeof text !== "string" || NOT_IN_VALUE.test(text))
      throw new TypeError(`Invalid ${what}: ${format(value)} is no value of ${name}`);
    flat.push(name, text);
  }
  return flat;
}

/** The value of a header, or null. */
export function headerIn(flat: readonly string[], name: string): string | null {
  for (let i = 0; i < flat.length; i += 2) if (flat[i].toLowerCase() === name) return flat[i + 1];
  return null;
}

/** Headers without some. The names are in lower case. */
export function withoutHeaders(flat: readonly string[], ...names: readonly string[]): string[] {
  return flat.filter((_, index) => !names.includes(flat[index - (index % 2)].toLowerCase()));
}

/** Headers with others in the place of those of the same name. */
export function mergeHeaders(flat: readonly string[], others: readonly string[]): readonly string[] {
  if (others.length === 0) return flat;
  const names = others.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  return [...withoutHeaders(flat, ...names), ...others];
}

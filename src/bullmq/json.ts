// JSON is what queues keep: what it would change on the way is refused where it is given, with its place.

import { format, nameOf } from "../support/format.ts";

/** Whether JSON gives a value back as it was. */
export const isJson = (value: unknown): boolean => faultOf(value, "") === null;

/** Throws TypeError for a value that JSON would change; `what` says what it is. Returns it. */
export function checkJson<T>(value: T, what: string): T {
  const fault = faultOf(value, what);
  if (fault === null) return value;
  throw new TypeError(`Cannot send ${fault.at}: JSON does not keep ${fault.found}`);
}

/** Whether a value is an object that has nothing but its own properties. */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

interface Fault {
  readonly at: string;
  readonly found: string;
}

/** What JSON would change, or null. Properties that are undefined may go: what is not there reads as undefined. */
function faultOf(value: unknown, at: string, inside: readonly object[] = []): Fault | null {
  switch (typeof value) {
    case "string":
    case "boolean":
      return null;
    case "number":
      return Number.isFinite(value) ? null : { at, found: String(value) };
    case "object":
      break;
    default:
      return { at, found: format(value) };
  }
  if (value === null) return null;
  if (inside.includes(value)) return { at, found: "a circle" };
  const around = [...inside, value];
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const fault = faultOf(value[index], `${at}[${index}]`, around);
      if (fault !== null) return fault;
    }
    return null;
  }
  if (!isPlain(value)) return { at, found: `objects of ${nameOf(value.constructor)}` };
  if ("toJSON" in value) return { at, found: "what has a toJSON of its own" };
  for (const [key, each] of Object.entries(value)) {
    const fault = each === undefined ? null : faultOf(each, `${at}.${key}`, around);
    if (fault !== null) return fault;
  }
  return null;
}

// What is given away with a job, or with its result, in place of being copied.

import { format } from "../support/format.ts";

const lists = new WeakMap<object, readonly object[]>();

/**
 * Has parts of a value given away when the value itself is an argument of a job, or what one returns: an ArrayBuffer
 * that is transferred is not copied, and is empty on this side from then on.
 * @param value an object: what is sent
 * @param list what to give away: ArrayBuffers, MessagePorts
 * @returns the value
 * @throws TypeError for a value that is no object, and what is no list of objects
 *
 * @example
 * const sorted = yield* pool.submit(sort, transfer(samples, [samples.buffer]));
 */
export function transfer<T extends object>(value: T, list: readonly object[]): T {
  if (typeof value !== "object" || value === null)
    throw new TypeError(`Cannot transfer ${format(value)}: expected an object`);
  if (!Array.isArray(list) || list.some((each) => typeof each !== "object" || each === null))
    throw new TypeError(`Invalid list: expected an array of objects, got ${format(list)}`);
  lists.set(value, list);
  return value;
}

const NOTHING: readonly object[] = Object.freeze([]);

/** What to give away with some values. */
export function transfersOf(values: readonly unknown[]): readonly object[] {
  let all = NOTHING;
  for (const value of values) {
    const list = typeof value === "object" && value !== null ? lists.get(value) : undefined;
    if (list !== undefined) all = [...all, ...list];
  }
  return all;
}

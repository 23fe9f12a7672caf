// Objects that stay the same wherever they are sent, as locks do: what is copied of one says how to find it again.
//
// Hosts copy messages themselves, and call getters meanwhile. So such an object has one own property, a getter, which
// gives what is sent in its place, and notes that it was asked: a message in which none was is not looked through by
// whoever gets it.

import { RuntimeError } from "../errors/base.ts";
import { type Packed, copying } from "../executors/copying.ts";

const KEY = "wasyncio shared object";

/** What is sent in place of an object: how to find it, or its place among those met in a copy within the realm. */
type Mark = { readonly kind: string; readonly data: unknown } | { readonly met: number };

const finders = new Map<string, (data: never) => object>();
/** How many were copied in this realm. */
let copied = 0;
/** Those that a copy within the realm has met, or null. */
let met: object[] | null = null;

/** Whether who gets what is copied now has memory together with this realm: some hosts would copy that, too. */
let sharesMemory = true;

function send(hasMemory: boolean, post: () => void): void {
  const outer = sharesMemory;
  sharesMemory = hasMemory;
  try {
    post();
  } finally {
    sharesMemory = outer;
  }
}

/** From now on, executors copy by these functions. */
function takeOver(): void {
  Object.assign(copying, { pack, unpack, copyWithin, send });
}

/** Says how the objects of a kind are found. */
export function findShared<T>(kind: string, find: (data: T) => object): void {
  takeOver();
  finders.set(kind, find);
}

/**
 * Has an object sent as what finds it: `describe` gives the data for that, which can be copied. `isMemory`: there is
 * shared memory in it.
 */
export function makeShareable(object: object, kind: string, describe: () => unknown, isMemory = true): void {
  takeOver();
  const get = (): Mark => {
    copied++;
    if (met !== null) return { met: met.push(object) - 1 };
    if (isMemory && !sharesMemory)
      throw new TypeError(`Cannot send a ${kind} to or from a process: only threads share memory`);
    return { kind, data: describe() };
  };
  Object.defineProperty(object, KEY, { enumerable: true, get });
}

export function pack<T>(value: T): Packed<T> {
  const before = copied;
  return {
    value,
    get hasShared() {
      return copied !== before; // asked when the value has been copied
    },
  };
}

export function unpack<T>({ value, hasShared }: Packed<T>): T {
  return hasShared ? (replaceMarks(value, findMarked, new Map()) as T) : value;
}

export function copyWithin<T>(value: T, transfer: readonly object[] = []): T {
  const outer = met;
  const objects: object[] = (met = []);
  let copy: T;
  try {
    copy = structuredClone(value, { transfer: [...transfer] as Transferable[] });
  } finally {
    met = outer;
  }
  const take = (mark: Mark): object => ("met" in mark ? objects[mark.met] : findMarked(mark));
  return objects.length === 0 ? copy : (replaceMarks(copy, take, new Map()) as T);
}

function findMarked(mark: Mark): object {
  const { kind, data } = mark as Extract<Mark, { kind: string }>;
  const find = finders.get(kind);
  if (find !== undefined) return find(data as never);
  throw new RuntimeError(`Cannot take a ${kind}: nothing of its class is known here`);
}

/** Puts objects in place of their marks, in what was just copied. `known`: what has become of each part. */
function replaceMarks(value: unknown, take: (mark: Mark) => object, known: Map<object, object>): unknown {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  const done = known.get(value);
  if (done !== undefined) return done;
  const replace = (part: unknown): unknown => replaceMarks(part, take, known);
  const mark = (value as Record<string, unknown>)[KEY] as Mark | undefined;
  if (mark !== undefined) {
    const found = take(replace(mark) as Mark); // there may be others in its data
    known.set(value, found);
    return found;
  }
  known.set(value, value);
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => [replace(key), replace(item)] as const);
    value.clear();
    for (const [key, item] of entries) value.set(key, item);
  } else if (value instanceof Set) {
    const items = [...value].map(replace);
    value.clear();
    for (const item of items) value.add(item);
  } else {
    for (const [key, part] of Object.entries(value)) {
      const replaced = replace(part);
      if (replaced !== part) (value as Record<string, unknown>)[key] = replaced;
    }
  }
  return value;
}

// Bytes as programs pass them: what counts as such, and how several become one.

import { format } from "../support/format.ts";
import { isFuture } from "../runtime/future.ts";

/** Whether `value` is a Uint8Array, of this realm or another one. */
function isBytes(value: unknown): value is Uint8Array {
  return (
    value instanceof Uint8Array ||
    (ArrayBuffer.isView(value) && (value as Uint8Array)[Symbol.toStringTag] === "Uint8Array")
  );
}

/** Throws TypeError for what is not a Uint8Array; `what` names it in the message. */
export function checkBytes(value: unknown, what = "data"): asserts value is Uint8Array {
  if (!isBytes(value)) throw new TypeError(`Invalid ${what}: expected a Uint8Array, got ${format(value)}`);
}

/** Throws TypeError for what is not an error. */
export function checkError(value: unknown): asserts value is Error {
  if (!(value instanceof Error) && Object.prototype.toString.call(value) !== "[object Error]")
    throw new TypeError(`Invalid exception: expected an Error, got ${format(value)}`);
}

/** The chunks of an iterable. Throws TypeError for what is not one of Uint8Arrays. */
export function chunksOf(chunks: Iterable<Uint8Array>): readonly Uint8Array[] {
  const isIterable = typeof (chunks as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] === "function";
  if (!isIterable || typeof chunks === "string" || isBytes(chunks) || isFuture(chunks))
    throw new TypeError(`Invalid data: expected a list of Uint8Arrays, got ${format(chunks)}`);
  const list: Uint8Array[] = [];
  for (const chunk of chunks) {
    checkBytes(chunk); // at once: what is a coroutine is not run to its end
    list.push(chunk);
  }
  return list;
}

/** All chunks as one array, which is a new one. */
export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((total, chunk) => total + chunk.length, 0));
  let end = 0;
  for (const chunk of chunks) {
    whole.set(chunk, end);
    end += chunk.length;
  }
  return whole;
}

const encoder = new TextEncoder();

/** A separator as bytes: a string in UTF-8. Throws TypeError for what is neither, RangeError when it is empty. */
function encodeSeparator(separator: Uint8Array | string): Uint8Array {
  if (typeof separator === "string") return encoder.encode(separator);
  if (isBytes(separator)) return separator;
  throw new TypeError(`Invalid separator: expected a Uint8Array or a string, got ${format(separator)}`);
}

/**
 * Separators as bytes, the shortest first. Throws TypeError for what is none, RangeError for an empty one or none at
 * all.
 */
export function encodeSeparators(separator: Separator | readonly Separator[]): readonly Uint8Array[] {
  const list = Array.isArray(separator) ? (separator as readonly Separator[]) : [separator as Separator];
  const separators = list.map(encodeSeparator).sort((left, right) => left.length - right.length);
  if (separators.length === 0) throw new RangeError("Separator should contain at least one element");
  if (separators[0].length === 0) throw new RangeError("Separator should be at least one-byte string");
  return separators;
}

/** What ends a message: bytes, or a string, which stands for its UTF-8. */
export type Separator = Uint8Array | string;

// What a request brings along: data of many kinds, as bytes or as chunks of bytes, with the type that they are of.

import type { CoroutineIterator } from "../bridges/for-each.ts";
import { format } from "../support/format.ts";
import { chunksOf, multipart } from "./multipart.ts";

/** Chunks of a body, as they are made. */
export type BodyChunks = AsyncIterable<Uint8Array | string> | CoroutineIterator<Uint8Array | string>;

/** What may be given as `data`. */
export type RequestData =
  | string
  | Uint8Array
  | ArrayBuffer
  | URLSearchParams
  | FormData
  | Blob
  | Readonly<Record<string, string | number | boolean>>
  | BodyChunks;

/** A body. */
export interface RequestBody {
  /** All of it, or chunks as they are made. */
  readonly content: Uint8Array | BodyChunks;
  /** Bytes of the chunks, where that is known. */
  readonly length: number | null;
  readonly contentType: string | null;
  /** Whether it can be sent again. */
  readonly isRepeatable: boolean;
}

const encoder = new TextEncoder();

function whole(content: Uint8Array, contentType: string | null): RequestBody {
  return { content, length: content.length, contentType, isRepeatable: true };
}

/** The body of `json`. Throws TypeError for what has no JSON. */
export function jsonBody(value: unknown): RequestBody {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError(`Invalid json: expected what has a JSON text, got ${format(value)}`);
  return whole(encoder.encode(text), "application/json");
}

/** The body of `data`. Throws TypeError for what is none. */
export function bodyOf(data: RequestData): RequestBody {
  if (typeof data === "string") return whole(encoder.encode(data), "text/plain; charset=utf-8");
  if (data instanceof Uint8Array) return whole(data, "application/octet-stream");
  if (data instanceof ArrayBuffer) return whole(new Uint8Array(data), "application/octet-stream");
  if (data instanceof URLSearchParams) return formBody(data);
  if (data instanceof FormData) return multipart(data);
  if (data instanceof Blob) {
    const contentType = data.type || "application/octet-stream";
    return { content: chunksOf(data), length: data.size, contentType, isRepeatable: true };
  }
  if (isChunks(data)) {
    return { content: data, length: null, contentType: "application/octet-stream", isRepeatable: false };
  }
  // A Map or a view of numbers would be sent as what its properties are: mostly as nothing.
  if (!isPlain(data))
    throw new TypeError(`Invalid data: expected text, bytes, a form or chunks of bytes, got ${format(data)}`);
  return formBody(new URLSearchParams(Object.entries(data).map(([name, value]) => [name, fieldOf(value, name)])));
}

function fieldOf(value: unknown, name: string): string {
  if (["string", "number", "boolean"].includes(typeof value)) return String(value);
  throw new TypeError(`Invalid data: ${format(value)} is no value of ${name}`);
}

function formBody(fields: URLSearchParams): RequestBody {
  return whole(encoder.encode(fields.toString()), "application/x-www-form-urlencoded");
}

function isPlain(data: unknown): boolean {
  if (typeof data !== "object" || data === null) return false;
  const prototype: unknown = Object.getPrototypeOf(data);
  return prototype === null || Object.getPrototypeOf(prototype) === null; // of another realm, too
}

function isChunks(data: unknown): data is BodyChunks {
  if (typeof data !== "object" || data === null) return false;
  const { anext, getReader } = data as { anext?: unknown; getReader?: unknown };
  return typeof anext === "function" || typeof getReader === "function" || Symbol.asyncIterator in data;
}

/** A chunk as bytes. Throws TypeError for what is none. */
export function bytesOf(chunk: Uint8Array | string): Uint8Array {
  if (typeof chunk === "string") return encoder.encode(chunk);
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError(`Invalid data: expected a Uint8Array or a string, got ${format(chunk)}`);
}

// Where things were made and cancelled, for debug mode: kept beside them, so that they carry nothing for it otherwise.

import { Capture, captureToKeep } from "./stack.ts";

const origins = new WeakMap<object, Capture>();
const cancellations = new WeakMap<object, Capture>();

/** Remembers that `object` is made here. Returns the place. */
export function noteOrigin(object: object): Capture {
  const place = captureToKeep();
  origins.set(object, place);
  return place;
}

/** Forgets where `object` was made: for what is made in no place that tells anything. */
export function forgetOrigin(object: object): void {
  origins.delete(object);
}

/** The place at which `object` was made; undefined when that was not noted. */
export function placeOf(object: object): Capture | undefined {
  return origins.get(object);
}

/**
 * Where `object` was made: up to 10 lines "name (file:line:column)", innermost first; undefined when that was not
 * noted, or was in the library's own code.
 */
export function originOf(object: object): string | undefined {
  return origins.get(object)?.origin() || undefined;
}

/** Remembers that `object` is cancelled here. */
export function noteCancellation(object: object): void {
  cancellations.set(object, new Capture());
}

/** Where `object` was cancelled last, as `originOf` tells it. */
export function cancellationOf(object: object): string | undefined {
  return cancellations.get(object)?.origin() || undefined;
}

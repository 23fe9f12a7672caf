// When two failures count as the same one: a search must not shrink one bug to another one.

import { LeakError } from "../../errors/testing.ts";
import { framesOf, ofProgram } from "../../support/engine-frames.ts";
import { isA } from "../../support/is-a.ts";
import { ownFile } from "../../support/stack.ts";
import type { Outcome } from "./program.ts";

/** Frames that have to be the same: an assertion of the program's own is thrown in a function that others call, too. */
const COMPARED_FRAMES = 3;

/**
 * Whether two runs failed in the same way: the same status, and an error of the same class that comes from the same
 * place.
 */
export function failsAlike(outcome: Outcome<unknown>, failed: Outcome<unknown>): boolean {
  if (outcome.status !== failed.status) return false;
  return outcome.status !== "error" || areAlike(outcome.error, failed.error);
}

function areAlike(one: unknown, other: unknown): boolean {
  if (!isA(one, Error) || !isA(other, Error)) return typeof one === typeof other;
  if (one.constructor !== other.constructor) return false;
  if (one.constructor === LeakError) return true; // what is left differs from order to order
  const [members, others] = [one, other].map((error) => (error as Partial<AggregateError>).errors);
  return Array.isArray(members) && Array.isArray(others)
    ? areAlike(members[0], others[0])
    : placeOf(one) === placeOf(other);
}

/** Where in the program an error comes from, up to where the library called it; "" where that cannot be seen. */
function placeOf(error: Error): string {
  try {
    const frames = framesOf(error);
    const own = new Set(ofProgram(frames, ownFile()) ?? frames);
    const inner = frames.slice(frames.findIndex((frame) => own.has(frame)));
    const end = inner.findIndex((frame) => !own.has(frame));
    const compared = inner.slice(0, Math.min(end < 0 ? inner.length : end, COMPARED_FRAMES));
    return compared.map(({ text }) => text).join();
  } catch {
    return ""; // its stack throws when it is looked at
  }
}

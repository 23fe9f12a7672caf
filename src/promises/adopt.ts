// What an async function returns: a promise is followed, and takes two ticks more than a value, as in the language.

import { type Coroutine, GIVE_WAY } from "../runtime/suspension.ts";
import { type Future, isFuture } from "../runtime/future.ts";
import { abandon, follow, isOurs, pendingPromise, thenOf } from "./promise.ts";

/** Gives a value itself, or what it is a promise of. */
export function* adopt(value: object): Coroutine<unknown> {
  const then = thenOf(value);
  if (typeof then !== "function") return value;
  let followed: Future<unknown> | null = null;
  try {
    yield GIVE_WAY; // the job that calls `then`
    if (isOurs(value, then)) {
      followed = value;
      if (value.isDone) yield GIVE_WAY;
    }
  } catch (error) {
    if (isFuture(value)) abandon(value);
    throw error;
  }
  if (followed !== null) return yield* followed;
  const promise = pendingPromise();
  follow(promise, value, then);
  return promise.isDone ? promise.outcome() : yield* promise;
}

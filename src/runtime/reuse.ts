// A coroutine is awaited once, by one task. One that is given to two takes steps for both, and each gets a part of it.
//
// A generator does not tell whether it was begun, and to note each one costs as much as a sixth of its task. But what
// waits at its innermost end is the library's own: it knows which task began to wait, and is resumed by no other one.
// What has ended cannot be told from what has nothing to do: debug mode notes coroutines when they become tasks.

import { RuntimeError } from "../errors/base.ts";
import type { Suspension } from "./suspension.ts";

/** A task, as what it waits for knows it. */
export interface Awaiter {
  readonly isDone: boolean;
  getCoro(): object | null;
  failWait(error: unknown): void;
}

/** In the place of the task that waits, when its wait is over. */
export const OVER: unique symbol = Symbol("over");

/** Yielded to a task whose coroutine is another one's, and waits for that. */
export const REUSED = { toString: () => "<reused>" } as unknown as Suspension;
const REUSE: IteratorResult<Suspension, never> = Object.freeze({ done: false, value: REUSED });

/** Coroutines that were awaited in debug mode. */
const awaited = new WeakSet<object>();

/** The error for a coroutine that is awaited twice: CPython's. */
export function cannotReuse(): RuntimeError {
  return new RuntimeError("cannot reuse already awaited coroutine");
}

/** In debug mode: notes that a coroutine is awaited. Throws RuntimeError for one that was noted. */
export function noteAwaited(coroutine: object): void {
  if (awaited.has(coroutine)) throw cannotReuse();
  awaited.add(coroutine);
}

/**
 * For what waits for `owner`, and is resumed by another task. One that has the same coroutine is told, and leaves it to
 * its owner. One that awaits the coroutine gets a RuntimeError from inside it: so the coroutine ends, and the owner, if
 * it still waits, fails with that, too. What is over is resumed by nobody.
 */
export function refuseReuse(
  owner: Awaiter | null | typeof OVER,
  other: Awaiter | null,
  waits?: boolean,
): IteratorResult<Suspension, never> {
  if (owner === OVER) throw cannotReuse();
  if (owner !== null && owner.getCoro() === other?.getCoro()) return REUSE;
  if (waits ?? owner?.isDone === false) owner?.failWait(cannotReuse());
  throw cannotReuse();
}

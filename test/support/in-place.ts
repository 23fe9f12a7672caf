// Blocks in place: what `with` does, written out by `enter`, `fail` and `exit`, as programs do.

import type { Coroutine, MoveOn, TaskGroup, Timeout } from "wasyncio";

/** Runs `body` as a block of `scope`. Returns what it returns; undefined when it was cut short without an error. */
export function* inPlace<S extends MoveOn | TaskGroup | Timeout, T>(
  scope: S,
  body: (scope: S) => Coroutine<T>,
): Coroutine<T | undefined> {
  scope.enter();
  try {
    return yield* body(scope);
  } catch (error) {
    scope.fail(error);
    return undefined;
  } finally {
    const exiting = scope.exit();
    if (exiting) yield* exiting;
  }
}

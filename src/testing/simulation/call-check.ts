// Calling a program's `check`, which has to say all it has to say inside the call.

import { RuntimeError } from "../../errors/base.ts";
import { format } from "../../support/format.ts";
import { isGenerator, isThenable } from "../../runtime/suspension.ts";

/**
 * Calls a check. Throws what it throws, RuntimeError when it gives false, and TypeError when it gives a promise or a
 * coroutine: nobody would wait for that.
 */
export function callCheck<A extends unknown[]>(check: (...args: A) => unknown, ...args: A): void {
  const given = check(...args);
  if (given === false) throw new RuntimeError("The check gave false");
  if (!mustBeAwaited(given)) return;
  if (given instanceof Promise) given.catch(() => {}); // this error is the one to tell of
  throw new TypeError(`Invalid check: expected a function that is done when it returns, it gave ${format(given)}`);
}

function mustBeAwaited(given: unknown): boolean {
  try {
    return isGenerator(given) || isThenable(given);
  } catch {
    return false; // what cannot be looked at is no promise
  }
}

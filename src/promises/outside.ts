// Async functions outside of a loop: what a lowered one does there is what it did before, on promises of the host's.

import type { Loop } from "../runtime/loop.ts";
import type { Coroutine } from "../runtime/suspension.ts";

/** Runs the body of an async function: what it yields is awaited by the host's promises. */
export function runOutside(body: Coroutine<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const goOn = (step: () => IteratorResult<unknown, unknown>): void => {
      let result: IteratorResult<unknown, unknown>;
      try {
        result = step();
      } catch (error) {
        return reject(error);
      }
      if (result.done === true) return resolve(result.value);
      Promise.resolve(result.value).then(
        (awaited) => goOn(() => body.next(awaited)),
        (error: unknown) => goOn(() => body.throw(error)),
      );
    };
    goOn(() => body.next(undefined));
  });
}

/** Calls a function in a loop that runs, between its turns: for what the host has called. */
export function visit<T>(loop: Loop, call: () => T): T {
  loop.arrivals.admit("call");
  const outside = loop.pump.enter();
  try {
    return call();
  } finally {
    loop.pump.leave(outside);
    loop.arrivals.wake(); // what it waits for may be another now
  }
}

// Reaching for the outside from inside a simulation: nothing there can happen while it runs, so it is an error at the
// call.
//
// Without it the program would wait for what can never come, and the simulation would end as a deadlock far from its
// cause.

import { OutsideError } from "../../errors/testing.ts";
import { type Loop, runningLoop } from "../../runtime/loop.ts";
import { captureOrigin } from "../../support/stack.ts";
import { labelOf } from "../../introspection/waits.ts";

/** Stands in for a function of the host: throws OutsideError when it is called, or constructed. */
export function refusing(name: string, advice: string): () => never {
  const refuse = function (): never {
    throw outsideError(runningLoop(), `called ${name}`, advice, refuse);
  };
  Object.defineProperty(refuse, "name", { value: name.slice(name.lastIndexOf(".") + 1) });
  return refuse;
}

/**
 * Throws OutsideError for a promise, which settles only when the simulation is over: also one of this library's
 * futures, made by `then`. Other thenables are let in: they may call back at once, or by the loop. The promise counts
 * as handled.
 */
export function refusePromise(loop: Loop, promise: PromiseLike<unknown>): void {
  if (Object.prototype.toString.call(promise) !== "[object Promise]") return;
  promise.then(undefined, () => {}); // the simulation's error is the one to tell of
  throw outsideError(
    loop,
    "awaited a promise",
    "await coroutines, futures and tasks with yield*, and give the program something that stands in for what makes promises",
    refusePromise,
  );
}

/**
 * Whose stack begins behind `called`, where the engine can leave frames out: with what the program has called it by.
 */
function outsideError(loop: Loop | null, act: string, advice: string, called: Function): OutsideError {
  const [site = ""] = captureOrigin().split("\n", 1);
  const place = site === "" ? "" : ` at ${site}`;
  const error = new OutsideError(
    `${actorIn(loop)} ${act} inside a simulation${place}: nothing outside can happen while it runs; ${advice}`,
  );
  CapturingError.captureStackTrace?.(error, called);
  return error;
}

const CapturingError = Error as { captureStackTrace?: (error: Error, behind: Function) => void };

/** Who runs now, to begin a sentence with. */
function actorIn(loop: Loop | null): string {
  if (loop === null) return "The program";
  if (loop.currentTask === null) return "A callback";
  return labelOf(loop.currentTask).text;
}

// Reaching for the outside from inside a simulation: nothing there can happen while it runs, so it is an error at the
// call.
//
// Without it the program would wait for what can never come, and the simulation would end as a deadlock far from its
// cause.

import { OutsideError } from "../../errors/testing.ts";
import type { Refusal } from "../../runtime/arrivals.ts";
import { Future } from "../../runtime/future.ts";
import { type Loop, runningLoop } from "../../runtime/loop.ts";
import { framesOf } from "../../support/engine-frames.ts";
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

/** As `refusing`, for a function that the host calls, too: its calls go to `own`. */
export function refusingToPrograms(name: string, advice: string, own: Function): Function {
  const refuse = refusing(name, advice);
  const replaced = function (this: unknown, ...args: unknown[]): unknown {
    return isCalledByHost(replaced) ? Reflect.apply(own, this, args) : refuse();
  };
  Object.defineProperty(replaced, "name", { value: refuse.name });
  return replaced;
}

/** Loops that were told of a promise. */
const told = new WeakSet<Loop>();
let isMarking = false;

/**
 * What `Promise.prototype.constructor` is while a simulation runs. Engines read it where a promise is awaited, or given
 * reactions: these are jobs of the engine, which run when the simulation is over. So the program's first read in a run
 * makes that fail. Nothing is thrown here: in an async function it would be a rejection that nobody handles.
 */
export function constructorOfPromises(): PromiseConstructor {
  const loop = runningLoop();
  if (loop !== null && !isMarking && !told.has(loop) && !isCalledByHost(constructorOfPromises)) {
    told.add(loop);
    const error = outsideError(loop, AWAITED, INSTEAD_OF_PROMISES, constructorOfPromises);
    loop.host.report("error", error.message, error);
  }
  return Promise;
}

/** Has a rejection of a promise, which another error tells of, count as handled. */
export function markHandled(promise: PromiseLike<unknown>): void {
  isMarking = true;
  try {
    promise.then(undefined, () => {});
  } finally {
    isMarking = false;
  }
}

const AWAITED = "awaited a promise";
const INSTEAD_OF_PROMISES =
  "await coroutines, futures and tasks with yield*, and give the program something that stands in for what makes promises";

/** The hosts' own modules. */
const HOST_FILE = /^(?:node|ext|internal|bun):/;

/** Whether a function that stands in for one of the host's was called by the host. */
function isCalledByHost(called: Function): boolean {
  const error = new Error();
  CapturingError.captureStackTrace?.(error, called);
  return HOST_FILE.test(framesOf(error)[0]?.file ?? "");
}

/** What refuses the outside to the program of a loop. */
export function refusalOf(loop: Loop): Refusal {
  return {
    promise: (promise) => refusePromise(loop, promise),
    act(act, instead) {
      throw outsideError(loop, act, instead, this.act);
    },
  };
}

/**
 * Throws OutsideError for a promise, which settles only when the simulation is over: also one of this library's
 * futures, made by `then`. Other thenables are let in: they may call back at once, or by the loop, as classes over the
 * loop's promises do. The promise counts as handled.
 */
function refusePromise(loop: Loop, promise: PromiseLike<unknown>): void {
  if (promise instanceof Future) return;
  if (Object.prototype.toString.call(promise) !== "[object Promise]") return;
  markHandled(promise); // the simulation's error is the one to tell of
  throw outsideError(loop, AWAITED, INSTEAD_OF_PROMISES, refusePromise);
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

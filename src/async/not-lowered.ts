// What says that code has to be lowered: an async function that is not has no running loop behind its first await,
// where the engine resumes it, and nobody can cancel it.

import { RuntimeError } from "../errors/base.ts";
import { runningLoop } from "../runtime/loop.ts";
import { isAsyncFunction } from "../runtime/suspension.ts";

/** What there is to do. */
export const HOW = "start with wasyncio/register, or build with a plugin of wasyncio/transform";

/** Throws RuntimeError for an async function that is not lowered. Returns anything else. */
export function checkLowered<F>(fn: F, act: string): F {
  if (!isAsyncFunction(fn)) return fn;
  throw new RuntimeError(`Cannot ${act}: the async function is not lowered: ${HOW}`);
}

/** Throws RuntimeError where no loop runs. */
export function checkRunning(name: string): void {
  if (runningLoop() !== null) return;
  throw new RuntimeError(
    `Cannot call ${name}: no loop runs here. Behind an await, the async function is not lowered: ${HOW}. ` +
      "In a callback of the host, call an async function, which is a task of the loop if only one runs; " +
      "group.createTask(() => f()) is one of the group's loop",
  );
}

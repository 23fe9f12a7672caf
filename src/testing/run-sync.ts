// A program in virtual time, and nothing more: `run` without promises.

import { RuntimeError } from "../errors/base.ts";
import { mainCoroutine } from "../runners/main-coroutine.ts";
import { beginShutdown } from "../runners/shutdown.ts";
import { chooseLoop, runningLoop, unchooseLoop } from "../runtime/loop.ts";
import { isAsyncFunction } from "../runtime/suspension.ts";
import { checkBoolean, checkFunction, checkNames } from "../support/checks.ts";
import type { Program } from "./simulation/program.ts";
import { VirtualEventLoop } from "./virtual-event-loop.ts";

/** Options of `runSync`. */
export interface RunSyncOptions {
  /** Whether the loop is in debug mode. Default: false. */
  debug?: boolean;
}

/**
 * Runs a program in virtual time, inside the call, and returns what it returns: as `run`, without promises. Who wants
 * to know how it ended, what it left, or what else could have happened, asks `simulate`. Time stands still while
 * anything is ready: polling by `sleep(0)` until a time has come never ends.
 * @param program a `function*`, or a function that gives anything that can be awaited
 * @throws what the program throws
 * @throws DeadlockError when nothing can ever run again: also when it waits for a promise
 * @throws TypeError for what is not a function, and for an async function
 * @throws RuntimeError from within a running loop
 *
 * @example
 * const value = runSync(function* () {
 *   yield* sleep(3600); // takes no time
 *   return "done";
 * });
 */
export function runSync<T>(program: Program<T>, options: RunSyncOptions = {}): T {
  const { debug = false } = checkNames(options, ["debug"]);
  if (isAsyncFunction(checkFunction(program, "program")))
    throw new TypeError("Cannot run an async function: make it a function*, and each await in it a yield*");
  checkBoolean(debug, "debug");
  if (runningLoop() !== null) throw new RuntimeError("runSync() cannot be called from a running event loop");
  const loop = new VirtualEventLoop();
  loop.setDebug(debug);
  chooseLoop(loop);
  try {
    return loop.runUntilCompleteSync(mainCoroutine(program));
  } finally {
    try {
      const shutdown = beginShutdown(loop);
      if (shutdown !== null) {
        loop.runUntilCompleteSync(shutdown.ended);
        shutdown.report();
      }
      loop.runUntilCompleteSync(loop.shutdownAsyncgens());
    } finally {
      unchooseLoop(loop);
      loop.close();
    }
  }
}

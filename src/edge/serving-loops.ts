// Which loop a request is handled in.
//
// One loop of the process serves all, where the host lets it: a program's locks and pools belong to a loop. A handler
// that is made inside a program of `run` serves in the loop of that program, for the same reason. What the host lets is
// the host's to say; nothing here looks for it.

import { RuntimeError } from "../errors/base.ts";
import { sharedByRequests } from "../runtime/environment.ts";
import { EventLoop } from "../runtime/event-loop.ts";
import { runOutsideHostContexts } from "../runtime/host-context.ts";
import { runningLoop } from "../runtime/loop.ts";
import { getRunningLoop } from "../runtime/running.ts";
import { format } from "../support/format.ts";
import { newEventLoop } from "../runners/event-loops.ts";
import { RequestLoop } from "./request-loop.ts";
import type { ServingLoop } from "./serving.ts";
import { SharedLoop } from "./shared-loop.ts";

/** The options of `handler` that say which loop. */
export interface LoopOptions {
  readonly loop?: "shared" | "request";
  readonly debug?: boolean;
  readonly loopFactory?: () => EventLoop;
}

/** A place for a loop that many requests share. */
interface Place {
  serving: SharedLoop | null;
}

const ofProcess: Place = { serving: null };

/**
 * Returns what gives the loop for each request of a handler that is made now. Throws TypeError for an option that is
 * none, and RuntimeError where a loop cannot be shared.
 */
export function servingLoops(options: LoopOptions): () => ServingLoop {
  const { loopFactory, debug } = options;
  const make = (): EventLoop => {
    const loop: unknown = loopFactory === undefined ? newEventLoop() : loopFactory();
    if (!(loop instanceof EventLoop))
      throw new TypeError(`Cannot handle request: an EventLoop was expected of loopFactory, got ${format(loop)}`);
    if (debug !== undefined) loop.setDebug(debug);
    return loop;
  };
  if (!isShared(options)) return () => new RequestLoop(make());
  if (loopFactory !== undefined) return sharedAt({ serving: null }, make);
  const around = runningLoop() as EventLoop | null; // the one class of loops
  const serving = around === null ? null : inProgram(around);
  if (serving !== null) {
    if (debug !== undefined) serving.loop.setDebug(debug);
    return () => serving;
  }
  if (debug !== undefined) ofProcess.serving?.loop.setDebug(debug);
  return sharedAt(ofProcess, make);
}

/**
 * Has the program that runs serve the requests of the process: also those of handlers that were made before it, unless
 * one of them has had a request. Returns what serves them. Throws RuntimeError inside a request.
 */
export function serveInProgram(): SharedLoop {
  const serving = inProgram(getRunningLoop());
  if (serving === null) throw new RuntimeError("Cannot serve: a request is being handled");
  if (ofProcess.serving === null || ofProcess.serving.loop.isClosed()) ofProcess.serving = serving;
  return serving;
}

function isShared({ loop }: LoopOptions): boolean {
  const isPossible = sharedByRequests();
  if (loop === undefined) return isPossible === true;
  if (loop === "request") return false;
  if (loop !== "shared") throw new TypeError(`Invalid loop: expected 'shared' or 'request', got ${format(loop)}`);
  if (isPossible === false)
    throw new RuntimeError("Cannot share a loop: on this host what a request begins belongs to that request");
  return true;
}

/** The loop at a place: a new one, when there is none that could go on. */
function sharedAt(place: Place, make: () => EventLoop): () => SharedLoop {
  return () => {
    if (place.serving === null || place.serving.loop.isClosed()) {
      runOutsideHostContexts(() => {
        place.serving = new SharedLoop(make(), false);
      });
    }
    return place.serving as SharedLoop;
  };
}

/** A loop of a program that runs, which its program ends; null for one that is run for requests alone. */
function inProgram(loop: EventLoop): SharedLoop | null {
  const { service } = loop;
  if (service === null) return new SharedLoop(loop, true);
  return service instanceof SharedLoop && service.isForeign ? service : null;
}

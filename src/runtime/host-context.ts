// The host's own asynchronous context, AsyncLocalStorage's: what was made in one runs in it, through every wait, whoever wakes it.
//
// As long as nobody uses such a storage nothing is kept, and a step pays for it with one look at a variable. What was made before
// then runs in a context in which nothing is stored: not in that of whoever wakes it, which is another request's perhaps.

import type { HostContext } from "../drivers/contexts.ts";
import { hostOfProgram } from "./environment.ts";

/** What runs in a context of the host's. */
export interface HostContextHolder {
  /** @internal The one that it was made in; null when none was kept then. */
  hostContext: HostContext | null;
}

let capture: (() => HostContext) | null = null;
/** The context in which nothing is stored; null as long as no storage is in use. */
let empty: HostContext | null = null;
/** Whether the code that runs has replaced its context. */
let isReplaced = false;
let isWatched = false;

/**
 * Sees to it that contexts are kept from their first use on, on hosts that have some; where looking for that would take long, it
 * is done only when it was asked for.
 */
export function watchHostContexts(options: { asked: boolean }): void {
  if (isWatched) return;
  const host = hostOfProgram();
  if (host.watchesContextsIfAsked === true && !options.asked) return;
  isWatched = true;
  host.watchContexts?.({
    used: (how) => {
      capture = how;
      empty = how();
    },
    entered: () => {
      isReplaced = true;
    },
  });
}

/** The current context, to be kept; null as long as no storage is in use. */
export function currentHostContext(): HostContext | null {
  return capture === null ? null : capture();
}

/** Whether contexts have to be entered. */
export function keepsHostContexts(): boolean {
  return empty !== null;
}

/** Calls `run(holder, argument)` in the holder's context. When the call has replaced its context, that is the holder's from then on. */
export function runInHostContext<H extends HostContextHolder, A, R>(
  holder: H,
  run: (holder: H, argument: A) => R,
  argument: A,
): R {
  const context = holder.hostContext ?? (empty as HostContext);
  return context.runInAsyncScope(runNoticing<H, A, R>, undefined, holder, run, argument);
}

function runNoticing<H extends HostContextHolder, A, R>(holder: H, run: (holder: H, argument: A) => R, argument: A): R {
  const outer = isReplaced;
  isReplaced = false;
  try {
    return run(holder, argument);
  } finally {
    if (isReplaced) holder.hostContext = currentHostContext();
    isReplaced = outer;
  }
}

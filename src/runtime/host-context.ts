// The host's own asynchronous context, AsyncLocalStorage's: what was made in one runs in it, through every wait,
// whoever wakes it.
//
// As long as nobody stores anything nothing is kept, and a step pays nothing for it: its loop knows whether steps are
// plain, and is told of the first use. What was made before then runs in a context in which nothing is stored: not in
// that of whoever wakes it, which is another request's perhaps. Each has one of its own, because Node before 24 lets
// `enterWith` change the very one in which it is called.

import type { HostContext, HostContexts } from "../drivers/contexts.ts";
import { hostOfProgram } from "./environment.ts";

/** What runs in a context of the host's. */
export interface HostContextCarrier {
  /** @internal The one that it was made in; null when none was kept then. */
  hostContext: HostContext | null;
}

/** What the host has; null as long as that is not known. */
let contexts: HostContexts | null = null;
/** A context in which nothing is stored. */
let empty: HostContext | null = null;
let isKeeping = false;
/** Whether the code that runs has replaced its context. */
let isReplaced = false;
/** The loop that makes steps, or null. */
let stepping: Stepping | null = null;

/** A loop, which looks whether its steps are plain, or in contexts of the host. */
interface Stepping {
  noteSteps(): void;
}

/** From now on this loop makes the steps: it is told when contexts are kept. */
export function tellOfContexts(loop: Stepping | null): void {
  stepping = loop;
  loop?.noteSteps();
}

/**
 * Sees to it that contexts are kept from their first use on, on hosts that have some; where finding that out takes
 * long, only when it was asked for.
 */
export function watchHostContexts(options: { asked: boolean }): void {
  if (isKeeping) return;
  if (contexts === null) {
    const host = hostOfProgram();
    if (host.contextsTakeLong === true && !options.asked) return;
    contexts = host.contexts?.() ?? null;
    if (contexts === null) return;
    empty = contexts.captureEmpty();
    contexts.watch({
      used: keep,
      entered: () => {
        isReplaced = true;
      },
    });
  }
  if (contexts.isStoring()) keep(); // by a program that stored something before it had us
}

/** Keeps contexts from now on, on hosts that have some, whether they are used or not. */
export function keepHostContexts(): void {
  watchHostContexts({ asked: true });
  if (contexts !== null) keep();
}

/** From now on contexts are kept. */
function keep(): void {
  isKeeping = true;
  stepping?.noteSteps();
}

/** The current context, to be kept; null as long as none is. */
export function currentHostContext(): HostContext | null {
  return isKeeping ? capture() : null;
}

/** Whether contexts are kept, and have to be entered. */
export function keepsHostContexts(): boolean {
  return isKeeping;
}

/** Calls `fn` in a context that was kept; null: in the current one. */
export function runInCaptured<R>(context: HostContext | null, fn: () => R): R {
  return context === null ? fn() : context.runInAsyncScope(fn, undefined);
}

/**
 * Calls `run(carrier, argument)`, in the carrier's context if contexts are kept. When the call has replaced its
 * context, that is the carrier's from then on.
 */
export function runInHostContext<H extends HostContextCarrier, A, R>(
  carrier: H,
  run: (carrier: H, argument: A) => R,
  argument: A,
): R {
  if (!isKeeping) return run(carrier, argument);
  const context = (carrier.hostContext ??= emptyContext());
  return context.runInAsyncScope(runNoticing<H, A, R>, undefined, carrier, run, argument);
}

/**
 * A step was made while none was kept. When the first use was in it, and has replaced the context, that is the
 * carrier's from now on; null when it was not made by one that steps again.
 */
export function noticeFirstUse(carrier: HostContextCarrier | null): void {
  if (isReplaced && carrier !== null) carrier.hostContext = capture();
  isReplaced = false;
}

/**
 * Calls `fn` in a context in which nothing is stored, once contexts are kept: what it enters ends with it. Before, a
 * turn has nothing to leave, and need not pay for it.
 */
export function runOutsideHostContexts(fn: () => void): void {
  runInCaptured(isKeeping ? emptyContext() : null, fn);
}

/** Calls `fn` in the current context, on hosts that have some: what it enters ends with it. */
export function runInsideHostContext<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R {
  return contexts === null ? fn(...args) : capture().runInAsyncScope(fn, undefined, ...args);
}

function runNoticing<H extends HostContextCarrier, A, R>(
  carrier: H,
  run: (carrier: H, argument: A) => R,
  argument: A,
): R {
  const outer = isReplaced;
  isReplaced = false;
  try {
    return run(carrier, argument);
  } finally {
    if (isReplaced) carrier.hostContext = capture();
    isReplaced = outer;
  }
}

const capture = (): HostContext => (contexts as HostContexts).capture();

const emptyContext = (): HostContext => (empty as HostContext).runInAsyncScope(capture, undefined);

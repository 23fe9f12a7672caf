// What else of the host's a lowered module calls by a free name: on the running loop, where one runs.

import { abortable } from "../bridges/abortable.ts";
import { runningLoop } from "../runtime/loop.ts";
import { checkFunction } from "../support/checks.ts";
import { run } from "./await.ts";

/** A job is a callback of the loop: its order among the reactions of promises is the language's. */
export function queueMicrotask(callback: () => unknown): void {
  const loop = runningLoop();
  if (loop === null) globalThis.queueMicrotask(callback);
  else loop.callSoon(checkFunction(callback, "callback"));
}

interface HostWithTicks {
  readonly process: { nextTick(callback: Function, ...args: unknown[]): void };
}

/** Stands for `process.nextTick`. In a loop it is a job as others are. */
export function nextTick(callback: (...args: unknown[]) => unknown, ...args: unknown[]): void {
  const loop = runningLoop();
  if (loop === null) (globalThis as unknown as HostWithTicks).process.nextTick(callback, ...args);
  else loop.callSoon(checkFunction(callback, "callback"), ...args);
}

/**
 * As the host's; in a loop, a request whose reader is cancelled is aborted. Nobody sees its types: a lowered file is
 * checked as it was written.
 */
export const fetch = function fetch(input: RequestInfo | URL, init?: RequestInit): Promise<unknown> {
  if (runningLoop() === null) return globalThis.fetch(input, init);
  const body = abortable((signal) => {
    const own = init?.signal ?? (input instanceof Request ? input.signal : null);
    return globalThis.fetch(input, { ...init, signal: own === null ? signal : AbortSignal.any([signal, own]) });
  });
  return run(body, "fetch");
} as (input: unknown, init?: unknown) => Promise<unknown>;

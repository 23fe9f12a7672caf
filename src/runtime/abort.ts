// Abort signals: how the outside stops a task or a program.
//
// An abort is an arrival: while the loop runs, it comes in the loop's own turn. What follows a signal takes its listener off when it
// ends, because one signal may outlive any number of tasks.

import { format } from "../support/format.ts";
import type { Arrivals } from "./arrivals.ts";

/** The loop, as an abort knows it. */
interface Destination {
  readonly arrivals: Arrivals;
  isClosed(): boolean;
}

/** @internal The option `signal`. Throws TypeError for what is none: by what it can do, for signals come from other realms, too. */
export function checkSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  if (signal === undefined) return signal;
  if (typeof signal?.aborted === "boolean" && typeof signal.addEventListener === "function") return signal;
  throw new TypeError(`Invalid signal: expected an AbortSignal, got ${format(signal)}`);
}

/** @internal Calls `stop` when a signal is aborted, in the loop's turn, or at once when it is already. Returns what stops listening. */
export function onAbort(signal: AbortSignal, loop: Destination, stop: () => void): () => void {
  const abort = (): void => {
    if (!loop.isClosed()) loop.arrivals.deliver("abort", stop);
  };
  if (signal.aborted) stop();
  else signal.addEventListener("abort", abort);
  return () => signal.removeEventListener("abort", abort);
}

/** @internal Why a signal was aborted, as the message of a cancel. */
export function textOf({ reason }: AbortSignal): string {
  if (reason instanceof Error) return reason.message;
  return typeof reason === "string" ? reason : format(reason);
}

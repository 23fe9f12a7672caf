// Abort signals: how the outside stops a task or a program.
//
// An abort is an arrival: while the loop runs, it comes in the loop's own turn. What follows a signal leaves it when it
// ends, or its loop is closed, because one signal may outlive any number of tasks and loops.

import { format } from "../support/format.ts";
import type { Arrivals } from "./arrivals.ts";

/** The loop, as an abort knows it. */
interface Destination {
  readonly arrivals: Arrivals;
}

/** AbortSignal, where the project has that type: one may be without those of the web and of Node. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer S } } ? S : unknown;

/**
 * @internal The option `signal`. Throws TypeError for what is none: by what it can do, for signals come from other
 * realms, too.
 */
export function checkSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  if (signal === undefined) return signal;
  const { aborted, addEventListener, removeEventListener } = signal ?? {};
  if (typeof aborted === "boolean" && [addEventListener, removeEventListener].every((it) => typeof it === "function"))
    return signal;
  throw new TypeError(`Invalid signal: expected an AbortSignal, got ${format(signal)}`);
}

/**
 * Who follows which signal: one listener serves all, for a signal may be that of the whole process, and hosts warn of
 * many.
 */
const followers = new WeakMap<AbortSignal, Followers>();

class Followers extends Set<() => void> {
  readonly tell = (): void => {
    const errors: unknown[] = [];
    for (const abort of this) {
      try {
        abort(); // one that ends meanwhile is left out
      } catch (error) {
        errors.push(error); // the others are told all the same
      }
    }
    if (errors.length > 0) throw errors[0];
  };
}

/**
 * @internal Calls `stop` when a signal is aborted, in the loop's turn, or at once when it is already. Returns what
 * stops listening.
 */
export function onAbort(signal: AbortSignal, loop: Destination, stop: () => void): () => void {
  if (signal.aborted) {
    stop();
    return () => {};
  }
  const abort = (): void => loop.arrivals.deliver("abort", stop);
  const all = followers.get(signal) ?? new Followers();
  if (all.add(abort).size === 1) {
    followers.set(signal, all);
    signal.addEventListener("abort", all.tell);
  }
  return loop.arrivals.listen(() => {
    all.delete(abort);
    if (all.size > 0) return;
    followers.delete(signal);
    signal.removeEventListener("abort", all.tell);
  });
}

/** @internal Why a signal was aborted, as the message of a cancel. */
export function textOf({ reason }: AbortSignal): string {
  if (reason instanceof Error) return String(reason.message);
  return typeof reason === "string" ? reason : format(reason);
}

// Who awaits whom in the stacks of errors, in debug mode: a stack of JavaScript's ends where the task begins.

import { rewriteStack } from "../support/error-stack.ts";
import type { Capture, StackFrame } from "../support/stack.ts";

/** A future, as a stack tells of it. */
interface Awaiter {
  awaiters(): readonly Awaiter[];
  /** Where it waits, when it is a task. */
  readonly suspension?: Capture | null;
}

/** Frames that are shown of those who await a task. */
const MOST_FRAMES = 50;

/** Errors that tell already who awaits whom, and the first task that each came out of. */
const told = new WeakMap<object, Awaiter>();

/** Where a task waits, and then who awaits it, and so on; of several that do, the first. */
export function awaitingFrames(task: Awaiter): StackFrame[] {
  return [...(task.suspension?.frames() ?? []), ...callersOf(task)].slice(0, MOST_FRAMES);
}

/**
 * An error leaves a task. One that was not made by its coroutine, but has come from outside, gets the place where the
 * task waited for it, too.
 */
export function tellAwaiters(error: unknown, task: Awaiter): void {
  if (typeof error !== "object" || error === null || told.has(error)) return;
  told.set(error, task);
  rewriteStack(error, (inStep) => (inStep ? callersOf(task).slice(0, MOST_FRAMES) : awaitingFrames(task)));
}

/** The task that an error came out of first, in debug mode; else undefined. */
export function taskOfError(error: object): object | undefined {
  return told.get(error);
}

function callersOf(task: Awaiter): StackFrame[] {
  const frames: StackFrame[] = [];
  const seen = new Set<Awaiter>([task]);
  for (let caller = nextOf(task, seen); caller !== undefined; caller = nextOf(caller, seen)) {
    seen.add(caller);
    frames.push(...(caller.suspension?.frames() ?? []));
    if (frames.length >= MOST_FRAMES) break;
  }
  return frames;
}

/** The first that awaits a future and has not been met. */
function nextOf(future: Awaiter, seen: ReadonlySet<Awaiter>): Awaiter | undefined {
  return future.awaiters().find((awaiter) => !seen.has(awaiter));
}

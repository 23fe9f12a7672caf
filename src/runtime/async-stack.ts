// Who awaits whom in the stacks of errors, in debug mode: a stack of JavaScript's ends where the task begins.

import { CancelledError } from "../errors/asyncio.ts";
import { rewriteStack } from "../support/error-stack.ts";
import { isA } from "../support/is-a.ts";
import type { Capture, StackFrame } from "../support/stack.ts";

/** A future, as a stack tells of it. */
interface Awaiter {
  awaiters(): readonly Awaiter[];
  /** Where it waits, when it is a task. */
  readonly suspension?: Capture | null;
}

/** A task, as a text tells of it: the error that came out of it must not keep the task itself. */
export interface TaskName {
  readonly serial: number;
  readonly name: string;
}

/** Frames that are shown of those who await a task. */
const MOST_FRAMES = 50;

/** Where errors were thrown into tasks: one may be thrown into several. */
const thrownAt = new WeakMap<object, WeakMap<Awaiter, Capture>>();

/** Errors that tell already who awaits whom, and the first task that each came out of. */
const told = new WeakMap<object, TaskName>();

/** Where a task waits, and then who awaits it, and so on; of several that do, the first. */
export function awaitingFrames(task: Awaiter): StackFrame[] {
  return [...(task.suspension?.frames() ?? []), ...callersOf(task)].slice(0, MOST_FRAMES);
}

/**
 * An error is thrown into a task where that waits: from outside, unless it has come out of another task. A cancellation
 * tells at once who waits, the first time: whoever catches one wants to know, and it tells nothing more when it leaves.
 */
export function noteThrown(error: unknown, task: Awaiter): void {
  if (typeof error !== "object" || error === null) return;
  const places = thrownAt.get(error) ?? new WeakMap<Awaiter, Capture>();
  if (isA(error, CancelledError) && !thrownAt.has(error)) rewriteStack(error, awaitingFrames(task));
  thrownAt.set(error, places);
  if (task.suspension) places.set(task, task.suspension);
}

/** An error leaves a task. */
export function tellAwaiters(error: unknown, task: Awaiter & { readonly serial: number; getName(): string }): void {
  if (typeof error !== "object" || error === null || told.has(error)) return;
  told.set(error, { serial: task.serial, name: task.getName() });
  rewriteStack(error, [...(thrownAt.get(error)?.get(task)?.frames() ?? []), ...callersOf(task)].slice(0, MOST_FRAMES));
}

/** The task that an error came out of first, in debug mode; else undefined. */
export function taskOfError(error: object): TaskName | undefined {
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

// Programs in virtual time: how the tests run one, what its log says, and that it left nothing behind in the core.

import { expect } from "vitest";
import {
  type Awaitable,
  type Coroutine,
  DeadlockError,
  ensureFuture,
  type EventLoop,
  sleep,
  type TaskFactory,
} from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { inspect } from "../../src/core/inspection.ts";

export type Log = unknown[];
export type Program = (log: Log, loop: VirtualEventLoop) => Coroutine<unknown>;

/**
 * Runs a program in a loop of its own and returns its log. Reports to the exception handler are logged as
 * ["reported", message, error]. Then all that is left is cancelled and run to its end: nothing may be left in the core.
 */
export function runProgram(program: Program, options: { taskFactory?: TaskFactory; debug?: boolean } = {}): Log {
  const log: Log = [];
  const loop = new VirtualEventLoop();
  loop.setDebug(options.debug ?? false);
  loop.setTaskFactory(options.taskFactory ?? null);
  loop.setExceptionHandler((_, { message, exception }) =>
    log.push(["reported", message, exception === undefined ? null : describeError(exception)]),
  );
  loop.runUntilCompleteSync(program(log, loop));
  finish(loop);
  return log;
}

/** As `clear`, and closes the loop. */
export function finish(loop: VirtualEventLoop): void {
  clear(loop);
  loop.close();
}

/** Runs all that is left in a loop to its end, cancels what waits for ever, and checks that the core is empty. */
export function clear(loop: VirtualEventLoop): void {
  for (let round = 0; round < 10; round++) {
    exhaust(loop);
    const tasks = loop.pendingTasks();
    if (tasks.length === 0) break;
    for (const task of tasks) task.cancel();
  }
  expect(loop.pendingTasks().map(String), "tasks left").toEqual([]);
  expect(slotsInUse(loop), "slots left in the core").toBe(0);
}

/** Runs until nothing is scheduled any more. */
export function exhaust(loop: VirtualEventLoop): void {
  try {
    loop.runForeverSync();
  } catch (error) {
    if (!(error instanceof DeadlockError)) throw error;
  }
}

/** Slots in use in the loop's core. */
export function slotsInUse(loop: EventLoop): number {
  return inspect(loop.core).counters()[2];
}

/** Number of the iteration that runs, from 1. */
export function iteration(loop: EventLoop): number {
  return inspect(loop.core).counters()[0];
}

/** Timers in the loop's heap, cancelled ones included; and the cancelled ones among them. */
export function timers(loop: EventLoop): { all: number; cancelled: number } {
  const counters = inspect(loop.core).counters();
  return { all: counters[5], cancelled: counters[6] };
}

// ── Outcomes as text ───────────────────────────────────────────────────────────────────────────────────────────────

/** An error as Python would show it: RangeError('x'), with the members of a group. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `not an error: ${String(error)}`;
  const message = error.message === "" ? "" : `'${error.message}'`;
  if (!(error instanceof AggregateError)) return `${error.name}(${message})`;
  return `${error.name}(${message}, [${error.errors.map(describeError).join(", ")}])`;
}

/** What a call returns, or the error that it throws, as text. */
export function attempt<T>(call: () => T): T | string {
  try {
    return call();
  } catch (error) {
    return describeError(error);
  }
}

/** What an awaitable gives, or the error that it ends with, as text. */
export function* attemptAwait<T>(awaitable: Awaitable<T>): Coroutine<T | string> {
  try {
    return yield* Symbol.iterator in awaitable ? (awaitable as Coroutine<T>) : ensureFuture(awaitable);
  } catch (error) {
    return describeError(error);
  }
}

// ── Coroutines to make programs of ─────────────────────────────────────────────────────────────────────────────────

/** Gives way `count` times. */
export function* spin(count: number): Coroutine<void> {
  for (let i = 0; i < count; i++) yield* sleep(0);
}

export function* nothing(): Coroutine<void> {}

export function* give<T>(value: T): Coroutine<T> {
  return value;
}

export function* fail(error: unknown): Coroutine<never> {
  throw error;
}

// What the tests of the primitives and the queues share: programs in virtual time that write down what happens.

import { expect } from "vitest";
import { type Coroutine, GIVE_WAY } from "../../../src/runtime/suspension.ts";
import type { Task } from "../../../src/runtime/task.ts";
import { VirtualEventLoop } from "../../../src/testing/index.ts";
import { inspect } from "../../../src/core/inspection.ts";

/** What a program writes down, and the loop that it runs on. */
export interface Stage {
  readonly log: unknown[];
  readonly loop: VirtualEventLoop;
  /** Number of the current iteration. */
  iteration(): number;
  start<T>(coro: Coroutine<T>): Task<T>;
}

/**
 * Runs a program to its end, lets what is ready behind it run, and checks that the core holds nothing any more. Returns
 * its log.
 */
export function trace(main: (stage: Stage) => Coroutine<unknown>): unknown[] {
  const loop = new VirtualEventLoop();
  const log: unknown[] = [];
  const iteration = () => inspect(loop.core).counters()[0];
  loop.runUntilCompleteSync(main({ log, loop, iteration, start: (coro) => loop.createTask(coro) }));
  loop.runUntilCompleteSync(spin(3)); // tasks that were cancelled last
  expect(slotsInUse(loop), "slots in use").toBe(0);
  return log;
}

/** Slots that the core has given out. */
export function slotsInUse(loop: VirtualEventLoop): number {
  return inspect(loop.core).counters()[2];
}

/** Gives way for a number of iterations. */
export function* spin(iterations: number): Coroutine<void> {
  for (let index = 0; index < iterations; index++) yield GIVE_WAY;
}

/** What a call throws, as "Name('message')", or else what it returns. */
export function attempt<T>(call: () => T): T | string {
  try {
    return call();
  } catch (error) {
    return nameAndMessage(error);
  }
}

/** What a coroutine or a task throws, as "Name('message')", or else what it returns. */
export function* attemptAwait<T>(awaitable: Coroutine<T> | Task<T>): Coroutine<T | string> {
  try {
    return yield* awaitable;
  } catch (error) {
    return nameAndMessage(error);
  }
}

/** Waits for all tasks, failed ones too. */
export function* settle(tasks: Iterable<Task<unknown>>): Coroutine<void> {
  for (const task of tasks) yield* attemptAwait(task);
}

/** For sorting. */
export function byNumber(left: unknown, right: unknown): number {
  return Number(left) - Number(right);
}

function nameAndMessage(error: unknown): string {
  const { name, message } = error as Error;
  return message === "" ? `${name}()` : `${name}('${message}')`;
}

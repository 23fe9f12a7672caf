// Whole programs in virtual time, and the words that their traces are made of.

import { type Awaitable, type Coroutine, type EventLoop, type TaskFactory, sleep } from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { inspect } from "../../src/core/inspection.ts";

/** What a program has done, in order. */
export type Trace = unknown[];

/** A program: writes what it does to `log`. */
export type Program = (log: Trace, loop: VirtualEventLoop) => Coroutine<unknown>;

/** A loop that writes what reaches its exception handler, and what it tells the developer, to `log`. */
export function newLoop(log: Trace = []): VirtualEventLoop {
  const loop = new VirtualEventLoop();
  loop.setExceptionHandler((_, { message, exception }) => log.push(["EH", message, describeError(exception)]));
  loop.host.report = (level, text) => log.push([level, text]);
  return loop;
}

/** Runs a program to its end, and checks that it left nothing in the core. Returns its trace. */
export function trace(program: Program, options: { factory?: TaskFactory; debug?: boolean } = {}): Trace {
  const log: Trace = [];
  const loop = newLoop(log);
  loop.setTaskFactory(options.factory ?? null);
  loop.setDebug(options.debug ?? false);
  loop.runUntilCompleteSync(program(log, loop));
  dispose(loop);
  return options.debug === true ? log.filter((entry) => !String(entry).startsWith("debug,Close")) : log;
}

/** Cancels what is left, runs it out without letting time pass, checks that no slot is in use, and closes the loop. */
export function dispose(loop: VirtualEventLoop, slotsLeft = 0): void {
  for (const task of loop.pendingTasks()) task.cancel();
  for (let round = 0; round < 100 && readyCount(loop) > 0; round++) runOnce(loop);
  const objectCount = loop.core.objects.filter((object) => object !== undefined).length;
  const left = `${slotCount(loop)} slots and ${objectCount} objects in use, ${slotsLeft} expected`;
  if (slotCount(loop) !== slotsLeft || objectCount !== slotsLeft) throw new Error(left);
  loop.close();
}

/** Runs one iteration at the current time. */
export function runOnce(loop: VirtualEventLoop): void {
  loop.stop();
  loop.runForeverSync();
}

/** Lets time pass inside a callback or a step. */
export function passTime(loop: VirtualEventLoop, seconds: number): void {
  (loop.host as unknown as { jumpTo(time: number): void }).jumpTo(loop.time() + seconds);
}

/** Number of iterations that the loop has begun: asyncio's turn of the loop. */
export function iteration(loop: EventLoop): number {
  return inspect(loop.core).counters()[0];
}

export function slotCount(loop: EventLoop): number {
  return inspect(loop.core).counters()[2];
}

function readyCount(loop: EventLoop): number {
  return inspect(loop.core).counters()[4];
}

/** Number of tasks that wait for a primitive, as its text has it. */
export function waiterCount(primitive: object): number {
  return Number(/waiters:(\d+)/.exec(String(primitive))?.[1] ?? 0);
}

/** Gives way for a number of iterations. */
export function* spin(iterations: number): Coroutine<void> {
  for (let i = 0; i < iterations; i++) yield* sleep(0);
}

/** Returns a value without waiting. */
export function* giving<T>(value: T): Coroutine<T> {
  return value;
}

/** Throws without waiting. */
export function* throwing(error: unknown): Coroutine<never> {
  throw error;
}

/** Awaits, and nothing else. */
export function* awaiting<T>(awaitable: Iterable<unknown> & Awaitable<T>): Coroutine<T> {
  return yield* awaitable as Coroutine<T>;
}

/** Yields anything past the types, once, and returns what it is resumed with. */
export function* yielding(value: unknown): Coroutine<unknown> {
  return yield value as never;
}

/** The result of a call, or its error in words: "RuntimeError('Event loop is closed')". */
export function attempt(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return describeError(error);
  }
}

/** The result of awaiting, or its error in words. */
export function* attemptAwait(awaitable: Awaitable<unknown>): Coroutine<unknown> {
  try {
    return yield* awaitable as Coroutine<unknown>;
  } catch (error) {
    return describeError(error);
  }
}

/** An error in words: its class, its message if it has one, and the members of a group. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = error.message === "" ? "" : `'${error.message}'`;
  if (!(error instanceof AggregateError)) return `${error.name}(${message})`;
  return `${error.name}(${message}, [${error.errors.map(describeError).join(", ")}])`;
}

/** Replaces where something was made by PLACE. */
export function withoutPlaces(text: string): string {
  return text.replace(/created at .*?:\d+:\d+\)?/g, "created at PLACE");
}

/** Python's error, for programs that throw one. */
export class KeyError extends Error {
  override readonly name = "KeyError";
}

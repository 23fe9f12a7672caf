// Node's `timers/promises` in a loop: promises of the loop, in its time. Cancelling who waits for one clears its timer,
// and so does the option `signal`. Outside of a loop they are Node's own.

import { NotAvailableError } from "../errors/base.ts";
import { type Signal, checkSignal, onAbort } from "../runtime/abort.ts";
import { type Loop, runningLoop } from "../runtime/loop.ts";
import { checkBoolean, checkOptions } from "../support/checks.ts";
import { format } from "../support/format.ts";
import { agen, yield_ } from "./async-generator.ts";
import { await_ } from "./await.ts";
import {
  startImmediate,
  startInterval,
  startTimeout,
  stopImmediate,
  stopInterval,
  stopTimeout,
} from "./loop-timers.ts";
import { LoopPromise } from "./promise.ts";

interface TimerOptions {
  /** Whether the process lives until the timer fires. Default: true */
  readonly ref?: boolean;
  /** Aborts it. */
  readonly signal?: Signal;
}

interface TimerPromises {
  setTimeout(delay?: number, value?: unknown, options?: TimerOptions): Promise<unknown>;
  setImmediate(value?: unknown, options?: TimerOptions): Promise<unknown>;
  setInterval(delay?: number, value?: unknown, options?: TimerOptions): AsyncIterable<unknown>;
}

function ofHost(): TimerPromises {
  const { process } = globalThis as unknown as {
    process?: { getBuiltinModule?(name: "timers/promises"): TimerPromises };
  };
  const found = process?.getBuiltinModule?.("timers/promises");
  if (found === undefined) throw new NotAvailableError("timers/promises", "no loop runs, and the host has none");
  return found;
}

/** Throws TypeError for bad arguments, and the error of a signal that is aborted. Returns the options. */
function check(delay: unknown, options: TimerOptions = {}): TimerOptions {
  if (delay !== undefined && typeof delay !== "number")
    throw new TypeError(`Invalid delay: expected milliseconds, got ${format(delay)}`);
  const { ref, signal } = checkOptions(options);
  checkBoolean(ref, "ref");
  if (checkSignal(signal)?.aborted === true) throw abortError(signal);
  return options;
}

/** The error for what was aborted, in Node's words. */
function abortError(signal: AbortSignal | undefined): Error {
  const error = new Error("The operation was aborted", { cause: signal?.reason as unknown });
  return Object.assign(error, { name: "AbortError", code: "ABORT_ERR" });
}

function unref(timer: unknown): void {
  (timer as { unref(): void }).unref();
}

/** A promise of a loop that a timer fulfils. */
function timed(
  loop: Loop,
  start: (fire: () => void) => unknown,
  stop: (timer: unknown) => void,
  value: unknown,
  { ref, signal }: TimerOptions,
): Promise<unknown> {
  const { promise, resolve, reject } = LoopPromise.withResolvers<unknown>();
  const timer = start(() => {
    ignore?.();
    resolve(value);
  });
  if (ref === false) unref(timer);
  const end = (): void => {
    ignore?.();
    stop(timer);
  };
  const abort = (): void => {
    end();
    reject(abortError(signal));
  };
  const ignore = signal && onAbort(signal, loop, abort);
  promise.worker = {
    cancel(message) {
      end();
      promise.worker = null;
      return promise.cancel(message);
    },
  };
  return promise;
}

/** Fulfilled with a value after so many milliseconds. */
export function setTimeout(delay?: number, value?: unknown, options?: TimerOptions): Promise<unknown> {
  const loop = runningLoop();
  if (loop === null) return ofHost().setTimeout(delay, value, options);
  try {
    return timed(loop, (fire) => startTimeout(fire, delay, []), stopTimeout, value, check(delay, options));
  } catch (error) {
    return LoopPromise.reject(error);
  }
}

/** Fulfilled with a value when what is ready has run. */
export function setImmediate(value?: unknown, options?: TimerOptions): Promise<unknown> {
  const loop = runningLoop();
  if (loop === null) return ofHost().setImmediate(value, options);
  try {
    return timed(loop, (fire) => startImmediate(fire, []), stopImmediate, value, check(undefined, options));
  } catch (error) {
    return LoopPromise.reject(error);
  }
}

/** Gives a value each time that so many milliseconds have gone by. */
export function setInterval(delay?: number, value?: unknown, options?: TimerOptions): AsyncIterable<unknown> {
  const loop = runningLoop();
  return loop === null
    ? ofHost().setInterval(delay, value, options)
    : agen(ticks(loop, delay, value, options), "setInterval");
}

function* ticks(
  loop: Loop,
  delay: number | undefined,
  value: unknown,
  options: TimerOptions | undefined,
): Generator<unknown, void, unknown> {
  const { ref, signal } = check(delay, options);
  let due = 0;
  let wake = (): void => {};
  const timer = startInterval(
    () => {
      due++;
      wake();
    },
    delay,
    [],
  );
  if (ref === false) unref(timer);
  const ignore = signal && onAbort(signal, loop, () => wake());
  try {
    while (signal?.aborted !== true) {
      if (due === 0) yield* await_(new LoopPromise<void>((resolve) => (wake = resolve)));
      for (; due > 0; due--) yield* yield_(value);
    }
    throw abortError(signal);
  } finally {
    ignore?.();
    stopInterval(timer);
  }
}

/** Node's, of which the web has its own. */
export const scheduler = {
  wait: (delay: number, options?: TimerOptions): Promise<unknown> => setTimeout(delay, undefined, options),
  yield: (): Promise<unknown> => setImmediate(),
};

/** All of the module, for who imports it by one name. */
export const timerPromises = { setTimeout, setImmediate, setInterval, scheduler };

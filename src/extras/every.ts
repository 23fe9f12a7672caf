// every: a function is called again and again, at times that do not drift.

import type { Awaitable } from "../runtime/awaitable.ts";
import { getRunningLoop } from "../runtime/running.ts";
import { type Coroutine, isCoroutine, isThenable } from "../runtime/suspension.ts";
import { checkFunction, checkNames } from "../support/checks.ts";
import { type Delay, secondsOf } from "../support/delay.ts";
import { format } from "../support/format.ts";
import { sleep } from "../tasks/sleep.ts";
import { awaitedOf } from "../waiting/async-with.ts";
import { operation } from "../waiting/operation.ts";

/** Options of `every`. */
export interface EveryOptions {
  /**
   * What becomes of the times that pass while a call goes on. "skip": they are left out, and the next call is at the
   * next time. "catch up": each has its call, at once. Default: "skip".
   */
  missed?: "skip" | "catch up";
}

const OPTIONS: readonly (keyof EveryOptions)[] = ["missed"];

/** Of a period: what a clock may be short of a time without that being another one. */
const ROUNDING = 1e-9;

/**
 * Calls a function at once, and then after each period, one call at a time; goes on until the function returns false or
 * fails, or the task is cancelled. The times are counted from the first one, so that they do not drift. asyncio has
 * none.
 * @param period a positive number of seconds, or a duration in parts
 * @param fn called with the number of the time, from 0; what it gives is waited for. Returns false to end
 * @throws what `fn` throws
 * @throws TypeError or RangeError, at the call, for arguments of the wrong kind
 *
 * @example
 * yield* new TaskGroup().with(function* (group) {
 *   const beat = group.createTask(every(30, sendHeartbeat));
 *   yield* work();
 *   beat.cancel();
 * });
 */
export function every(
  period: Delay,
  fn: (time: number) => Awaitable<unknown> | void | boolean,
  options: EveryOptions = {},
): Coroutine<void> {
  const seconds = secondsOf(period, "period");
  if (!(seconds > 0 && seconds < Infinity))
    throw new RangeError(`Invalid period: expected a positive number of seconds, got ${seconds}`);
  checkFunction(fn, "fn");
  const { missed = "skip" } = checkNames(options, OPTIONS);
  if (missed !== "skip" && missed !== "catch up")
    throw new TypeError(`Invalid missed: expected "skip" or "catch up", got ${format(missed)}`);
  return operation("every", repeat(seconds, fn, missed === "skip"));
}

function* repeat(
  period: number,
  fn: (time: number) => Awaitable<unknown> | void | boolean,
  skips: boolean,
): Coroutine<void> {
  const loop = getRunningLoop();
  const start = loop.time();
  for (let time = 0; ; time++) {
    if (skips) time = Math.max(time, Math.ceil((loop.time() - start) / period - ROUNDING));
    // It gives way in any case: calls that wait for nothing must not keep all others from running.
    if (time > 0) yield* sleep(Math.max(0, start + time * period - loop.time()));
    const outcome = fn(time);
    const verdict = isCoroutine(outcome) || isThenable(outcome) ? yield* awaitedOf(outcome, "fn") : outcome;
    if (verdict === false) return;
  }
}

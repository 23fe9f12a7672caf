// retry: what may fail is tried again.

import { CancelledError } from "../errors/asyncio.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import { getRunningLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { checkFunction, checkNames } from "../support/checks.ts";
import { type Delay, secondsOf } from "../support/delay.ts";
import { type ErrorCondition, predicateOf } from "../support/exception-group.ts";
import { format } from "../support/format.ts";
import { sleep } from "../tasks/sleep.ts";
import { awaitedOf } from "../waiting/async-with.ts";
import { operation } from "../waiting/operation.ts";

/** How long to wait behind the attempt of a number, from 1, that has failed with an error. */
export type RetryWait = (attempt: number, error: unknown) => Delay;

/** Options of `retry`. */
export interface RetryOptions {
  /** Attempts at most, the first one included: a whole number from 1, or Infinity. Default: 3. */
  attempts?: number;
  /** Time between two attempts, or what tells it. Default: 0.1 s, then twice as long each time, and 10 s at most. */
  wait?: Delay | RetryWait;
  /**
   * Share of that time that is left to chance, from 0 to 1, so that those who failed together do not come back
   * together: with 0.5 it is between half of it and all. The loop's seed decides. Default: 0.5.
   */
  jitter?: number;
  /** Which errors are worth another attempt: a class, several, or a predicate. Default: all. */
  on?: ErrorCondition;
}

const OPTIONS: readonly (keyof RetryOptions)[] = ["attempts", "wait", "jitter", "on"];

const doubling: RetryWait = (attempt) => Math.min(0.1 * 2 ** (attempt - 1), 10);

/**
 * Awaits what a function gives, and calls it again when that fails. A cancellation is never a reason to: it passes.
 * asyncio has none; this is what tenacity and stamina do.
 * @param fn called with the number of the attempt, from 1; what it throws before it has given something to await is a
 *   mistake in it, and thrown at once
 * @returns the result of the first attempt that succeeds
 * @throws what the last attempt has failed with, or one that `on` does not want
 * @throws TypeError or RangeError, at the call, for arguments of the wrong kind
 *
 * @example
 * const page = yield* retry(() => download(url), { attempts: 5, on: ConnectionError });
 */
export function retry<T>(fn: (attempt: number) => Awaitable<T>, options: RetryOptions = {}): Coroutine<T> {
  checkFunction(fn, "fn");
  const { attempts = 3, wait = doubling, jitter = 0.5, on } = checkNames(options, OPTIONS);
  if (typeof attempts !== "number")
    throw new TypeError(`Invalid attempts: expected a whole number, got ${format(attempts)}`);
  if (attempts !== Infinity && (!Number.isInteger(attempts) || attempts < 1))
    throw new RangeError(`Invalid attempts: expected a whole number from 1, or Infinity, got ${attempts}`);
  if (typeof jitter !== "number") throw new TypeError(`Invalid jitter: expected a number, got ${format(jitter)}`);
  if (!(jitter >= 0 && jitter <= 1)) throw new RangeError(`Invalid jitter: expected 0 to 1, got ${jitter}`);
  const seconds = typeof wait === "function" ? null : secondsOf(wait, "wait");
  const waitOf = seconds === null ? (wait as RetryWait) : () => seconds;
  const isWanted = on === undefined ? () => true : predicateOf(on, "retry");
  return operation("retry", attempt(fn, attempts, waitOf, jitter, isWanted));
}

function* attempt<T>(
  fn: (attempt: number) => Awaitable<T>,
  attempts: number,
  waitOf: RetryWait,
  jitter: number,
  isWanted: (error: unknown) => boolean,
): Coroutine<T> {
  for (let count = 1; ; count++) {
    const call = awaitedOf(fn(count), "fn");
    let failure: unknown;
    try {
      return yield* call;
    } catch (error) {
      if (error instanceof CancelledError || count >= attempts || !isWanted(error)) throw error;
      failure = error;
    }
    const seconds = secondsOf(waitOf(count, failure), "wait");
    yield* sleep(seconds * (1 - jitter * getRunningLoop().random("retry").float()));
  }
}

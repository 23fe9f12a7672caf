// wait: until some or all of several futures are done.

import { type Delay, secondsOf } from "../support/delay.ts";
import { format } from "../support/format.ts";
import { type Future, isFuture, revealed } from "../runtime/future.ts";
import { DerivedFuture } from "../runtime/derived-future.ts";
import { operation } from "../waiting/operation.ts";
import { checkNames } from "../support/checks.ts";
import { getRunningLoop } from "../runtime/running.ts";
import { type Coroutine, isCoroutine } from "../runtime/suspension.ts";

/** `wait` until one is done. */
export const FIRST_COMPLETED = "FIRST_COMPLETED";
/** `wait` until one has failed, or all are done. */
export const FIRST_EXCEPTION = "FIRST_EXCEPTION";
/** `wait` until all are done. */
export const ALL_COMPLETED = "ALL_COMPLETED";

export type ReturnWhen = typeof FIRST_COMPLETED | typeof FIRST_EXCEPTION | typeof ALL_COMPLETED;
const MODES: readonly unknown[] = [FIRST_COMPLETED, FIRST_EXCEPTION, ALL_COMPLETED];

export interface WaitOptions {
  /** Longest time to wait, or null for ever. Default: null. */
  timeout?: Delay | null;
  /** What to wait for. Default: ALL_COMPLETED. */
  returnWhen?: ReturnWhen;
}

/**
 * Waits for futures and gives two sets, of those that are done and those that are not. It never throws what they failed
 * with, and cancels nothing, neither at the timeout nor when it is cancelled itself. Mirrors asyncio.wait.
 * @throws TypeError for coroutines, which must be made tasks first, for a generator in place of the list, which is a
 *   coroutine, too, and for a timeout that is not a delay
 * @throws RangeError when there is nothing to wait for
 *
 * @example
 * const [done, pending] = yield* wait(tasks, { timeout: 2, returnWhen: FIRST_COMPLETED });
 */
export function wait<F extends Future<unknown>>(
  futures: Iterable<F>,
  options: WaitOptions = {},
): Coroutine<[done: Set<F>, pending: Set<F>]> {
  const { returnWhen = ALL_COMPLETED, timeout = null } = checkNames(options, ["timeout", "returnWhen"]);
  const seconds = timeout === null ? null : secondsOf(timeout, "timeout");
  if (!MODES.includes(returnWhen))
    throw new RangeError(
      `Invalid returnWhen value: ${typeof returnWhen === "string" ? returnWhen : format(returnWhen)}`,
    );
  const set = setOf(futures);
  if (set.size === 0) throw new RangeError("Set of Tasks/Futures is empty.");
  return operation("wait", waitForSet(set, seconds, returnWhen));
}

/** The futures as a set, each once. Every generator is taken for a coroutine, and is not iterated. */
function setOf<F extends Future<unknown>>(futures: Iterable<F>): Set<F> {
  if (isFuture(futures)) throw new TypeError(`expect a list of futures, not ${futures.constructor.name}`);
  if (isCoroutine(futures)) throw new TypeError("expect a list of futures, not a coroutine");
  if (typeof (futures as Partial<Iterable<F>> | null)?.[Symbol.iterator] !== "function")
    throw new TypeError(`expect a list of futures, not ${format(futures)}`);
  const set = new Set<F>();
  for (const future of futures) set.add(checkListed(future));
  return set;
}

function checkListed<F extends Future<unknown>>(future: F): F {
  if (isCoroutine(future)) throw new TypeError("Passing coroutines is forbidden, use tasks explicitly.");
  if (!isFuture(future)) throw new TypeError(`expect a list of futures, got ${format(future)} in it`);
  return revealed(future);
}

function* waitForSet<F extends Future<unknown>>(
  futures: Set<F>,
  timeout: number | null,
  returnWhen: ReturnWhen,
): Coroutine<[done: Set<F>, pending: Set<F>]> {
  const loop = getRunningLoop();
  const waiter = new DerivedFuture<void>(loop, "wait", futures);
  const release = (): void => {
    if (!waiter.done()) waiter.setResult();
  };
  const timer = timeout === null ? null : loop.callAt(loop.time() + timeout, release);
  let left = futures.size;
  const onDone = (future: Future<unknown>): void => {
    left--;
    if (left > 0 && returnWhen === ALL_COMPLETED) return;
    if (left > 0 && returnWhen === FIRST_EXCEPTION) {
      if (!future.failed || future.cancelled()) return;
      future.retrieved();
    }
    timer?.cancel();
    release();
  };
  for (const future of futures) future.whenDone(onDone, loop.currentTask);
  try {
    yield* waiter;
  } finally {
    timer?.cancel();
    for (const future of futures) future.removeDoneCallback(onDone);
  }
  const done = new Set<F>();
  const pending = new Set<F>();
  for (const future of futures) (future.done() ? done : pending).add(future);
  return [done, pending];
}

// staggeredRace: attempts that start one after the other, until one succeeds. What "happy eyeballs" is made of.
//
// Each attempt is a task that first makes the task of the next one, which waits for this one to fail or for the delay
// to pass.

import { CancelledError, TimeoutError } from "../errors/asyncio.ts";
import { type Delay, secondsOf } from "../support/delay.ts";
import { ensureFuture } from "../runtime/ensure-future.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import { ExceptionGroup } from "../support/exception-group.ts";
import { format } from "../support/format.ts";
import { type Future, isFuture } from "../runtime/future.ts";
import { operation } from "../waiting/operation.ts";
import { checkFunction } from "../support/checks.ts";
import { loopOption } from "../runtime/loop.ts";
import { getRunningLoop } from "../runtime/running.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import { type Coroutine, isCoroutine } from "../runtime/suspension.ts";
import type { Task } from "../runtime/task.ts";
import { Event } from "../sync/event.ts";
import { waitFor } from "../tasks/wait-for.ts";
import { assert } from "./errors.ts";

/**
 * What a race gives: the winner's result and index, null when nobody won, and an entry for each attempt, null for the
 * winner's.
 */
export type RaceOutcome<T> = [winnerResult: T | null, winnerIndex: number | null, exceptions: unknown[]];

/**
 * Starts attempts one after the other, the next when the one before has failed or `delay` has passed, and takes the
 * first to succeed; the others are cancelled. Mirrors asyncio.staggered.staggered_race.
 * @param coroFns coroutine functions without parameters; one that throws has failed
 * @param delay time between two starts; null: the next starts only when the one before has failed
 * @param options.loop the loop to make tasks in; default: the running one
 * @returns the result and the index of the winner, both null when all failed, and what each attempt that was started
 *   has thrown, null for the winner
 * @throws TypeError, at the call, for what is not an iterable, an array of other things than functions, what is not a
 *   delay, not options or not a loop
 * @throws CancelledError when the task is cancelled; the attempts are cancelled before
 * @throws ExceptionGroup when something is wrong with the race itself: `coroFns` throws, or an attempt succeeds in
 *   spite of being cancelled because another one has won
 *
 * @example
 * const [connection, index] = yield* staggeredRace(
 *   addresses.map((address) => () => connect(address)),
 *   0.25,
 * );
 */
export function staggeredRace<T>(
  coroFns: Iterable<() => Awaitable<T>>,
  delay: Delay | null,
  options: { loop?: EventLoop } = {},
): Coroutine<RaceOutcome<T>> {
  const isIterable =
    typeof (coroFns as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] === "function";
  if (!isIterable || isFuture(coroFns))
    throw new TypeError(`Invalid coroFns: expected a list of coroutine functions, got ${format(coroFns)}`);
  // Those of other iterables are looked at when their turn comes: one that is no function has failed then.
  if (Array.isArray(coroFns)) for (const coroFn of coroFns) checkAttempt(coroFn as () => unknown);
  const seconds = delay === null ? null : secondsOf(delay);
  return operation("staggeredRace", race(coroFns, seconds, loopOption(options)));
}

function checkAttempt<F extends () => unknown>(coroFn: F): F {
  return checkFunction(coroFn, "attempt");
}

function* race<T>(
  coroFns: Iterable<() => Awaitable<T>>,
  delay: number | null,
  loop: EventLoop | null,
): Coroutine<RaceOutcome<T>> {
  return yield* new StaggeredRace(coroFns, delay, loop ?? getRunningLoop()).run();
}

class StaggeredRace<T> {
  readonly #attempts: Iterator<() => Awaitable<T>>;
  readonly #delay: number | null;
  readonly #loop: EventLoop;
  readonly #parent: Task<unknown> | null;
  readonly #running = new Set<Task<void>>();
  /** Done when no task is left. */
  #allDone: Future<void> | null = null;
  #winnerResult: T | null = null;
  #winnerIndex: number | null = null;
  /** What the attempts have thrown, in the order of their starts. */
  readonly #exceptions: unknown[] = [];
  /** What the race's own tasks have thrown. */
  readonly #unhandled: unknown[] = [];

  constructor(coroFns: Iterable<() => Awaitable<T>>, delay: number | null, loop: EventLoop) {
    this.#attempts = coroFns[Symbol.iterator]();
    this.#delay = delay;
    this.#loop = loop;
    this.#parent = loop.currentTask;
  }

  *run(): Coroutine<RaceOutcome<T>> {
    let cancellation: CancelledError | null = null;
    this.#prepare(null);
    while (this.#running.size > 0) {
      this.#allDone = this.#loop.createFuture();
      try {
        yield* this.#allDone;
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error;
        cancellation = error;
        for (const task of this.#running) task.cancel(error.message || undefined);
      }
      this.#allDone = null;
    }
    if (this.#unhandled.length > 0) throw new ExceptionGroup("staggered race failed", this.#unhandled);
    if (cancellation !== null) throw cancellation;
    return [this.#winnerResult, this.#winnerIndex, this.#exceptions];
  }

  /** Makes the task of the next attempt. It waits until `previousFailed` is set or the delay has passed. */
  #prepare(previousFailed: Event | null): void {
    const isListed = new Event(); // an eager task runs inside its making
    const task = this.#loop.createTask(this.#attempt(isListed, previousFailed));
    this.#running.add(task);
    task.whenDone(this.#onDone, this.#parent);
    isListed.set();
  }

  *#attempt(isListed: Event, previousFailed: Event | null): Coroutine<void> {
    yield* isListed.wait();
    if (previousFailed !== null) {
      try {
        yield* waitFor(previousFailed.wait(), this.#delay);
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error; // else it is this one's turn
      }
    }
    const next = this.#attempts.next();
    if (next.done === true) return;
    const failed = new Event();
    this.#prepare(failed);
    const index = this.#exceptions.push(null) - 1;
    let result: T;
    try {
      const awaitable = checkAttempt(next.value)();
      result = yield* isCoroutine(awaitable) ? awaitable : ensureFuture(awaitable, this.#loop.own);
    } catch (errorOrCancellation) {
      // The winner's cancellations are how the others end.
      this.#exceptions[index] = errorOrCancellation;
      failed.set();
      return;
    }
    assert(this.#winnerIndex === null);
    this.#winnerIndex = index;
    this.#winnerResult = result;
    for (const task of this.#running) {
      if (task !== this.#loop.currentTask) task.cancel();
    }
  }

  readonly #onDone = (task: Future<unknown>): void => {
    this.#running.delete(task as Task<void>);
    if (this.#allDone !== null && !this.#allDone.done() && this.#running.size === 0) this.#allDone.setResult();
    if (task.failed && !task.cancelled()) this.#unhandled.push(task.takeError());
  };
}

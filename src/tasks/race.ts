// race: several awaitables at once, the first to end counts; the others are cancelled, and have ended when it gives its
// outcome.

import { RuntimeError } from "../errors/base.ts";
import { type Awaitable, type Result, isAwaitable } from "../runtime/awaitable.ts";
import { DerivedFuture } from "../runtime/derived-future.ts";
import { ensureFuture } from "../runtime/ensure-future.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import { type Future, isFuture } from "../runtime/future.ts";
import { getRunningLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { format } from "../support/format.ts";
import { operation } from "../waiting/operation.ts";

/**
 * Runs awaitables at once and gives the outcome of the first to end, result or error. The others are cancelled, and
 * waited for. Coroutines become tasks when the race is awaited; of several that are done already, the first argument
 * wins. It is Promise.race with an end for the losers; asyncio has none.
 *
 * What a loser throws in place of its CancelledError is told to the loop's exception handler: it must not take the
 * winner's place. When the race itself is cancelled, so are all, and CancelledError is thrown when they have ended.
 * @returns what the winner gives
 * @throws what the winner throws
 * @throws RangeError, at the call, when there is nothing to race; later, for a future of another loop
 * @throws TypeError, at the call, for what cannot be awaited
 *
 * @example
 * const page = yield* race(download(mirror), download(otherMirror));
 */
export function race<A extends readonly Awaitable<unknown>[]>(...awaitables: A): Coroutine<Result<A[number]>> {
  if (awaitables.length === 0) throw new RangeError("Cannot race: there is nothing to wait for");
  for (const each of awaitables) {
    if (!isAwaitable(each))
      throw new TypeError(`A Future, a coroutine or an awaitable is required, got ${format(each)}`);
  }
  return operation("race", run(awaitables) as Coroutine<Result<A[number]>>);
}

function* run(awaitables: readonly Awaitable<unknown>[]): Coroutine<unknown> {
  const loop = getRunningLoop();
  if (loop.currentTask === null) throw new RuntimeError("Cannot race: no task is running");
  const contest = new Contest(loop);
  // Futures first, for they may be of another loop: then nothing has been started that nobody would wait for.
  for (const each of awaitables) if (isFuture(each)) ensureFuture(each, { loop });
  let failure: Thrown | null = null;
  try {
    for (const each of new Set(awaitables)) contest.enter(ensureFuture(each, { loop }));
  } catch (error) {
    failure = { error }; // a task could not be made: those that were are stopped
  }
  return yield* contest.end(failure);
}

interface Thrown {
  readonly error: unknown;
}

class Contest {
  readonly #loop: EventLoop;
  readonly #racers: Future<unknown>[] = [];
  readonly #running = new Set<Future<unknown>>();
  #winner: Future<unknown> | null = null;
  /** What the waiting task waits on: done when there is a winner, and again when nobody runs any more. */
  #news: Future<void> | null = null;

  constructor(loop: EventLoop) {
    this.#loop = loop;
  }

  enter(racer: Future<unknown>): void {
    this.#racers.push(racer);
    if (racer.done()) {
      this.#winner ??= racer;
      return;
    }
    this.#running.add(racer);
    racer.whenDone(this.#onDone, this.#loop.currentTask);
  }

  /** Waits for the end of all. With an error to throw behind that, all are stopped. */
  *end(interruption: Thrown | null): Coroutine<unknown> {
    let areStopped = false;
    while (this.#running.size > 0) {
      if (!areStopped && (this.#winner !== null || interruption !== null)) {
        areStopped = true;
        for (const racer of this.#running) racer.cancel();
      }
      this.#news = new DerivedFuture(this.#loop, "race", this.#racers);
      try {
        yield* this.#news;
      } catch (cancellation) {
        interruption ??= { error: cancellation }; // thrown when all have ended
      } finally {
        this.#news = null;
      }
    }
    for (const racer of this.#racers) if (interruption !== null || racer !== this.#winner) this.#report(racer);
    if (interruption !== null) throw interruption.error;
    return (this.#winner as Future<unknown>).result();
  }

  readonly #onDone = (racer: Future<unknown>): void => {
    this.#running.delete(racer);
    const isFirst = this.#winner === null;
    if (isFirst) this.#winner = racer;
    if ((isFirst || this.#running.size === 0) && this.#news?.done() === false) this.#news.setResult();
  };

  /** Tells of an error that nobody gets. */
  #report(racer: Future<unknown>): void {
    if (!racer.failed || racer.cancelled()) return;
    this.#loop.callExceptionHandler({
      message: "unhandled exception of a loser of race()",
      exception: racer.takeError(),
      future: racer,
    });
  }
}

// Rate limiters: a leaky bucket. It is kept as the one time at which it has run empty, so nothing drips, and no timer
// runs while nobody waits. The first in line sleeps until there is room, holding a lock for which the others wait: so
// they are let in in order of arrival, and whoever is cancelled makes way for the next.

import type { Awaitable } from "../runtime/awaitable.ts";
import { getRunningLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { type Delay, secondsOf } from "../support/delay.ts";
import { format } from "../support/format.ts";
import { Shown } from "../support/shown.ts";
import { Lock } from "../sync/lock.ts";
import { sleep } from "../tasks/sleep.ts";
import { type AsyncContextManager, withManager } from "../waiting/async-with.ts";
import { operation } from "../waiting/operation.ts";

/** Throws TypeError for what is no number, and RangeError for one that is not positive and finite. Returns it. */
function checkPositive(value: number, what: string): number {
  if (typeof value !== "number") throw new TypeError(`Invalid ${what}: expected a number, got ${format(value)}`);
  if (value > 0 && value < Infinity) return value;
  throw new RangeError(`Invalid ${what}: expected a positive number, got ${value}`);
}

/**
 * Lets in so many in a period: as many at once when nobody came before, and then one whenever there is room again.
 * Mirrors aiolimiter.AsyncLimiter.
 *
 * @example
 * const limiter = new RateLimiter(10, { seconds: 1 });
 * yield* limiter.with(() => request(url)); // no more than ten begin in a second, but for the first ten
 */
export class RateLimiter extends Shown implements AsyncContextManager<void, void> {
  /** @internal */
  static override readonly name: string = "RateLimiter";
  /** How much it lets in during a period. Mirrors AsyncLimiter.max_rate. */
  readonly maxRate: number;
  /** The period in seconds. Mirrors AsyncLimiter.time_period. */
  readonly timePeriod: number;
  readonly #turn = new Lock();
  /** When the bucket is empty if nobody comes any more, in seconds of the loop's time. */
  #emptyAt = -Infinity;

  /**
   * @param maxRate a positive number
   * @param timePeriod a positive number of seconds, or a duration in parts. Default: 60
   * @throws TypeError or RangeError for others
   */
  constructor(maxRate: number, timePeriod: Delay = 60) {
    super();
    this.maxRate = checkPositive(maxRate, "maxRate");
    this.timePeriod = checkPositive(secondsOf(timePeriod, "timePeriod"), "timePeriod");
  }

  /**
   * Whether `acquire` would not have to wait. Mirrors AsyncLimiter.has_capacity.
   * @throws TypeError or RangeError for an amount that is no positive number, RuntimeError when no loop runs
   */
  hasCapacity(amount = 1): boolean {
    this.#check(amount);
    return !this.#turn.locked() && this.#waitFor(amount) <= 0;
  }

  /**
   * Waits until there is room, in order of arrival; does not suspend when there is. Mirrors AsyncLimiter.acquire.
   * @param amount how many it counts for. Default: 1
   * @throws TypeError or RangeError, at the call, when that is no positive number, or more than `maxRate`
   * @throws CancelledError when the task is cancelled; it has taken no room then
   *
   * @example
   * yield* limiter.acquire(message.length);
   */
  acquire(amount = 1): Coroutine<void> {
    this.#check(amount);
    return operation(
      "RateLimiter.acquire",
      this.#turn.with(() => this.#fill(amount)),
    );
  }

  /** Waits for room: the beginning of an `async with`. Mirrors Python's __aenter__. */
  aenter(): Coroutine<void> {
    return this.acquire();
  }

  /** Does nothing: room comes by itself. Mirrors Python's __aexit__. */
  *aexit(): Coroutine<void> {}

  /** Waits for room and runs `body`. Mirrors Python's `async with`. */
  with<R>(body: () => Awaitable<R>): Coroutine<R> {
    return withManager<void, R>(this, body);
  }

  /** "<RateLimiter [10 in 1 s]>". */
  override toString(): string {
    return `<RateLimiter [${this.maxRate} in ${this.timePeriod} s]>`;
  }

  *#fill(amount: number): Coroutine<void> {
    const seconds = this.#waitFor(amount);
    if (seconds > 0) yield* sleep(seconds);
    this.#emptyAt = Math.max(this.#emptyAt, getRunningLoop().time()) + this.#leakOf(amount);
  }

  /** Seconds until there is room. */
  #waitFor(amount: number): number {
    return this.#emptyAt + this.#leakOf(amount) - this.timePeriod - getRunningLoop().time();
  }

  /** Seconds in which that much leaks. */
  #leakOf(amount: number): number {
    return (amount / this.maxRate) * this.timePeriod;
  }

  #check(amount: number): void {
    if (checkPositive(amount, "amount") > this.maxRate)
      throw new RangeError(`Cannot acquire ${amount}: there is never room for more than ${this.maxRate}`);
  }
}

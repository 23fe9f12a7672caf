// Deadlines that do not throw: the block is cut short, and what follows it goes on.

import { CancelledError } from "../errors/asyncio.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import { type AsyncContextManager, withManager } from "../waiting/async-with.ts";
import { type Delay, secondsOf } from "../support/delay.ts";
import { Shown } from "../support/shown.ts";
import { getRunningLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { Timeout } from "./timeout.ts";

/**
 * What `moveOnAfter` and `moveOnAt` return: a Timeout that swallows its own cancellation where that one throws
 * TimeoutError.
 */
export class MoveOn extends Shown implements AsyncContextManager<MoveOn, boolean> {
  /** @internal */
  static override readonly name: string = "MoveOn";
  // A part, not a base: the bodies of the two give different types, and objects of derived classes take longer to make.
  readonly #timeout: Timeout;
  #failure: { readonly error: unknown } | null = null;

  /** @internal */
  constructor(when: number | null) {
    super();
    this.#timeout = new Timeout(when);
  }

  /** The deadline in seconds of the loop's time, or null. */
  when(): number | null {
    return this.#timeout.when();
  }

  /**
   * Moves the deadline, or takes it away with null. Throws RuntimeError before the block is entered and after it
   * expired or was left.
   */
  reschedule(when: number | null): void {
    this.#timeout.reschedule(when);
  }

  /** Whether the deadline passed before the block was left. */
  expired(): boolean {
    return this.#timeout.expired();
  }

  /** Enters the block. Throws RuntimeError outside a task, or when it was entered before. */
  *aenter(): Coroutine<this> {
    return this.enter();
  }

  /** Leaves the block. Returns true when the deadline is what cut it short. */
  *aexit(error: unknown, failed: boolean): Coroutine<boolean> {
    const isOurs = this.#timeout.leave();
    return isOurs && failed && error instanceof CancelledError;
  }

  /**
   * Runs a block with the deadline. Returns what it returns, or undefined when the deadline cut it short; a request of
   * somebody else to stop passes.
   */
  with<T>(body: (scope: this) => Awaitable<T>): Coroutine<T | undefined> {
    return withManager<this, T>(this as AsyncContextManager<this>, body);
  }

  /**
   * Enters the block in place: it is the `try` that follows, and costs no function of its own. Whatever it throws is
   * told to `fail`, and however it ends `exit` is called.
   * @throws RuntimeError outside a task, or when it was entered before
   *
   * @example
   * const scope = moveOnAfter(2.5).enter();
   * try {
   *   page = yield* download(url);
   * } catch (error) {
   *   scope.fail(error);
   * } finally {
   *   scope.exit();
   * }
   */
  enter(): this {
    this.#timeout.enter();
    return this;
  }

  /** Ends a block that has thrown `error`: to be called in its `catch`. Throws RuntimeError before it is entered. */
  fail(error: unknown): void {
    const isOurs = this.#timeout.leave();
    if (!isOurs || !(error instanceof CancelledError)) this.#failure = { error };
  }

  /**
   * Ends the block that was entered in place: to be called in its `finally`. Throws what `fail` was told of, unless the
   * deadline is what cut the block short; RuntimeError before it is entered.
   */
  exit(): void {
    const failure = this.#failure;
    if (failure === null) return void this.#timeout.leave();
    this.#failure = null;
    throw failure.error;
  }

  override toString(): string {
    return this.#timeout.toString().replace("<Timeout", "<MoveOn");
  }
}

/**
 * A deadline for a block, `delay` from now, or none with null, that does not throw: the block is left, and the program
 * goes on behind it. Mirrors trio.move_on_after; the time counts from this call.
 * @returns a scope: `with` runs the block, `expired` says whether the deadline passed
 * @throws RuntimeError when no loop runs
 * @throws TypeError for what is not a delay
 *
 * @example
 * const page = yield* moveOnAfter(2.5).with(() => download(url));
 * if (page === undefined) console.log("too slow");
 */
export function moveOnAfter(delay: Delay | null): MoveOn {
  const loop = getRunningLoop();
  return new MoveOn(delay === null ? null : loop.time() + secondsOf(delay));
}

/**
 * As `moveOnAfter`, at `when` in seconds of the loop's time, or never with null. Mirrors trio.move_on_at.
 * @throws TypeError for what is neither seconds nor null
 *
 * @example
 * const midnight = getRunningLoop().time() + secondsToMidnight();
 * yield* moveOnAt(midnight).with(() => collect(samples));
 */
export function moveOnAt(when: number | null): MoveOn {
  return new MoveOn(when);
}

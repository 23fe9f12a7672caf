// Timeouts: a deadline for a block of a task. At the deadline the task is cancelled, and the block turns that into
// TimeoutError.

import { check } from "../core/codes.ts";
import { Shown } from "../support/shown.ts";
import { CancelledError, type TimeoutError } from "../errors/asyncio.ts";
import { RuntimeError } from "../errors/base.ts";
import { type AsyncContextManager, withManager } from "../waiting/async-with.ts";
import { type Delay, secondsOf } from "../support/delay.ts";
import { ExceptionGroup } from "../support/exception-group.ts";
import { format } from "../support/format.ts";
import type { Handle } from "../runtime/handle.ts";
import { getRunningLoop } from "../runtime/running.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { watchBlock } from "../waiting/watch-block.ts";
import { timeoutError } from "./timeout-error.ts";
import type { Shield, Task } from "../runtime/task.ts";

type State = "created" | "active" | "expiring" | "expired" | "finished";

/**
 * A deadline for a block; `timeout` and `timeoutAt` make it. Mirrors asyncio.Timeout.
 *
 * When the deadline passes, the task that entered the block is cancelled; when the CancelledError leaves the block and
 * nobody else asked the task to stop, it becomes a TimeoutError, with the CancelledError as its cause.
 *
 * @example
 * yield* timeout(5).with(function* (scope) {
 *   yield* connect();
 *   scope.reschedule(getRunningLoop().time() + 10);
 *   yield* talk();
 * });
 */
export class Timeout extends Shown implements AsyncContextManager<Timeout, void> {
  /** @internal */
  static override readonly name: string = "Timeout";
  #state: State = "created";
  #when: number | null;
  /** How long it was to be in seconds, for the error; null when it was told the time. */
  #delay: number | null;
  #task: Task<unknown> | null = null;
  #timer: Handle | null = null;
  /** Cancel requests of before the block. */
  #cancelling = 0;
  /** What the task was shielded by when it entered: that lets the deadline pass, for it stands around the block. */
  #shield: Shield | null = null;
  /** Whether a shield inside has kept the deadline's request back. */
  #wasKept = false;
  /** What `exit` throws. */
  #failure: { readonly error: unknown } | null = null;
  /** Tells debug mode that the block is left. */
  #unwatch: (() => void) | null = null;

  /**
   * @param when seconds of the loop's time, or null for never
   * @throws TypeError for what is neither
   */
  constructor(when: number | null);
  /** @internal @param delay how many seconds that is from now */
  constructor(when: number | null, delay: number | null);
  constructor(when: number | null, delay: number | null = null) {
    super();
    this.#when = checkDeadline(when);
    this.#delay = delay;
  }

  /** The deadline in seconds of the loop's time, or null. Mirrors Timeout.when. */
  when(): number | null {
    return this.#when;
  }

  /**
   * Moves the deadline. Mirrors Timeout.reschedule.
   * @param when seconds of the loop's time, or null for none
   * @throws RuntimeError before the block is entered, and after it expired or was left
   */
  reschedule(when: number | null): void {
    if (this.#state === "created") throw new RuntimeError("Timeout has not been entered");
    if (this.#state !== "active") throw new RuntimeError(`Cannot change state of ${this.#state} Timeout`);
    this.#when = checkDeadline(when);
    this.#delay = null;
    this.#timer?.cancel();
    this.#timer = this.#arm();
  }

  /** Whether the deadline passed before the block was left. Mirrors Timeout.expired. */
  expired(): boolean {
    return this.#state === "expiring" || this.#state === "expired";
  }

  /**
   * Enters the block. Mirrors Python's __aenter__.
   * @throws RuntimeError outside a task, or when it was entered before
   */
  *aenter(): Coroutine<this> {
    return this.enter();
  }

  /**
   * Leaves the block. Mirrors Python's __aexit__.
   * @throws TimeoutError when the deadline cancelled it
   */
  *aexit(error: unknown, failed: boolean): Coroutine<void> {
    if (!failed) return this.exit();
    const thrown = this.fail(error);
    if (!Object.is(thrown, error)) throw thrown;
  }

  /** Runs a block with the deadline, and returns what it returns. Mirrors Python's `async with`. */
  with<T>(body: (scope: this) => Awaitable<T>): Coroutine<T> {
    return withManager<this, T>(this, body);
  }

  /**
   * Enters the block in place: it is the `try` that follows, and costs no function of its own. Whatever it throws is
   * told to `fail`, and however it ends `exit` is called: then all is as under `with`.
   * @throws RuntimeError outside a task, or when it was entered before
   *
   * @example
   * const scope = timeout(5).enter();
   * try {
   *   return yield* download(url);
   * } catch (error) {
   *   throw scope.fail(error);
   * } finally {
   *   scope.exit();
   * }
   */
  enter(): this {
    return this.enterAt();
  }

  /** @internal @param now the time, for who has just looked at the clock */
  enterAt(now?: number): this {
    if (this.#state !== "created") throw new RuntimeError("Timeout has already been entered");
    const task = getRunningLoop().currentTask;
    if (task === null) throw new RuntimeError("Timeout should be used inside a task");
    this.#state = "active";
    this.#task = task;
    this.#cancelling = task.cancelling();
    this.#shield = task.shield;
    this.#timer = this.#arm(now);
    this.#unwatch = watchBlock(this, task);
    return this;
  }

  /**
   * Ends a block that has thrown `error`: to be called in its `catch`.
   * @returns what `exit` is going to throw, whatever the `catch` does: TimeoutError for the CancelledError of the
   *   deadline, else `error`. To throw it tells TypeScript, too, that what stands behind is not reached
   * @throws RuntimeError before the block is entered
   */
  fail(error: unknown): unknown {
    const thrown = this.leave() ? this.#expiredBy(error) : error;
    this.#failure = { error: thrown };
    return thrown;
  }

  /**
   * Ends the block that was entered in place: to be called in its `finally`.
   * @throws what `fail` has returned, when it was called; RuntimeError before the block is entered
   */
  exit(): void {
    const failure = this.#failure;
    if (failure === null) return void this.leave();
    this.#failure = null;
    throw failure.error;
  }

  override toString(): string {
    const when =
      this.#state === "active" ? ` when=${this.#when === null ? "null" : Math.round(this.#when * 1000) / 1000}` : "";
    return `<Timeout [${this.#state}]${when}>`;
  }

  /**
   * @internal Ends the block, and takes the deadline's request back. Returns whether that was the only one since it
   * began.
   */
  leave(): boolean {
    if (this.#state === "created") throw new RuntimeError("Timeout has not been entered");
    this.#timer?.cancel();
    this.#timer = null;
    this.#unwatch?.();
    if (this.#state === "active") this.#state = "finished";
    if (this.#state !== "expiring") return false;
    this.#state = "expired";
    const task = this.#task as Task<unknown>;
    if (task.uncancel() > this.#cancelling) return false;
    if (this.#wasKept && !task.isDone) check(task.loop.core.clearCancel(task.id)); // it has not been thrown
    return true;
  }

  /** @internal The deadline passes at once, inside the block. */
  expireNow(): void {
    this.#timer?.cancel();
    this.#expire();
  }

  /** What goes on in the place of an error that leaves the block behind its deadline. */
  #expiredBy(error: unknown): unknown {
    if (error instanceof CancelledError) return this.#errorFor(error);
    this.#insertError(error);
    if (error instanceof ExceptionGroup) for (const member of error.exceptions) this.#insertError(member);
    return error;
  }

  #errorFor(cancellation: CancelledError): TimeoutError {
    return timeoutError({ delay: this.#delay, when: this.#when }, cancellation);
  }

  /**
   * Where an error was caused by the cancellation, says that a timeout caused that: in the chain of `cause`, as Python
   * does in __context__.
   */
  #insertError(error: unknown): void {
    const seen = new Set<unknown>(); // unlike Python's contexts, causes may go round in a circle
    for (let outer = error; outer instanceof Error && !seen.has(outer); outer = outer.cause) {
      seen.add(outer);
      if (!(outer.cause instanceof CancelledError)) continue;
      Reflect.set(outer, "cause", this.#errorFor(outer.cause)); // unless it is frozen
      return;
    }
  }

  #arm(now?: number): Handle | null {
    if (this.#when === null) return null;
    const loop = getRunningLoop();
    const expire = (): void => this.#expire();
    if (this.#when > (now ?? loop.time())) return loop.callAt(this.#when, expire);
    // A request that is still to be thrown comes out as one error with the deadline's, inside the block: so it is not
    // one of before.
    const task = this.#task as Task<unknown>;
    if (!task.isDone && check(task.loop.core.mustCancel(task.id)) === 1)
      this.#cancelling = Math.min(this.#cancelling, task.cancelling() - 1);
    return loop.callSoon(expire);
  }

  #expire(): void {
    const task = this.#task as Task<unknown>;
    this.#wasKept = task.shield !== null && task.shield !== this.#shield;
    task.cancel(undefined, this.#shield);
    this.#state = "expiring";
    this.#timer = null;
  }
}

function checkDeadline(when: number | null): number | null {
  if (when !== null && (typeof when !== "number" || Number.isNaN(when))) {
    throw new TypeError(`Invalid deadline: expected seconds or null, got ${format(when)}`);
  }
  return when;
}

/**
 * A deadline for a block, as long after this call as `delay` says. Mirrors asyncio.timeout.
 * @param delay seconds, or a duration in parts; null for none
 * @throws RuntimeError when no loop runs
 * @throws TypeError for what is not a delay
 *
 * @example
 * const page = yield* timeout(2.5).with(() => download(url));
 */
export function timeout(delay: Delay | null): Timeout {
  const loop = getRunningLoop();
  if (delay === null) return new Timeout(null);
  const seconds = secondsOf(delay);
  return new Timeout(loop.time() + seconds, seconds);
}

/**
 * A deadline for a block, at a time. Mirrors asyncio.timeout_at.
 * @param when seconds of the loop's time, or null for none
 * @throws TypeError for what is neither
 */
export function timeoutAt(when: number | null): Timeout {
  return new Timeout(when);
}

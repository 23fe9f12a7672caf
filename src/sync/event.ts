// Events: a flag that tasks wait for.

import { Shown } from "../support/shown.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { LoopBinding, WaiterList } from "../waiting/waiter-list.ts";
import { MUST_WAIT, type Steps, waiting } from "../waiting/waiting.ts";
import { describe } from "./describe.ts";

/**
 * A flag that any number of tasks can wait for. Mirrors asyncio.Event.
 *
 * @example
 * const ready = new Event();
 * createTask(
 *   (function* () {
 *     yield* ready.wait();
 *     console.log("go");
 *   })(),
 * );
 * ready.set();
 */
export class Event extends Shown {
  /** @internal */
  static override readonly name: string = "Event";
  #flag = false;
  readonly #waiters = new WaiterList(new LoopBinding(this), "Event.wait");

  /** Whether the flag is set. Mirrors Event.is_set. */
  isSet(): boolean {
    return this.#flag;
  }

  /**
   * Sets the flag, and wakes all that wait: they run in the next iteration, in order of arrival, even if it is cleared
   * before. Mirrors Event.set.
   */
  set(): void {
    if (this.#flag) return;
    this.#flag = true;
    this.#waiters.wake(Infinity);
  }

  /** Clears the flag: `wait` waits from now on. Mirrors Event.clear. */
  clear(): void {
    this.#flag = false;
  }

  /**
   * Waits until the flag is set; does not suspend when it is. Mirrors Event.wait.
   * @returns true
   * @throws CancelledError when the task is cancelled
   * @throws RuntimeError when it has to wait outside a task, or in another loop than before
   *
   * @example
   * yield* ready.wait();
   */
  wait(): Coroutine<true> {
    return waiting(this.#waiters, Event.#wait, this);
  }

  static readonly #wait: Steps<Event, true> = {
    begin: (event) => (event.#flag ? true : MUST_WAIT),
    resume: () => true,
    abandon() {},
  };

  /** "<Event [unset, waiters:1]>". */
  override toString(): string {
    return describe(this, this.#flag ? "set" : "unset", this.#waiters.length);
  }
}

// Semaphores that notice when more is given back than was taken.

import { Semaphore } from "./semaphore.ts";

/**
 * A semaphore that never has more permits than at the beginning. Mirrors asyncio.BoundedSemaphore.
 *
 * @example
 * const slots = new BoundedSemaphore(10);
 * yield* slots.with(function* () {
 *   yield* download(url);
 * });
 * slots.release(); // RangeError: a bug in this program
 */
export class BoundedSemaphore extends Semaphore {
  readonly #bound: number;

  /** See Semaphore. */
  constructor(value = 1) {
    super(value);
    this.#bound = value;
  }

  /**
   * Adds a permit, and gives it to the first waiter. Mirrors BoundedSemaphore.release.
   * @throws RangeError when all permits are there already
   */
  override release(): void {
    if (this.value >= this.#bound) throw new RangeError("BoundedSemaphore released too many times");
    super.release();
  }
}

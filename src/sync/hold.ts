/// <reference lib="esnext.disposable" preserve="true" />
// Holds: what `acquire` resolves to, so that `using` gives a lock or a permit back at the end of a block.

import { runningLoop } from "../runtime/loop.ts";
import type { Task } from "../runtime/task.ts";

/** What can be held. */
interface Holdable {
  /** @internal Gives back what `hold` stands for. */
  releaseHold(hold: Hold): void;
}

/**
 * A lock or a permit that was acquired, to be given back once. Mirrors what asyncio's acquire gives, which is True: a
 * hold is truthy.
 *
 * @example
 * {
 *   using hold = yield* semaphore.acquire();
 *   yield* download(url);
 *   if (enough) hold.release(); // earlier than the end of the block
 *   yield* store(url);
 * }
 */
export class Hold implements Disposable {
  /** @internal */
  static readonly name: string = "Hold";
  /** @internal The task that it was made in, or null. */
  readonly task: Task<unknown> | null;
  #owner: Holdable | null;

  /** @internal */
  constructor(owner: Holdable) {
    this.#owner = owner;
    this.task = runningLoop()?.currentTask ?? null;
  }

  /**
   * Gives the lock or permit back; does nothing when this hold was released before, or its lock was. Of what threads
   * share nobody knows whose it is: what was released meanwhile is released once more, by its own `release`.
   */
  release(): void {
    const owner = this.#owner;
    this.#owner = null;
    owner?.releaseHold(this);
  }

  /** As `release`: for `using`. */
  [Symbol.dispose](): void {
    this.release();
  }
}

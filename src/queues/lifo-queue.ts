// Stacks between tasks.

import { CONTAINER_LIFO } from "../core/abi.ts";
import { Container } from "../core/container.ts";
import { Queue } from "./queue.ts";

/**
 * A queue that gives the newest item first. Mirrors asyncio.LifoQueue.
 *
 * @example
 * const stack = new LifoQueue<number>();
 * stack.putNowait(1);
 * stack.putNowait(2);
 * stack.getNowait(); // 2
 */
export class LifoQueue<T> extends Queue<T> {
  /** @internal */
  static override readonly name: string = "LifoQueue";
  /** See Queue. */
  constructor(maxsize = 0) {
    super(maxsize, (bound) => new Container(CONTAINER_LIFO, bound));
  }
}

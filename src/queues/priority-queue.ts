// Priority queues between tasks.

import { PriorityContainer } from "../core/priority-container.ts";
import { type PriorityQueueOptions, orderOf } from "./priority-order.ts";
import { Queue } from "./queue.ts";

export type { Priority, PriorityQueueOptions } from "./priority-order.ts";

/**
 * A queue that gives the smallest item first. Mirrors asyncio.PriorityQueue.
 *
 * Numbers come by value, strings by code units, arrays element by element, as Python compares tuples; anything else by
 * `key` or `compare`. Equal items come in the order of Python's heapq, which is not that of arrival: put a counter
 * behind the priority, `[priority, counter, item]`, where that matters. What cannot be ordered is a TypeError, and the
 * queue is as it was.
 *
 * @example
 * const jobs = new PriorityQueue<Job>(0, { key: (job) => job.deadline });
 * yield* jobs.put(job);
 * const mostUrgent = yield* jobs.get();
 */
export class PriorityQueue<T> extends Queue<T> {
  /** @internal */
  static override readonly name: string = "PriorityQueue";
  /**
   * @param maxsize see Queue
   * @param options the order of items that is not their own
   * @throws TypeError when `maxsize` is not a number, or NaN, an option is not a function, or both are given
   */
  constructor(maxsize = 0, options: PriorityQueueOptions<T> = {}) {
    super(maxsize, (bound) => new PriorityContainer(bound, orderOf(options)));
  }
}

// Locks, events, queues and their kin for lowered code: their operations are promises, too. All else about them is as
// in `wasyncio`.

import { LifoQueue as BaseLifoQueue } from "../queues/lifo-queue.ts";
import { PriorityQueue as BasePriorityQueue } from "../queues/priority-queue.ts";
import { Queue as BaseQueue } from "../queues/queue.ts";
import { Barrier as BaseBarrier } from "../sync/barrier.ts";
import { Condition as BaseCondition } from "../sync/condition.ts";
import { Event as BaseEvent } from "../sync/event.ts";
import type { Hold } from "../sync/hold.ts";
import { Lock as BaseLock } from "../sync/lock.ts";
import { BoundedSemaphore as BaseBoundedSemaphore, Semaphore as BaseSemaphore } from "../sync/semaphore.ts";
import { type Operation, operationOf } from "./operation.ts";

/**
 * A lock: see Lock of `wasyncio`.
 *
 * @example
 * using hold = await lock.acquire();
 */
export class Lock extends BaseLock {
  /** @internal */
  static override readonly name: string = "Lock";

  override acquire(): Operation<Hold> {
    return operationOf(super.acquire(), "Lock.acquire");
  }
}

/**
 * A semaphore: see Semaphore of `wasyncio`.
 *
 * @example
 * using hold = await semaphore.acquire();
 */
export class Semaphore extends BaseSemaphore {
  /** @internal */
  static override readonly name: string = "Semaphore";

  override acquire(): Operation<Hold> {
    return operationOf(super.acquire(), "Semaphore.acquire");
  }
}

/**
 * A bounded semaphore: see BoundedSemaphore of `wasyncio`.
 *
 * @example
 * using hold = await semaphore.acquire();
 */
export class BoundedSemaphore extends BaseBoundedSemaphore {
  /** @internal */
  static override readonly name: string = "BoundedSemaphore";

  override acquire(): Operation<Hold> {
    return operationOf(super.acquire(), "BoundedSemaphore.acquire");
  }
}

/**
 * A condition: see Condition of `wasyncio`.
 *
 * @example
 * await condition.waitFor(() => stock.length > 0);
 */
export class Condition extends BaseCondition {
  /** @internal */
  static override readonly name: string = "Condition";

  override acquire(): Operation<Hold> {
    return operationOf(super.acquire(), "Condition.acquire");
  }

  override wait(): Operation<true> {
    return operationOf(super.wait(), "Condition.wait");
  }

  override waitFor<T>(predicate: () => T): Operation<T> {
    return operationOf(super.waitFor(predicate), "Condition.waitFor");
  }
}

/**
 * An event: see Event of `wasyncio`.
 *
 * @example
 * await event.wait();
 */
export class Event extends BaseEvent {
  /** @internal */
  static override readonly name: string = "Event";

  override wait(): Operation<true> {
    return operationOf(super.wait(), "Event.wait");
  }
}

/**
 * A barrier: see Barrier of `wasyncio`.
 *
 * @example
 * const index = await barrier.wait();
 */
export class Barrier extends BaseBarrier {
  /** @internal */
  static override readonly name: string = "Barrier";

  override wait(): Operation<number> {
    return operationOf(super.wait(), "Barrier.wait");
  }

  override reset(): Operation<void> {
    return operationOf(super.reset(), "Barrier.reset");
  }

  override abort(): Operation<void> {
    return operationOf(super.abort(), "Barrier.abort");
  }
}

/**
 * A queue: see Queue of `wasyncio`.
 *
 * @example
 * const item = await queue.get();
 */
export class Queue<T> extends BaseQueue<T> {
  /** @internal */
  static override readonly name: string = "Queue";

  override put(item: T): Operation<void> {
    return operationOf(super.put(item), "Queue.put");
  }

  override get(): Operation<T> {
    return operationOf(super.get(), "Queue.get");
  }

  override join(): Operation<void> {
    return operationOf(super.join(), "Queue.join");
  }
}

/**
 * A stack: see LifoQueue of `wasyncio`.
 *
 * @example
 * const item = await stack.get();
 */
export class LifoQueue<T> extends BaseLifoQueue<T> {
  /** @internal */
  static override readonly name: string = "LifoQueue";

  override put(item: T): Operation<void> {
    return operationOf(super.put(item), "LifoQueue.put");
  }

  override get(): Operation<T> {
    return operationOf(super.get(), "LifoQueue.get");
  }

  override join(): Operation<void> {
    return operationOf(super.join(), "LifoQueue.join");
  }
}

/**
 * A priority queue: see PriorityQueue of `wasyncio`.
 *
 * @example
 * const item = await jobs.get();
 */
export class PriorityQueue<T> extends BasePriorityQueue<T> {
  /** @internal */
  static override readonly name: string = "PriorityQueue";

  override put(item: T): Operation<void> {
    return operationOf(super.put(item), "PriorityQueue.put");
  }

  override get(): Operation<T> {
    return operationOf(super.get(), "PriorityQueue.get");
  }

  override join(): Operation<void> {
    return operationOf(super.join(), "PriorityQueue.join");
  }
}

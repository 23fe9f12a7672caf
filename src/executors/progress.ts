// What a job tells of itself while it runs.

import { QueueShutDown } from "../errors/asyncio.ts";
import { Queue } from "../queues/queue.ts";
import type { Coroutine } from "../runtime/suspension.ts";

/** Values that come until a job has ended, for `forEach`. */
export class Progress<T> {
  /** @internal */
  static readonly name: string = "Progress";
  readonly #values = new Queue<T>();

  /** @internal */
  add(value: T): void {
    this.#values.putNowait(value);
  }

  /** @internal */
  end(): void {
    this.#values.shutdown();
  }

  /** The next value, for `forEach`. Mirrors Python's `__anext__`. */
  *anext(): Coroutine<IteratorResult<T, undefined>> {
    try {
      return { done: false, value: yield* this.#values.get() };
    } catch (error) {
      if (error instanceof QueueShutDown) return { done: true, value: undefined };
      throw error;
    }
  }
}

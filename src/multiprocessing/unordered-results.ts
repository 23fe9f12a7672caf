// What comes of a pool's calls, in the order in which they end.

import type { EventLoop } from "../runtime/event-loop.ts";
import type { Future } from "../runtime/future.ts";
import { getEventLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { asCompleted } from "../tasks/as-completed.ts";

/** What `imapUnordered` of a pool returns. The calls that are left are cancelled when the iteration ends early. */
export class UnorderedResults<T> implements AsyncIterable<T> {
  /** @internal */
  static readonly name: string = "UnorderedResults";
  readonly #loop: EventLoop;
  readonly #futures: readonly Future<T>[];
  readonly #completed;

  /** @internal */
  constructor(futures: readonly Future<T>[]) {
    this.#loop = getEventLoop();
    this.#futures = futures;
    this.#completed = asCompleted(futures);
  }

  /**
   * The next result, for `forEach`. Mirrors Python's `__anext__`.
   * @throws what the call has thrown
   */
  *anext(): Coroutine<IteratorResult<T, undefined>> {
    const { done, value } = yield* this.#completed.anext();
    return done === true ? { done, value: undefined } : { done: false, value: value.result() };
  }

  /** Cancels the calls that are left. Mirrors Python's `aclose`. */
  *aclose(): Coroutine<void> {
    for (const future of this.#futures) future.cancel();
  }

  /** For `for await` in async functions. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return {
      next: async () => this.#loop.createTask(this.anext()),
      return: async () => {
        for (const future of this.#futures) future.cancel();
        return { done: true, value: undefined };
      },
    };
  }
}

// The async iterators that a loop's tasks are in the middle of, so that shutting down can close them.
//
// Python registers every async generator with the loop by an interpreter hook. JavaScript has no such hook: the ones
// that `forEach` iterates are known here.

import type { Loop } from "./loop.ts";
import { writeLog } from "./reports.ts";
import { format } from "../support/format.ts";
import type { Coroutine } from "./suspension.ts";
import { wrapFuture } from "./wrap-future.ts";

export class AsyncIterators {
  readonly #loop: Loop;
  readonly #open = new Set<AsyncIterator<unknown>>();
  #isShutDown = false;

  constructor(loop: Loop) {
    this.#loop = loop;
  }

  /** Remembers one that is being iterated. Warns after `shutdown`: nobody would close it. */
  add(iterator: AsyncIterator<unknown>): void {
    if (this.#isShutDown) {
      const text = `asynchronous generator ${format(iterator)} was scheduled after loop.shutdownAsyncgens() call`;
      writeLog(this.#loop.host, "warning", text);
    }
    this.#open.add(iterator);
  }

  delete(iterator: AsyncIterator<unknown>): void {
    this.#open.delete(iterator);
  }

  /** Closes all of them at once, and waits; an error is reported to the exception handler. */
  *shutdown(): Coroutine<void> {
    this.#isShutDown = true;
    const open = [...this.#open];
    this.#open.clear();
    const closing = open.map((iterator) => ({
      iterator,
      future: wrapFuture(closeAsyncIterator(iterator), this.#loop.own),
    }));
    for (const { iterator, future } of closing) {
      try {
        yield* future;
      } catch (exception) {
        if (future.cancelled()) throw exception; // it is the shutdown that was cancelled
        this.#loop.callExceptionHandler({
          message: `an error occurred during closing of asynchronous generator ${format(iterator)}`,
          exception,
          asyncgen: iterator,
        });
      }
    }
  }
}

/** Asks an iterator to end. What it throws at once comes as a rejection too. */
export async function closeAsyncIterator(iterator: AsyncIterator<unknown>): Promise<void> {
  await iterator.return?.();
}

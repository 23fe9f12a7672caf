// aclosing: a block behind which something is closed.

import { closeAsyncIterator } from "../runtime/async-iterators.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import { type Coroutine, isCoroutine } from "../runtime/suspension.ts";
import { format } from "../support/format.ts";
import { type AsyncContextManager, awaitedOf, withManager } from "../waiting/async-with.ts";

/** What `aclosing` takes: what has `aclose`, or an async iterator of JavaScript, such as an async generator. */
export type AsyncClosable = { aclose(): Awaitable<unknown> } | AsyncIterator<unknown, unknown, never>;

/** What `aclosing` returns. */
export class Aclosing<T extends AsyncClosable> implements AsyncContextManager<T, void> {
  /** @internal */
  static readonly name: string = "Aclosing";
  readonly #thing: T;

  /** @internal */
  constructor(thing: T) {
    this.#thing = thing;
  }

  /** Gives what is to be closed. */
  *aenter(): Coroutine<T> {
    return this.#thing;
  }

  /** Closes it, and waits. */
  *aexit(): Coroutine<void> {
    const thing: AsyncClosable = this.#thing;
    const closed = "aclose" in thing ? thing.aclose() : closeAsyncIterator(thing as AsyncIterator<unknown>);
    yield* awaitedOf(closed, "aclose");
  }

  /** Runs a block with what is to be closed, and returns what it returns: Python's `async with`. */
  with<R>(body: (thing: T) => Awaitable<R>): Coroutine<R> {
    return withManager<T, R>(this, body);
  }
}

/**
 * A manager that gives `thing`, and closes it behind the block, whatever happens: by `aclose`, or an async iterator of
 * JavaScript by its `return`. Mirrors contextlib.aclosing. An async generator in the middle of a value closes only when
 * that one has come.
 * @throws TypeError for what cannot be closed
 *
 * @example
 * yield* aclosing(readLines(file)).with((lines) => forEach(lines, (line) => line !== ""));
 */
export function aclosing<T extends AsyncClosable>(thing: T): Aclosing<T> {
  const { aclose, next } = Object(thing) as { aclose?: unknown; next?: unknown };
  if (typeof aclose === "function" || (typeof next === "function" && !isCoroutine(thing))) return new Aclosing(thing);
  throw new TypeError(`Cannot close: expected an object with aclose, or an async iterator, got ${format(thing)}`);
}

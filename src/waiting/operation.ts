// Operations of the library that a program forgot to await: in debug mode, each of them is watched until its first
// step.
//
// A generator does not tell that it was made, so the program's own coroutines cannot be watched; but the usual mistake
// is to call `sleep(1)` or `queue.put(x)` without `yield*`, and those are ours.

import { shown } from "../support/shown.ts";
import { runningLoop } from "../runtime/loop.ts";
import type { Coroutine, Suspension } from "../runtime/suspension.ts";

/** The coroutine of a library operation as the program gets it: in debug mode, a watched one. */
export function operation<T>(name: string, iterator: Iterator<Suspension, T, unknown>): Coroutine<T> {
  // some are hand-written: they have what a generator has, but for its helpers
  const coroutine = iterator as Coroutine<T>;
  const loop = runningLoop();
  if (loop === null || !loop.getDebug()) return coroutine;
  const watched = new ShownWatchedCoroutine(coroutine, name);
  watched.begin = loop.watchForgotten(watched, () => `coroutine '${name}' was never awaited\ncreated`);
  return watched as unknown as Coroutine<T>;
}

/** Passes every step on to a coroutine, as `yield*` does, and says when it is used for the first time. */
class WatchedCoroutine<T> {
  readonly #coroutine: Coroutine<T>;
  readonly #name: string;
  begin: (() => void) | null = null;

  constructor(coroutine: Coroutine<T>, name: string) {
    this.#coroutine = coroutine;
    this.#name = name;
  }

  next(value?: unknown): IteratorResult<Suspension, T> {
    this.#begun();
    return this.#coroutine.next(value);
  }

  throw(error: unknown): IteratorResult<Suspension, T> {
    this.#begun();
    return this.#coroutine.throw(error);
  }

  return(value: T): IteratorResult<Suspension, T> {
    this.#begun();
    return this.#coroutine.return(value);
  }

  [Symbol.iterator](): this {
    return this;
  }

  toString(): string {
    return `<coroutine ${this.#name}>`;
  }

  #begun(): void {
    this.begin?.();
    this.begin = null;
  }
}

const ShownWatchedCoroutine = /* @__PURE__ */ shown(WatchedCoroutine);

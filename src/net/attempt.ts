// Attempts: something is asked of the outside, which answers once, and may be given up meanwhile.

import type { EventLoop } from "../runtime/event-loop.ts";
import type { Coroutine } from "../runtime/suspension.ts";

/** Who is told how an attempt ends: one of both is called, once. */
export interface Outcome<T> {
  /** @param drop lets go of what was made, because nobody waits for it any more */
  succeed(value: T, drop: () => void): void;
  fail(error: Error): void;
}

function done(): void {}

/**
 * Begins an attempt, and waits for how it ends. `begin` gives a function that gives it up: nothing is told after that.
 * Whatever ends this but the value, nothing is left that was made for it.
 */
export function* attempt<T>(loop: EventLoop, source: string, begin: (outcome: Outcome<T>) => () => void): Coroutine<T> {
  const answer = loop.createFuture<T>();
  let undo: (() => void) | null = null;
  const deliver = (settle: () => void): void =>
    loop.arrivals.deliver(source, () => {
      if (!answer.done()) settle();
    });
  const giveUp = begin({
    succeed: (value, drop) => {
      undo = drop;
      deliver(() => answer.setResult(value));
    },
    fail: (error) => {
      undo = done;
      deliver(() => answer.setException(error));
    },
  });
  undo ??= giveUp;
  const letGo = loop.arrivals.listen(() => undo?.());
  try {
    const value = yield* answer;
    undo = done;
    return value;
  } finally {
    letGo();
  }
}

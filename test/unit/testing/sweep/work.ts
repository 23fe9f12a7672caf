// What the programs under a sweep do, and what is to be seen of it behind them.

import { type Coroutine, sleep } from "wasyncio";

/** Pieces of work that have begun and not ended. */
export let active = 0;
/** What a program has to tell. */
export let notes: unknown[] = [];

/** Nothing of an earlier run counts. */
export function begin(): void {
  active = 0;
  notes = [];
}

/** A piece of work with a clean-up that takes time, too. */
export function* work<T>(seconds: number, result: T): Coroutine<T> {
  active++;
  try {
    yield* sleep(seconds);
    yield* sleep(0);
    return result;
  } finally {
    try {
      yield* sleep(0);
    } finally {
      active--;
    }
  }
}

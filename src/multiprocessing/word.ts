// A word in shared memory that tasks and threads wait for: what all that is shared here is made of.
//
// A thread without a loop blocks, a task waits by Atomics.waitAsync: the engine has one list of both for each place in
// memory, and wakes them in order. A wait may end though nothing was meant for it: whoever waits looks again. So a task
// that is cancelled wakes all others: its own entry in the list is gone with that, and no wake-up is lost in it. In
// virtual time no thread is outside: there the tasks of the loop are the list.

import { NotAvailableError, RuntimeError } from "../errors/base.ts";
import type { Future } from "../runtime/future.ts";
import { runningLoop } from "../runtime/loop.ts";
import { getRunningLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { wrapFuture } from "../runtime/wrap-future.ts";
import { type Delay, secondsOf } from "../support/delay.ts";

/** Tries something: null when it is done, else what its word is as long as it cannot be. */
export type Attempt = () => number | null;

/** The library that TypeScript has for ES2022 does not know it. */
interface WaitAsync {
  waitAsync?(
    cells: Int32Array,
    index: number,
    expected: number,
  ): { readonly async: false } | { readonly async: true; readonly value: Promise<unknown> };
}

export class Word {
  readonly #cells: Int32Array;
  readonly #index: number;
  /** The tasks that wait in virtual time. */
  readonly #virtual: Future<void>[] = [];

  constructor(memory: SharedArrayBuffer, index: number) {
    this.#cells = new Int32Array(memory);
    this.#index = index;
  }

  get value(): number {
    return Atomics.load(this.#cells, this.#index);
  }

  set value(value: number) {
    Atomics.store(this.#cells, this.#index, value);
  }

  /** Sets it, and returns what it was. */
  exchange(value: number): number {
    return Atomics.exchange(this.#cells, this.#index, value);
  }

  /** Sets it if it is what is expected. Returns whether it was. */
  replace(expected: number, value: number): boolean {
    return Atomics.compareExchange(this.#cells, this.#index, expected, value) === expected;
  }

  /** Wakes those that have waited longest. */
  wake(count = Infinity): void {
    Atomics.notify(this.#cells, this.#index, count);
    for (const future of this.#virtual.splice(0, count)) if (!future.done()) future.setResult();
  }

  /** Waits until an attempt is done. */
  *until(attempt: Attempt): Coroutine<void> {
    for (let seen = attempt(); seen !== null; seen = attempt()) {
      if (getRunningLoop().host.virtual === true) yield* this.#changedInVirtualTime();
      else yield* this.#changed(seen);
    }
  }

  /**
   * Blocks the thread until an attempt is done.
   * @param timeout longest time, or null for ever
   * @returns false when that takes too long
   * @throws RuntimeError when it would keep a loop from running
   */
  untilSync(attempt: Attempt, timeout: Delay | null): boolean {
    const seconds = timeout === null ? Infinity : secondsOf(timeout, "timeout");
    let seen = attempt();
    if (seen === null) return true;
    if (seconds <= 0) return false;
    checkMayBlock();
    const deadline = performance.now() + 1e3 * seconds;
    for (; seen !== null; seen = attempt()) {
      const rest = deadline - performance.now();
      if (rest <= 0 || Atomics.wait(this.#cells, this.#index, seen, rest) === "timed-out") return attempt() === null;
    }
    return true;
  }

  *#changed(seen: number): Coroutine<void> {
    const { waitAsync } = Atomics as WaitAsync;
    if (waitAsync === undefined)
      throw new NotAvailableError("shared memory in a task", "the engine has no Atomics.waitAsync");
    const waiting = waitAsync(this.#cells, this.#index, seen);
    if (!waiting.async) return;
    const { arrivals } = getRunningLoop();
    let hasChanged = false;
    const leave = arrivals.listen(() => {
      if (!hasChanged) this.wake(); // cancelled, or the loop was closed
    });
    arrivals.expect(1);
    try {
      yield* wrapFuture(waiting.value);
      hasChanged = true;
    } finally {
      arrivals.expect(-1);
      leave();
    }
  }

  *#changedInVirtualTime(): Coroutine<void> {
    const future = getRunningLoop().createFuture();
    this.#virtual.push(future);
    let hasChanged = false;
    try {
      yield* future;
      hasChanged = true;
    } finally {
      if (!hasChanged) this.wake();
    }
  }
}

/** Throws RuntimeError in the turn of a loop, which would not go on. */
export function checkMayBlock(): void {
  if (runningLoop() !== null)
    throw new RuntimeError("Cannot block the thread of a running loop: wait as a task, by the method without Sync");
}

// What a soak is made of: programs that make any number of tasks, timers and queue items and leave nothing behind.

import {
  BrokenBarrierError,
  CancelledError,
  type Coroutine,
  type Future,
  QueueShutDown,
  type Task,
  TimeoutError,
  createTask,
  sleep,
} from "wasyncio";

/**
 * Makes about `count` tasks, timers or queue items, waits for all of them, and returns how many there were. `pause` is
 * a time to sleep, in seconds.
 */
export type Scenario = (count: number, pause: number) => Coroutine<number>;

/** Thrown by what is meant to fail. */
export class Failure extends Error {}

/** Tasks at a time: as many slots are in use at most, whatever the count. */
export const CROWD = 300;

/** A scenario of batches of `size` operations each. */
export function batches(size: number, batch: (pause: number) => Coroutine<void>): Scenario {
  return function* (count, pause) {
    let made = 0;
    for (; made < count; made += size) yield* batch(pause);
    return made;
  };
}

/**
 * A scenario of tasks side by side, of which every third is cancelled: before its first step, in the next iteration, or
 * in the one behind that. Each counts for so many operations.
 */
export function crowds(operations: number, work: (index: number, pause: number) => Coroutine<unknown>): Scenario {
  return function* (count, pause) {
    let made = 0;
    for (let first = 0; made < count; first += CROWD) {
      const size = Math.min(CROWD, Math.ceil((count - made) / operations));
      yield* crowd(Array.from({ length: size }, (_, index) => createTask(work(first + index, pause))));
      made += size * operations;
    }
    return made;
  };
}

/** Cancels every third of some tasks, and waits for all. */
export function* crowd(tasks: readonly Task<unknown>[]): Coroutine<void> {
  for (const remainder of [0, 3, 6]) {
    for (let index = remainder; index < tasks.length; index += 9) tasks[index].cancel();
    yield* sleep(0);
  }
  for (const task of tasks) yield* ended(task);
}

/** Waits for a task or a future, whatever becomes of it. */
export function* ended(future: Future<unknown>): Coroutine<void> {
  try {
    yield* future;
  } catch (error) {
    if (!EXPECTED.some((constructor) => error instanceof constructor)) throw error;
  }
}

const EXPECTED = [BrokenBarrierError, CancelledError, Failure, QueueShutDown, TimeoutError];

/** Fails after a pause. */
export function* failing(pause: number): Coroutine<never> {
  yield* sleep(pause);
  throw new Failure();
}

// Locks, events, conditions, semaphores, barriers.

import {
  Barrier,
  BoundedSemaphore,
  Condition,
  type Coroutine,
  Event,
  Lock,
  Semaphore,
  createTask,
  sleep,
} from "wasyncio";
import { spin } from "../support/coroutines.ts";
import { type Scenario, batches, crowd, ended } from "./scenario.ts";

/** Waiters of one primitive at a time. */
const WAITERS = 30;

/** A scenario of crowds that each have a primitive of their own, and of what happens to it meanwhile. */
function around<T>(
  make: () => T,
  work: (thing: T, index: number, pause: number) => Coroutine<unknown>,
  meanwhile: (thing: T, pause: number) => Coroutine<void> = () => spin(0),
): Scenario {
  return batches(WAITERS, function* (pause) {
    const thing = make();
    const tasks = Array.from({ length: WAITERS }, (_, index) => createTask(work(thing, index, pause)));
    const helper = createTask(meanwhile(thing, pause));
    yield* crowd(tasks);
    yield* ended(helper);
  });
}

function* take(lock: Lock | Semaphore, index: number): Coroutine<void> {
  if (index % 2 === 0) {
    yield* lock.with(() => sleep(0));
  } else {
    using _hold = yield* lock.acquire();
    yield* sleep(0);
  }
}

export const sync: Record<string, Scenario> = {
  lock: around(() => new Lock(), take),
  event: around(
    () => new Event(),
    (event) => event.wait(),
    function* (event) {
      yield* spin(4);
      event.set();
      event.clear();
    },
  ),
  condition: around(
    () => new Condition(),
    (condition) => condition.with(() => condition.wait()),
    function* (condition) {
      for (let i = 0; i < WAITERS; i++) {
        yield* condition.with(function* () {
          condition.notify(2);
        });
      }
    },
  ),
  "condition, waitFor": around(
    () => ({ condition: new Condition(), stock: 0 }),
    (it) =>
      it.condition.with(function* () {
        yield* it.condition.waitFor(() => it.stock > 0);
        it.stock--;
      }),
    (it) =>
      it.condition.with(function* () {
        yield* sleep(0);
        it.stock = WAITERS;
        it.condition.notifyAll();
      }),
  ),
  semaphore: around(() => new Semaphore(3), take),
  "semaphore, released at once": around(
    () => new Semaphore(0),
    (semaphore) => semaphore.acquire(),
    function* (semaphore) {
      yield* spin(2);
      for (let i = 0; i < WAITERS; i++) semaphore.release();
    },
  ),
  boundedSemaphore: around(() => new BoundedSemaphore(2), take),
  barrier: around(
    () => new Barrier(5),
    (barrier) => barrier.wait(),
    function* (barrier) {
      yield* spin(12);
      yield* barrier.reset();
    },
  ),
  "barrier, aborted": around(
    () => new Barrier(WAITERS + 1),
    (barrier) => barrier.with(() => sleep(0)),
    function* (barrier) {
      yield* spin(4);
      yield* barrier.abort();
    },
  ),
};

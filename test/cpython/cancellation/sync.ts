// Locks, events, conditions, semaphores, barriers. python/sync.py is the twin.

import { Barrier, BoundedSemaphore, CancelledError, Condition, type Coroutine, Event, Lock, Semaphore } from "wasyncio";
import { spin } from "../../support/coroutines.ts";
import { type Family, names, ofSizes } from "./families.ts";
import type { Chapter, World } from "./sweep.ts";

function* hold(w: World, name: string, lock: Lock | Semaphore, iterations = 1): Coroutine<void> {
  yield* lock.with(function* () {
    w.note(`${name} in`);
    yield* spin(iterations);
  });
}

/** As `hold`, by the hold that `acquire` gives. */
function* holdByUsing(w: World, name: string, lock: Lock | Semaphore): Coroutine<void> {
  using _hold = yield* lock.acquire();
  w.note(`${name} in`);
  yield* spin(1);
}

/** Does not take one cancellation for an answer. */
function* holdAtLast(w: World, name: string, lock: Lock | Semaphore): Coroutine<void> {
  try {
    yield* lock.acquire();
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    w.note(`${name} again`);
    yield* lock.acquire();
  }
  try {
    yield* spin(1);
  } finally {
    lock.release();
  }
}

function* releaseAfter(w: World, lock: Lock | Semaphore, iterations: number): Coroutine<void> {
  yield* lock.acquire();
  yield* spin(iterations);
  w.complete(() => lock.release());
}

/** A lock that must be free at the end. */
function newLock(w: World): Lock {
  const lock = new Lock();
  w.watch(lock);
  w.invariant("the lock is free", () => !lock.locked());
  return lock;
}

const locks: Record<string, Family> = {
  lock_released(w, n) {
    const lock = newLock(w);
    w.help("holder", releaseAfter(w, lock, 3));
    for (const name of names(n)) w.start(name, hold(w, name, lock));
  },
  lock_handed_on(w, n) {
    const lock = newLock(w);
    for (const name of names(n + 1)) w.start(name, holdByUsing(w, name, lock));
  },
  lock_with_newcomer(w, n) {
    const lock = newLock(w);
    function* holder() {
      yield* releaseAfter(w, lock, 3);
      w.help("newcomer", hold(w, "newcomer", lock));
    }
    w.help("holder", holder());
    for (const name of names(n)) w.start(name, hold(w, name, lock));
  },
  lock_taken_again(w, n) {
    const lock = newLock(w);
    function* holder() {
      yield* releaseAfter(w, lock, 3);
      yield* hold(w, "holder", lock);
    }
    w.help("holder", holder());
    for (const name of names(n)) w.start(name, hold(w, name, lock));
  },
  lock_insisted_on(w, n) {
    const lock = newLock(w);
    w.help("holder", releaseAfter(w, lock, 3));
    for (const name of names(n)) w.start(name, holdAtLast(w, name, lock));
  },
};

function* waitForEvent(w: World, name: string, event: Event): Coroutine<void> {
  yield* event.wait();
  w.note(`${name} goes`);
  yield* spin(1);
}

function newEvent(w: World): Event {
  const event = new Event();
  w.watch(event);
  return event;
}

const events: Record<string, Family> = {
  event_set(w, n) {
    const event = newEvent(w);
    for (const name of names(n)) w.start(name, waitForEvent(w, name, event));
    w.later(4, () => w.complete(() => event.set()));
  },
  event_set_and_cleared(w, n) {
    const event = newEvent(w);
    function pulse() {
      w.complete(() => event.set());
      event.clear();
    }
    for (const name of names(n)) w.start(name, waitForEvent(w, name, event));
    w.later(4, pulse);
    w.later(7, pulse);
  },
  event_insisted_on(w, n) {
    const event = newEvent(w);
    function* wait(name: string) {
      try {
        yield* event.wait();
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error;
        yield* waitForEvent(w, name, event);
      }
    }
    for (const name of names(n)) w.start(name, wait(name));
    w.later(4, () => w.complete(() => event.set()));
  },
};

/** Things that are taken under a condition: nobody may wait while there are some. */
class Stock {
  count = 0;
  readonly condition = new Condition();
  readonly #w: World;

  constructor(w: World) {
    this.#w = w;
    w.watch(this.condition);
    w.invariant("the condition's lock is free", () => !this.condition.locked());
    w.mayWait(() => this.count === 0);
  }

  *take(name: string): Coroutine<void> {
    const { condition } = this;
    yield* condition.acquire();
    try {
      yield* condition.waitFor(() => this.count > 0);
      this.count--;
      this.#w.note(`${name} takes`);
    } finally {
      condition.release();
    }
  }

  add(count: number, notified: number): void {
    this.count += count;
    this.condition.notify(notified);
  }

  *supply(count: number, notified: number, held = 0): Coroutine<void> {
    yield* this.condition.acquire();
    this.#w.complete(() => this.add(count, notified));
    yield* spin(held);
    this.condition.release();
  }
}

function* waitIn(w: World, name: string, condition: Condition): Coroutine<void> {
  yield* condition.with(function* () {
    try {
      yield* condition.wait();
      w.note(`${name} goes`);
    } finally {
      w.note(`${name} locked:${condition.locked()}`);
      yield* spin(1);
    }
  });
}

const conditions: Record<string, Family> = {
  condition_notified_one_by_one(w, n) {
    const stock = new Stock(w);
    function* supplier() {
      yield* spin(3);
      for (let i = 0; i < Math.max(1, n - 1); i++) {
        yield* stock.supply(1, 1);
        yield* spin(1);
      }
    }
    for (const name of names(n)) w.start(name, stock.take(name));
    w.help("supplier", supplier());
  },
  condition_notified_at_once(w, n) {
    const stock = new Stock(w);
    function* supplier() {
      yield* spin(3);
      yield* stock.supply(n, n);
    }
    for (const name of names(n)) w.start(name, stock.take(name));
    w.help("supplier", supplier());
  },
  condition_notified_too_often(w, n) {
    const stock = new Stock(w);
    function* supplier() {
      yield* spin(3);
      yield* stock.supply(1, n);
      yield* spin(3);
      yield* stock.supply(1, 2);
    }
    for (const name of names(n)) w.start(name, stock.take(name));
    w.help("supplier", supplier());
  },
  condition_lock_kept(w, n) {
    const stock = new Stock(w);
    const enough = Math.max(1, n - 1);
    function* supplier() {
      yield* spin(2);
      yield* stock.condition.acquire();
      stock.add(enough, enough);
      yield* spin(3);
      w.complete(() => stock.condition.release());
    }
    for (const name of names(n)) w.start(name, stock.take(name));
    w.help("supplier", supplier());
  },
  condition_notify_all(w, n) {
    const condition = new Condition();
    w.watch(condition);
    function* notifier() {
      yield* spin(3);
      yield* condition.with(function* () {
        w.complete(() => condition.notifyAll());
      });
    }
    for (const name of names(n)) w.start(name, waitIn(w, name, condition));
    w.help("notifier", notifier());
  },
  condition_insisted_on(w, n) {
    const stock = new Stock(w);
    function* take(name: string): Coroutine<void> {
      yield* stock.condition.with(function* () {
        while (stock.count === 0) {
          try {
            yield* stock.condition.wait();
          } catch (error) {
            if (!(error instanceof CancelledError)) throw error;
            w.note(`${name} again`);
          }
        }
        stock.count--;
      });
    }
    function* supplier() {
      yield* spin(3);
      yield* stock.supply(n, 1, 2);
      yield* spin(1);
      yield* stock.supply(0, n);
    }
    for (const name of names(n)) w.start(name, take(name));
    w.help("supplier", supplier());
  },
  condition_lock_shared(w, n) {
    const lock = newLock(w);
    const one = new Condition(lock);
    const two = new Condition(lock);
    w.watch(one);
    w.watch(two);
    function* notifier() {
      yield* spin(3);
      yield* two.with(function* () {
        w.complete(() => two.notifyAll());
        yield* spin(1);
        w.complete(() => one.notifyAll());
      });
    }
    for (const [index, name] of names(n).entries()) w.start(name, waitIn(w, name, [one, two][index % 2]));
    w.start("contender", hold(w, "contender", lock, 4));
    w.help("notifier", notifier());
  },
};

/** Permits that nobody has. */
function permits(semaphore: Semaphore): number {
  return semaphore["value"];
}

/** A semaphore that must have all its permits at the end. */
function newSemaphore(w: World, constructor: typeof Semaphore, value: number): Semaphore {
  const semaphore = new constructor(value);
  w.watch(semaphore);
  w.invariant("all permits are there", () => permits(semaphore) === value);
  return semaphore;
}

/** Families for a semaphore of one class with one value. */
function semaphoresOf(constructor: typeof Semaphore, value: number): Record<string, Family> {
  const prefix = constructor === Semaphore ? "" : "bounded_";
  return {
    [`${prefix}semaphore_handed_on_${value}`](w, n) {
      const semaphore = newSemaphore(w, constructor, value);
      for (let i = 1; i < value; i++) w.help(`holder${i}`, hold(w, `holder${i}`, semaphore, 3));
      for (const name of names(n + 1)) w.start(name, hold(w, name, semaphore, 2));
    },
    [`${prefix}semaphore_released_at_once_${value}`](w, n) {
      const semaphore = newSemaphore(w, constructor, value);
      function release() {
        for (let i = 0; i < value; i++) semaphore.release();
      }
      function* holder() {
        for (let i = 0; i < value; i++) yield* semaphore.acquire();
        yield* spin(3);
        w.complete(release);
        w.help("newcomer", hold(w, "newcomer", semaphore));
      }
      w.help("holder", holder());
      for (const name of names(n)) w.start(name, holdByUsing(w, name, semaphore));
    },
  };
}

function* takePermit(w: World, name: string, semaphore: Semaphore): Coroutine<void> {
  yield* semaphore.acquire();
  w.note(`${name} has it`);
}

/** A semaphore without permits: nobody may wait when some come. */
function emptySemaphore(w: World): Semaphore {
  const semaphore = new Semaphore(0);
  w.mayWait(() => permits(semaphore) === 0);
  return semaphore;
}

const semaphores: Record<string, Family> = {
  ...semaphoresOf(Semaphore, 1),
  ...semaphoresOf(Semaphore, 2),
  ...semaphoresOf(Semaphore, 3),
  ...semaphoresOf(BoundedSemaphore, 1),
  ...semaphoresOf(BoundedSemaphore, 2),
  ...semaphoresOf(BoundedSemaphore, 3),
  semaphore_scarce(w, n) {
    const semaphore = emptySemaphore(w);
    for (const name of names(n)) w.start(name, takePermit(w, name, semaphore));
    for (let i = 0; i < Math.max(1, n - 1); i++) {
      w.later(3 + i, () => w.complete(() => semaphore.release()));
    }
  },
  semaphore_scarce_at_once(w, n) {
    const semaphore = emptySemaphore(w);
    function release() {
      for (let i = 0; i < Math.max(1, n - 1); i++) w.complete(() => semaphore.release());
    }
    for (const name of names(n)) w.start(name, takePermit(w, name, semaphore));
    w.later(3, release);
  },
  semaphore_insisted_on(w, n) {
    const semaphore = newSemaphore(w, Semaphore, 1);
    w.help("holder", releaseAfter(w, semaphore, 3));
    for (const name of names(n)) w.start(name, holdAtLast(w, name, semaphore));
  },
};

function* arrive(w: World, name: string, barrier: Barrier, iterations = 0): Coroutine<number> {
  yield* spin(iterations);
  w.note(`${name} arrives`);
  return yield* w.completing(barrier.wait());
}

/** A barrier that must be empty and whole at the end. */
function newBarrier(w: World, parties: number): Barrier {
  const barrier = new Barrier(parties);
  w.watch(barrier);
  w.invariant("the barrier is as new", () => String(barrier) === `<Barrier [filling, waiters:0/${parties}]>`);
  return barrier;
}

/** Helpers take the places of those that are missing. */
function fillUp(w: World, barrier: Barrier): void {
  const { nWaiting, parties } = barrier;
  for (let i = nWaiting; nWaiting > 0 && i < parties; i++) w.help(`filler${i}`, barrier.wait());
}

/** Barriers that are aborted or reset. */
function barriersWith(operation: "abort" | "reset"): Record<string, Family> {
  const ended = (w: World, n: number, parties: number, iterations: number): void => {
    const barrier = newBarrier(w, parties);
    function* end() {
      yield* spin(iterations);
      yield* w.completing(barrier[operation]());
      w.note("ended");
      yield* spin(4);
      yield* barrier.reset();
    }
    for (const [index, name] of names(n).entries()) w.start(name, arrive(w, name, barrier, index % 2));
    w.help("ender", end());
    w.later(14, () => fillUp(w, barrier));
  };
  return {
    [`barrier_filling_${operation}`]: (w, n) => ended(w, n, n + 1, 3),
    [`barrier_draining_${operation}`]: (w, n) => ended(w, n, n, 2),
    [`barrier_crowded_${operation}`]: (w, n) => ended(w, n + 2, n + 1, 2),
  };
}

const barriers: Record<string, Family> = {
  barrier_filled(w, n) {
    const barrier = newBarrier(w, n);
    for (const [index, name] of names(n).entries()) w.start(name, arrive(w, name, barrier, index + 1));
    w.later(14, () => fillUp(w, barrier));
  },
  barrier_filled_twice(w, n) {
    const barrier = newBarrier(w, n);
    for (const name of names(2 * n)) w.start(name, arrive(w, name, barrier, 1));
    w.later(20, () => fillUp(w, barrier));
  },
  barrier_in_rounds(w, n) {
    const barrier = newBarrier(w, n);
    function* rounds(name: string) {
      return [yield* arrive(w, name, barrier), yield* arrive(w, name, barrier)];
    }
    for (const name of names(n)) w.start(name, rounds(name));
    w.later(14, () => fillUp(w, barrier));
    w.later(20, () => fillUp(w, barrier));
  },
  ...barriersWith("abort"),
  ...barriersWith("reset"),
};

export const sync: Chapter = {
  starts: ["first", "last"],
  laters: 9,
  scenarios: ofSizes({ ...locks, ...events, ...conditions, ...semaphores, ...barriers }),
};

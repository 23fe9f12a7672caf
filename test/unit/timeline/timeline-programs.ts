// Runs for the tests of the pictures: of a small program in which all kinds of steps and waits occur, of a large one,
// of some that fail by a race, and of one whose names are hostile.

import { type Coroutine, Event, Lock, Queue, createTask, gather, getRunningLoop, sleep } from "wasyncio";
import { type Failure, type SimulationLog, explore, simulate } from "wasyncio/testing";
import type { TimelineRun } from "wasyncio/timeline";

const HOUR = 3600;

/**
 * Workers at a lock, a timer, an hour of sleep, one task that fails, one that is cancelled, and one that waits for
 * ever.
 */
export function smallLog(): SimulationLog {
  return simulate(function* shop() {
    const lock = new Lock();
    const opened = new Event();
    const shelf = { books: 3 };
    const loop = getRunningLoop();

    function* buy(): Coroutine<void> {
      yield* opened.wait();
      yield* lock.acquire();
      try {
        const { books } = shelf;
        yield* sleep(0.25);
        shelf.books = books - 1;
      } finally {
        lock.release();
      }
    }
    function* refill(): Coroutine<void> {
      yield* sleep(HOUR);
      throw new Error("no delivery today");
    }
    function* forever(): Coroutine<void> {
      yield* new Event().wait();
    }

    const buyers = ["Ada", "Grace", "Edsger"].map((name) => createTask(buy(), { name }));
    const refilling = createTask(refill(), { name: "refill" });
    createTask(forever(), { name: "night watch" });
    const cancelled = createTask(sleep(2 * HOUR), { name: "opening hours" });
    loop.callLater(0.5, function open() {
      opened.set();
    });
    loop.callSoon(function greet() {});
    yield* sleep(0);
    yield* gather(buyers);
    cancelled.cancel();
    yield* gather([refilling], { returnExceptions: true });
    return shelf.books;
  }).log;
}

/**
 * `tasks` tasks that hand a lock around, in about `steps` steps.
 * @param debug false: without places, which takes a fraction of the time
 */
export function largeLog(tasks: number, steps: number, debug = true): SimulationLog {
  return simulate(
    function* main() {
      const locks = Array.from({ length: 10 }, () => new Lock());
      const rounds = Math.round(steps / tasks / 3);
      function* work(number: number): Coroutine<void> {
        for (let round = 0; round < rounds; round++) {
          const lock = locks[(number * 7 + round * 3) % locks.length];
          yield* lock.acquire();
          yield* sleep(((number * 13 + round * 29) % 17) * 0.001);
          lock.release();
          yield* sleep(0);
        }
      }
      yield* gather(
        Array.from({ length: tasks }, (_, number) => createTask(work(number), { name: `worker-${number}` })),
      );
    },
    { debug },
  ).log;
}

export const HOSTILE = `</script><script>window.hacked = 1</script><img src=x onerror="window.hacked=1">&amp;"'🧨\u2028\u202e`;

/** Tasks and places whose names try to be code. */
export function hostileLog(): SimulationLog {
  const { actors, steps, time } = smallLog();
  return {
    actors: actors.map((actor) => ({ ...actor, name: `${HOSTILE}${actor.name}`, origin: [HOSTILE] })),
    steps: steps.map((step) => ({
      ...step,
      waitsFor: HOSTILE,
      stack: [{ name: HOSTILE, file: HOSTILE, line: 1, column: 1 }],
    })),
    time,
  };
}

function failureOf<T>({ failure }: { readonly failure: Failure<T> | null }): Failure<T> {
  if (failure === null) throw new Error("Cannot find the race");
  return failure;
}

export const SOLD_TWICE = "the last book was sold 2 times";

/** A race whose window is a late timer: two clerks look at the shelf before one of them has taken the book. */
export function soldTwice(): Failure<void> {
  const main = function* shop(): Coroutine<void> {
    const shelf = { books: 1, sold: 0 };
    const orders = new Queue<string>(3);
    const till = new Lock();
    function* clerk(): Coroutine<void> {
      const order = yield* orders.get();
      if (shelf.books === 0) return;
      yield* sleep(0.01 * order.length); // the clerk fetches the book
      yield* till.acquire();
      yield* sleep(0);
      shelf.books--;
      shelf.sold++;
      till.release();
    }
    const clerks = ["Ada", "Grace"].map((name) => createTask(clerk(), { name }));
    for (const order of ["three", "four"]) {
      yield* orders.put(order);
      yield* sleep(0.06);
    }
    yield* gather(clerks);
    if (shelf.sold > 1) throw new Error(`the last book was sold ${shelf.sold} times`);
  };
  return failureOf(explore(main, { orders: "asyncio", window: 0.02 }));
}

/** Two tasks that race, with a thousand others between them: more than a search looks for the steps among. */
export function raceInACrowd(): TimelineRun {
  const main = function* main(): Coroutine<void> {
    const came: string[] = [];
    function* come(name: string, time: number): Coroutine<void> {
      yield* sleep(time);
      came.push(name);
    }
    function* pass(): Coroutine<void> {}
    const early = createTask(come("early", 0.5), { name: "early" });
    const others = Array.from({ length: 998 }, (_, number) => createTask(pass(), { name: `passer-by ${number}` }));
    yield* gather([early, ...others, createTask(come("late", 0.6), { name: "late" })]);
    if (came[0] === "late") throw new Error("late came first");
  };
  const { log, status, error } = failureOf(explore(main, { orders: "asyncio", window: 0.2, shrink: false }));
  const last = (name: string): { step: number } => ({
    step: log.steps.findLastIndex(({ actor }) => log.actors[actor].name === name),
  });
  const race = { first: last("late"), second: last("early") };
  return { log, status, error, race, passingLog: simulate(main).log };
}

/** Calls with the places of a log unmapped: to map each of many to its source takes the test runner seconds. */
export function unmapped<T>(call: () => T): T {
  const { prepareStackTrace } = Error;
  Object.assign(Error, { prepareStackTrace: undefined });
  try {
    return call();
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
  }
}

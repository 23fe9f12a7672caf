// Logs for the tests of the pictures: of a small program in which all kinds of steps and waits occur, of a large one,
// and of one whose names are hostile.

import { type Coroutine, Event, Lock, createTask, gather, getRunningLoop, sleep } from "wasyncio";
import { type SimulationLog, simulate } from "wasyncio/testing";

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

/** `tasks` tasks that hand a lock around, in about `steps` steps. */
export function largeLog(tasks: number, steps: number): SimulationLog {
  return simulate(function* main() {
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
    yield* gather(Array.from({ length: tasks }, (_, number) => createTask(work(number), { name: `worker-${number}` })));
  }).log;
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

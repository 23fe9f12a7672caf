// SEM: semaphores.

import { BoundedSemaphore, type Coroutine, Semaphore, gather, sleep } from "wasyncio";
import { type Facts, differs } from "../fact.ts";
import { spin } from "../../../support/coroutines.ts";
import { iteration } from "../../../support/counters.ts";
import { attempt, attemptAwait } from "../../../support/outcomes.ts";
import { trace } from "../../../support/stage.ts";

/** How many permits there are, which is what a semaphore shows of itself. */
function permitCount(semaphore: Semaphore): number {
  return Number(/value:(\d+)/.exec(String(semaphore))?.[1] ?? 0);
}

export const facts: Facts = {
  "SEM-01": () => [attempt(() => new Semaphore(-1)), attempt(() => new BoundedSemaphore(1).release())],

  "SEM-02": () =>
    trace(function* (log, loop) {
      const semaphore = new Semaphore(1);
      yield* semaphore.acquire();
      function* waiting(): Coroutine<void> {
        yield* semaphore.acquire();
        log.push("waiter");
        semaphore.release();
      }
      const task = loop.createTask(waiting());
      yield* spin(2);
      semaphore.release();
      log.push(semaphore.locked());
      yield* semaphore.acquire();
      log.push("newcomer");
      semaphore.release();
      yield* task;
    }),

  "SEM-03": () =>
    trace(function* (log, loop) {
      const semaphore = new Semaphore(1);
      yield* semaphore.acquire();
      function* waiting(name: string): Coroutine<void> {
        yield* semaphore.acquire();
        log.push(name);
      }
      const [a, b] = [loop.createTask(waiting("a")), loop.createTask(waiting("b"))];
      yield* spin(2);
      semaphore.release();
      a.cancel();
      log.push(yield* attemptAwait(a));
      yield* b;
      log.push(permitCount(semaphore));
    }),

  "SEM-04": () =>
    trace(function* (log, loop) {
      const semaphore = new Semaphore(0);
      let released = 0;
      function* waiting(name: string): Coroutine<void> {
        yield* semaphore.acquire();
        log.push([name, iteration(loop) - released]);
      }
      const tasks = ["a", "b"].map((name) => loop.createTask(waiting(name)));
      yield* spin(2);
      released = iteration(loop);
      semaphore.release();
      semaphore.release();
      yield* gather(tasks);
    }),

  "SEM-05": differs(
    "`acquire` gives a hold, which is truthy, for `using`; a semaphore shows itself without module and address",
    ["Hold", 0, "<Semaphore [unlocked, value:2]>", "<Semaphore [locked, waiters:1]>"],
    () =>
      trace(function* (log, loop) {
        const semaphore = new Semaphore(1);
        const before = iteration(loop);
        log.push((yield* semaphore.acquire()).constructor.name);
        log.push(iteration(loop) - before);
        semaphore.release();
        semaphore.release();
        log.push(String(semaphore));
        const empty = new Semaphore(0);
        const task = loop.createTask(empty.acquire());
        yield* sleep(0);
        log.push(String(empty));
        task.cancel();
      }),
  ),

  "SEM-06": () =>
    trace(function* (log, loop) {
      const semaphore = new Semaphore(0);
      const task = loop.createTask(semaphore.acquire());
      yield* spin(2);
      task.cancel();
      semaphore.release();
      yield* attemptAwait(task);
      log.push(permitCount(semaphore));
      const before = iteration(loop);
      yield* semaphore.acquire();
      log.push(iteration(loop) - before);
    }),
};

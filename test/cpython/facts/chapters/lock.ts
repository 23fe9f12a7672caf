// LOCK: locks.

import { type Coroutine, Lock, gather, sleep } from "wasyncio";
import { type Facts, differs } from "../fact.ts";
import { spin } from "../../../support/coroutines.ts";
import { iteration } from "../../../support/counters.ts";
import { attempt, attemptAwait } from "../../../support/outcomes.ts";
import { trace } from "../../../support/stage.ts";

/** Takes the lock and says so. */
function* take(lock: Lock, log: unknown[], name: string): Coroutine<void> {
  yield* lock.with(function* () {
    log.push(name);
  });
}

export const facts: Facts = {
  "LOCK-01": differs("`acquire` gives a hold, which is truthy, for `using`", ["Hold", 0, null], () =>
    trace(function* (log, loop) {
      const lock = new Lock();
      const before = iteration(loop);
      log.push((yield* lock.acquire()).constructor.name);
      log.push(iteration(loop) - before);
      lock.release();
      yield* lock.with(function* (value?: unknown) {
        log.push(value);
      });
    }),
  ),

  "LOCK-02": () =>
    trace(function* (log, loop) {
      const lock = new Lock();
      yield* lock.acquire();
      const tasks = ["a", "b", "c"].map((name) => loop.createTask(take(lock, log, name)));
      yield* spin(2);
      lock.release();
      yield* gather(tasks);
    }),

  "LOCK-03": () =>
    trace(function* (log, loop) {
      const lock = new Lock();
      yield* lock.acquire();
      const task = loop.createTask(take(lock, log, "waiter"));
      yield* spin(2);
      lock.release();
      log.push(lock.locked());
      yield* lock.acquire();
      log.push("barger");
      lock.release();
      yield* task;
    }),

  "LOCK-04": () => [attempt(() => new Lock().release())],

  "LOCK-05": () =>
    trace(function* (log, loop) {
      const lock = new Lock();
      yield* lock.acquire();
      const [a, b] = [loop.createTask(take(lock, log, "a")), loop.createTask(take(lock, log, "b"))];
      yield* spin(2);
      lock.release();
      a.cancel();
      log.push(yield* attemptAwait(a));
      yield* b;
    }),

  "LOCK-06": () =>
    trace(function* (log, loop) {
      const lock = new Lock();
      yield* lock.acquire();
      const tasks = ["a", "b", "c"].map((name) => loop.createTask(take(lock, log, name)));
      yield* spin(2);
      tasks[1]?.cancel();
      yield* sleep(0);
      lock.release();
      yield* gather(tasks, { returnExceptions: true });
      const other = new Lock();
      yield* other.acquire();
      const task = loop.createTask(other.acquire());
      yield* spin(1);
      task.cancel();
      other.release();
      const before = iteration(loop);
      yield* other.acquire();
      log.push(iteration(loop) - before);
      yield* attemptAwait(task);
    }),

  "LOCK-07": () => {
    const lock = new Lock();
    trace(function* (_, loop) {
      yield* lock.acquire();
      const task = loop.createTask(lock.acquire());
      yield* spin(2);
      task.cancel();
      yield* attemptAwait(task);
    });
    return trace(function* (log) {
      log.push(String(yield* attemptAwait(lock.acquire())).includes("is bound to a different event loop"));
    });
  },

  "LOCK-08": differs(
    "a lock shows itself without module and address; one argument too many is ignored, as JavaScript does, and does not compile",
    ["<Lock [unlocked]>", "<Lock [locked, waiters:1]>", false],
    () =>
      trace(function* (log, loop) {
        const lock = new Lock();
        log.push(String(lock));
        yield* lock.acquire();
        const task = loop.createTask(lock.acquire());
        yield* sleep(0);
        log.push(String(lock));
        task.cancel();
        // @ts-expect-error -- this is what does not compile
        log.push(String(attempt(() => new Lock({ loop }))).startsWith("TypeError"));
      }),
  ),

  "LOCK-09": () =>
    trace(function* (log, loop) {
      const lock = new Lock();
      yield* lock.acquire();
      let released = 0;
      function* waiting(): Coroutine<void> {
        yield* lock.acquire();
        log.push(iteration(loop) - released);
      }
      const task = loop.createTask(waiting());
      yield* spin(2);
      released = iteration(loop);
      lock.release();
      yield* task;
    }),

  "LOCK-10": () =>
    trace(function* (log, loop) {
      const lock = new Lock();
      yield* lock.acquire();
      const task = loop.createTask(lock.acquire());
      yield* spin(2);
      lock.release();
      task.cancel();
      log.push(yield* attemptAwait(task));
      log.push(lock.locked());
      const before = iteration(loop);
      yield* lock.acquire();
      log.push(iteration(loop) - before);
    }),
};

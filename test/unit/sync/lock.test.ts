import { VirtualEventLoop } from "wasyncio/testing";
import { describe, expect, test } from "vitest";
import { type Coroutine, DeadlockError, Hold, Lock, createTask } from "wasyncio";
import { byNumber } from "../../support/by-number.ts";
import { spin } from "../../support/coroutines.ts";
import { attempt, attemptAwait, settle } from "../../support/outcomes.ts";
import { tidyTrace } from "../../support/stage.ts";
import { iteration } from "../../support/counters.ts";

/** A task's work: takes the lock and says so. */
function* take(lock: Lock, log: unknown[], name: unknown): Coroutine<void> {
  yield* lock.with(function* () {
    log.push(name);
  });
}

describe("a lock that nobody holds", () => {
  test("needs no task, and no loop", () => {
    const lock = new Lock();
    expect(lock.acquire().next()).toMatchObject({ done: true });
    expect(lock.locked()).toBe(true);
    lock.release();
    expect(lock.locked()).toBe(false);
  });
});

describe("waiters", () => {
  test("include the task that holds the lock: it waits for itself", () => {
    const loop = new VirtualEventLoop();
    const lock = new Lock();
    const twice = function* () {
      yield* lock.acquire();
      yield* lock.acquire();
    };
    expect(() => loop.runUntilCompleteSync(twice())).toThrow(DeadlockError);
  });

  test("run in the iteration behind the release, which any task may call", () => {
    const log = tidyTrace(function* (log, loop) {
      const lock = new Lock();
      yield* lock.acquire();
      let released = 0;
      const waiter = createTask(
        (function* () {
          yield* lock.acquire();
          log.push(iteration(loop) - released);
          lock.release();
        })(),
      );
      yield* spin(2);
      const other = createTask(
        (function* () {
          released = iteration(loop);
          lock.release();
        })(),
      );
      yield* settle([other, waiter]);
    });
    expect(log).toEqual([1]);
  });

  test("bind the lock to their loop; a wait in another one is refused", () => {
    const lock = new Lock();
    tidyTrace(function* () {
      yield* lock.acquire();
      const task = createTask(lock.acquire());
      yield* spin(2);
      task.cancel();
      yield* attemptAwait(task);
    });
    const log = tidyTrace(function* (log) {
      log.push(yield* attemptAwait(lock.acquire()));
    });
    expect(log).toEqual(["RuntimeError('<Lock [locked]> is bound to a different event loop')"]);
  });

  test("have to be tasks", () => {
    const lock = new Lock();
    const log = tidyTrace(function* (log, loop) {
      yield* lock.acquire();
      loop.callSoon(() => log.push(attempt(() => lock.acquire().next())));
      yield* spin(2);
    });
    log.push(attempt(() => lock.acquire().next()));
    expect(log).toEqual(["RuntimeError('Cannot wait: no task is running')", "RuntimeError('no running event loop')"]);
  });

  test("may also be eager tasks, in their first step", () => {
    const log = tidyTrace(function* (log, loop) {
      const lock = new Lock();
      yield* lock.acquire();
      const task = loop.createTask(take(lock, log, "eager"), { eagerStart: true });
      log.push(lock.toString());
      lock.release();
      yield* task;
    });
    expect(log).toEqual(["<Lock [locked, waiters:1]>", "eager"]);
  });
});

describe("cancellation", () => {
  test("carries its message, and does not run the body", () => {
    const log = tidyTrace(function* (log) {
      const lock = new Lock();
      yield* lock.acquire();
      const task = createTask(take(lock, log, "never"));
      yield* spin(1);
      task.cancel("enough");
      log.push(yield* attemptAwait(task));
      lock.release();
    });
    expect(log).toEqual(["CancelledError('enough')"]);
  });

  test("that came before the wait ends it at once", () => {
    const log = tidyTrace(function* (log, loop) {
      const lock = new Lock();
      yield* lock.acquire();
      const task = createTask(
        (function* () {
          loop.currentTask?.cancel("me");
          const before = iteration(loop);
          log.push(yield* attemptAwait(lock.acquire()), iteration(loop) - before);
        })(),
      );
      yield* task;
      log.push(lock.toString());
      lock.release();
    });
    expect(log).toEqual(["CancelledError('me')", 1, "<Lock [locked]>"]);
  });

  // Four tasks pass the lock around; each of them is cancelled in each iteration in turn.
  test.each([0, 1, 2, 3])("of task %i, in whichever iteration, loses no wake-up", (victim) => {
    for (let at = 0; at < 24; at++) {
      const others = [0, 1, 2, 3].filter((name) => name !== victim);
      const log = tidyTrace(function* (log) {
        const lock = new Lock();
        let inside = 0;
        function* worker(name: number): Coroutine<void> {
          for (let round = 0; round < 2; round++) {
            yield* lock.with(function* () {
              expect(++inside).toBe(1);
              try {
                yield* spin(name % 2);
              } finally {
                inside--;
              }
            });
          }
          if (name !== victim) log.push(name);
        }
        const tasks = [0, 1, 2, 3].map((name) => createTask(worker(name)));
        yield* spin(at);
        tasks[victim]?.cancel();
        yield* settle(tasks);
        log.push(lock.toString());
      });
      expect(log.slice(0, -1).toSorted(byNumber), `cancelled in iteration ${at}`).toEqual(others);
      expect(log.at(-1)).toBe("<Lock [unlocked]>");
    }
  });
});

describe("a hold", () => {
  test("releases at the end of a block", () => {
    const log = tidyTrace(function* (log) {
      const lock = new Lock();
      {
        using hold = yield* lock.acquire();
        log.push(hold instanceof Hold, lock.locked());
      }
      log.push(lock.locked());
    });
    expect(log).toEqual([true, true, false]);
  });

  test("releases once, however often it is asked", () => {
    const log = tidyTrace(function* (log) {
      const lock = new Lock();
      const hold = yield* lock.acquire();
      hold.release();
      yield* lock.acquire();
      hold.release();
      hold[Symbol.dispose]();
      log.push(lock.locked());
    });
    expect(log).toEqual([true]);
  });

  test("does nothing when the lock was released behind its back, not even to the next holder", () => {
    const log = tidyTrace(function* (log) {
      const lock = new Lock();
      {
        using _ = yield* lock.acquire();
        lock.release();
        log.push(lock.locked());
        yield* lock.acquire();
      }
      log.push(lock.locked());
    });
    expect(log).toEqual([false, true]);
  });
});

describe("with", () => {
  test("returns what its body returns, and releases when that throws", () => {
    const log = tidyTrace(function* (log) {
      const lock = new Lock();
      log.push(
        yield* lock.with(function* () {
          yield* spin(1);
          return 42;
        }),
      );
      log.push(
        yield* attemptAwait(
          lock.with(function* () {
            yield* spin(1);
            throw new RangeError("body");
          }),
        ),
      );
      log.push(lock.locked());
    });
    expect(log).toEqual([42, "RangeError('body')", false]);
  });

  test("asks a subclass to acquire and to release", () => {
    const log = tidyTrace(function* (log) {
      class Told extends Lock {
        override *acquire() {
          log.push("acquire");
          return yield* super.acquire();
        }
        override release() {
          log.push("release");
          super.release();
        }
      }
      yield* new Told().with(function* () {
        log.push("body");
      });
    });
    expect(log).toEqual(["acquire", "body", "release"]);
  });

  test("aenter and aexit do the same by hand", () => {
    const log = tidyTrace(function* (log) {
      const lock = new Lock();
      log.push(yield* lock.aenter(), lock.locked(), yield* lock.aexit(), lock.locked());
      log.push(yield* attemptAwait(lock.aexit()));
    });
    expect(log).toEqual([undefined, true, undefined, false, "RuntimeError('Lock is not acquired.')"]);
  });
});

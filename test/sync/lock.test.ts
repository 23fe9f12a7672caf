import { describe, expect, test } from "vitest";
import type { Coroutine } from "../../src/runtime/suspension.ts";
import { Hold } from "../../src/sync/hold.ts";
import { Lock } from "../../src/sync/lock.ts";
import { DeadlockError, VirtualEventLoop } from "../../src/testing/index.ts";
import { attempt, attemptAwait, byNumber, settle, spin, trace } from "./support.ts";

/** A task's work: takes the lock and says so. */
function* take(lock: Lock, log: unknown[], name: unknown): Coroutine<void> {
  yield* lock.with(function* () {
    log.push(name);
  });
}

describe("a lock that nobody holds", () => {
  test("LOCK-01: is acquired without suspending, by a truthy hold; `with` gives its body nothing", () => {
    const log = trace(function* ({ log, iteration }) {
      const lock = new Lock();
      const before = iteration();
      log.push(Boolean(yield* lock.acquire()), iteration() - before);
      lock.release();
      yield* lock.with(function* (...given: unknown[]) {
        log.push(given, lock.locked());
      });
      log.push(lock.locked());
    });
    expect(log).toEqual([true, 0, [], true, false]);
  });

  test("LOCK-04: cannot be released", () => {
    expect(attempt(() => new Lock().release())).toBe("RuntimeError('Lock is not acquired.')");
  });

  test("needs no task, and no loop", () => {
    const lock = new Lock();
    expect(lock.acquire().next()).toMatchObject({ done: true });
    expect(lock.locked()).toBe(true);
    lock.release();
    expect(lock.locked()).toBe(false);
  });
});

describe("waiters", () => {
  test("LOCK-02: get the lock in order of arrival", () => {
    const log = trace(function* ({ log, start }) {
      const lock = new Lock();
      yield* lock.acquire();
      const tasks = ["a", "b", "c"].map((name) => start(take(lock, log, name)));
      yield* spin(2);
      lock.release();
      yield* settle(tasks);
    });
    expect(log).toEqual(["a", "b", "c"]);
  });

  test("LOCK-03: cannot be overtaken while the lock is free and they have not run yet", () => {
    const log = trace(function* ({ log, start }) {
      const lock = new Lock();
      yield* lock.acquire();
      const task = start(take(lock, log, "waiter"));
      yield* spin(2);
      lock.release();
      log.push(lock.locked());
      yield* lock.acquire();
      log.push("newcomer");
      lock.release();
      yield* task;
    });
    expect(log).toEqual([false, "waiter", "newcomer"]);
  });

  test("LOCK-04: include the task that holds the lock: it waits for itself", () => {
    const loop = new VirtualEventLoop();
    const lock = new Lock();
    const twice = function* () {
      yield* lock.acquire();
      yield* lock.acquire();
    };
    expect(() => loop.runUntilCompleteSync(twice())).toThrow(DeadlockError);
  });

  test("LOCK-09: run in the iteration behind the release, which any task may call", () => {
    const log = trace(function* ({ log, iteration, start }) {
      const lock = new Lock();
      yield* lock.acquire();
      let released = 0;
      const waiter = start(
        (function* () {
          yield* lock.acquire();
          log.push(iteration() - released);
          lock.release();
        })(),
      );
      yield* spin(2);
      const other = start(
        (function* () {
          released = iteration();
          lock.release();
        })(),
      );
      yield* settle([other, waiter]);
    });
    expect(log).toEqual([1]);
  });

  test("LOCK-07: bind the lock to their loop; a wait in another one is refused", () => {
    const lock = new Lock();
    trace(function* ({ start }) {
      yield* lock.acquire();
      const task = start(lock.acquire());
      yield* spin(2);
      task.cancel();
      yield* attemptAwait(task);
    });
    const log = trace(function* ({ log }) {
      log.push(yield* attemptAwait(lock.acquire()));
    });
    expect(log).toEqual(["RuntimeError('<Lock [locked]> is bound to a different event loop')"]);
  });

  test("have to be tasks", () => {
    const lock = new Lock();
    const log = trace(function* ({ log, loop }) {
      yield* lock.acquire();
      loop.callSoon(() => log.push(attempt(() => lock.acquire().next())));
      yield* spin(2);
    });
    log.push(attempt(() => lock.acquire().next()));
    expect(log).toEqual(["RuntimeError('Cannot wait: no task is running')", "RuntimeError('no running event loop')"]);
  });

  test("may also be eager tasks, in their first step", () => {
    const log = trace(function* ({ log, loop }) {
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
  test("LOCK-05: of the waiter that was woken passes the lock on, before those who await that task run", () => {
    const log = trace(function* ({ log, start }) {
      const lock = new Lock();
      yield* lock.acquire();
      const a = start(take(lock, log, "a"));
      const b = start(take(lock, log, "b"));
      yield* spin(2);
      lock.release();
      a.cancel();
      log.push(yield* attemptAwait(a));
      yield* b;
    });
    expect(log).toEqual(["b", "CancelledError()"]);
  });

  test("LOCK-06: of a waiter leaves the others' order as it was", () => {
    const log = trace(function* ({ log, start }) {
      const lock = new Lock();
      yield* lock.acquire();
      const tasks = ["a", "b", "c"].map((name) => start(take(lock, log, name)));
      yield* spin(2);
      tasks[1]?.cancel();
      yield* spin(1);
      lock.release();
      yield* settle(tasks);
    });
    expect(log).toEqual(["a", "c"]);
  });

  test("LOCK-06: of all waiters lets a newcomer pass at once", () => {
    const log = trace(function* ({ log, iteration, start }) {
      const lock = new Lock();
      yield* lock.acquire();
      const task = start(lock.acquire());
      yield* spin(1);
      task.cancel();
      lock.release();
      const before = iteration();
      yield* lock.acquire();
      log.push(iteration() - before, yield* attemptAwait(task), lock.locked());
    });
    expect(log).toEqual([0, "CancelledError()", true]);
  });

  test("LOCK-10: of the only waiter, when it was woken, leaves the lock free", () => {
    const log = trace(function* ({ log, iteration, start }) {
      const lock = new Lock();
      yield* lock.acquire();
      const task = start(lock.acquire());
      yield* spin(2);
      lock.release();
      task.cancel();
      log.push(yield* attemptAwait(task), lock.locked());
      const before = iteration();
      yield* lock.acquire();
      log.push(iteration() - before);
    });
    expect(log).toEqual(["CancelledError()", false, 0]);
  });

  test("carries its message, and does not run the body", () => {
    const log = trace(function* ({ log, start }) {
      const lock = new Lock();
      yield* lock.acquire();
      const task = start(take(lock, log, "never"));
      yield* spin(1);
      task.cancel("enough");
      log.push(yield* attemptAwait(task));
      lock.release();
    });
    expect(log).toEqual(["CancelledError('enough')"]);
  });

  test("that came before the wait ends it at once", () => {
    const log = trace(function* ({ log, iteration, loop, start }) {
      const lock = new Lock();
      yield* lock.acquire();
      const task = start(
        (function* () {
          loop.currentTask?.cancel("me");
          const before = iteration();
          log.push(yield* attemptAwait(lock.acquire()), iteration() - before);
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
      const log = trace(function* ({ log, start }) {
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
        const tasks = [0, 1, 2, 3].map((name) => start(worker(name)));
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
    const log = trace(function* ({ log }) {
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
    const log = trace(function* ({ log }) {
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
    const log = trace(function* ({ log }) {
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
    const log = trace(function* ({ log }) {
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
    const log = trace(function* ({ log }) {
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
    const log = trace(function* ({ log }) {
      const lock = new Lock();
      log.push(yield* lock.aenter(), lock.locked(), yield* lock.aexit(), lock.locked());
      log.push(yield* attemptAwait(lock.aexit()));
    });
    expect(log).toEqual([undefined, true, undefined, false, "RuntimeError('Lock is not acquired.')"]);
  });
});

test("LOCK-08: it shows itself as Python's does, without module and address", () => {
  const log = trace(function* ({ log, start }) {
    const lock = new Lock();
    log.push(lock.toString());
    const hold = yield* lock.acquire();
    const task = start(lock.acquire());
    yield* spin(1);
    log.push(String(lock));
    task.cancel();
    yield* attemptAwait(task);
    hold.release();
  });
  expect(log).toEqual(["<Lock [unlocked]>", "<Lock [locked, waiters:1]>"]);
});

// Programs with a bug that only a fault at the right point shows, each with the program as it should be.

import {
  BoundedSemaphore,
  CancelledError,
  type Coroutine,
  type Future,
  Lock,
  Queue,
  type Task,
  TaskGroup,
  createTask,
  currentTask,
  gather,
  getRunningLoop,
  shield,
  sleep,
  wait,
} from "wasyncio";
import type { SweepMode, SweepOptions } from "wasyncio/testing";
import { MODES } from "../../../../src/testing/sweep/modes.ts";
import { surely } from "./everywhere.ts";

/** A program and what is expected of it. */
interface Case extends SweepOptions<unknown> {
  main(): Coroutine<unknown>;
}

export interface PlantedBug {
  readonly name: string;
  /** The modes that find it, and no other one does. */
  readonly foundBy: readonly SweepMode[];
  /** What the reports say. */
  readonly says: RegExp;
  /** The program, with its bug or without. */
  make(isFixed: boolean): Case;
}

function ensure(condition: boolean, what: string): void {
  if (!condition) throw new Error(`broken: ${what}`);
}

function isCancelled(error: unknown): boolean {
  return error instanceof CancelledError;
}

/** Two workers, side by side. */
function* both(work: (worker: number) => Coroutine<void>): Coroutine<void> {
  yield* new TaskGroup().with(function* (group) {
    for (const worker of [1, 2]) group.createTask(work(worker), { name: `worker ${worker}` });
  });
}

const ALL_BUT_THROW: readonly SweepMode[] = ["cancel", "cancelTwice", "timeout", "cancelWithCompletion"];

export const plantedBugs: readonly PlantedBug[] = [
  {
    name: "a missing finally: the lock is not released when something goes wrong under it",
    foundBy: MODES,
    says: /DeadlockError.*worker 2.*waits for <Lock/s,
    make: (isFixed) => ({
      *main() {
        const lock = new Lock();
        yield* both(function* () {
          if (isFixed) return yield* lock.with(() => sleep(1));
          yield* lock.acquire();
          yield* sleep(1);
          lock.release();
        });
      },
    }),
  },
  {
    name: "a lock that is released in a catch for some errors only",
    foundBy: ALL_BUT_THROW,
    says: /LeakError.*permit.*<Lock/s,
    make: (isFixed) => ({
      *main() {
        const lock = new Lock();
        yield* lock.acquire();
        try {
          yield* sleep(1);
        } catch (error) {
          if (isFixed || !isCancelled(error)) lock.release();
          throw error;
        }
        lock.release();
      },
    }),
  },
  {
    name: "a swallowed CancelledError: a loop that tries again whatever comes",
    foundBy: ALL_BUT_THROW,
    says: /broken: it was told to stop/,
    make: (isFixed) => ({
      *main() {
        for (let attempt = 0; attempt < 3; attempt++) {
          try {
            yield* sleep(1);
            return;
          } catch (error) {
            if (isFixed && isCancelled(error)) throw error;
          }
        }
      },
      check({ status }, { mode }) {
        if (mode !== "none" && mode !== "throw") ensure(status === "error", "it was told to stop");
      },
    }),
  },
  {
    name: "a worker that goes on for good when it is cancelled",
    foundBy: MODES,
    says: /DeadlockError.*'worker'.*waits for <Queue/s,
    make: (isFixed) => ({
      *main() {
        const queue = new Queue<string>();
        const work = function* () {
          for (;;) {
            try {
              if ((yield* queue.get()) === "end") return;
            } catch (error) {
              if (isFixed) throw error;
            }
          }
        };
        const worker = createTask(work(), { name: "worker" });
        try {
          yield* sleep(1);
        } catch (error) {
          worker.cancel();
          yield* surely(() => wait([worker]));
          throw error;
        }
        queue.putNowait("end");
        yield* surely(() => wait([worker]));
      },
      target: "main",
    }),
  },
  {
    name: "an item that is lost when it comes together with the cancellation",
    foundBy: ["cancelWithCompletion"],
    says: /broken: an item is lost/,
    make(isFixed) {
      let taken: number[];
      let items: number[];
      return {
        *main() {
          taken = [];
          items = [];
          const waiters: Future<number>[] = [];
          const put = (item: number): void => {
            let waiter = waiters.shift();
            while (waiter !== undefined && waiter.done()) waiter = waiters.shift();
            if (waiter === undefined) items.push(item);
            else waiter.setResult(item);
          };
          const take = function* (): Coroutine<number> {
            const item = items.shift();
            if (item !== undefined) return item;
            const waiter = getRunningLoop().createFuture<number>();
            waiters.push(waiter);
            try {
              return yield* waiter;
            } catch (error) {
              if (isFixed && waiter.done() && !waiter.cancelled()) put(waiter.result());
              throw error;
            }
          };
          yield* new TaskGroup().with(function* (group) {
            for (const name of ["a", "b"]) {
              group.createTask(
                (function* () {
                  taken.push(yield* take());
                })(),
                { name },
              );
            }
            try {
              yield* sleep(1);
            } finally {
              put(1);
              put(2);
            }
          });
        },
        target: (name) => name !== "Task-1",
        throw: false,
        timeout: false,
        check() {
          ensure(taken.length + items.length === 2, "an item is lost");
        },
      };
    },
  },
  {
    name: "a permit that is lost when it is handed to one that is cancelled",
    foundBy: ["cancelWithCompletion"],
    says: /DeadlockError/,
    make: (isFixed) => ({
      *main() {
        let isFree = true;
        const waiters: Future<void>[] = [];
        const release = (): void => {
          const next = waiters.find((waiter) => !waiter.done());
          if (next === undefined) isFree = true;
          else next.setResult();
        };
        const acquire = function* (): Coroutine<void> {
          if (isFree) {
            isFree = false;
            return;
          }
          const waiter = getRunningLoop().createFuture();
          waiters.push(waiter);
          try {
            yield* waiter;
          } catch (error) {
            if (isFixed && waiter.done() && !waiter.cancelled()) release();
            throw error;
          } finally {
            waiters.splice(waiters.indexOf(waiter), 1);
          }
        };
        yield* new TaskGroup().with(function* (group) {
          for (const name of ["a", "b", "c"]) {
            group.createTask(
              (function* () {
                yield* acquire();
                try {
                  yield* sleep(1);
                } finally {
                  release();
                }
              })(),
              { name },
            );
          }
        });
      },
      throw: false,
    }),
  },
  {
    name: "a lost wake-up: who is woken and cancelled does not wake the next",
    foundBy: ["cancelWithCompletion"],
    says: /DeadlockError/,
    make: (isFixed) => ({
      *main() {
        let jobs = 0;
        const sleepers: Future<void>[] = [];
        const wakeOne = (): void => sleepers.find((sleeper) => !sleeper.done())?.setResult();
        const takeJob = function* (): Coroutine<void> {
          while (jobs === 0) {
            const sleeper = getRunningLoop().createFuture();
            sleepers.push(sleeper);
            try {
              yield* sleeper;
            } catch (error) {
              if (isFixed && !sleeper.cancelled()) wakeOne();
              throw error;
            } finally {
              sleepers.splice(sleepers.indexOf(sleeper), 1);
            }
          }
          jobs--;
        };
        yield* new TaskGroup().with(function* (group) {
          const workers = ["a", "b"].map((name) => group.createTask(takeJob(), { name }));
          try {
            yield* sleep(1);
            jobs++;
            wakeOne();
            yield* wait(workers, { returnWhen: "FIRST_COMPLETED" });
            if (workers.some((worker) => worker.cancelled())) return; // the other one has the job
          } finally {
            if (workers.every((worker) => !worker.cancelled())) {
              jobs++;
              wakeOne();
            }
          }
        });
      },
      throw: false,
      timeout: false,
      target: (name) => name !== "Task-1",
    }),
  },
  {
    name: "a clean-up that waits, and does not come to its end when it is cancelled itself",
    foundBy: ["cancelTwice"],
    says: /broken: the connection is open/,
    make(isFixed) {
      let isOpen: boolean;
      return {
        *main() {
          isOpen = true;
          const close = function* () {
            yield* sleep(1); // says goodbye
            isOpen = false;
          };
          try {
            yield* sleep(5);
          } finally {
            if (isFixed) yield* surely(close);
            else yield* close();
          }
        },
        throw: false,
        cancelWithCompletion: false,
        timeout: false,
        check(_, { point }) {
          // Point 1 is in the clean-up of the undisturbed run: there the first cancellation interrupts it.
          if (point !== 1) ensure(!isOpen, "the connection is open");
        },
      };
    },
  },
  {
    name: "a task that is not waited for when something else fails",
    foundBy: MODES,
    says: /LeakError.*task.*'prefetch'/s,
    make: (isFixed) => ({
      *main() {
        const prefetch = createTask(sleep(5), { name: "prefetch" });
        if (!isFixed) {
          yield* sleep(1);
          return yield* prefetch;
        }
        try {
          yield* sleep(1);
          return yield* prefetch;
        } finally {
          prefetch.cancel();
          yield* surely(() => wait([prefetch]));
        }
      },
      target: "main",
    }),
  },
  {
    name: "a timer that stays armed when its wait does not end well",
    foundBy: MODES,
    says: /LeakError.*timer.*remind\(\)/s,
    make: (isFixed) => ({
      *main() {
        const timer = getRunningLoop().callLater(60, function remind() {});
        if (!isFixed) {
          yield* sleep(1);
          timer.cancel();
          return;
        }
        try {
          yield* sleep(1);
        } finally {
          timer.cancel();
        }
      },
    }),
  },
  {
    name: "a state that is left half-done",
    foundBy: MODES,
    says: /broken: money is gone/,
    make(isFixed) {
      let accounts: { from: number; to: number };
      return {
        *main() {
          accounts = { from: 10, to: 0 };
          if (isFixed) {
            yield* sleep(0);
            accounts.from -= 5;
            accounts.to += 5;
          } else {
            accounts.from -= 5;
            yield* sleep(0);
            accounts.to += 5;
          }
        },
        check() {
          ensure(accounts.from + accounts.to === 10, "money is gone");
        },
      };
    },
  },
  {
    name: "a timeout that takes every cancellation for its own",
    foundBy: ALL_BUT_THROW,
    says: /broken: it was told to stop/,
    make: (isFixed) => ({
      *main() {
        let isLate = false;
        const main = currentTask() as Task<unknown>;
        const timer = getRunningLoop().callLater(2, () => {
          isLate = true;
          main.cancel();
        });
        try {
          yield* sleep(1);
        } catch (error) {
          if (!isCancelled(error) || (isFixed && !isLate)) throw error;
        } finally {
          timer.cancel();
        }
      },
      check({ status }, { mode }) {
        if (mode !== "none" && mode !== "throw") ensure(status === "error", "it was told to stop");
      },
    }),
  },
  {
    name: "an error that gets lost among results that nobody looks at",
    foundBy: ["throw"],
    says: /broken: nobody knows of the error/,
    make(isFixed) {
      return {
        *main() {
          const results = yield* gather([sleep(1, "a"), sleep(2, "b")], { returnExceptions: true });
          const failed = results.find((result) => result instanceof Error && !isCancelled(result));
          if (isFixed && failed !== undefined) throw failed as Error;
        },
        check({ status }, { mode }) {
          if (mode === "throw") ensure(status === "error", "nobody knows of the error");
        },
      };
    },
  },
  {
    name: "a double release: in the catch and in the finally",
    foundBy: MODES,
    says: /RangeError: BoundedSemaphore released too many times/,
    make: (isFixed) => ({
      *main() {
        const semaphore = new BoundedSemaphore(1);
        yield* semaphore.acquire();
        try {
          yield* sleep(1);
        } catch (error) {
          if (!isFixed) semaphore.release();
          throw error;
        } finally {
          semaphore.release();
        }
      },
    }),
  },
  {
    name: "a callback that settles a future which was cancelled meanwhile",
    foundBy: ["cancel", "cancelTwice"],
    says: /InvalidStateError: invalid state/,
    make: (isFixed) => ({
      *main() {
        const ask = function* (seconds: number) {
          const loop = getRunningLoop();
          const answer = loop.createFuture<string>();
          loop.callLater(seconds, () => {
            if (!isFixed || !answer.done()) answer.setResult("yes");
          });
          return yield* answer;
        };
        yield* gather([ask(1), ask(2)], { returnExceptions: true });
        yield* sleep(5);
      },
      target: (name) => name !== "Task-1",
      timeout: false,
    }),
  },
  {
    name: "a permit that the child should release, which is cancelled before it begins",
    foundBy: ["cancel"],
    says: /cancelled before it begins.*permit.*<BoundedSemaphore/s,
    make: (isFixed) => ({
      *main() {
        const permits = new BoundedSemaphore(2);
        const work = function* () {
          try {
            yield* sleep(1);
          } finally {
            if (!isFixed) permits.release();
          }
        };
        yield* new TaskGroup().with(function* (group) {
          for (const name of ["a", "b"]) {
            yield* permits.acquire();
            const task = group.createTask(work(), { name });
            if (isFixed) task.addDoneCallback(() => permits.release());
          }
        });
      },
      target: (name) => name !== "Task-1",
    }),
  },
  {
    name: "a clean-up of what was not made yet",
    foundBy: MODES,
    says: /TypeError: Cannot read properties of undefined/,
    make: (isFixed) => ({
      *main() {
        let connection: { close(): void } | undefined;
        try {
          connection = yield* sleep(1, { close() {} });
          yield* sleep(1);
        } finally {
          if (isFixed) connection?.close();
          else (connection as { close(): void }).close();
        }
      },
    }),
  },
  {
    name: "a wait for a cancelled child that also swallows the parent's own cancellation",
    foundBy: ["cancel", "timeout"],
    says: /broken: it was told to stop/,
    make: (isFixed) => ({
      *main() {
        const child = createTask(
          (function* () {
            try {
              yield* sleep(10);
            } finally {
              yield* sleep(1);
            }
          })(),
          { name: "child" },
        );
        yield* sleep(0);
        child.cancel();
        try {
          if (isFixed) yield* surely(() => wait([child]));
          else yield* shield(child);
        } catch (error) {
          if (isFixed || !isCancelled(error)) throw error;
        }
        yield* surely(() => wait([child]));
      },
      target: "main",
      throw: false,
      cancelTwice: false,
      cancelWithCompletion: false,
      check({ status }, { mode, point }) {
        if (mode !== "none" && point > 0) ensure(status === "error", "it was told to stop");
      },
      noLeaks: false,
    }),
  },
];

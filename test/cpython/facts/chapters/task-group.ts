// TG: task groups.

import {
  CancelledError,
  type Coroutine,
  type ExceptionGroup,
  KeyboardInterrupt,
  type Task,
  TaskGroup,
  currentTask,
  eagerTaskFactory,
  sleep,
  timeout,
} from "wasyncio";
import { type Facts, differs } from "../fact.ts";
import { giving, spin, throwing } from "../../../support/coroutines.ts";
import { iteration } from "../../../support/counters.ts";
import { KeyError, attempt, attemptAwait, describeError } from "../../../support/outcomes.ts";
import { dispose, newLoop, trace } from "../../../support/stage.ts";

/** `async with TaskGroup() as group`. */
function inGroup<T>(body: (group: TaskGroup) => Coroutine<T>): Coroutine<T> {
  return new TaskGroup().with(body);
}

function* throwingLater(delay: number, error: unknown): Coroutine<never> {
  yield* sleep(delay);
  throw error;
}

export const facts: Facts = {
  "TG-01": () =>
    trace(function* (log, loop) {
      yield* inGroup(function* (group) {
        function* child(): Coroutine<void> {
          log.push(["child", iteration(loop)]);
        }
        group.createTask(child());
      });
      log.push(iteration(loop));
      const before = iteration(loop);
      yield* inGroup(function* () {});
      log.push(iteration(loop) - before);
    }),

  "TG-02": () =>
    trace(function* (log, loop) {
      function* sibling(): Coroutine<void> {
        try {
          yield* loop.createFuture();
        } catch (error) {
          log.push("sibling cancelled");
          throw error;
        }
      }
      try {
        yield* inGroup(function* (group) {
          group.createTask(sibling());
          group.createTask(throwingLater(1, new RangeError("x")));
          try {
            yield* sleep(9);
          } catch (error) {
            log.push("body cancelled");
            throw error;
          }
        });
      } catch (error) {
        log.push(describeError(error), currentTask()?.cancelling());
      }
    }),

  "TG-03": () =>
    trace(function* (log, loop) {
      function* child(): Coroutine<void> {
        try {
          yield* loop.createFuture();
        } catch {
          throw new KeyError("cleanup");
        }
      }
      const block = inGroup(function* (group) {
        group.createTask(child());
        yield* sleep(0);
        throw new RangeError("body");
      });
      log.push(yield* attemptAwait(block));
    }),

  "TG-04": () =>
    trace(function* (log) {
      const block = inGroup(function* (group) {
        for (const name of ["1", "2", "3"]) group.createTask(throwing(new RangeError(name)));
      });
      log.push(yield* attemptAwait(block));
    }),

  "TG-05": () =>
    trace(function* (log) {
      function* say(): Coroutine<void> {
        yield* spin(5);
        log.push("ok");
      }
      yield* inGroup(function* (group) {
        group.createTask(throwing(new CancelledError()));
        const task = group.createTask(spin(9));
        group.createTask(say());
        yield* sleep(0);
        task.cancel();
      });
      log.push("done");
    }),

  "TG-06": differs("JavaScript has one kind of exception, so there is one kind of group", ["ExceptionGroup"], () =>
    trace(function* (log) {
      class BaseError extends Error {}
      try {
        yield* inGroup(function* (group) {
          group.createTask(throwing(new BaseError()));
        });
      } catch (error) {
        log.push((error as Error).name);
      }
    }),
  ),

  "TG-07": differs(
    "a KeyboardInterrupt that the program throws is an error like others, on purpose: `run` sees to Ctrl-C",
    ["child cancelled", "ExceptionGroup('unhandled errors in a TaskGroup', [RangeError('lost'), KeyboardInterrupt()])"],
    () =>
      trace(function* (log, loop) {
        function* child(): Coroutine<void> {
          try {
            yield* loop.createFuture();
          } catch {
            log.push("child cancelled");
            throw new RangeError("lost");
          }
        }
        try {
          yield* inGroup(function* (group) {
            group.createTask(child());
            yield* sleep(0);
            throw new KeyboardInterrupt();
          });
        } catch (error) {
          log.push(describeError(error));
        }
      }),
  ),

  "TG-08": () =>
    trace(function* (log, loop) {
      function* child(): Coroutine<void> {
        try {
          yield* loop.createFuture();
        } finally {
          log.push("c cancelled");
        }
      }
      const block = inGroup(function* (group) {
        group.createTask(child());
        yield* sleep(0);
        throw new RangeError("b");
      });
      log.push(yield* attemptAwait(block));
    }),

  "TG-09": () =>
    trace(function* (log, loop) {
      function* child(): Coroutine<void> {
        try {
          yield* loop.createFuture();
        } finally {
          log.push("c cancelled");
        }
      }
      const parent = inGroup(function* (group) {
        group.createTask(child());
      });
      const task = loop.createTask(parent);
      yield* spin(3);
      task.cancel();
      log.push(yield* attemptAwait(task));
      log.push(task.cancelling());
    }),

  "TG-10": () =>
    trace(function* (log, loop) {
      function* child(): Coroutine<void> {
        try {
          yield* loop.createFuture();
        } catch {
          throw new RangeError("c");
        }
      }
      function* parent(): Coroutine<void> {
        const block = inGroup(function* (group) {
          group.createTask(child());
        });
        log.push(yield* attemptAwait(block));
        log.push(currentTask()?.cancelling());
        log.push(yield* attemptAwait(sleep(0)));
      }
      const task = loop.createTask(parent());
      yield* spin(3);
      task.cancel();
      yield* attemptAwait(task);
    }),

  "TG-11": () =>
    trace(function* (log, loop) {
      const closed = giving("not closed");
      attempt(() => new TaskGroup().createTask(closed));
      log.push(closed.next().value === undefined);
      const finished = new TaskGroup();
      log.push(attempt(() => finished.createTask(giving(null))));
      yield* finished.with(function* () {});
      log.push(attempt(() => finished.createTask(giving(null))));
      function* late(group: TaskGroup): Coroutine<void> {
        try {
          yield* loop.createFuture();
        } finally {
          log.push(attempt(() => group.createTask(giving(null))));
        }
      }
      const block = inGroup(function* (group) {
        group.createTask(late(group));
        yield* sleep(0);
        group.createTask(throwing(new RangeError()));
      });
      yield* attemptAwait(block);
    }),

  "TG-12": () =>
    trace(function* (log) {
      function* grandchild(): Coroutine<void> {
        yield* sleep(1);
        log.push("grandchild");
      }
      function* child(group: TaskGroup): Coroutine<void> {
        yield* sleep(1);
        group.createTask(grandchild());
      }
      yield* inGroup(function* (group) {
        group.createTask(child(group));
      });
      log.push("done");
    }),

  "TG-13": () => {
    const log = trace(function* (log) {
      yield* inGroup(function* (group) {
        log.push(yield* attemptAwait(group.aenter()));
      });
    });
    const loop = newLoop();
    loop.callSoon(() => log.push(attempt(() => new TaskGroup().aenter().next())));
    loop.callSoon(() => loop.stop());
    loop.runForeverSync();
    dispose(loop);
    return log;
  },

  "TG-14": () =>
    trace(function* (log) {
      const block = inGroup(() =>
        inGroup(function* (inner) {
          inner.createTask(throwing(new RangeError("i")));
        }),
      );
      log.push(yield* attemptAwait(block));
    }),

  "TG-15": () =>
    trace(function* (log) {
      const block = inGroup(function* (group) {
        group.createTask(throwingLater(1, new RangeError("l")));
      });
      log.push(yield* attemptAwait(block));
      log.push(currentTask()?.cancelling());
      yield* sleep(0);
      log.push("ok");
    }),

  "TG-16": () =>
    trace(function* (log) {
      const block = inGroup(function* (group) {
        group.createTask(throwing(new RangeError("x")));
        yield* attemptAwait(sleep(9));
      });
      log.push(yield* attemptAwait(block));
    }),

  "TG-17": () =>
    // What is never retrieved is reported when the loop is closed, at the latest.
    trace(function* (log) {
      const block = inGroup(function* (group) {
        group.createTask(throwing(new RangeError("x")));
        group.createTask(throwing(new RangeError("y")));
      });
      yield* attemptAwait(block);
      log.push([]);
    }),

  "TG-18": () => {
    // Any order would do; here it is that of creation.
    const order = trace(function* (log, loop) {
      function* child(name: string): Coroutine<void> {
        try {
          yield* loop.createFuture();
        } finally {
          log.push(name);
        }
      }
      const block = inGroup(function* (group) {
        for (const name of ["c", "a", "b"]) group.createTask(child(name));
        yield* sleep(0);
        throw new RangeError();
      });
      yield* attemptAwait(block);
    });
    return [order.join() === "c,a,b"];
  },

  "TG-19": () =>
    trace(function* (log, loop) {
      function* child(): Coroutine<void> {
        try {
          yield* loop.createFuture();
        } catch (cause) {
          throw new RangeError("x", { cause });
        }
      }
      const block = timeout(1).with(() =>
        inGroup(function* (group) {
          group.createTask(child());
          yield* sleep(9);
        }),
      );
      try {
        yield* block;
      } catch (error) {
        log.push(describeError(error));
        log.push(describeError(((error as ExceptionGroup).exceptions[0] as Error).cause));
      }
    }),

  "TG-20": () =>
    trace(function* (log) {
      const tasks: Task<unknown>[] = [];
      const block = timeout(1).with(() =>
        inGroup(function* (group) {
          tasks.push(group.createTask(sleep(9)));
        }),
      );
      log.push(yield* attemptAwait(block));
      log.push(tasks[0]?.cancelled());
    }),

  "TG-21": () =>
    trace(function* (log) {
      const group = new TaskGroup();
      log.push(String(group));
      yield* group.with(function* () {
        log.push(String(group));
        group.createTask(giving(null));
        log.push(String(group));
      });
    }),

  "TG-22": () =>
    trace(function* (log, loop) {
      const accepted: boolean[] = [];
      function* child(): Coroutine<void> {
        yield* spin(2);
        accepted.push(task.cancel());
      }
      const parent = inGroup(function* (group) {
        group.createTask(child());
      });
      const task: Task<void> = loop.createTask(parent);
      log.push(yield* attemptAwait(task));
      log.push(...accepted);
    }),

  "TG-23": () =>
    trace(function* (log) {
      let count = 0;
      function* child(): Coroutine<void> {
        count++;
      }
      const block = inGroup(function* (group) {
        group.createTask(child());
        throw new RangeError("b");
      });
      log.push(yield* attemptAwait(block));
      log.push(`n=${count}`);
    }),

  "TG-24": () =>
    trace(
      function* (log) {
        function* second(): Coroutine<void> {
          log.push("second ran");
        }
        const block = inGroup(function* (group) {
          group.createTask(throwing(new RangeError("e")));
          log.push("after failing child");
          group.createTask(second());
          yield* sleep(0);
          log.push("not reached");
        });
        log.push(yield* attemptAwait(block));
      },
      { taskFactory: eagerTaskFactory },
    ),
};

// TIMEOUT: timeout and timeoutAt.

import {
  CancelledError,
  type Coroutine,
  type Timeout,
  TimeoutError,
  currentTask,
  sleep,
  timeout,
  timeoutAt,
} from "wasyncio";
import type { Facts } from "../fact.ts";
import { giving, spin } from "../../../support/coroutines.ts";
import { iteration } from "../../../support/counters.ts";
import { KeyError, attempt, attemptAwait, describeError } from "../../../support/outcomes.ts";
import { dispose, newLoop, passTime, trace } from "../../../support/stage.ts";

export const facts: Facts = {
  "TIMEOUT-01": () =>
    trace(function* (log) {
      const scope = timeout(1);
      try {
        yield* scope.with(() => sleep(9));
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
        log.push(describeError(error), describeError(error.cause), currentTask()?.cancelling(), scope.expired());
      }
    }),

  "TIMEOUT-02": () =>
    trace(function* (log, loop) {
      function* work(): Coroutine<void> {
        yield* timeout(null).with(function* (scope) {
          log.push(scope.when());
          scope.reschedule(3);
          yield* sleep(9);
        });
      }
      log.push(yield* attemptAwait(work()));
      log.push(loop.time());
    }),

  "TIMEOUT-03": () =>
    trace(function* (log) {
      function* work(): Coroutine<void> {
        yield* timeout(0).with(function* () {
          log.push("body");
          yield* sleep(9);
          log.push("no");
        });
      }
      log.push(yield* attemptAwait(work()));
      const scope = timeout(-1);
      yield* scope.with(function* () {
        log.push("body2");
      });
      yield* spin(2);
      log.push(scope.expired());
    }),

  "TIMEOUT-04": () =>
    trace(function* (log) {
      function* work(): Coroutine<void> {
        yield* timeout(0).with(function* () {
          yield* sleep(0);
          log.push("survived");
        });
      }
      log.push(yield* attemptAwait(work()));
    }),

  "TIMEOUT-05": () =>
    trace(function* (log) {
      const scope = timeout(1);
      log.push(String(scope));
      try {
        yield* scope.with(function* () {
          log.push(String(scope));
          try {
            yield* sleep(9);
          } finally {
            log.push(String(scope), scope.expired());
          }
        });
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
        log.push(String(scope));
      }
      const finished = timeout(1);
      yield* finished.with(() => giving(null));
      log.push(String(finished));
    }),

  "TIMEOUT-06": () => {
    const out = trace(function* (log) {
      const scope = timeout(1);
      log.push(attempt(() => scope.reschedule(2)));
      yield* scope.with(() => giving(null));
      log.push(attempt(() => scope.reschedule(2)));
      log.push(yield* attemptAwait(scope.aenter()));
      try {
        yield* timeout(1).with(function* (expiring) {
          try {
            yield* sleep(5);
          } finally {
            log.push(attempt(() => expiring.reschedule(9)));
          }
        });
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
      }
    });
    out.push(attempt(() => timeout(1)));
    const loop = newLoop();
    loop.callSoon(() => out.push(attempt(() => timeout(1).aenter().next())));
    loop.callSoon(() => loop.stop());
    loop.runForeverSync();
    dispose(loop);
    return out;
  },

  "TIMEOUT-07": () =>
    trace(function* (log) {
      const outer = timeout(5);
      yield* outer.with(function* () {
        try {
          yield* timeout(1).with(() => sleep(9));
        } catch (error) {
          if (!(error instanceof TimeoutError)) throw error;
          log.push("inner");
        }
        yield* sleep(1);
        log.push("outer ok");
      });
      log.push(outer.expired());
    }),

  "TIMEOUT-08": () =>
    trace(function* (log) {
      const outer = timeout(1);
      try {
        yield* sleepInside(log, outer, timeout(5));
      } catch (error) {
        log.push(describeError(error), outer.expired());
      }
    }),

  "TIMEOUT-09": () =>
    trace(function* (log) {
      const outer = timeout(1);
      try {
        yield* sleepInside(log, outer, timeout(1));
      } catch (error) {
        log.push(describeError(error), outer.expired(), currentTask()?.cancelling());
      }
    }),

  "TIMEOUT-10": () =>
    trace(function* (log, loop) {
      const box: Timeout[] = [];
      function* work(): Coroutine<void> {
        yield* timeout(1).with(function* (scope) {
          box.push(scope);
          yield* sleep(9);
        });
      }
      const task = loop.createTask(work());
      loop.callAt(1, () => task.cancel());
      const error = yield* attemptAwait(task);
      log.push(error, box[0]?.expired(), task.cancelling());
    }),

  "TIMEOUT-11": () =>
    trace(function* (log, loop) {
      function* work(): Coroutine<void> {
        try {
          yield* loop.createFuture();
        } catch (error) {
          if (!(error instanceof CancelledError)) throw error;
          log.push(yield* attemptAwait(timeout(1).with(() => sleep(9))));
          log.push(currentTask()?.cancelling());
        }
      }
      const task = loop.createTask(work());
      yield* sleep(0);
      task.cancel();
      yield* task;
    }),

  "TIMEOUT-12": () =>
    trace(function* (log) {
      const scope = timeout(1);
      yield* scope.with(function* () {
        try {
          yield* sleep(9);
        } catch (error) {
          if (!(error instanceof CancelledError)) throw error;
        }
      });
      log.push(currentTask()?.cancelling(), scope.expired(), "no error");
    }),

  // JavaScript sets no __context__: the program gives the cause itself.
  "TIMEOUT-13": () =>
    trace(function* (log) {
      try {
        yield* timeout(1).with(function* () {
          try {
            yield* sleep(9);
          } catch (cause) {
            throw new KeyError("k", { cause });
          }
        });
      } catch (error) {
        const spliced = (error as Error).cause;
        log.push(describeError(error), describeError(spliced), describeError((spliced as Error).cause));
      }
    }),

  "TIMEOUT-14": () =>
    trace(function* (log, loop) {
      const scope = timeoutAt(1);
      yield* scope.with(function* () {
        loop.callAt(0.5, () => loop.callSoon(() => {}));
        yield* sleep(0.5);
        passTime(loop, 1.5);
      });
      yield* spin(2);
      log.push("ok", scope.expired());
    }),

  "TIMEOUT-15": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture<string>();
      loop.callAt(0.9999999999, () => future.setResult("v"));
      function* work(): Coroutine<string> {
        return yield* timeout(1).with(function* () {
          return yield* future;
        });
      }
      log.push(yield* attemptAwait(work()));
      log.push(future.result());
    }),

  "TIMEOUT-16": () =>
    trace(function* (log, loop) {
      function* work(when: number | null): Coroutine<string> {
        yield* timeout(1).with(function* (scope) {
          scope.reschedule(when);
          yield* sleep(5);
        });
        return "ok";
      }
      log.push([yield* attemptAwait(work(-1)), loop.time()]);
      log.push([yield* attemptAwait(work(null)), loop.time()]);
    }),

  "TIMEOUT-17": () =>
    trace(function* (log, loop) {
      const scope = timeout(1);
      yield* sleep(3);
      function* work(): Coroutine<void> {
        yield* scope.with(() => sleep(9));
      }
      log.push(scope.when());
      log.push(yield* attemptAwait(work()));
      log.push(loop.time());
    }),

  "TIMEOUT-18": () =>
    trace(function* (log, loop) {
      loop.callAt(1, () => log.push(["timer", iteration(loop)]));
      try {
        yield* timeout(1).with(function* () {
          yield* loop.createFuture();
        });
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
        log.push(["left", iteration(loop)]);
      }
    }),

  "TIMEOUT-19": () =>
    trace(function* (log, loop) {
      function* child(): Coroutine<void> {
        try {
          yield* sleep(9);
        } finally {
          yield* sleep(2);
          log.push("child cleanup");
        }
      }
      try {
        yield* timeout(1).with(function* () {
          yield* loop.createTask(child());
        });
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
        log.push(loop.time());
      }
    }),

  "TIMEOUT-20": () =>
    trace(function* (log) {
      function* work(error: Error): Coroutine<void> {
        yield* timeout(5).with(function* () {
          throw error;
        });
      }
      log.push(yield* attemptAwait(work(new CancelledError())));
      log.push(yield* attemptAwait(work(new TimeoutError("own"))));
      const scope = timeout(5);
      try {
        yield* scope.with(function* () {
          throw new TimeoutError("own");
        });
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
        log.push(scope.expired());
      }
    }),
};

/** Sleeps inside two deadlines, and says what comes out of the inner one. */
function sleepInside(log: unknown[], outer: Timeout, inner: Timeout): Coroutine<void> {
  return outer.with(function* () {
    try {
      yield* inner.with(() => sleep(9));
    } catch (error) {
      log.push(describeError(error));
      throw error;
    } finally {
      log.push(inner.expired());
    }
  });
}

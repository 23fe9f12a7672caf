// COND: conditions.

import { Condition, type Coroutine, Lock, sleep } from "wasyncio";
import type { Facts } from "../fact.ts";
import { spin } from "../../../support/coroutines.ts";
import { attempt, attemptAwait } from "../../../support/outcomes.ts";
import { trace } from "../../../support/stage.ts";
import { waiterCount } from "../waiters.ts";

/** Waits for a notification and says so. */
function* waiting(condition: Condition, log: unknown[], name: string): Coroutine<void> {
  yield* condition.with(function* () {
    yield* condition.wait();
    log.push(name);
  });
}

export const facts: Facts = {
  "COND-01": () =>
    trace(function* (log) {
      const condition = new Condition();
      log.push(yield* attemptAwait(condition.wait()));
      log.push(attempt(() => condition.notify()));
      log.push(attempt(() => condition.notifyAll()));
    }),

  "COND-02": () =>
    trace(function* (log, loop) {
      const condition = new Condition();
      const tasks = ["w1", "w2", "w3"].map((name) => loop.createTask(waiting(condition, log, name)));
      yield* spin(2);
      yield* condition.with(function* () {
        condition.notify(2);
      });
      yield* spin(6);
      log.push(waiterCount(condition));
      tasks[2]?.cancel();
    }),

  "COND-03": () =>
    trace(function* (log, loop) {
      const condition = new Condition();
      const state: string[] = [];
      yield* condition.with(function* () {
        log.push(yield* condition.waitFor(() => "truthy"));
      });
      const waiter = condition.with(function* () {
        log.push(yield* condition.waitFor(() => state[0]));
      });
      const task = loop.createTask(waiter);
      yield* spin(2);
      yield* condition.with(function* () {
        condition.notifyAll();
      });
      yield* spin(3);
      state.push("later");
      yield* condition.with(function* () {
        condition.notifyAll();
      });
      yield* task;
    }),

  "COND-04": () =>
    trace(function* (log, loop) {
      const condition = new Condition();
      function* waiter(): Coroutine<void> {
        yield* condition.acquire();
        const outcome = yield* attemptAwait(condition.wait());
        log.push([outcome, condition.locked()]);
        condition.release();
      }
      const task = loop.createTask(waiter());
      yield* spin(2);
      yield* condition.acquire();
      task.cancel();
      yield* spin(4);
      log.push("blocked");
      condition.release();
      yield* task;
    }),

  "COND-05": () =>
    trace(function* (log, loop) {
      const condition = new Condition();
      const a = loop.createTask(waiting(condition, log, "w1"));
      const b = loop.createTask(waiting(condition, log, "w2"));
      yield* spin(2);
      yield* condition.with(function* () {
        condition.notify(1);
        yield* sleep(0);
        a.cancel();
        yield* sleep(0);
      });
      log.push(yield* attemptAwait(a));
      yield* spin(5);
      if (!b.done()) b.cancel();
    }),

  "COND-06": () =>
    trace(function* (log) {
      const lock = new Lock();
      const condition = new Condition(lock);
      yield* condition.with(function* () {
        log.push(lock.locked());
      });
      // Methods that are bound are never equal in JavaScript: what they do is.
      yield* condition.acquire();
      log.push(lock.locked() && condition.locked());
      lock.release();
    }),

  "COND-07": () =>
    trace(function* (log, loop) {
      const condition = new Condition();
      const task = loop.createTask(waiting(condition, log, "woken"));
      yield* spin(2);
      yield* condition.with(function* () {
        condition.notify();
        log.push("notified");
        yield* spin(3);
        log.push("still holding");
      });
      yield* task;
    }),

  "COND-08": () =>
    trace(function* (log, loop) {
      const condition = new Condition();
      yield* condition.with(function* () {
        condition.notify();
      });
      const waiter = condition.with(function* () {
        yield* condition.wait();
      });
      const task = loop.createTask(waiter);
      yield* spin(4);
      log.push(task.done());
      task.cancel();
    }),
};

// BARRIER: barriers.

import { Barrier, type Coroutine, gather } from "wasyncio";
import { type Facts, reworded } from "../fact.ts";
import { spin } from "../../../support/coroutines.ts";
import { attempt, attemptAwait } from "../../../support/outcomes.ts";
import { trace } from "../../../support/stage.ts";

/** Passes the barrier and writes its index down. */
function* pass(barrier: Barrier, passed: unknown[]): Coroutine<void> {
  passed.push(yield* barrier.wait());
}

export const facts: Facts = {
  "BARRIER-01": () =>
    trace(function* (log) {
      log.push(attempt(() => new Barrier(0)));
      const barrier = new Barrier(3);
      yield* gather(pass(barrier, log), pass(barrier, log), pass(barrier, log));
    }),

  "BARRIER-02": () =>
    trace(function* (log, loop) {
      const barrier = new Barrier(3);
      const passed: unknown[] = [];
      const tasks = [1, 2].map(() => loop.createTask(pass(barrier, passed)));
      yield* spin(3);
      log.push(barrier.nWaiting);
      yield* pass(barrier, passed);
      log.push(barrier.nWaiting);
      yield* gather(tasks);
      passed.length = 0;
      yield* gather(pass(barrier, passed), pass(barrier, passed), pass(barrier, passed));
      log.push(passed);
    }),

  "BARRIER-03": () =>
    trace(function* (log, loop) {
      const barrier = new Barrier(2);
      const task = loop.createTask(barrier.wait());
      yield* spin(2);
      yield* barrier.abort();
      log.push(yield* attemptAwait(task));
      log.push(barrier.broken);
      log.push(yield* attemptAwait(barrier.wait()));
      yield* barrier.reset();
      log.push(barrier.broken);
    }),

  "BARRIER-04": () =>
    trace(function* (log, loop) {
      const barrier = new Barrier(2);
      const task = loop.createTask(barrier.wait());
      yield* spin(2);
      yield* barrier.reset();
      log.push(yield* attemptAwait(task));
      log.push(barrier.broken);
    }),

  "BARRIER-05": () =>
    trace(function* (log, loop) {
      const barrier = new Barrier(2);
      const task = loop.createTask(barrier.wait());
      yield* spin(2);
      task.cancel();
      log.push(yield* attemptAwait(task));
      log.push(barrier.nWaiting, barrier.broken);
    }),

  "BARRIER-06": reworded(
    "a barrier shows itself without module and address",
    ["<Barrier [filling, waiters:0/2]>", [0, 1], ["a1", "a0", "b1", "b0"]],
    () =>
      trace(function* (log) {
        const barrier = new Barrier(2);
        log.push(String(barrier));
        const got: number[] = [];
        function* enter(): Coroutine<void> {
          yield* barrier.with(function* (index) {
            got.push(index);
          });
        }
        yield* gather(enter(), enter());
        log.push(got.toSorted((left, right) => left - right));
        const order: string[] = [];
        function* passAs(name: string): Coroutine<void> {
          order.push(name + (yield* barrier.wait()));
        }
        yield* gather(passAs("a"), passAs("a"), passAs("b"), passAs("b"));
        log.push(order);
      }),
  ),

  "BARRIER-07": () => {
    const barrier = new Barrier(2);
    return [barrier.parties, barrier.nWaiting, barrier.broken];
  },
};

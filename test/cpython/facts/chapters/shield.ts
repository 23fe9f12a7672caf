// SHIELD: shield.

import { type Awaitable, type Coroutine, shield, sleep } from "wasyncio";
import { type Facts, differs } from "../fact.ts";
import { spin } from "../../../support/coroutines.ts";
import { iteration } from "../../../support/counters.ts";
import { attemptAwait } from "../../../support/outcomes.ts";
import { trace } from "../../../support/stage.ts";

function* shielding(awaitable: Awaitable<unknown>): Coroutine<void> {
  yield* shield(awaitable);
}

export const facts: Facts = {
  "SHIELD-01": () =>
    trace(function* (log, loop) {
      const outer = shield(spin(1));
      log.push(outer.constructor.name);
      const future = loop.createFuture<number>();
      future.setResult(1);
      log.push(shield(future) === future);
      yield* outer;
    }),

  "SHIELD-02": () =>
    trace(function* (log, loop) {
      function* work(): Coroutine<void> {
        yield* sleep(1);
        log.push("inner done");
      }
      const inner = loop.createTask(work());
      const waiter = loop.createTask(shielding(inner));
      yield* spin(2);
      waiter.cancel();
      log.push(yield* attemptAwait(waiter));
      log.push(inner.done());
      yield* inner;
    }),

  "SHIELD-03": () =>
    trace(function* (log, loop) {
      const inner = loop.createTask(spin(9));
      const outer = shield(inner);
      yield* sleep(0);
      inner.cancel("m");
      log.push(yield* attemptAwait(outer));
      log.push(outer.cancelled());
    }),

  "SHIELD-04": () =>
    trace(function* (log, loop) {
      function* inner(): Coroutine<void> {
        log.push(["inner", iteration(loop)]);
      }
      yield* shield(inner());
      log.push(iteration(loop));
    }),

  // A host that does not tell of collections has the report when the loop is closed.
  "SHIELD-05": () =>
    trace(function* (log, loop) {
      function* inner(): Coroutine<void> {
        yield* sleep(1);
        throw new RangeError("late");
      }
      const task = loop.createTask(shielding(inner()));
      yield* spin(2);
      task.cancel();
      log.push(yield* attemptAwait(task));
      yield* sleep(2);
    }),

  "SHIELD-06": differs(
    "a loop holds its tasks until they are done, so that none is lost while it waits",
    ["CancelledError()"],
    () =>
      trace(function* (log, loop) {
        function* inner(): Coroutine<void> {
          yield* loop.createFuture();
        }
        const task = loop.createTask(shielding(inner()));
        yield* spin(2);
        task.cancel();
        log.push(yield* attemptAwait(task));
      }),
  ),

  "SHIELD-07": () =>
    trace(function* (log, loop) {
      const inner = loop.createTask(spin(20));
      const outer = shield(shield(inner));
      yield* sleep(0);
      outer.cancel();
      yield* attemptAwait(outer);
      yield* spin(2);
      log.push(inner.done());
      inner.cancel();
      yield* attemptAwait(inner);
      log.push(inner.cancelled());
    }),
};

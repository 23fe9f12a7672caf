// SLEEP: sleep.

import { type Coroutine, gather, sleep, waitFor } from "wasyncio";
import { type Facts, differs } from "../fact.ts";
import { iteration } from "../../../support/counters.ts";
import { attempt, attemptAwait } from "../../../support/outcomes.ts";
import { trace } from "../../../support/stage.ts";
import { counters, timerSlots } from "../../../support/counters.ts";

export const facts: Facts = {
  "SLEEP-01": () =>
    trace(function* (log, loop) {
      let start = iteration(loop);
      yield* sleep(0);
      log.push(iteration(loop) - start);
      start = iteration(loop);
      yield* sleep(-3);
      log.push(iteration(loop) - start);
      log.push(counters(loop).timers);
    }),

  "SLEEP-02": () =>
    trace(function* (log, loop) {
      loop.callLater(1, () => log.push(["timer", iteration(loop)]));
      yield* sleep(1);
      log.push(["task", iteration(loop)]);
    }),

  "SLEEP-03": () =>
    trace(function* (log) {
      log.push(yield* sleep(0, "r"), yield* sleep(1, "r"));
    }),

  "SLEEP-04": differs(
    "NaN is a TypeError, as every value that is no number, and at the call",
    ["TypeError('Invalid delay: NaN (not a number)')"],
    () =>
      trace(function* (log) {
        log.push(attempt(() => waitFor(sleep(NaN), 5)));
      }),
  ),

  "SLEEP-05": () =>
    trace(function* (log, loop) {
      const timer = loop.callLater(50, () => {});
      const task = loop.createTask(sleep(100));
      yield* sleep(0);
      task.cancel();
      log.push(yield* attemptAwait(task));
      const [, slot] = timerSlots(loop);
      log.push(counters(loop).timers, slot === -1, counters(loop).cancelledTimers);
      timer.cancel();
    }),

  "SLEEP-06": () =>
    trace(function* (log) {
      function* worker(name: string): Coroutine<void> {
        for (let i = 0; i < 3; i++) {
          log.push(`${name}${i}`);
          yield* sleep(0);
        }
      }
      yield* gather(worker("a"), worker("b"));
    }),

  "SLEEP-07": differs(
    "a bad delay is refused at the call, where the mistake is",
    [
      "TypeError('Invalid delay: expected seconds or a duration, got string')",
      "TypeError('Invalid delay: expected seconds or a duration, got null')",
    ],
    () =>
      trace(function* (log) {
        for (const bad of ["x", null]) log.push(attempt(() => sleep(bad as never)));
      }),
  ),
};

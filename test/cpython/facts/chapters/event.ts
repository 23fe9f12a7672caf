// EVENT: events.

import { type Coroutine, Event, gather, sleep } from "wasyncio";
import { type Facts, reworded } from "../fact.ts";
import { spin } from "../../../support/coroutines.ts";
import { iteration } from "../../../support/counters.ts";
import { attemptAwait } from "../../../support/outcomes.ts";
import { trace } from "../../../support/stage.ts";

export const facts: Facts = {
  "EVENT-01": () =>
    trace(function* (log, loop) {
      const event = new Event();
      event.set();
      const before = iteration(loop);
      log.push(yield* event.wait());
      log.push(iteration(loop) - before);
      event.clear();
      let set = 0;
      function* waiting(name: string): Coroutine<void> {
        yield* event.wait();
        log.push([name, iteration(loop) - set]);
      }
      const tasks = ["a", "b"].map((name) => loop.createTask(waiting(name)));
      yield* spin(2);
      set = iteration(loop);
      event.set();
      yield* gather(tasks);
    }),

  "EVENT-02": () =>
    trace(function* (log, loop) {
      const event = new Event();
      const task = loop.createTask(event.wait());
      yield* sleep(0);
      event.set();
      event.clear();
      log.push([yield* task, event.isSet()]);
    }),

  "EVENT-03": reworded(
    "an event shows itself without module and address",
    ["<Event [unset, waiters:1]>", "<Event [set]>"],
    () =>
      trace(function* (log, loop) {
        const event = new Event();
        event.clear();
        const task = loop.createTask(event.wait());
        yield* sleep(0);
        log.push(String(event));
        event.set();
        event.set();
        yield* task;
        log.push(String(event));
      }),
  ),

  "EVENT-04": () =>
    trace(function* (log, loop) {
      const event = new Event();
      const task = loop.createTask(event.wait());
      yield* spin(1);
      event.set();
      task.cancel();
      log.push(yield* attemptAwait(task));
      log.push(event.isSet());
    }),
};

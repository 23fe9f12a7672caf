import { expect, test } from "vitest";
import { type Coroutine, Event, createTask } from "wasyncio";
import { spin } from "../../support/coroutines.ts";
import { attempt, attemptAwait, settle } from "../../support/outcomes.ts";
import { tidyTrace } from "../../support/stage.ts";

test("a cancelled waiter has left before its error comes out", () => {
  const log = tidyTrace(function* (log) {
    const event = new Event();
    const task = createTask(
      (function* (): Coroutine<void> {
        try {
          yield* event.wait();
        } finally {
          log.push(event.toString());
        }
      })(),
    );
    yield* spin(1);
    log.push(event.toString());
    task.cancel();
    yield* attemptAwait(task);
  });
  expect(log).toEqual(["<Event [unset, waiters:1]>", "<Event [unset]>"]);
});

test("cancelling one waiter in whichever iteration leaves the others alone", () => {
  for (let at = 0; at < 6; at++) {
    const log = tidyTrace(function* (log) {
      const event = new Event();
      const tasks = [0, 1, 2].map((name) =>
        createTask(
          (function* () {
            yield* event.wait();
            if (name !== 1) log.push(name);
          })(),
        ),
      );
      createTask(
        (function* () {
          yield* spin(3);
          event.set();
        })(),
      );
      yield* spin(at);
      tasks[1]?.cancel();
      yield* settle(tasks);
      log.push(event.toString());
    });
    expect(log, `cancelled in iteration ${at}`).toEqual([0, 2, "<Event [set]>"]);
  }
});

test("many tasks wait for one event", () => {
  const log = tidyTrace(function* (log) {
    const event = new Event();
    const tasks = Array.from({ length: 1000 }, () => createTask(event.wait()));
    yield* spin(1);
    log.push(event.toString());
    event.set();
    yield* settle(tasks);
    log.push(tasks.every((task) => task.result()));
  });
  expect(log).toEqual(["<Event [unset, waiters:1000]>", true]);
});

test("waiting in another loop than before is refused; asking, setting and clearing is not", () => {
  const event = new Event();
  tidyTrace(function* () {
    const task = createTask(event.wait());
    yield* spin(1);
    event.set();
    yield* task;
    event.clear();
  });
  const log = tidyTrace(function* (log) {
    log.push(yield* attemptAwait(event.wait()));
    event.set();
    log.push(event.isSet(), yield* event.wait());
  });
  log.push(attempt(() => new Event().wait().next()));
  expect(log).toEqual([
    "RuntimeError('<Event [unset]> is bound to a different event loop')",
    true,
    true,
    "RuntimeError('no running event loop')",
  ]);
});

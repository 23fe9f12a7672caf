import { expect, test } from "vitest";
import type { Coroutine } from "../../src/runtime/suspension.ts";
import { Event } from "../../src/sync/event.ts";
import { attempt, attemptAwait, settle, spin, trace } from "./support.ts";

test("EVENT-01: wait does not suspend when the flag is set", () => {
  const log = trace(function* ({ log, iteration }) {
    const event = new Event();
    event.set();
    const before = iteration();
    log.push(yield* event.wait(), iteration() - before);
  });
  expect(log).toEqual([true, 0]);
});

test("EVENT-01: all that wait run in the iteration behind set, in order of arrival", () => {
  const log = trace(function* ({ log, iteration, start }) {
    const event = new Event();
    let set = 0;
    const tasks = ["a", "b"].map((name) =>
      start(
        (function* () {
          yield* event.wait();
          log.push([name, iteration() - set]);
        })(),
      ),
    );
    yield* spin(2);
    set = iteration();
    event.set();
    yield* settle(tasks);
  });
  expect(log).toEqual([
    ["a", 1],
    ["b", 1],
  ]);
});

test("EVENT-02: clear right behind set still releases those who waited", () => {
  const log = trace(function* ({ log, start }) {
    const event = new Event();
    const task = start(event.wait());
    yield* spin(1);
    event.set();
    event.clear();
    log.push(yield* task, event.isSet());
  });
  expect(log).toEqual([true, false]);
});

test("EVENT-03: setting and clearing twice is as good as once", () => {
  const log = trace(function* ({ log, start }) {
    const event = new Event();
    event.clear();
    const task = start(event.wait());
    yield* spin(1);
    log.push(event.toString());
    event.set();
    event.set();
    yield* task;
    log.push(event.toString());
    event.clear();
    log.push(event.toString());
  });
  expect(log).toEqual(["<Event [unset, waiters:1]>", "<Event [set]>", "<Event [unset]>"]);
});

test("EVENT-04: a waiter that is cancelled behind set gets its CancelledError, and the flag stays set", () => {
  const log = trace(function* ({ log, start }) {
    const event = new Event();
    const task = start(event.wait());
    yield* spin(1);
    event.set();
    task.cancel();
    log.push(yield* attemptAwait(task), event.isSet());
  });
  expect(log).toEqual(["CancelledError()", true]);
});

test("CANCEL-29: a cancelled waiter has left before its error comes out", () => {
  const log = trace(function* ({ log, start }) {
    const event = new Event();
    const task = start(
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
    const log = trace(function* ({ log, start }) {
      const event = new Event();
      const tasks = [0, 1, 2].map((name) =>
        start(
          (function* () {
            yield* event.wait();
            if (name !== 1) log.push(name);
          })(),
        ),
      );
      start(
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
  const log = trace(function* ({ log, start }) {
    const event = new Event();
    const tasks = Array.from({ length: 1000 }, () => start(event.wait()));
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
  trace(function* ({ start }) {
    const task = start(event.wait());
    yield* spin(1);
    event.set();
    yield* task;
    event.clear();
  });
  const log = trace(function* ({ log }) {
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

import { expect, test } from "vitest";
import type { Coroutine } from "../../../src/runtime/suspension.ts";
import { Event } from "../../../src/sync/event.ts";
import { attempt, attemptAwait, settle, spin, trace } from "./support.ts";

test("a cancelled waiter has left before its error comes out", () => {
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

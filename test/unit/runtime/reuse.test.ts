// A coroutine that is used twice. What has ended is told apart in debug mode only.

import { describe, expect, test } from "vitest";
import { type Coroutine, Event, Lock, Queue, createTask, gather, sleep, wait, waitFor } from "wasyncio";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { trace } from "../../support/stage.ts";

const REFUSED = "RuntimeError('cannot reuse already awaited coroutine')";

const waits: Record<string, () => Coroutine<unknown>> = {
  "sleep(1)": () => sleep(1),
  "sleep(0)": () => sleep(0),
  "Event.wait": () => new Event().wait(),
  "Queue.get": () => new Queue().get(),
  "a task": () => createTask(sleep(1)) as never,
  "a body": () => new Lock().with(() => sleep(1)),
};

describe.each(Object.keys(waits))("a coroutine that waits by %s", (name) => {
  function* work(): Coroutine<number> {
    yield* waitFor(createTask(sleep(0)), 1);
    yield* waits[name]();
    return 42;
  }

  test.each<[string, (coroutine: Coroutine<number>) => Coroutine<unknown>]>([
    ["as a task", (coroutine) => attemptAwait(createTask(coroutine))],
    ["by gather", (coroutine) => attemptAwait(gather(coroutine))],
    ["by waitFor, as a task", (coroutine) => attemptAwait(waitFor(createTask(coroutine), 9))],
    [
      "by wait",
      function* (coroutine) {
        const [[done]] = yield* wait([createTask(coroutine)]);
        return yield* attemptAwait(done);
      },
    ],
  ])("and is used again %s: that is refused, and the first one goes on", (_way, again) => {
    const log = trace(function* (log) {
      const coroutine = work();
      const first = createTask(coroutine);
      log.push(yield* again(coroutine));
      if (name.startsWith("sleep") || name === "a task" || name === "a body") log.push(yield* first);
    });
    expect(log.slice(0, 1)).toEqual([REFUSED]);
    expect(log.slice(1).every((result) => result === 42)).toBe(true);
  });

  test.each<[string, (coroutine: Coroutine<number>) => Coroutine<unknown>]>([
    ["by yield*", (coroutine) => coroutine],
    ["by waitFor", (coroutine) => waitFor(coroutine, 9)],
  ])("and is awaited again %s, in another task: both fail", (_way, again) => {
    const log = trace(function* (log) {
      const coroutine = work();
      const first = createTask(coroutine);
      yield* sleep(0);
      log.push(yield* attemptAwait(again(coroutine)));
      if (name !== "Event.wait" && name !== "Queue.get") log.push(yield* attemptAwait(first));
    });
    expect(new Set(log)).toEqual(new Set([REFUSED]));
  });
});

test("what the library made is over once it has ended", () => {
  const log = trace(function* (log) {
    const lock = new Lock();
    const ended: Coroutine<unknown>[] = [sleep(0), sleep(1), lock.acquire(), new Queue<number>().put(1)];
    for (const coroutine of ended) {
      yield* coroutine;
      log.push(yield* attemptAwait(coroutine), yield* attemptAwait(createTask(coroutine)));
    }
  });
  expect(log).toEqual(Array(8).fill(REFUSED));
});

test("in debug mode a coroutine is refused at the call, also when it has ended", () => {
  function* work(): Coroutine<number> {
    yield* sleep(0);
    return 42;
  }
  const log = trace(
    function* (log) {
      const coroutine = work();
      log.push(yield* createTask(coroutine));
      log.push(attempt(() => createTask(coroutine)));
      log.push(attempt(() => gather(coroutine)));
      log.push(yield* attemptAwait(waitFor(coroutine, 1)));
      const other = work();
      log.push(yield* waitFor(other, 1));
      log.push(attempt(() => createTask(other)));
    },
    { debug: true },
  );
  expect(log).toEqual([42, REFUSED, REFUSED, REFUSED, 42, REFUSED]);
});

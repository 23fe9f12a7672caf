// What stands on AsyncLocalStorage in programs: OpenTelemetry's contexts, and the lines of a logger.

import { AsyncLocalStorage } from "node:async_hooks";
import { ROOT_CONTEXT, context, createContextKey } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import pino from "pino";
import { afterEach, expect, test } from "vitest";
import { type Coroutine, Event, TaskGroup, createTask, gather, run, sleep } from "wasyncio";

afterEach(() => context.disable());

test("OpenTelemetry's active context is a task's own, through its waits and in its children", async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const key = createContextKey("span");
  const active = (): unknown => context.active().getValue(key);
  function* traced(): Coroutine<unknown[]> {
    const before = active();
    yield* sleep(0.001);
    const children = yield* new TaskGroup().with(function* (group) {
      const inner = context.with(context.active().setValue(key, `${String(active())}, inner`), () =>
        group.createTask(reading()),
      );
      const same = group.createTask(reading());
      return [yield* inner, yield* same];
    });
    return [before, active(), ...children];
  }
  function* reading(): Coroutine<unknown> {
    yield* sleep(0);
    return active();
  }
  const seen = await run(function* () {
    const tasks = ["A", "B"].map((span) => context.with(ROOT_CONTEXT.setValue(key, span), () => createTask(traced())));
    return [yield* gather(tasks), active()];
  });
  expect(seen).toEqual([
    [
      ["A", "A", "A, inner", "A"],
      ["B", "B", "B, inner", "B"],
    ],
    undefined,
  ]);
});

test("a line of pino's has the request of the task that writes it", async () => {
  const requests = new AsyncLocalStorage<{ request: number }>();
  const lines: string[] = [];
  const logger = pino(
    { base: null, timestamp: false, level: "info", mixin: () => requests.getStore() ?? {} },
    { write: (line: string) => void lines.push(line) },
  );
  await run(function* () {
    const opened = new Event();
    function* request(number: number): Coroutine<void> {
      logger.info("begins %d", number);
      yield* opened.wait();
      logger.info("ends %d", number);
    }
    const tasks = [1, 2, 3].map((number) => requests.run({ request: number }, () => createTask(request(number))));
    yield* sleep(0);
    requests.run({ request: 4 }, () => opened.set());
    yield* gather(tasks);
    logger.info("all done");
  });
  const said = lines.map((line) => JSON.parse(line) as { request?: number; msg: string });
  expect(said.map(({ request, msg }) => `${request}: ${msg}`)).toEqual([
    "1: begins 1",
    "2: begins 2",
    "3: begins 3",
    "1: ends 1",
    "2: ends 2",
    "3: ends 3",
    "undefined: all done",
  ]);
});

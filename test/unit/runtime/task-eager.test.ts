import { expect, test } from "vitest";
import {
  CancelledError,
  ContextVar,
  type Coroutine,
  Event,
  Task,
  copyContext,
  createEagerTaskFactory,
  createTask,
  currentTask,
  eagerTaskFactory,
  sleep,
} from "wasyncio";
import { awaiting, giving, spin, throwing } from "../../support/coroutines.ts";
import { iteration } from "../../support/counters.ts";
import { attemptAwait } from "../../support/outcomes.ts";
import { type Program, type Trace, trace } from "../../support/stage.ts";

/** Runs a program in a loop whose tasks all start eagerly. */
const traceEagerly = (program: Program): Trace => trace(program, { taskFactory: eagerTaskFactory });

test("a step goes on like any other, whatever it waits for", () => {
  const log = traceEagerly(function* (log, loop) {
    const event = new Event();
    const future = loop.createFuture();
    const waits: [string, () => Coroutine<unknown>][] = [
      ["sleep(0)", () => sleep(0)],
      ["sleep", () => sleep(1)],
      ["future", () => awaiting(future)],
      ["event", () => event.wait()],
      [
        "bad yield",
        () =>
          attemptAwait({
            *[Symbol.iterator]() {
              yield 5;
            },
          } as never),
      ],
    ];
    for (const [name, wait] of waits) {
      function* work(): Coroutine<void> {
        log.push(`start ${name}`);
        const before = iteration(loop);
        yield* wait();
        log.push(["resumed", iteration(loop) - before, loop.time()]);
      }
      const task = createTask(work());
      log.push("after create");
      if (name === "future") future.setResult();
      if (name === "event") event.set();
      yield* task;
    }
  });
  expect(log).toEqual([
    "start sleep(0)",
    "after create",
    ["resumed", 1, 0],
    "start sleep",
    "after create",
    ["resumed", 2, 1],
    "start future",
    "after create",
    ["resumed", 1, 1],
    "start event",
    "after create",
    ["resumed", 1, 1],
    "start bad yield",
    "after create",
    ["resumed", 1, 1],
  ]);
});

test("what a step sets in a context that it was given does not show on the creator", () => {
  const variable = new ContextVar("variable", { default: "none" });
  const log = traceEagerly(function* (log) {
    function* work(): Coroutine<void> {
      variable.set("inner");
    }
    createTask(work(), { context: copyContext() });
    log.push(variable.get());
  });
  expect(log).toEqual(["none"]);
});

test("a task that was cancelled in its step does not keep its coroutine, one that waits does", () => {
  const log = traceEagerly(function* (log) {
    log.push(createTask(throwing(new CancelledError())).getCoro());
    const waiting = createTask(sleep(0));
    log.push(waiting.getCoro() !== null);
    yield* waiting;
  });
  expect(log).toEqual([null, true]);
});

test("one that cancels itself gets the error also where it sleeps", () => {
  const log = traceEagerly(function* (log) {
    function* cancelItself(): Coroutine<void> {
      currentTask()?.cancel();
      yield* sleep(5);
    }
    const task = createTask(cancelItself());
    log.push(task.done(), yield* attemptAwait(task));
  });
  expect(log).toEqual([false, "CancelledError()"]);
});

test("they may nest deeply", () => {
  const log = traceEagerly(function* (log) {
    function* nest(depth: number): Coroutine<number> {
      return depth === 0 ? 0 : 1 + (yield* createTask(nest(depth - 1)));
    }
    log.push(yield* createTask(nest(500)));
    function* nestAndWait(depth: number): Coroutine<number> {
      const inner = depth === 0 ? null : createTask(nestAndWait(depth - 1));
      yield* sleep(0);
      return inner === null ? 0 : 1 + (yield* inner);
    }
    log.push(yield* createTask(nestAndWait(500)));
  });
  expect(log).toEqual([500, 500]);
});

test("createEagerTaskFactory makes instances of a subclass", () => {
  class Job<T> extends Task<T> {}
  const log = trace(function* (log, loop) {
    loop.setTaskFactory(createEagerTaskFactory(Job));
    const task = createTask(giving(1));
    log.push(task instanceof Job, task.done());
  });
  expect(log).toEqual([true, true]);
});

test("what happens inside the step finds its place: wake-ups, cancellation, further tasks", () => {
  const log = traceEagerly(function* (log, loop) {
    const me = currentTask() as Task<unknown>;
    const future = loop.createFuture();
    const waiting = createTask(awaiting(future));
    waiting.addDoneCallback(() => log.push("waiting is done"));
    function* work(): Coroutine<void> {
      future.setResult();
      me.cancel("from inside");
      loop.callSoon(() => log.push("callback"));
    }
    log.push(createTask(work()).done());
    log.push(yield* attemptAwait(spin(1)));
    yield* spin(2);
  });
  expect(log).toEqual([true, "callback", "CancelledError('from inside')", "waiting is done"]);
});

test("one made in a callback has no creator to go back to", () => {
  const log = trace(function* (log, loop) {
    loop.callSoon(() => {
      const task = createTask(sleep(1), { eagerStart: true });
      log.push(currentTask(), task.done());
      task.addDoneCallback(() => log.push(`done at ${loop.time()}`));
    });
    yield* sleep(2);
  });
  expect(log).toEqual([null, false, "done at 1"]);
});

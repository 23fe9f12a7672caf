import { describe, expect, test } from "vitest";
import { CancelledError } from "../../src/errors.ts";
import { ContextVar, copyContext } from "../../src/runtime/context.ts";
import type { Coroutine } from "../../src/runtime/suspension.ts";
import { Task } from "../../src/runtime/task.ts";
import {
  allTasks,
  createEagerTaskFactory,
  createTask,
  currentTask,
  eagerTaskFactory,
} from "../../src/tasks/create-task.ts";
import { gather } from "../../src/tasks/gather.ts";
import { sleep } from "../../src/tasks/sleep.ts";
import { timeout } from "../../src/tasks/timeout.ts";
import { Event } from "../../src/sync/event.ts";
import {
  type Program,
  type Trace,
  attemptAwait,
  awaiting,
  describeError,
  dispose,
  giving,
  iteration,
  newLoop,
  slotCount,
  spin,
  throwing,
  trace,
} from "../support/programs.ts";

/** Runs a program in a loop whose tasks all start eagerly. */
const traceEagerly = (program: Program): Trace => trace(program, { factory: eagerTaskFactory });

const names = (): string[] => [...allTasks()].map((task) => task.getName());

test("EAGER-01 the first step runs inside createTask: what never waits is done then, and costs no iteration", () => {
  const log = traceEagerly(function* (log, loop) {
    function* work(): Coroutine<string> {
      log.push("body");
      return "v";
    }
    const before = iteration(loop);
    const slots = slotCount(loop);
    const task = createTask(work());
    log.push(task.done(), slotCount(loop) - slots, yield* task);
    log.push(iteration(loop) - before);
  });
  expect(log).toEqual(["body", true, 0, "v", 0]);
});

test("EAGER-02 a step that waits goes on like any other", () => {
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

test("EAGER-03 the current task is the new one inside its step, and the creator again behind it", () => {
  const log = traceEagerly(function* (log) {
    const me = currentTask();
    let seen: unknown;
    function* work(): Coroutine<void> {
      seen = currentTask();
    }
    const task = createTask(work());
    log.push(seen === task, currentTask() === me);
    yield* sleep(0);
    log.push(currentTask() === me);
  });
  expect(log).toEqual([true, true, true]);
});

test("EAGER-04 EAGER-16 an error of the step is the task's, not createTask's", () => {
  const log = traceEagerly(function* (log) {
    const task = createTask(throwing(new RangeError("x")));
    log.push(task.done(), describeError(task.exception()));
    const cancelled = createTask(throwing(new CancelledError()));
    log.push(cancelled.cancelled());
  });
  expect(log).toEqual([true, "RangeError('x')", true]);
});

test("EAGER-05 done-callbacks are queued as usual", () => {
  const log = traceEagerly(function* (log) {
    const task = createTask(giving(1));
    task.addDoneCallback(() => log.push("callback"));
    log.push("added");
    yield* sleep(0);
  });
  expect(log).toEqual(["added", "callback"]);
});

test("EAGER-06 while the loop does not run, tasks start as usual", () => {
  const log: Trace = [];
  const loop = newLoop();
  loop.setTaskFactory(eagerTaskFactory);
  const task = loop.createTask(
    (function* () {
      log.push("ran");
    })(),
  );
  log.push(task.done());
  loop.runUntilCompleteSync(task);
  expect(log).toEqual([false, "ran"]);
  dispose(loop);
});

test("EAGER-07 eagerStart says it for one task, against the factory too", () => {
  const log = trace(function* (log, loop) {
    function* work(name: string): Coroutine<void> {
      log.push(name);
    }
    createTask(work("eager"), { eagerStart: true });
    log.push("created");
    loop.setTaskFactory(eagerTaskFactory);
    const task = createTask(work("lazy"), { eagerStart: false });
    log.push("lazy created");
    yield* task;
  });
  expect(log).toEqual(["eager", "created", "lazy created", "lazy"]);
});

test("EAGER-08 the step runs in a copy of the creator's context, or in the one that is given", () => {
  const variable = new ContextVar("variable", { default: "none" });
  const log = traceEagerly(function* (log) {
    variable.set("outer");
    function* work(): Coroutine<void> {
      log.push(variable.get());
      variable.set("inner");
    }
    createTask(work());
    log.push(variable.get());
    const context = copyContext();
    createTask(work(), { context });
    log.push(context.get(variable), variable.get());
  });
  expect(log).toEqual(["outer", "outer", "outer", "inner", "outer"]);
});

test("EAGER-09 the coroutine of a task that ended in its step is not kept", () => {
  const log = traceEagerly(function* (log) {
    log.push(createTask(giving(1)).getCoro(), createTask(throwing(new CancelledError())).getCoro());
    const waiting = createTask(sleep(0));
    log.push(waiting.getCoro() !== null);
    yield* waiting;
  });
  expect(log).toEqual([null, null, true]);
});

test("EAGER-10 allTasks has it inside its step, and behind it if it waits", () => {
  const log = traceEagerly(function* (log) {
    currentTask()?.setName("main");
    function* work(): Coroutine<void> {
      log.push(names());
    }
    createTask(work(), { name: "eager" });
    log.push(names());
    const sleeping = createTask(sleep(1), { name: "sleeping" });
    log.push(names());
    sleeping.cancel();
    yield* sleep(0);
  });
  expect(log).toEqual([["main", "eager"], ["main"], ["main", "sleeping"]]);
});

test("EAGER-11 a gather of what ends eagerly is done at once", () => {
  const log = traceEagerly(function* (log, loop) {
    const before = iteration(loop);
    const all = gather(giving(1), giving(2));
    log.push(all.done(), yield* all);
    log.push(iteration(loop) - before);
  });
  expect(log).toEqual([true, [1, 2], 0]);
});

test("EAGER-12 one that cancels itself gets the error at its next wait, or ends cancelled", () => {
  const log = traceEagerly(function* (log) {
    function* cancelItself(wait: Coroutine<void>): Coroutine<void> {
      currentTask()?.cancel();
      yield* wait;
    }
    log.push(createTask(cancelItself(giving(undefined))).cancelled());
    for (const wait of [sleep(0), sleep(5)]) {
      const task = createTask(cancelItself(wait));
      log.push(task.done(), yield* attemptAwait(task));
    }
  });
  expect(log).toEqual([true, false, "CancelledError()", false, "CancelledError()"]);
});

test("EAGER-13 nested ones run depth first at creation, breadth first behind it", () => {
  const log = traceEagerly(function* (log) {
    function* child(): Coroutine<void> {
      log.push("c1");
      yield* sleep(0);
      log.push("c2");
    }
    function* parent(): Coroutine<void> {
      log.push("p1");
      const task = createTask(child());
      log.push("p2");
      yield* sleep(0);
      log.push("p3");
      yield* task;
    }
    const task = createTask(parent());
    log.push("m");
    yield* task;
  });
  expect(log).toEqual(["p1", "c1", "p2", "m", "c2", "p3"]);
});

test("EAGER-13 they may nest deeply", () => {
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

describe("factories", () => {
  test("EAGER-14 createEagerTaskFactory calls a function with the coroutine and all options", () => {
    const seen: unknown[] = [];
    const log = trace(function* (log, loop) {
      loop.setTaskFactory(
        createEagerTaskFactory((coro, options) => {
          seen.push(Object.keys(options).sort());
          return new Task(coro, options);
        }),
      );
      const task = createTask(giving(1), { name: "n" });
      log.push(task.done(), task.getName());
    });
    expect(log).toEqual([true, "n"]);
    expect(seen).toEqual([["eagerStart", "loop", "name"]]);
  });

  test("EAGER-14 or makes instances of a subclass", () => {
    class Job<T> extends Task<T> {}
    const log = trace(function* (log, loop) {
      loop.setTaskFactory(createEagerTaskFactory(Job));
      const task = createTask(giving(1));
      log.push(task instanceof Job, task.done());
    });
    expect(log).toEqual([true, true]);
  });
});

test("EAGER-15 a timeout entered in the step belongs to the new task", () => {
  const log = traceEagerly(function* (log, loop) {
    function* work(): Coroutine<void> {
      yield* timeout(1).with(function* () {
        yield* loop.createFuture();
      });
    }
    log.push(yield* attemptAwait(createTask(work())));
    log.push(currentTask()?.cancelling());
  });
  expect(log).toEqual(["TimeoutError()", 0]);
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

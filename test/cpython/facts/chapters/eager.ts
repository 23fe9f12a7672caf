// EAGER: tasks that start inside createTask.

import {
  CancelledError,
  ContextVar,
  type Coroutine,
  KeyboardInterrupt,
  Task,
  allTasks,
  copyContext,
  createEagerTaskFactory,
  createTask,
  currentTask,
  eagerTaskFactory,
  gather,
  sleep,
  timeout,
} from "wasyncio";
import { type Facts, differs } from "../fact.ts";
import { giving, throwing } from "../../../support/coroutines.ts";
import { iteration } from "../../../support/counters.ts";
import { attempt, attemptAwait, describeError } from "../../../support/outcomes.ts";
import { type Program, type Trace, dispose, newLoop, trace } from "../../../support/stage.ts";

/** Runs a program in a loop whose tasks all start eagerly. */
function traceEagerly(program: Program): Trace {
  return trace(program, { taskFactory: eagerTaskFactory });
}

/** Names of the tasks that are not done, sorted. */
function names(): string[] {
  return [...allTasks()].map((task) => task.getName()).sort();
}

export const facts: Facts = {
  "EAGER-01": () =>
    traceEagerly(function* (log, loop) {
      function* work(): Coroutine<string> {
        log.push("body");
        return "v";
      }
      const before = iteration(loop);
      const task = createTask(work());
      log.push(task.done(), yield* task);
      log.push(iteration(loop) - before);
    }),

  "EAGER-02": () =>
    traceEagerly(function* (log, loop) {
      function* work(): Coroutine<void> {
        log.push("start");
        const before = iteration(loop);
        yield* sleep(0);
        log.push(["resumed", iteration(loop) - before]);
      }
      const task = createTask(work());
      log.push("after create");
      yield* task;
    }),

  "EAGER-03": () =>
    traceEagerly(function* (log) {
      const me = currentTask();
      const box: unknown[] = [];
      function* work(): Coroutine<void> {
        box.push(currentTask());
      }
      const task = createTask(work());
      log.push(box[0] === task, currentTask() === me);
    }),

  "EAGER-04": differs(
    "JavaScript has one kind of error: `createTask` throws none of the task's, a KeyboardInterrupt neither",
    [true, "RangeError('x')", "no error", ["EH", "Task exception was never retrieved", "KeyboardInterrupt()"]],
    () =>
      traceEagerly(function* (log) {
        const task = createTask(throwing(new RangeError("x")));
        log.push(task.done(), describeError(task.exception()));
        log.push(
          attempt(() => {
            createTask(throwing(new KeyboardInterrupt()));
            return "no error";
          }),
        );
      }),
  ),

  "EAGER-05": () =>
    traceEagerly(function* (log) {
      const task = createTask(giving(undefined));
      task.addDoneCallback(() => log.push("cb"));
      log.push("added");
      yield* sleep(0);
    }),

  "EAGER-06": () => {
    const log: unknown[] = [];
    const loop = newLoop();
    function* work(): Coroutine<void> {
      log.push("ran");
    }
    loop.setTaskFactory(eagerTaskFactory);
    const task = loop.createTask(work());
    log.push(task.done());
    loop.runUntilCompleteSync(task);
    dispose(loop);
    return log;
  },

  "EAGER-07": () =>
    trace(function* (log, loop) {
      function* work(name: string): Coroutine<void> {
        log.push(name);
      }
      createTask(work("eager"), { eagerStart: true });
      log.push("created");
      loop.setTaskFactory(eagerTaskFactory);
      const task = createTask(work("lazy"), { eagerStart: false });
      log.push("lazy-created");
      yield* task;
    }),

  "EAGER-08": () => {
    const variable = new ContextVar("cv", { default: "none" });
    function* work2(): Coroutine<void> {
      variable.set("inner");
    }
    return traceEagerly(function* (log) {
      variable.set("outer");
      function* work(): Coroutine<void> {
        log.push(variable.get());
        variable.set("inner");
      }
      createTask(work());
      log.push(variable.get());
      const context = copyContext();
      createTask(work2(), { context });
      log.push(context.get(variable));
    });
  },

  "EAGER-09": () =>
    traceEagerly(function* (log) {
      log.push(createTask(giving(undefined)).getCoro());
    }),

  "EAGER-10": () =>
    traceEagerly(function* (log) {
      currentTask()?.setName("m");
      function* work(): Coroutine<void> {
        log.push(names());
      }
      createTask(work(), { name: "e" });
      log.push(names());
      const sleeping = createTask(sleep(1), { name: "s" });
      log.push(names());
      sleeping.cancel();
    }),

  "EAGER-11": () =>
    traceEagerly(function* (log, loop) {
      const before = iteration(loop);
      const all = gather(giving(1), giving(2));
      log.push(all.done(), yield* all);
      log.push(iteration(loop) - before);
    }),

  "EAGER-12": () =>
    traceEagerly(function* (log) {
      function* a(): Coroutine<void> {
        currentTask()?.cancel();
      }
      function* b(): Coroutine<void> {
        currentTask()?.cancel();
        yield* sleep(0);
      }
      log.push(createTask(a()).cancelled());
      const task = createTask(b());
      log.push(task.done());
      log.push(yield* attemptAwait(task));
    }),

  "EAGER-13": () =>
    traceEagerly(function* (log) {
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
    }),

  "EAGER-14": () => {
    const seen: unknown[] = [];
    return trace(function* (log, loop) {
      loop.setTaskFactory(
        createEagerTaskFactory((coro, options) => {
          seen.push(Object.keys(options).sort());
          return new Task(coro, options);
        }),
      );
      yield* createTask(giving(undefined), { name: "n" });
      log.push(...seen);
    });
  },

  "EAGER-15": () =>
    traceEagerly(function* (log, loop) {
      function* work(): Coroutine<void> {
        yield* timeout(1).with(function* () {
          yield* loop.createFuture();
        });
      }
      const task = createTask(work());
      log.push(yield* attemptAwait(task));
      log.push(currentTask()?.cancelling());
    }),

  "EAGER-16": () =>
    traceEagerly(function* (log) {
      log.push(createTask(throwing(new CancelledError())).cancelled());
    }),
};

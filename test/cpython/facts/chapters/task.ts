// TASK: tasks, their steps and their names.

import {
  Context,
  type Coroutine,
  type EventLoop,
  Future,
  Task,
  allTasks,
  copyContext,
  createTask,
  currentTask,
  gather,
  sleep,
  wait,
} from "wasyncio";
import { type Facts, differs, excused, reworded } from "../fact.ts";
import { giving, spin, throwing, yielding } from "../../../support/coroutines.ts";
import { iteration } from "../../../support/counters.ts";
import { attempt, attemptAwait, describeError } from "../../../support/outcomes.ts";
import { type Trace, dispose, newLoop, runOnce, trace } from "../../../support/stage.ts";

class SystemExit extends Error {
  override name = "SystemExit";
}

class GeneratorExit extends Error {
  override name = "GeneratorExit";
}

/** The task that runs. */
function thisTask(): Task<unknown> {
  return currentTask() as Task<unknown>;
}

/** Names of the tasks that are not done, sorted. */
function names(): string[] {
  return [...allTasks()].map((task) => task.getName()).sort();
}

/** Awaits a future by hand: gives what the coroutine is resumed with. */
function* awaitByHand(future: Future<unknown>): Coroutine<unknown> {
  future._asyncioFutureBlocking = true;
  return yield future as never;
}

export const facts: Facts = {
  "TASK-01": () =>
    trace(function* (log, loop) {
      function* work(name: string): Coroutine<void> {
        log.push([name, iteration(loop)]);
      }
      loop.createTask(work("a"));
      loop.createTask(work("b"));
      log.push("created");
      yield* sleep(0);
      yield* sleep(0);
    }),

  "TASK-02": () =>
    trace(function* (log, loop) {
      function* child(): Coroutine<void> {
        log.push(["child", iteration(loop)]);
      }
      log.push(iteration(loop));
      yield* loop.createTask(child());
      log.push(iteration(loop));
    }),

  "TASK-03": () =>
    trace(function* (log, loop) {
      function* inner(): Coroutine<unknown> {
        return currentTask();
      }
      const before = iteration(loop);
      const task = yield* inner();
      log.push(iteration(loop) - before, task === currentTask());
    }),

  "TASK-04": () =>
    trace(function* (log, loop) {
      const task = loop.createTask(giving(5));
      yield* sleep(0);
      const before = iteration(loop);
      log.push(yield* task);
      log.push(iteration(loop) - before);
    }),

  "TASK-05": () =>
    trace(function* (log, loop) {
      function* l3(): Coroutine<void> {
        yield* sleep(0);
        log.push(["l3", iteration(loop)]);
      }
      function* l2(): Coroutine<void> {
        yield* loop.createTask(l3());
        log.push(["l2", iteration(loop)]);
      }
      function* l1(): Coroutine<void> {
        yield* loop.createTask(l2());
        log.push(["l1", iteration(loop)]);
      }
      yield* loop.createTask(l1());
      log.push(iteration(loop));
    }),

  "TASK-06": () =>
    trace(function* (log, loop) {
      const [a, b] = [loop.createTask(giving(undefined)), loop.createTask(giving(undefined))];
      const numberOf = (task: Task<unknown>): number => Number(task.getName().slice(5));
      log.push(numberOf(b) === numberOf(a) + 1);
      const c = loop.createTask(giving(undefined), { name: 7 as never });
      log.push(c.getName());
      c.setName("x");
      log.push(c.getName());
      c.setName(null);
      log.push(c.getName());
      yield* c;
    }),

  "TASK-07": () =>
    trace(function* (log) {
      const task = thisTask();
      log.push(attempt(() => task.setResult(1)));
      log.push(attempt(() => task.setException(new RangeError())));
    }),

  "TASK-08": () => {
    const log = trace(function* (log, loop) {
      log.push(currentTask() !== null);
      loop.callSoon(() => log.push(currentTask()));
      const task = loop.createTask(giving(undefined));
      task.addDoneCallback(() => log.push(currentTask()));
      yield* spin(3);
    });
    log.push(attempt(() => currentTask()));
    const loop = newLoop();
    log.push(currentTask(loop));
    dispose(loop);
    return log;
  },

  "TASK-09": () =>
    trace(function* (log, loop) {
      thisTask().setName("main");
      const task = loop.createTask(giving(undefined), { name: "a" });
      log.push(names());
      yield* task;
      log.push(names());
    }),

  "TASK-10": () =>
    trace(function* (log, loop) {
      const before = iteration(loop);
      log.push(yield* attemptAwait(yielding(5)));
      log.push(iteration(loop) - before);
    }),

  "TASK-11": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture();
      let error = String(yield* attemptAwait(yielding(future)));
      log.push(
        error.startsWith("RuntimeError") &&
          error.includes("yield was used instead of yield* in task <Task") &&
          error.includes("with <Future pending>"),
      );
      error = String(yield* attemptAwait(yielding(giving(undefined))));
      log.push(error.includes("yield was used instead of yield* for generator in task <Task"));
    }),

  "TASK-12": () =>
    trace(function* (log) {
      const error = String(yield* attemptAwait(thisTask()));
      log.push(error.includes("Task cannot await on itself: <Task pending"));
    }),

  "TASK-13": () =>
    trace(function* (log) {
      const loop2 = newLoop();
      const pending = loop2.createFuture();
      const error = String(yield* attemptAwait(pending));
      log.push(error.includes("got Future <Future pending> attached to a different loop"));
      const done = loop2.createFuture<number>();
      done.setResult(3);
      log.push(yield* done);
      loop2.close();
    }),

  "TASK-14": () =>
    trace(function* (log, loop) {
      async function* asyncGenerator(): AsyncGenerator<void> {
        yield;
      }
      log.push(attempt(() => loop.createTask(5 as never)));
      for (const bad of [loop.createFuture(), asyncGenerator(), giving]) {
        const error = attempt(() => loop.createTask(bad as never));
        log.push(String(error).startsWith("TypeError('a coroutine was expected, got"));
      }
    }),

  "TASK-15": () => {
    const log: Trace = [attempt(() => createTask(giving(undefined)))];
    const loop = newLoop();
    const task = loop.createTask(giving(4));
    log.push(loop.runUntilCompleteSync(task));
    dispose(loop);
    return log;
  },

  "TASK-16": differs(
    "JavaScript has one kind of error: the task keeps it, and the loop runs on",
    [null, true, "SystemExit('3')"],
    () => {
      const loop = newLoop();
      const task = loop.createTask(throwing(new SystemExit("3")));
      function* main(): Coroutine<void> {
        yield* sleep(100);
      }
      const run = loop.createTask(main());
      const log = [attempt(() => loop.runUntilCompleteSync(run)), task.done(), describeError(task.exception())];
      dispose(loop);
      return log;
    },
  ),

  "TASK-17": excused("a generator of JavaScript ends with a result, not with a StopIteration"),

  "TASK-18": differs("a loop holds its tasks until they are done, so that none is lost while it waits", [], () => {
    const log: unknown[] = [];
    const loop = newLoop();
    loop.setExceptionHandler((_, context) => log.push([context.message, Object.keys(context).sort()]));
    function* work(): Coroutine<void> {
      yield* loop.createFuture();
    }
    loop.createTask(work());
    runOnce(loop);
    loop.close();
    return log;
  }),

  // A host that does not tell of collections has the report when the loop is closed.
  "TASK-19": () => {
    const log: unknown[] = [];
    const loop = newLoop();
    loop.setExceptionHandler((_, context) => log.push([context.message, Object.keys(context).sort()]));
    loop.createTask(throwing(new RangeError()));
    runOnce(loop);
    dispose(loop);
    return log;
  },

  "TASK-20": differs("a loop holds its tasks until they are done, so that none is lost while it waits", [1], () => {
    const loop = newLoop();
    function* work(): Coroutine<void> {
      yield* loop.createFuture();
    }
    loop.createTask(work());
    runOnce(loop);
    const log = [allTasks(loop).size];
    dispose(loop);
    return log;
  }),

  "TASK-21": () => {
    const seen: unknown[] = [];
    const loop = newLoop();
    loop.setTaskFactory((loop, coro, options) => {
      seen.push(Object.keys(options).sort());
      return new Task(coro, { loop, ...options });
    });
    loop.createTask(giving(undefined));
    loop.createTask(giving(undefined), { name: "n" });
    loop.createTask(giving(undefined), { name: "n", context: copyContext() });
    runOnce(loop);
    dispose(loop);
    return seen;
  },

  "TASK-22": () => {
    const loop = newLoop();
    const log = [attempt(() => loop.setTaskFactory(1 as never)), loop.getTaskFactory()];
    dispose(loop);
    return log;
  },

  "TASK-23": differs(
    "a generator of JavaScript gives undefined when it has ended, outside debug mode; one that waits is refused as in CPython",
    [null, "RuntimeError('cannot reuse already awaited coroutine')"],
    () =>
      trace(function* (log, loop) {
        const ended = giving(undefined);
        yield* ended;
        log.push(yield* attemptAwait(ended));
        const shared = sleep(1);
        function* work(): Coroutine<void> {
          yield* shared;
        }
        const task = loop.createTask(work());
        yield* sleep(0);
        log.push(yield* attemptAwait(loop.createTask(work())));
        task.cancel();
      }),
  ),

  "TASK-24": reworded(
    "the coroutine has a name in debug mode only, for JavaScript does not say which function made a generator",
    [
      "<Task pending name='n' coro=<coroutine>>",
      "<Task pending name='n' coro=<coroutine> waitFor=<Future pending cb=[Task.taskWakeup()]>>",
      "<Task cancelling name='n' coro=<coroutine> waitFor=<Future cancelled>>",
      "<Task cancelled name='n' coro=<coroutine>>",
    ],
    () =>
      trace(function* (log, loop) {
        const future = loop.createFuture();
        function* w(): Coroutine<void> {
          yield* future;
        }
        const task = loop.createTask(w(), { name: "n" });
        log.push(String(task));
        yield* sleep(0);
        log.push(String(task));
        task.cancel();
        log.push(String(task));
        yield* sleep(0);
        log.push(String(task));
      }),
  ),

  "TASK-25": () =>
    trace(function* (log, loop) {
      function* child(): Coroutine<void> {
        yield* sleep(0);
      }
      const base = iteration(loop);
      const task = loop.createTask(child());
      task.addDoneCallback(() => log.push(["cb1", iteration(loop) - base]));
      function* parent(): Coroutine<void> {
        yield* task;
        log.push(["parent", iteration(loop) - base]);
      }
      const waiting = loop.createTask(parent());
      yield* sleep(0);
      task.addDoneCallback(() => log.push(["cb2", iteration(loop) - base]));
      yield* waiting;
    }),

  "TASK-26": () =>
    trace(function* (log, loop) {
      const error = new RangeError();
      try {
        yield* loop.createTask(throwing(error));
      } catch (caught) {
        log.push(caught === error);
      }
    }),

  "TASK-27": differs(
    "a waiting task has frames in debug mode only, and a failed one has none: they are in the `stack` of its error",
    [true, true, 0, 0, 0],
    () =>
      trace(function* (log, loop) {
        function* work(): Coroutine<void> {
          yield* sleep(0);
        }
        const coroutine = work();
        const task = loop.createTask(coroutine);
        log.push(task.getCoro() === coroutine);
        log.push(task.getContext() instanceof Context);
        yield* sleep(0);
        log.push(task.getStack().length);
        yield* task;
        log.push(task.getStack().length);
        const failed = loop.createTask(throwing(new RangeError()));
        yield* wait([failed]);
        log.push(failed.getStack().length);
        failed.exception();
      }),
  ),

  "TASK-28": () =>
    trace(function* (log, loop) {
      const task = loop.createTask(giving(1));
      log.push(task instanceof Future);
      log.push(yield* gather(attemptAwait(task), attemptAwait(task), attemptAwait(task)));
    }),

  "TASK-29": () =>
    trace(function* (log, loop) {
      const task = loop.createTask(spin(5));
      yield* sleep(0);
      const before = iteration(loop);
      log.push(task.cancel());
      log.push(yield* attemptAwait(task));
      log.push(iteration(loop) - before - 1);
    }),

  // Only by running the loop could a step be taken inside another.
  "TASK-30": () =>
    trace(function* (log, loop) {
      const task = loop.createTask(giving(undefined));
      log.push(String(attempt(() => loop.runUntilCompleteSync(task))).includes("already running") && !task.done());
      yield* task;
    }),

  "TASK-31": () =>
    trace(function* (log, loop) {
      class A {
        *[Symbol.iterator](): Coroutine<number> {
          for (let i = 0; i < 3; i++) yield undefined as never;
          return 7;
        }
      }
      const before = iteration(loop);
      log.push(yield* new A());
      log.push(iteration(loop) - before);
    }),

  "TASK-32": () =>
    trace(function* (log, loop) {
      class Duck {
        _asyncioFutureBlocking = false;
        #done = false;
        #callback: (future: Duck) => void = () => {};
        #context = copyContext();
        getLoop(): EventLoop {
          return loop;
        }
        addDoneCallback(callback: (future: Duck) => void, { context }: { context: Context }): void {
          this.#callback = callback;
          this.#context = context;
        }
        done(): boolean {
          return this.#done;
        }
        result(): string {
          return "duck";
        }
        cancel(): boolean {
          return false;
        }
        *[Symbol.iterator](): Coroutine<string> {
          if (!this.#done) {
            this._asyncioFutureBlocking = true;
            yield this as never;
          }
          return this.result();
        }
        fire(): void {
          this.#done = true;
          loop.callSoon(this.#callback, this, { context: this.#context });
        }
      }
      const duck = new Duck();
      loop.callLater(1, () => duck.fire());
      log.push(yield* duck);
    }),

  "TASK-33": () =>
    trace(function* (log, loop) {
      const [f, g] = [loop.createFuture<number>(), loop.createFuture<number>()];
      function* work(future: Future<number>, name: string): Coroutine<void> {
        yield* future;
        log.push(name);
      }
      loop.createTask(work(f, "task"));
      const last = loop.createTask(work(g, "task2"));
      yield* spin(2);
      f.setResult(1);
      loop.callSoon(() => log.push("x"));
      loop.callSoon(() => log.push("y"));
      g.setResult(1);
      yield* last;
    }),

  "TASK-34": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture<number>();
      loop.callSoon(() => future.setResult(5));
      log.push(yield* awaitByHand(future));
    }),

  "TASK-35": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture();
      loop.callSoon(() => future.setException(new RangeError("t")));
      log.push(yield* attemptAwait(awaitByHand(future)));
    }),

  "TASK-36": () =>
    trace(function* (log, loop) {
      let calls = 0;
      const task = loop.createTask(spin(3));
      task.addDoneCallback(() => calls++);
      yield* sleep(0);
      task.cancel();
      task.cancel();
      yield* attemptAwait(task);
      task.cancel();
      yield* spin(3);
      log.push(calls);
    }),

  "TASK-37": excused("`return` ends a generator of JavaScript without an error, and the library does not use it"),

  "TASK-38": () =>
    trace(function* (log, loop) {
      class MyBase extends Error {
        override name = "MyBase";
      }
      for (const error of [new MyBase(), new GeneratorExit()]) {
        const task = loop.createTask(throwing(error));
        yield* wait([task]);
        log.push(describeError(task.exception()));
      }
    }),

  "TASK-39": differs(
    "no error closes a generator of JavaScript: it is thrown where the task waits, as any other",
    ["GeneratorExit()"],
    () =>
      trace(function* (log, loop) {
        log.push(yield* attemptAwait(loop.createTask(throwing(new GeneratorExit()))));
      }),
  ),
};

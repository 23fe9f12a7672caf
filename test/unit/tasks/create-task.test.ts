import { describe, expect, test } from "vitest";
import {
  ContextVar,
  type Coroutine,
  Task,
  type TaskConstructor,
  type TaskOptions,
  allTasks,
  copyContext,
  createEagerTaskFactory,
  createTask,
  currentTask,
} from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { giving, nothing, spin } from "../../support/coroutines.ts";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { fullTrace } from "../../support/stage.ts";

describe("createTask", () => {
  test("takes name, context and eager start", () => {
    const variable = new ContextVar("variable", { default: "outer" });
    const log = fullTrace(function* (log) {
      const context = copyContext();
      context.run(() => variable.set("inner"));
      function* work() {
        log.push(variable.get());
      }
      const task = createTask(work(), { name: "n", context, eagerStart: true });
      log.push(task.done(), task.getName(), task.getContext() === context);
    });
    expect(log).toEqual(["inner", true, "n", true]);
  });

  test("refuses what is no coroutine, and needs a running loop", () => {
    const log = fullTrace(function* (log, loop) {
      for (const bad of [5, null, undefined, nothing, Promise.resolve(), loop.createFuture()]) {
        log.push(attempt(() => createTask(bad as unknown as Coroutine<void>)));
      }
      log.push(allTasks().size);
    });
    expect(log).toEqual([
      "TypeError('a coroutine was expected, got 5')",
      "TypeError('a coroutine was expected, got null')",
      "TypeError('a coroutine was expected, got undefined')",
      "TypeError('a coroutine was expected, got <function nothing>')",
      "TypeError('a coroutine was expected, got [object Promise]')",
      "TypeError('a coroutine was expected, got <Future pending>')",
      1,
    ]);
    expect(attempt(() => createTask(nothing()))).toBe("RuntimeError('no running event loop')");
  });
});

describe("currentTask and allTasks", () => {
  test("tell the task that runs, and those that are not done in order of creation", () => {
    const log = fullTrace(function* (log, loop) {
      const main = currentTask();
      const [a, b] = [createTask(spin(1), { name: "a" }), createTask(spin(3), { name: "b" })];
      log.push([...allTasks()].indexOf(main as Task<unknown>), currentTask(loop) === main);
      loop.callSoon(() => log.push(currentTask()));
      yield* a;
      log.push([...allTasks()].map((task) => task.getName()).slice(1));
      yield* b;
    });
    expect(log).toEqual([0, true, null, ["b"]]);
  });

  test("need a loop that runs, or one to look at", () => {
    const loop = new VirtualEventLoop();
    const task = loop.createTask(nothing());
    expect(currentTask(loop)).toBeNull();
    expect(allTasks(loop)).toEqual(new Set([task]));
    expect(attempt(currentTask)).toBe("RuntimeError('no running event loop')");
    expect(attempt(allTasks)).toBe("RuntimeError('no running event loop')");
    loop.runUntilCompleteSync(task);
    expect(allTasks(loop).size).toBe(0);
    loop.close();
  });
});

describe("eager task factories", () => {
  test("make tasks of a subclass, or with a function", () => {
    class Named<T> extends Task<T> {
      override getName(): string {
        return `<${super.getName()}>`;
      }
    }
    const given: (TaskOptions & { loop: unknown })[] = [];
    const make: TaskConstructor = (coro, options) => {
      given.push(options);
      return new Task(coro, options);
    };
    for (const factory of [createEagerTaskFactory(Named), createEagerTaskFactory(make)]) {
      const log = fullTrace(
        function* (log) {
          const task = createTask(giving("r"), { name: "n" });
          log.push(task.getName(), task instanceof Named, task.done(), yield* attemptAwait(task));
        },
        { taskFactory: factory },
      );
      expect(log).toEqual(
        [
          ["<n>", true, true, "r"],
          ["n", false, true, "r"],
        ][given.length === 0 ? 0 : 1],
      );
    }
    expect(given.at(-1)).toMatchObject({ eagerStart: true, name: "n", loop: expect.any(VirtualEventLoop) });
  });

  test("are refused for what is neither class nor function", () => {
    for (const bad of [null, undefined, {}, "Task"]) {
      expect(() => createEagerTaskFactory(bad as TaskConstructor)).toThrow(TypeError);
      expect(() => createEagerTaskFactory(bad as TaskConstructor)).toThrow(/expected a Task class or a function, got /);
    }
  });
});

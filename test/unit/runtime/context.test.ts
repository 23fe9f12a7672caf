import { describe, expect, test } from "vitest";
import {
  Context,
  ContextVar,
  type Coroutine,
  RuntimeError,
  type Task,
  Token,
  copyContext,
  currentTask,
  gather,
  sleep,
  waitFor,
} from "wasyncio";
import { giving, spin } from "../../support/coroutines.ts";
import { slotsInUse } from "../../support/counters.ts";
import { attempt } from "../../support/outcomes.ts";
import { dispose, newLoop, trace } from "../../support/stage.ts";

const variable = new ContextVar("variable", { default: "-" });

describe("callbacks and tasks", () => {
  test("a timer gets a copy of the context too", () => {
    const log = trace(function* (log, loop) {
      variable.set("A");
      const callback = (): void => {
        log.push(variable.get());
        variable.set("B");
      };
      loop.callLater(0, callback);
      variable.set("later");
      loop.callAt(0, callback);
      yield* spin(2);
      log.push(variable.get());
    });
    expect(log).toEqual(["A", "later", "later"]);
  });

  test("tasks may share a context that is given", () => {
    const log = trace(function* (log, loop) {
      const context = copyContext();
      function* child(name: string): Coroutine<void> {
        variable.set(name);
        yield* sleep(0);
        log.push(variable.get());
      }
      const tasks = [loop.createTask(child("left"), { context }), loop.createTask(child("right"), { context })];
      yield* gather(tasks);
      log.push(context.get(variable), tasks[0]?.getContext() === context);
    });
    expect(log).toEqual(["right", "right", "right", true]);
  });

  test("a done-callback gets the context that is given, or a copy of the current one behind the result", () => {
    const log = trace(function* (log, loop) {
      const future = loop.createFuture<number>();
      const context = new Context();
      future.addDoneCallback(() => variable.set("given"), { context });
      variable.set("done");
      future.setResult(1);
      future.addDoneCallback(() => log.push(variable.get()));
      yield* sleep(0);
      log.push(context.get(variable));
    });
    expect(log).toEqual(["done", "given"]);
  });

  test("a coroutine that waitFor awaits shares the context", () => {
    const log = trace(function* (log) {
      function* set(value: string): Coroutine<void> {
        variable.set(value);
      }
      yield* waitFor(set("waitFor"), 1);
      log.push(variable.get());
    });
    expect(log).toEqual(["waitFor"]);
  });

  test("nothing that runs in a loop leaves its context behind, not even by an error", () => {
    const loop = newLoop();
    loop.callSoon(() => {
      variable.set("callback");
      throw new Error("x");
    });
    const task = loop.createTask(
      (function* () {
        variable.set("task");
        throw new Error("x");
      })(),
    );
    attempt(() => loop.runUntilCompleteSync(task));
    expect(variable.get()).toBe("-");
    dispose(loop);
  });

  test("an async function that resumes between turns sees the outermost context", async () => {
    const loop = newLoop();
    const values: string[] = [];
    loop.callSoon(() => {
      variable.set("callback");
      void Promise.resolve().then(() => values.push(variable.get()));
      loop.stop();
    });
    loop.runForeverSync();
    await Promise.resolve();
    expect(values).toEqual(["-"]);
    dispose(loop);
  });
});

describe("ContextVar", () => {
  test("gives the value, else what the call offers, else the default, else fails", () => {
    const bare = new ContextVar<string | undefined>("bare");
    new Context().run(() => {
      expect(() => bare.get()).toThrow(RangeError);
      expect(() => bare.get()).toThrow("Cannot get context variable 'bare': it has no value and no default");
      expect(bare.get("offer")).toBe("offer");
      expect(bare.get(undefined)).toBeUndefined();
      expect(variable.get("offer")).toBe("offer");
      expect(variable.get()).toBe("-");
      bare.set(undefined);
      expect(bare.get("offer")).toBeUndefined();
      expect(new ContextVar("with undefined", { default: undefined }).get()).toBeUndefined();
    });
  });

  test("reset restores what was there before, once", () => {
    new Context().run(() => {
      const outer = variable.set("outer");
      const inner = variable.set("inner");
      expect(inner).toBeInstanceOf(Token);
      expect(inner.variable).toBe(variable);
      variable.reset(inner);
      expect(variable.get()).toBe("outer");
      expect(() => variable.reset(inner)).toThrow(RuntimeError);
      variable.reset(outer);
      expect(variable.get("nothing")).toBe("nothing");
      expect(copyContext().has(variable)).toBe(false);
    });
  });

  test("reset refuses the tokens of others, and has changed nothing then", () => {
    const other = new ContextVar<string>("other");
    const context = new Context();
    const token = context.run(() => variable.set("there"));
    new Context().run(() => {
      variable.set("here");
      expect(() => variable.reset(token)).toThrow(RangeError);
      expect(() => variable.reset(token)).toThrow("the token was made in another context");
      expect(() => other.reset(token)).toThrow("the token is of 'variable'");
      expect(variable.get()).toBe("here");
    });
    context.run(() => variable.reset(token)); // it is still good where it was made
    expect(context.has(variable)).toBe(false);
  });

  test("has a name, which must be a string", () => {
    expect([variable.name, String(variable)]).toEqual(["variable", "<ContextVar name='variable'>"]);
    for (const name of [5, undefined, null, {}]) expect(() => new ContextVar(name as string)).toThrow(TypeError);
    expect(() => new ContextVar(5 as never)).toThrow("Cannot create context variable: its name is 5, not a string");
  });
});

describe("Context", () => {
  test("run enters it for a call, with arguments and result, and leaves it also by an error", () => {
    const context = new Context();
    expect(context.run((a: number, b: number) => a + b, 1, 2)).toBe(3);
    expect(() =>
      context.run(() => {
        variable.set("inside");
        throw new RangeError("x");
      }),
    ).toThrow("x");
    expect([variable.get(), context.get(variable), context.run(() => variable.get())]).toEqual([
      "-",
      "inside",
      "inside",
    ]);
  });

  test("cannot be entered twice at once", () => {
    const context = new Context();
    context.run(() => {
      expect(() => context.run(() => {})).toThrow(RuntimeError);
      expect(context.copy().run(() => "a copy can")).toBe("a copy can");
    });
    expect(context.run(() => "again")).toBe("again");
  });

  test("cannot be entered by what runs in it, directly or inside others: tasks, callbacks, eager steps", () => {
    const log = trace(function* (log, loop) {
      const task = currentTask() as Task<unknown>;
      const enter = (context: Context): unknown => attempt(() => context.run(() => "entered"));
      log.push(["step", enter(task.getContext()), new Context().run(() => enter(task.getContext()))]);
      const context = new Context();
      loop.callSoon(() => log.push(["callback", enter(context), enter(task.getContext())]), { context });
      yield* sleep(0);
      function* eager(): Coroutine<void> {
        log.push(["eager", enter(task.getContext()), enter((currentTask() as Task<unknown>).getContext())]);
      }
      loop.createTask(eager(), { eagerStart: true });
      log.push(["after", enter(context), enter(task.getContext().copy())]);
    });
    const refused = "RuntimeError('Cannot enter context: it is entered already')";
    expect(log).toEqual([
      ["step", refused, refused],
      ["callback", refused, "entered"],
      ["eager", refused, refused],
      ["after", "entered", "entered"],
    ]);
  });

  test("is entered while a loop runs inside it", () => {
    const context = new Context();
    const log = context.run(() =>
      trace(function* (log) {
        log.push(attempt(() => context.run(() => "entered")));
      }),
    );
    expect(log).toEqual(["RuntimeError('Cannot enter context: it is entered already')"]);
    expect(context.run(() => "entered")).toBe("entered");
  });

  test("lets no task begin eagerly in it while it is entered, and nothing is left of that task", () => {
    const log = trace(function* (log, loop) {
      const task = currentTask() as Task<unknown>;
      const [context, slots] = [new Context(), slotsInUse(loop)];
      const begin = (context: Context, eagerStart: boolean) =>
        loop.createTask(giving(loop), { context, eagerStart }).done();
      for (const entered of [task.getContext(), context])
        log.push(
          attempt(() => context.run(begin, entered, true)),
          slotsInUse(loop) - slots,
          currentTask() === task,
        );
      log.push(begin(context, true), context.run(begin, context, false));
    });
    const refused = "RuntimeError('Cannot enter context: it is entered already')";
    expect(log).toEqual([refused, 0, true, refused, 0, true, true, false]);
  });

  test("shows what is in it; copies go their own ways", () => {
    const context = new Context();
    context.run(() => variable.set("a"));
    const copy = context.copy();
    copy.run(() => variable.set("b"));
    expect([context.size, [...context.keys()], context.get(variable), copy.get(variable)]).toEqual([
      1,
      [variable],
      "a",
      "b",
    ]);
    expect([context.has(variable), context.has(new ContextVar("x")), context.get(new ContextVar("x"))]).toEqual([
      true,
      false,
      undefined,
    ]);
    expect(new Context().size).toBe(0);
  });
});

import { describe, expect, test } from "vitest";
import { type Coroutine, Event, type Task, currentTask, sleep } from "wasyncio";
import { StackFrame, captureOrigin, withoutStack } from "../../../src/support/stack.ts";
import { awaiting } from "../../support/coroutines.ts";
import { type Trace, dispose, newLoop, runOnce, trace } from "../../support/stage.ts";

const namesOf = (task: Task<unknown>, options?: { limit?: number }): string[] =>
  task.getStack(options).map(({ name }) => name);

describe("getStack", () => {
  /** A task that waits three coroutines deep, in debug mode. */
  const waitingAt = (wait: () => Coroutine<unknown>): { names: string[]; limited: string[][]; files: Set<string> } => {
    const loop = newLoop();
    loop.setDebug(true);
    function* inner(): Coroutine<void> {
      yield* wait();
    }
    function* middle(): Coroutine<void> {
      yield* inner();
    }
    function* outer(): Coroutine<void> {
      yield* middle();
    }
    const task = loop.createTask(outer());
    runOnce(loop);
    const result = {
      names: namesOf(task).filter((name) => name !== "awaiting"),
      limited: [0, 1, 2, -1].map((limit) => namesOf(task, { limit })),
      files: new Set(task.getStack().map(({ file }) => file.replace(/.*\//, ""))),
    };
    dispose(loop);
    return result;
  };

  test("in debug mode tells the coroutines from the outermost to the one that waits", () => {
    const future = new Event();
    expect(waitingAt(() => sleep(1)).names.slice(0, 3)).toEqual(["outer", "middle", "inner"]);
    expect(waitingAt(() => sleep(0)).names.slice(0, 3)).toEqual(["outer", "middle", "inner"]);
    expect(waitingAt(() => future.wait()).names.slice(0, 3)).toEqual(["outer", "middle", "inner"]);
  });

  test("tells where in which file", () => {
    const loop = newLoop();
    loop.setDebug(true);
    const task = loop.createTask(awaiting(loop.createFuture()));
    runOnce(loop);
    const [frame] = task.getStack();
    expect(frame).toBeInstanceOf(StackFrame);
    expect(String(frame)).toMatch(/^File '.*coroutines\.ts', line \d+, in awaiting\(\)$/);
    expect([frame?.line, frame?.column].every((number) => number > 0)).toBe(true);
    dispose(loop);
  });

  test("a limit of nothing, or less, leaves no frame", () => {
    const { limited } = waitingAt(() => sleep(1));
    expect(limited[0]).toEqual([]);
    expect(limited[3]).toEqual([]);
  });

  test("a limit of some keeps the innermost ones", () => {
    const loop = newLoop();
    loop.setDebug(true);
    const future = loop.createFuture();
    function* outer(): Coroutine<void> {
      yield* awaiting(future);
    }
    const task = loop.createTask(outer());
    runOnce(loop);
    expect([
      namesOf(task),
      namesOf(task, { limit: 1 }),
      namesOf(task, { limit: 2 }),
      namesOf(task, { limit: 9 }),
    ]).toEqual([["outer", "awaiting"], ["awaiting"], ["outer", "awaiting"], ["outer", "awaiting"]]);
    dispose(loop);
  });

  test("tells the current task's stack also outside debug mode, and none of others or of done ones", () => {
    const log = trace(function* (log, loop) {
      function* inner(): Coroutine<void> {
        log.push(namesOf(currentTask() as Task<unknown>).includes("inner"));
      }
      yield* inner();
      const other = loop.createTask(sleep(0));
      yield* sleep(0);
      log.push(namesOf(other));
      yield* other;
      log.push(namesOf(other));
    });
    expect(log).toEqual([true, [], []]);
  });

  test("a coroutine of the program that is called sleep is not taken for the library's", () => {
    const loop = newLoop();
    loop.setDebug(true);
    const future = loop.createFuture();
    const task = loop.createTask(
      (function* sleep(): Coroutine<void> {
        yield* future;
      })(),
    );
    runOnce(loop);
    expect(namesOf(task)).toEqual(["sleep"]);
    dispose(loop);
  });
});

describe("printStack", () => {
  test("writes a line for each frame, or says that there is none", () => {
    const lines: Trace = [];
    const write = (text: string): unknown => lines.push(text);
    const loop = newLoop();
    loop.setDebug(true);
    const task = loop.createTask(awaiting(loop.createFuture()), { name: "n" });
    runOnce(loop);
    task.printStack({ write });
    task.cancel();
    runOnce(loop);
    task.printStack({ write });
    expect(lines).toEqual([
      expect.stringMatching(/^Stack for <Task pending name='n'.* \(most recent call last\):$/),
      expect.stringMatching(/^ {2}File '.*', line \d+, in awaiting\(\)$/),
      expect.stringMatching(/^No stack for <Task cancelled name='n'/),
    ]);
    dispose(loop);
  });
});

describe("captureOrigin", () => {
  test("begins in the program's code, and has at most ten lines", () => {
    const deep = (depth: number): string => (depth === 0 ? captureOrigin() : deep(depth - 1));
    const lines = deep(20).split("\n");
    expect(lines.length).toBe(10);
    expect(lines.every((line) => line.includes("stack.test.ts"))).toBe(true);
  });
});

describe("withoutStack", () => {
  test("makes an error that has none, and leaves the limit as it was", () => {
    const limit = Error.stackTraceLimit;
    const error = withoutStack(() => new RangeError("x"));
    expect([error.message, error.stack]).toEqual(["x", undefined]);
    expect(Error.stackTraceLimit).toBe(limit);
  });

  test("leaves the limit as it was also when making the error fails", () => {
    const limit = Error.stackTraceLimit;
    const fail = (): never => {
      throw new TypeError("no error");
    };
    expect(() => withoutStack(fail)).toThrow("no error");
    expect(Error.stackTraceLimit).toBe(limit);
  });

  test("gives no limit to an engine that knows none, nor do stacks", () => {
    const limit = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit") as PropertyDescriptor;
    delete (Error as { stackTraceLimit?: number }).stackTraceLimit;
    try {
      withoutStack(() => new RangeError("x"));
      captureOrigin();
      expect(Object.hasOwn(Error, "stackTraceLimit")).toBe(false);
    } finally {
      Object.defineProperty(Error, "stackTraceLimit", limit);
    }
  });
});

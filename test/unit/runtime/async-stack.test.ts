// Who awaits whom in the stacks of errors.

import { describe, expect, test } from "vitest";
import {
  CancelledError,
  type Coroutine,
  Future,
  TaskGroup,
  createTask,
  futureAddToAwaitedBy,
  gather,
  run,
  shield,
  sleep,
  timeout,
  wait,
  waitFor,
  wrapFuture,
} from "wasyncio";
import { newLoop, runOnce, trace } from "../../support/stage.ts";
import { spin, throwing } from "../../support/coroutines.ts";

/** The frames of a stack by their names, without files: "query", "async main". */
const namesIn = (error: unknown): string[] =>
  String((error as Error).stack)
    .split("\n")
    .filter((line) => line.startsWith("    at "))
    .map((line) => line.slice("    at ".length).replace(/ \(.*:\d+:\d+\)$/, ""));

/** What a program in virtual time ends with. */
function failureOf(program: () => Coroutine<unknown>, debug = true): unknown {
  const loop = newLoop();
  loop.setDebug(debug);
  try {
    loop.runUntilCompleteSync(program());
  } catch (error) {
    return error;
  } finally {
    loop.close();
  }
  throw new Error("the program has not failed");
}

function* query(): Coroutine<number> {
  yield* sleep(1);
  throw new Error("no such table\n    at all");
}

function* load(): Coroutine<number> {
  return yield* query();
}

describe("in debug mode, the stack of an error that leaves a task", () => {
  test("tells who awaits whom, up to the main program, without frames of the library", () => {
    function* page(): Coroutine<void> {
      yield* waitFor(load(), 5);
    }
    function* site(): Coroutine<void> {
      yield* new TaskGroup().with(function* body(group) {
        group.createTask(page());
        yield* sleep(9);
      });
    }
    function* main(): Coroutine<void> {
      yield* gather(site(), sleep(3));
    }
    const failure = failureOf(main) as AggregateError;
    expect(Object.keys(failure)).toEqual([]);
    expect(namesIn(failure)).toEqual(["site", "async main"]);
    const [error] = failure.errors as Error[];
    expect(namesIn(error).slice(1)).toEqual(["query", "load", "page", "async body", "async site", "async main"]);
    expect(error?.stack).toMatch(
      /^Error: no such table\n {4}at all\n {4}at query \(.*async-stack\.test\.ts:\d+:\d+\)\n/,
    );
    expect(error?.stack).toMatch(/\n {4}at async main \(.*async-stack\.test\.ts:\d+:\d+\)$/);
  });

  test("has the task's coroutines at any depth, as far as engines go", () => {
    function* deep(depth: number): Coroutine<number> {
      return depth === 0 ? yield* query() : yield* deep(depth - 1);
    }
    function* main(): Coroutine<void> {
      yield* createTask(deep(20));
    }
    function* abyss(): Coroutine<void> {
      yield* createTask(deep(500));
    }
    expect(namesIn(failureOf(main)).slice(1)).toEqual(["query", ...Array(21).fill("deep"), "async main"]);
    const names = namesIn(failureOf(abyss)).slice(1);
    expect(names).toEqual(["query", ...Array(names.length - 2).fill("deep"), "async abyss"]);
    expect(names.length).toBeLessThan(110);
  });

  test("follows wait, shield and declared awaiters", () => {
    function* inWait(): Coroutine<void> {
      const [done] = yield* wait([createTask(load())]);
      for (const task of done) task.result();
    }
    function* inShield(): Coroutine<void> {
      yield* shield(load());
    }
    function* declared(): Coroutine<void> {
      const future = createTask(load());
      const outer = createTask(sleep(9));
      futureAddToAwaitedBy(future, outer);
      futureAddToAwaitedBy(outer, createTask(sleep(9)));
      yield* sleep(3);
      yield* future;
    }
    expect(namesIn(failureOf(inWait)).slice(1)).toEqual(["query", "load", "async inWait"]);
    expect(namesIn(failureOf(inShield)).slice(1)).toEqual(["query", "load", "async inShield"]);
    expect(namesIn(failureOf(declared)).slice(1)).toEqual(["query", "load"]);
  });

  test("follows the first of several that await, and no circle", () => {
    function* first(task: Iterable<unknown>): Coroutine<void> {
      yield* task as Coroutine<number>;
    }
    function* second(task: Iterable<unknown>): Coroutine<void> {
      yield* task as Coroutine<number>;
    }
    function* main(): Coroutine<void> {
      const task = createTask(load());
      const awaiting = [createTask(first(task)), createTask(second(task))];
      futureAddToAwaitedBy(awaiting[0], task); // in a circle
      yield* gather(awaiting);
    }
    expect(namesIn(failureOf(main)).slice(1)).toEqual(["query", "load", "async first", "async main"]);
  });

  test("ends after some fifty frames of those who await", () => {
    function* chain(length: number): Coroutine<number> {
      return length === 0 ? yield* query() : yield* createTask(chain(length - 1));
    }
    const names = namesIn(failureOf(() => chain(200))).slice(1);
    expect(names).toEqual(["query", "chain", ...Array(50).fill("async chain")]);
  });

  test("tells of an error from outside where it was waited for", async () => {
    const failure = new RangeError("from outside");
    function* fetching(): Coroutine<void> {
      yield* sleep(0);
      yield* wrapFuture(Promise.reject(failure));
    }
    function* main(): Coroutine<void> {
      yield* gather(fetching());
    }
    const error: unknown = await run(main, { debug: true }).catch((failure: unknown) => failure);
    expect(namesIn(error).slice(-2)).toEqual(["async fetching", "async main"]);
    expect(namesIn(error).length).toBeGreaterThan(2);
  });

  test("tells where an error was thrown in, though it was made in another task, and where the task went on since", () => {
    function* setter(future: Future<void>): Coroutine<void> {
      yield* sleep(1);
      future.setException(new RangeError("set"));
    }
    function* waiter(future: Future<void>): Coroutine<void> {
      try {
        yield* future;
      } finally {
        yield* spin(2);
      }
    }
    function* main(): Coroutine<void> {
      const future = new Future<void>();
      const setting = createTask(setter(future));
      yield* gather(waiter(future));
      yield* setting;
    }
    expect(namesIn(failureOf(main))).toEqual(["setter", "async waiter", "async main"]);
  });

  test("of one that was made before has no place where it was not thrown", () => {
    const error = new RangeError("made before");
    const made = namesIn(error);
    function* inner(): Coroutine<void> {
      yield* sleep(0);
    }
    function* main(): Coroutine<void> {
      yield* inner();
      throw error;
    }
    expect(namesIn(failureOf(main))).toEqual(made);
  });

  test("tells of one who runs a task eagerly, too", () => {
    function* eager(): Coroutine<never> {
      yield* throwing(new RangeError("early"));
      throw new Error("not reached");
    }
    const error = new Map<string, string[]>();
    trace(
      function* main() {
        function* failing(): Coroutine<void> {
          throw new RangeError("early");
        }
        const task = createTask(failing(), { eagerStart: true });
        error.set("early", namesIn(task.exception()));
        yield* spin(1);
      },
      { debug: true },
    );
    expect(error.get("early")).toEqual(["failing", "main"]);
    expect(namesIn(failureOf(eager))).not.toEqual([]);
  });

  test("stays as it is when it is frozen, missing or no stack, and errors may be anything", () => {
    const frozen = Object.freeze(new RangeError("frozen"));
    const stack = String(frozen.stack);
    const formatted = Object.assign(new RangeError("formatted"), { stack: [1, 2] as unknown as string });
    for (const error of [frozen, formatted, null, undefined, 5, "text", {}]) {
      expect(failureOf(() => throwing(error))).toBe(error);
    }
    expect([frozen.stack, formatted.stack]).toEqual([stack, [1, 2]]);
  });

  test("of a cancellation says where the task waited, and who cancelled it", () => {
    function* patient(): Coroutine<void> {
      yield* sleep(9);
    }
    function* main(): Coroutine<void> {
      const task = createTask(patient());
      yield* sleep(0);
      (function culprit() {
        task.cancel();
      })();
      yield* task;
    }
    const error = failureOf(main) as Error;
    expect(error).toBeInstanceOf(CancelledError);
    expect(namesIn(error)).toEqual(["async patient", "async main", "culprit", "main"]);
    expect(Object.keys(error)).toEqual([]);
    expect(error.stack).toMatch(/^CancelledError\n.*patient.*\n.*async main.*\nCancelled at:\n.*culprit.*\n.*main.*$/);
  });
});

test("a cancellation tells where the task waited, whatever it waited for", () => {
  const ways: Record<string, () => Iterable<unknown>> = {
    future: () => new Future<void>(),
    task: () => createTask(sleep(9)),
    gather: () => gather(sleep(9)),
    wait: () => wait([new Future<void>()]),
    shield: () => shield(sleep(9)),
    sleep: () => sleep(9),
  };
  for (const [name, way] of Object.entries(ways)) {
    function* waiting(): Coroutine<void> {
      yield* way() as Coroutine<unknown>;
    }
    function* main(): Coroutine<void> {
      const task = createTask(waiting());
      yield* sleep(1);
      task.cancel();
      yield* task;
    }
    const names = namesIn(failureOf(main)).filter((each) => !each.includes("async-stack.test.ts"));
    expect([name, ...names]).toEqual([name, "async waiting", "async main", "main"]);
  }
});

test("of an error that several tasks get, the one that it leaves says where it was thrown in", () => {
  function* keeping(future: Future<void>): Coroutine<void> {
    try {
      yield* future;
    } catch {
      // for the other one
    }
  }
  function* failing(future: Future<void>): Coroutine<void> {
    yield* future;
  }
  function* main(): Coroutine<void> {
    const future = new Future<void>();
    const tasks = [createTask(keeping(future)), createTask(failing(future))];
    yield* sleep(0);
    future.setException(new RangeError("shared"));
    yield* gather(tasks);
  }
  expect(namesIn(failureOf(main)).slice(-2)).toEqual(["async failing", "async main"]);
});

describe("Error.stackTraceLimit", () => {
  test("is raised while a loop in debug mode has its turn, and only then", () => {
    const before = Error.stackTraceLimit;
    const limitIn = (debug: boolean): number => {
      const loop = newLoop();
      loop.setDebug(debug);
      let limit = 0;
      loop.callSoon(() => (limit = Error.stackTraceLimit));
      runOnce(loop);
      loop.close();
      return limit;
    };
    expect([limitIn(true), Error.stackTraceLimit, limitIn(false)]).toEqual([100, before, before]);
  });

  test("is left when the program has set it", () => {
    const before = Error.stackTraceLimit;
    try {
      for (const own of [0, 1000]) {
        Error.stackTraceLimit = own;
        trace(
          function* () {
            expect(Error.stackTraceLimit).toBe(own);
          },
          { debug: true },
        );
        expect(Error.stackTraceLimit).toBe(own);
      }
      Error.stackTraceLimit = before;
      trace(
        function* () {
          Error.stackTraceLimit = 7;
        },
        { debug: true },
      );
      expect(Error.stackTraceLimit).toBe(7);
    } finally {
      Error.stackTraceLimit = before;
    }
  });
});

test("outside debug mode a stack is the engine's", () => {
  let thrown: string | undefined;
  function* failing(): Coroutine<void> {
    const error = new Error("as it was");
    thrown = String(error.stack);
    throw error;
  }
  function* main(): Coroutine<void> {
    yield* timeout(5).with(() => createTask(failing()));
  }
  expect((failureOf(main, false) as Error).stack).toBe(thrown);
});

import { describe, expect, test } from "vitest";
import {
  type AsyncContextManager,
  AsyncExitStack,
  type Coroutine,
  Lock,
  createTask,
  moveOnAfter,
  sleep,
  timeout,
} from "wasyncio";
import { giving, nothing, throwing } from "../../support/coroutines.ts";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { type Trace, fullTrace } from "../../support/stage.ts";

/** A manager that writes down what happens to it. Its exit does what `leave` does. */
function manager(
  log: Trace,
  name: string,
  leave: () => Coroutine<boolean | void> = nothing,
): AsyncContextManager<string> {
  return {
    *aenter() {
      yield* sleep(0);
      log.push(`enter ${name}`);
      return name;
    },
    *aexit(error, failed) {
      yield* sleep(0);
      log.push(`leave ${name}${failed ? ` with ${String(error)}` : ""}`);
      return yield* leave();
    },
  };
}

describe("AsyncExitStack", () => {
  test("leaves all that it has entered, the latest first", () => {
    const log = fullTrace(function* (log) {
      const result = yield* new AsyncExitStack().with(function* (stack) {
        for (const name of ["a", "b"]) log.push(yield* stack.enterAsyncContext(manager(log, name)));
        stack.callback((...args: unknown[]) => log.push(args), 1, 2);
        stack.pushAsyncCallback((text: string) => sleep(0, log.push(text)), "async");
        return "result";
      });
      log.push(result);
    });
    expect(log).toEqual(["enter a", "a", "enter b", "b", "async", [1, 2], "leave b", "leave a", "result"]);
  });

  test("gives its error to each exit, until one swallows it", () => {
    const log = fullTrace(function* (log) {
      const result = yield* new AsyncExitStack().with(function* (stack) {
        yield* stack.enterAsyncContext(manager(log, "outer"));
        stack.pushAsyncExit(manager(log, "swallowing", () => giving(true)));
        stack.pushAsyncExit((error, failed) => giving(void log.push([String(error), failed])));
        yield* throwing(new RangeError("e"));
      });
      log.push(result);
    });
    expect(log).toEqual([
      "enter outer",
      ["RangeError: e", true],
      "leave swallowing with RangeError: e",
      "leave outer",
      undefined,
    ]);
  });

  test("goes on with what an exit throws in place of the error before", () => {
    const log = fullTrace(function* (log) {
      const block = new AsyncExitStack().with(function* (stack) {
        yield* stack.enterAsyncContext(manager(log, "first"));
        stack.callback(() => {
          throw new RangeError("second");
        });
        stack.pushAsyncExit(manager(log, "third", () => throwing(new RangeError("third"))));
        yield* throwing(new RangeError("body"));
      });
      log.push(yield* attemptAwait(block));
      const swallowed = new AsyncExitStack().with(function* (stack) {
        stack.pushAsyncExit(manager(log, "swallowing", () => giving(true)));
        stack.pushAsyncCallback(() => throwing("text"));
      });
      log.push(yield* attemptAwait(swallowed));
    });
    expect(log).toEqual([
      "enter first",
      "leave third with RangeError: body",
      "leave first with RangeError: second",
      "RangeError('second')",
      "leave swallowing with text",
      undefined,
    ]);
  });

  test("keeps the errors whose place others take in the chain of causes", () => {
    const chain = (error: unknown): string[] =>
      error instanceof Error ? [String(error), ...chain(error.cause)] : error === undefined ? [] : [String(error)];
    const frozen = Object.freeze(new RangeError("frozen"));
    const circular = new RangeError("circular");
    circular.cause = circular;
    function* failingWith(...exits: unknown[]): Coroutine<string[]> {
      try {
        yield* new AsyncExitStack().with(function* (stack) {
          for (const error of exits.reverse()) {
            stack.pushAsyncExit(function* (earlier) {
              throw typeof error === "function" ? error(earlier) : error;
            });
          }
          yield* throwing(new RangeError("body"));
        });
      } catch (error) {
        return error === circular ? ["circular"] : chain(error);
      }
      return [];
    }
    const log = fullTrace(function* (log) {
      const wrapping = (cause: unknown): Error => new Error("wrapping", { cause });
      log.push(yield* failingWith(new RangeError("first"), new RangeError("second")));
      log.push(yield* failingWith(new RangeError("own", { cause: new TypeError("reason") })));
      log.push(yield* failingWith(wrapping, (earlier: unknown) => earlier));
      log.push(yield* failingWith(frozen), yield* failingWith("text"), yield* failingWith(circular));
    });
    expect(log).toEqual([
      ["RangeError: second", "RangeError: first", "RangeError: body"],
      ["RangeError: own", "TypeError: reason", "RangeError: body"],
      ["Error: wrapping", "RangeError: body"],
      ["RangeError: frozen"],
      ["text"],
      ["circular"],
    ]);
  });

  test("adds causes as the constructor of an error does: they are not enumerable", () => {
    const [error] = fullTrace(function* (log) {
      const block = new AsyncExitStack().with(function* (stack) {
        stack.callback(() => {
          throw new RangeError("exit");
        });
        yield* throwing(new RangeError("body"));
      });
      try {
        yield* block;
      } catch (error) {
        log.push(error);
      }
    }) as [Error];
    expect([String(error.cause), Object.keys(error)]).toEqual(["RangeError: body", []]);
  });

  test("goes on with errors that throw when they are looked at", () => {
    class Hostile extends Error {
      override get cause(): never {
        throw new RangeError("looked at");
      }
    }
    const revoked = Proxy.revocable(new Error("revoked"), {});
    revoked.revoke();
    const refusing = new Proxy(new Error("refusing"), {
      defineProperty() {
        throw new RangeError("written to");
      },
    });
    const hostile = [new Hostile(), revoked.proxy, refusing, new Error("outside", { cause: new Hostile() })];
    const log = fullTrace(function* (log) {
      for (const error of hostile) {
        const block = new AsyncExitStack().with(function* (stack) {
          stack.callback(() => void log.push("outer"));
          stack.callback(() => {
            throw error;
          });
          yield* throwing(new RangeError("body"));
        });
        try {
          yield* block;
        } catch (thrown) {
          log.push(thrown === error);
        }
      }
    });
    expect(log).toEqual(hostile.flatMap(() => ["outer", true]));
  });

  test("does not leave what was not entered", () => {
    const log = fullTrace(function* (log) {
      const block = new AsyncExitStack().with(function* (stack) {
        yield* stack.enterAsyncContext(manager(log, "a"));
        yield* stack.enterAsyncContext({ ...manager(log, "b"), aenter: () => throwing(new RangeError("b")) });
      });
      log.push(yield* attemptAwait(block));
    });
    expect(log).toEqual(["enter a", "leave a with RangeError: b", "RangeError('b')"]);
  });

  test("hands all over by popAll, and is closed by aclose", () => {
    const log = fullTrace(function* (log) {
      const kept = yield* new AsyncExitStack().with(function* (stack) {
        yield* stack.enterAsyncContext(manager(log, "a"));
        return stack.popAll();
      });
      log.push("block ended");
      yield* (kept as AsyncExitStack).aclose();
      yield* (kept as AsyncExitStack).aclose();
    });
    expect(log).toEqual(["enter a", "block ended", "leave a"]);
  });

  test("goes on to leave when it is cancelled while it leaves", () => {
    const log = fullTrace(function* (log) {
      const task = createTask(
        new AsyncExitStack().with(function* (stack) {
          yield* stack.enterAsyncContext(manager(log, "a"));
          stack.pushAsyncCallback(() => sleep(9));
        }),
      );
      yield* sleep(1);
      task.cancel("m");
      log.push(yield* attemptAwait(task));
    });
    expect(log).toEqual(["enter a", "leave a with CancelledError: m", "CancelledError('m')"]);
  });

  test("takes the library's own managers", () => {
    const log = fullTrace(function* (log, loop) {
      const lock = new Lock();
      const result = yield* new AsyncExitStack().with(function* (stack) {
        yield* stack.enterAsyncContext(lock);
        yield* stack.enterAsyncContext(moveOnAfter(1));
        log.push(lock.locked());
        yield* sleep(9);
      });
      log.push(result, lock.locked(), loop.time());
      const late = new AsyncExitStack().with(function* (stack) {
        yield* stack.enterAsyncContext(timeout(1));
        yield* sleep(9);
      });
      log.push(yield* attemptAwait(late));
    });
    expect(log).toEqual([true, undefined, false, 1, "TimeoutError()"]);
  });

  test("gives back what it is given, and refuses what it cannot call", () => {
    const stack = new AsyncExitStack();
    const exit = () => giving(false);
    const call = (text: string): number => text.length;
    expect([stack.pushAsyncExit(exit), stack.callback(call, "x")]).toEqual([exit, call]);
    const one = { ...manager([], "a") };
    expect(stack.pushAsyncExit(one)).toBe(one);
    const notManager = "TypeError('Cannot enter: expected an object with aenter and aexit, got 5')";
    expect(attempt(() => stack.enterAsyncContext(5 as never))).toBe(notManager);
    expect(attempt(() => stack.pushAsyncExit(5 as never))).toBe(notManager);
    expect(attempt(() => stack.callback(5 as never))).toBe("TypeError('Invalid callback: expected a function, got 5')");
  });
});

// Callbacks and handlers that do not keep to the rules: that throw, remove themselves and others, add more, stop or
// close the loop, or run another one.

import { describe, expect, test } from "vitest";
import { ContextVar, type Coroutine, Queue, Task, TaskGroup, createTask, currentTask, sleep } from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { throwing } from "../support/coroutines.ts";
import { attempt, attemptAwait } from "../support/outcomes.ts";
import { passTime, runOnce } from "../support/stage.ts";
import { type Log, endOf, leavesNothing, listeningLoop, revokedProxy, survive, wordsOf } from "./hostile.ts";

const nothing = (): void => {};

describe("a done-callback", () => {
  test("that throws is reported, and keeps no other from being called", () => {
    const log = survive(function* (log, loop) {
      const future = loop.createFuture();
      future.addDoneCallback(() => log.push("first"));
      future.addDoneCallback(function second() {
        throw new RangeError("second");
      });
      future.addDoneCallback(function third() {
        throw undefined; // oxlint-disable-line no-throw-literal, typescript/only-throw-error
      });
      future.addDoneCallback(function fourth() {
        throw revokedProxy(); // oxlint-disable-line no-throw-literal, typescript/only-throw-error
      });
      future.addDoneCallback(() => log.push("fifth"));
      future.setResult();
      yield* sleep(0);
    });
    expect(log).toEqual([
      "first",
      ["reported", "Exception in callback second()", "RangeError('second')"],
      ["reported", "Exception in callback third()", undefined],
      ["reported", "Exception in callback fourth()", "untouchable"],
      "fifth",
    ]);
  });

  test("that removes itself and others: those that have been scheduled run all the same", () => {
    const log = survive(function* (log, loop) {
      const future = loop.createFuture();
      const second = (): void => void log.push("second");
      const first = (): void => {
        log.push("first", future.removeDoneCallback(first), future.removeDoneCallback(second));
      };
      future.addDoneCallback(first);
      future.addDoneCallback(second);
      future.setResult();
      yield* sleep(0);
    });
    expect(log).toEqual(["first", 0, 0, "second"]);
  });

  test("that removes others of another future takes them off", () => {
    const log = survive(function* (log, loop) {
      const [future, another] = [loop.createFuture(), loop.createFuture()];
      const never = (): void => void log.push("never");
      for (let i = 0; i < 3; i++) another.addDoneCallback(never);
      future.addDoneCallback(() => log.push(another.removeDoneCallback(never), another.removeDoneCallback(never)));
      future.setResult();
      yield* sleep(0);
      another.setResult();
    });
    expect(log).toEqual([3, 0]);
  });

  test("that adds itself again is called again, one iteration later, others in between", () => {
    const log = survive(function* (log, loop) {
      const future = loop.createFuture();
      let left = 3;
      const again = (): void => {
        log.push(`again ${left}`);
        if (--left > 0) future.addDoneCallback(again);
      };
      future.addDoneCallback(again);
      future.setResult();
      for (let i = 0; i < 4; i++) {
        yield* sleep(0);
        log.push(`turn ${i}`);
      }
    });
    expect(log).toEqual(["again 3", "turn 0", "again 2", "turn 1", "again 1", "turn 2", "turn 3"]);
  });

  test("that is added twice, or is a method of the loop, is called as often as it was added", () => {
    const log = survive(function* (log, loop) {
      const future = loop.createFuture();
      const each = (of: unknown): void => void log.push(of === future);
      future.addDoneCallback(each);
      future.addDoneCallback(each);
      future.addDoneCallback(each);
      log.push(future.removeDoneCallback(each));
      future.addDoneCallback(each);
      future.addDoneCallback(each);
      future.cancel();
      yield* sleep(0);
    });
    expect(log).toEqual([3, true, true]);
  });

  test("settles, cancels and fails futures and tasks: they end once", () => {
    const log = survive(function* (log, loop) {
      const future = loop.createFuture<number>();
      const others = [loop.createFuture<number>(), loop.createFuture<number>()];
      const task = createTask(sleep(9));
      yield* sleep(0);
      future.addDoneCallback(() => {
        log.push(
          attempt(() => future.setResult(2)),
          future.cancel(),
          task.cancel("by a callback"),
        );
        for (const other of others) other.setResult(1);
      });
      for (const other of others) other.addDoneCallback(() => log.push(attempt(() => other.setResult(2))));
      future.setResult(1);
      log.push(yield* endOf(task));
      log.push(future.result());
    });
    const invalid = "InvalidStateError('invalid state')";
    expect(log).toEqual([invalid, false, true, invalid, invalid, "cancelled", 1]);
  });

  test.each<[string, (loop: VirtualEventLoop) => unknown, string]>([
    ["closes the loop", (loop) => loop.close(), "RuntimeError('Cannot close a running event loop')"],
    ["runs the loop", (loop) => loop.runForeverSync(), "RuntimeError('This event loop is already running')"],
    [
      "runs another loop",
      () => new VirtualEventLoop().runForeverSync(),
      "RuntimeError('Cannot run the event loop while another loop is running')",
    ],
  ])("that %s is reported, and nothing else happens", (_, call, error) => {
    const log = survive(function* (log, loop) {
      const future = loop.createFuture();
      future.addDoneCallback(function hostile() {
        call(loop);
      });
      future.addDoneCallback(() => log.push("next"));
      future.setResult();
      yield* sleep(1);
      log.push(loop.isRunning(), loop.isClosed(), currentTask() !== null);
    });
    expect(log).toEqual([["reported", "Exception in callback hostile()", error], "next", true, false, true]);
  });

  test("that stops the loop lets the iteration end, and the next run goes on behind it", () => {
    const log: Log = [];
    const loop = listeningLoop(log);
    const future = loop.createFuture();
    future.addDoneCallback(() => loop.stop());
    future.addDoneCallback(() => log.push("in the same iteration"));
    future.addDoneCallback(() => loop.callSoon(() => log.push("in the next run")));
    future.setResult();
    loop.runForeverSync();
    log.push("stopped");
    leavesNothing(loop);
    expect(log).toEqual(["in the same iteration", "stopped", "in the next run"]);
  });

  test("that leaves its mark on the context leaves it on its own alone", () => {
    const variable = new ContextVar("variable", { default: "clean" });
    const log = survive(function* (log, loop) {
      const future = loop.createFuture();
      future.addDoneCallback(() => void variable.set("dirty"));
      future.addDoneCallback(() => {
        variable.set("dirty, too");
        throw new RangeError(variable.get());
      });
      future.addDoneCallback(() => log.push(variable.get()));
      future.setResult();
      yield* sleep(0);
      log.push(variable.get());
    });
    expect(log.slice(1)).toEqual(["clean", "clean"]);
    expect(variable.get()).toBe("clean");
  });

  test("that is no function is reported in words of its own, not in the engine's", () => {
    const log = survive(function* (log, loop) {
      const future = loop.createFuture();
      for (const bad of [5, null, "text", {}, revokedProxy()]) future.addDoneCallback(bad as never);
      future.setResult();
      loop.callSoon(Symbol("s") as never);
      loop.callLater(0, [1] as never);
      yield* sleep(1);
    });
    const words = ["5", "null", "'text'", "[object Object]", "[object]", "Symbol(s)", "[1]"];
    expect(log).toEqual(
      words.map((text) => ["reported", `Exception in callback ${text}()`, `TypeError('Cannot call ${text}')`]),
    );
  });
});

describe("an exception handler", () => {
  /** Fails once, where only a handler can tell. */
  function failOnce(loop: VirtualEventLoop): void {
    loop.callSoon(function failing() {
      throw new RangeError("original");
    });
  }

  test("that throws, whatever it throws, is reported with what it was called for; the loop goes on", () => {
    const thrown: unknown[] = [new TypeError("handler"), undefined, "text", revokedProxy()];
    const log = survive(function* (log, loop) {
      for (const error of thrown) {
        loop.setExceptionHandler(() => {
          throw error;
        });
        failOnce(loop);
        yield* sleep(0);
      }
      loop.setExceptionHandler(null);
    });
    expect(log).toEqual(
      ["TypeError('handler')", undefined, "text", "untouchable"].map((words) => [
        "error",
        "Unhandled error in exception handler",
        words,
      ]),
    );
  });

  test("that takes itself away leaves the default one for the next", () => {
    const log = survive(function* (log, loop) {
      loop.setExceptionHandler(() => {
        log.push("once");
        loop.setExceptionHandler(null);
      });
      failOnce(loop);
      failOnce(loop);
      yield* sleep(0);
    });
    expect(log).toEqual(["once", ["error", "Exception in callback failing()", "RangeError('original')"]]);
  });

  test("that makes tasks, futures and callbacks: they run, and its own errors come to it", () => {
    const log = survive(function* (log, loop) {
      let depth = 0;
      loop.setExceptionHandler((_, { message, exception }) => {
        log.push([message, wordsOf(exception)]);
        if (++depth > 2) return;
        loop.createTask(throwing(new RangeError(`task ${depth}`))).addDoneCallback((task) => {
          log.push(wordsOf(task.exception()));
          throw new RangeError(`callback ${depth}`);
        });
      });
      failOnce(loop);
      yield* sleep(1);
    });
    expect(log).toEqual([
      ["Exception in callback failing()", "RangeError('original')"],
      "RangeError('task 1')",
      [expect.stringMatching(/^Exception in callback /), "RangeError('callback 1')"],
      "RangeError('task 2')",
      [expect.stringMatching(/^Exception in callback /), "RangeError('callback 2')"],
    ]);
  });

  test("that asks for itself again is called again, and may go as deep as it likes", () => {
    const log = survive(function* (log, loop) {
      let depth = 0;
      loop.setExceptionHandler(() => {
        if (++depth < 10) loop.callExceptionHandler({ message: "again" });
        else throw new RangeError("deep");
      });
      failOnce(loop);
      yield* sleep(0);
      log.push(depth);
    });
    expect(log).toEqual([["error", "Unhandled error in exception handler", "RangeError('deep')"], 10]);
  });

  test("that calls itself without end is stopped by the engine, and the loop goes on", () => {
    const log = survive(function* (log, loop) {
      loop.setExceptionHandler(() => loop.callExceptionHandler({ message: "for ever" }));
      failOnce(loop);
      yield* sleep(0);
      loop.setExceptionHandler(null);
      log.length = 0;
      log.push("went on");
    });
    expect(log).toEqual(["went on"]);
  });

  test.each<[string, (loop: VirtualEventLoop) => unknown, RegExp]>([
    ["closes the loop", (loop) => loop.close(), /Cannot close a running event loop/],
    ["runs the loop", (loop) => loop.runUntilCompleteSync(sleep(1)), /This event loop is already running/],
    ["runs another one", () => new VirtualEventLoop().runForeverSync(), /while another loop is running/],
  ])("that %s is refused, and that is reported", (_, call, error) => {
    const log = survive(function* (log, loop) {
      loop.setExceptionHandler(() => call(loop));
      failOnce(loop);
      yield* sleep(0);
      loop.setExceptionHandler(null);
    });
    expect(log).toEqual([["error", "Unhandled error in exception handler", expect.stringMatching(error)]]);
  });

  test("that stops the loop ends the run behind the iteration", () => {
    const log: Log = [];
    const loop = listeningLoop(log);
    loop.setExceptionHandler(() => loop.stop());
    failOnce(loop);
    loop.callSoon(() => log.push("in the same iteration"));
    loop.runForeverSync();
    log.push("stopped");
    loop.setExceptionHandler(null);
    leavesNothing(loop);
    expect(log).toEqual(["in the same iteration", "stopped"]);
  });

  test("that is called while the loop is closed finds it closed, and every error is reported", () => {
    const log: Log = [];
    const loop = listeningLoop(log);
    for (const message of ["first", "second"]) loop.createFuture().setException(new RangeError(message));
    loop.setExceptionHandler((_, { exception }) => {
      log.push(
        wordsOf(exception),
        loop.isClosed(),
        attempt(() => loop.callSoon(nothing)),
      );
      loop.createFuture().setException(new TypeError("made meanwhile"));
      throw new RangeError("handler");
    });
    loop.close();
    const closed = "RuntimeError('Event loop is closed')";
    const own = ["error", "Unhandled error in exception handler", "RangeError('handler')"];
    expect(log).toEqual(["RangeError('first')", true, closed, own, "RangeError('second')", true, closed, own]);
    expect([loop.isClosed(), loop.core.objects.length]).toEqual([true, 0]);
  });

  test("that throws for the error of a task keeps no other task from ending", () => {
    const log = survive(function* (log, loop) {
      loop.setExceptionHandler(() => {
        throw new RangeError("handler");
      });
      const group = new TaskGroup();
      log.push(
        yield* attemptAwait(
          group.with(function* (each) {
            each.createTask(throwing(new TypeError("task")));
            each.createTask(sleep(60));
          }),
        ),
      );
      loop.setExceptionHandler(null);
    });
    expect(log).toEqual([expect.stringMatching(/^ExceptionGroup\(.*TypeError\('task'\)/)]);
  });
});

describe("texts that cannot be made", () => {
  class Unshowable extends Task<unknown> {
    override toString(): string {
      throw new EvalError("no text");
    }
  }
  /** An error that cannot even be asked for its message. */
  class Unreadable extends Error {
    override get message(): string {
      throw new EvalError("no message");
    }
  }

  test("of errors: they are reported as they are", () => {
    const log = survive(function* (log, loop) {
      loop.setExceptionHandler(null);
      const error = new Unreadable();
      loop.host.report = (level, text, exception) => log.push([level, text.split("\n")[0], exception === error]);
      loop.callSoon(function failing() {
        throw error;
      });
      const future = loop.createFuture();
      future.setException(error);
      log.push(String(future).replace(/=\[.*\]/, "=..."));
      future.exception();
      yield* sleep(0);
      loop.callExceptionHandler({ message: "m", exception: error, extra: error });
    });
    expect(log).toEqual([
      "<Future finished exception=...>",
      ["error", "Exception in callback failing()", true],
      ["error", "m", true],
    ]);
  });

  test("of tasks: a deadlock, a slow step and a report tell of them all the same", () => {
    const log: Log = [];
    const loop = listeningLoop(log);
    loop.setTaskFactory((owner, coro, options) => new Unshowable(coro, { ...options, loop: owner }) as never);
    const future = loop.createFuture();
    loop.createTask(
      (function* (): Coroutine<void> {
        passTime(loop, 1);
        yield* future;
      })(),
    );
    loop.setDebug(true);
    const error = attempt(() => loop.runForeverSync());
    loop.setDebug(false);
    expect(error).toMatch(/^DeadlockError\('.*these tasks wait:\n {2}Task 'Task-\d+' is waiting for a Future at /);
    expect(log).toEqual([["warning", "Executing [object Object] took 1.000 seconds", undefined]]);
    future.cancel();
    loop.setTaskFactory(null);
    leavesNothing(loop);
  });

  test("of names that throw: the message comes without them", () => {
    const log = survive(function* (log, loop) {
      const callback = (): never => {
        throw new RangeError("x");
      };
      Object.defineProperty(callback, "name", {
        get() {
          throw new EvalError("no name");
        },
      });
      loop.callSoon(callback);
      yield* sleep(0);
    });
    expect(log).toEqual([["reported", "Exception in callback (anonymous)()", "RangeError('x')"]]);
  });

  test("of a primitive: a wait in another loop is refused all the same", () => {
    class Unnamed extends Queue<number> {
      override toString(): string {
        throw new EvalError("no text");
      }
    }
    const queue = new Unnamed();
    const loop = new VirtualEventLoop();
    const task = loop.createTask(queue.get());
    runOnce(loop);
    const log = survive(function* (log) {
      log.push(yield* attemptAwait(queue.get()));
    });
    expect(log).toEqual(["RuntimeError('[object Object] is bound to a different event loop')"]);
    task.cancel();
    leavesNothing(loop);
  });
});

describe("a task factory", () => {
  test("that throws leaves nothing behind, and the coroutine as it was", () => {
    const log = survive(function* (log, loop) {
      loop.setTaskFactory(() => {
        throw new RangeError("factory");
      });
      const coroutine = (function* (): Coroutine<string> {
        return "untouched";
      })();
      log.push(attempt(() => createTask(coroutine)));
      log.push(
        yield* attemptAwait(
          new TaskGroup().with(function* (group) {
            group.createTask(sleep(1));
          }),
        ),
      );
      loop.setTaskFactory(null);
      log.push(yield* createTask(coroutine));
    });
    expect(log).toEqual([
      "RangeError('factory')",
      expect.stringMatching(/^ExceptionGroup\(.*RangeError\('factory'\)/),
      "untouched",
    ]);
  });

  test("that makes tasks itself, by the same loop, gets as deep as the engine lets it", () => {
    const log = survive(function* (log, loop) {
      loop.setTaskFactory((owner, coro, options) => owner.createTask(coro, options));
      log.push(attempt(() => createTask(sleep(1))));
      loop.setTaskFactory(null);
    });
    expect(log).toEqual([expect.stringMatching(/^RangeError\('Maximum call stack/)]);
  });

  test("that gives the same task twice, or one that is done, is taken at its word", () => {
    const log = survive(function* (log, loop) {
      const task = createTask(sleep(1, "the one"));
      loop.setTaskFactory(() => task as never);
      const made = [createTask(sleep(5)), createTask(sleep(5))];
      loop.setTaskFactory(null);
      log.push(made.every((each) => (each as unknown) === task));
      log.push(
        yield* new TaskGroup().with(function* (group) {
          loop.setTaskFactory(() => task as never);
          const again = [group.createTask(sleep(5)), group.createTask(sleep(5))];
          loop.setTaskFactory(null);
          return yield* again[0] as Task<unknown>;
        }),
      );
    });
    expect(log).toEqual([true, "the one"]);
  });

  test("that begins the coroutine by hand hands over one that is not its own: it fails", () => {
    const log = survive(function* (log, loop) {
      loop.setTaskFactory((owner, coro, options) => {
        coro.next();
        return new Task(coro, { ...options, loop: owner });
      });
      const task = createTask(
        (function* (): Coroutine<string> {
          log.push("first step");
          yield* sleep(0);
          return "rest";
        })(),
      );
      loop.setTaskFactory(null);
      log.push(yield* attemptAwait(task));
    });
    // Who has begun it is told, and the task fails with that, too.
    expect(log.slice(0, 2)).toEqual(["first step", "RuntimeError('cannot reuse already awaited coroutine')"]);
  });
});

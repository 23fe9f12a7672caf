import { describe, expect, test, vi } from "vitest";
import { CancelledError, InvalidStateError, RuntimeError } from "../../src/errors.ts";
import type { Context } from "../../src/runtime/context.ts";
import { EventLoop } from "../../src/runtime/event-loop.ts";
import { Future, isFuture } from "../../src/runtime/future.ts";
import { setEventLoop } from "../../src/runners/event-loops.ts";
import type { Coroutine } from "../../src/runtime/suspension.ts";
import { gather } from "../../src/tasks/gather.ts";
import { sleep } from "../../src/tasks/sleep.ts";
import { ManualHost } from "../support/manual-host.ts";
import {
  attempt,
  attemptAwait,
  awaiting,
  describeError,
  dispose,
  giving,
  iteration,
  newLoop,
  runOnce,
  spin,
  slotCount,
  trace,
} from "../support/programs.ts";

function first(): void {}
function second(): void {}

describe("state", () => {
  type Made = Future<unknown>;
  const states: Record<string, (future: Made) => void> = {
    pending: () => {},
    finished: (future) => future.setResult("result"),
    failed: (future) => future.setException(new RangeError("failure")),
    cancelled: (future) => future.cancel("why"),
  };
  const operations: Record<string, (future: Made) => unknown> = {
    result: (future) => future.result(),
    exception: (future) => {
      const error = future.exception();
      return error === null ? null : describeError(error);
    },
    done: (future) => future.done(),
    cancelled: (future) => future.cancelled(),
    setResult: (future) => future.setResult(1),
    setException: (future) => future.setException(new TypeError("new")),
    cancel: (future) => future.cancel(),
    "yield*": (future) => {
      const { done, value } = future[Symbol.iterator]().next();
      return done === true ? value : "suspends";
    },
  };
  // What each operation gives in each state, and the state behind it.
  const table: [string, string, unknown, string][] = [
    ["pending", "result", "InvalidStateError('Result is not set.')", "pending"],
    ["pending", "exception", "InvalidStateError('Exception is not set.')", "pending"],
    ["pending", "done", false, "pending"],
    ["pending", "cancelled", false, "pending"],
    ["pending", "setResult", undefined, "finished result=1"],
    ["pending", "setException", undefined, "finished exception=TypeError('new')"],
    ["pending", "cancel", true, "cancelled"],
    ["pending", "yield*", "suspends", "pending"],
    ["finished", "result", "result", "finished result='result'"],
    ["finished", "exception", null, "finished result='result'"],
    ["finished", "done", true, "finished result='result'"],
    ["finished", "cancelled", false, "finished result='result'"],
    ["finished", "setResult", "InvalidStateError('invalid state')", "finished result='result'"],
    ["finished", "setException", "InvalidStateError('invalid state')", "finished result='result'"],
    ["finished", "cancel", false, "finished result='result'"],
    ["finished", "yield*", "result", "finished result='result'"],
    ["failed", "result", "RangeError('failure')", "finished exception=RangeError('failure')"],
    ["failed", "exception", "RangeError('failure')", "finished exception=RangeError('failure')"],
    ["failed", "done", true, "finished exception=RangeError('failure')"],
    ["failed", "cancelled", false, "finished exception=RangeError('failure')"],
    ["failed", "setResult", "InvalidStateError('invalid state')", "finished exception=RangeError('failure')"],
    ["failed", "setException", "InvalidStateError('invalid state')", "finished exception=RangeError('failure')"],
    ["failed", "cancel", false, "finished exception=RangeError('failure')"],
    ["failed", "yield*", "RangeError('failure')", "finished exception=RangeError('failure')"],
    ["cancelled", "result", "CancelledError('why')", "cancelled"],
    ["cancelled", "exception", "CancelledError('why')", "cancelled"],
    ["cancelled", "done", true, "cancelled"],
    ["cancelled", "cancelled", true, "cancelled"],
    ["cancelled", "setResult", "InvalidStateError('invalid state')", "cancelled"],
    ["cancelled", "setException", "InvalidStateError('invalid state')", "cancelled"],
    ["cancelled", "cancel", false, "cancelled"],
    ["cancelled", "yield*", "CancelledError('why')", "cancelled"],
  ];

  test("FUT-01 FUT-02 FUT-03 the table names every operation in every state", () => {
    expect(table.length).toBe(Object.keys(states).length * Object.keys(operations).length);
  });

  test.each(table)("FUT-01 FUT-02 FUT-03 %s: %s gives %o and leaves it %s", (state, operation, expected, after) => {
    for (const watched of [false, true]) {
      const loop = newLoop();
      const future: Made = loop.createFuture<unknown>();
      const callback = vi.fn();
      if (watched) future.addDoneCallback(callback);
      states[state]?.(future);
      expect(attempt(() => operations[operation]?.(future))).toEqual(expected);
      expect(String(future).replace(/ cb=.*(?=>)/, "")).toBe(`<Future ${after}>`);
      runOnce(loop);
      expect(callback).toHaveBeenCalledTimes(watched && after !== "pending" ? 1 : 0);
      future.cancel();
      dispose(loop);
    }
  });
});

describe("result and error", () => {
  test("FUT-08 takes an error or a class of errors, and nothing else", () => {
    const loop = newLoop();
    for (const [error, words] of [
      [RangeError, "RangeError()"],
      [new TypeError("k"), "TypeError('k')"],
    ] as const) {
      const future = loop.createFuture();
      future.setException(error);
      expect(describeError(future.exception())).toBe(words);
    }
    for (const bad of [5, "text", null, undefined, {}, () => {}, class {}]) {
      const future = loop.createFuture();
      expect(() => future.setException(bad)).toThrow(TypeError);
      expect(() => future.setException(bad)).toThrow(
        /^Cannot set exception: expected an Error or a class of errors, got/,
      );
      expect(future.done()).toBe(false);
    }
    dispose(loop);
  });

  test("takes errors of another realm", async () => {
    const { runInNewContext } = await import("node:vm");
    const error: unknown = runInNewContext("new Error('from afar')");
    expect(error).not.toBeInstanceOf(Error);
    const loop = newLoop();
    const future = loop.createFuture();
    future.setException(error);
    expect(future.exception()).toBe(error);
    dispose(loop);
  });

  test("FUT-14 FUT-27 every reader gets the very same error", () => {
    const error = new RangeError("x");
    const log = trace(function* (log, loop) {
      const future = loop.createFuture();
      function* reader(): Coroutine<void> {
        try {
          yield* future;
        } catch (caught) {
          log.push(caught === error);
        }
      }
      const early = [loop.createTask(reader()), loop.createTask(reader())];
      yield* sleep(0);
      future.setException(error);
      yield* gather(early);
      yield* reader();
      log.push(future.exception() === error);
    });
    expect(log).toEqual([true, true, true, true]);
  });

  test("FUT-15 a cancelled future makes a new error with the same message for each reader", () => {
    const loop = newLoop();
    const future = loop.createFuture();
    future.cancel("m");
    const read = (): unknown => {
      try {
        return future.result();
      } catch (error) {
        return error;
      }
    };
    const [left, right] = [read(), read()];
    expect(left).not.toBe(right);
    expect([left, right].map(describeError)).toEqual(["CancelledError('m')", "CancelledError('m')"]);
    expect(left).toBeInstanceOf(CancelledError);
    dispose(loop);
  });

  test("FUT-24 an error alone reaches nobody as long as somebody may look at it", () => {
    expect(
      trace(function* (_, loop) {
        const future = loop.createFuture();
        future.setException(new RangeError());
        yield* spin(3);
        future.exception();
      }),
    ).toEqual([]);
  });

  test("FUT-25 a result is never unwrapped", () => {
    const log = trace(function* (log, loop) {
      for (const inner of [loop.createFuture(), Promise.resolve(1), giving(1)]) {
        const outer = loop.createFuture<unknown>();
        outer.setResult(inner);
        log.push((yield* outer) === inner);
      }
    });
    expect(log).toEqual([true, true, true]);
  });

  test("a future may hold itself, and be shown", () => {
    const loop = newLoop();
    const future = loop.createFuture<unknown>();
    future.setResult(future);
    expect(String(future)).toBe("<Future finished result=...>");
    dispose(loop);
  });
});

describe("done-callbacks", () => {
  test("FUT-04 are queued in order of registration when the result is set, and none runs inside", () => {
    const log = trace(function* (log, loop) {
      const future = loop.createFuture();
      future.addDoneCallback(() => log.push(1));
      future.addDoneCallback(() => log.push(2));
      loop.callSoon(() => log.push("x"));
      loop.callSoon(() => {
        future.setResult();
        log.push("set");
        loop.callSoon(() => log.push("y"));
      });
      yield* spin(3);
    });
    expect(log).toEqual(["x", "set", 1, 2, "y"]);
  });

  test("FUT-05 one added to a done future runs in the next iteration, with the future", () => {
    const log = trace(function* (log, loop) {
      const future = loop.createFuture();
      future.setResult();
      future.addDoneCallback((...args) => log.push(args.length === 1 && args[0] === future));
      log.push("after");
      yield* sleep(0);
    });
    expect(log).toEqual(["after", true]);
  });

  test("FUT-06 can be removed while it is pending: every registration of the function", () => {
    const log = trace(function* (log, loop) {
      const future = loop.createFuture<number>();
      const callback = (): unknown => log.push("ran");
      future.addDoneCallback(callback);
      future.addDoneCallback(first);
      future.addDoneCallback(callback);
      log.push(future.removeDoneCallback(callback), future.removeDoneCallback(callback));
      future.removeDoneCallback(first);
      future.addDoneCallback(callback);
      future.setResult(1);
      log.push(future.removeDoneCallback(callback));
      yield* sleep(0);
    });
    expect(log).toEqual([2, 0, 0, "ran"]);
  });

  test("FUT-07 one added twice is called twice; an error of one is reported and stops nobody", () => {
    const log = trace(function* (log, loop) {
      const future = loop.createFuture<number>();
      const a = (): unknown => log.push("a");
      future.addDoneCallback(a);
      future.addDoneCallback(a);
      future.addDoneCallback(function bad() {
        throw new RangeError("division by zero");
      });
      future.addDoneCallback(() => log.push("z"));
      future.setResult(1);
      yield* sleep(0);
    });
    expect(log).toEqual(["a", "a", ["EH", "Exception in callback bad()", "RangeError('division by zero')"], "z"]);
  });

  test("FUT-23 a callback may settle other futures: their callbacks come behind what is ready", () => {
    const log = trace(function* (log, loop) {
      const f = loop.createFuture();
      const g = loop.createFuture();
      f.addDoneCallback(() => {
        log.push("f1");
        g.setResult();
      });
      g.addDoneCallback(() => log.push("g1"));
      f.setResult();
      loop.callSoon(() => log.push("other"));
      yield* spin(3);
    });
    expect(log).toEqual(["f1", "other", "g1"]);
  });

  test("what is no function fails when its turn comes, as in callSoon", () => {
    const log = trace(function* (log, loop) {
      const future = loop.createFuture();
      future.addDoneCallback(5 as never);
      future.setResult();
      yield* sleep(0);
      log.push("goes on");
    });
    expect(log).toEqual([["EH", "Exception in callback 5()", expect.stringMatching(/^TypeError/)], "goes on"]);
  });

  test("refuses a context that is none, and has registered nothing then", () => {
    const loop = newLoop();
    const future = loop.createFuture();
    expect(() => future.addDoneCallback(first, { context: 5 as never })).toThrow(TypeError);
    expect(() => future.addDoneCallback(first, { context: 5 as never })).toThrow("expected a Context, got 5");
    expect(future.removeDoneCallback(first)).toBe(0);
    dispose(loop);
  });

  test("ten thousand callbacks can be added and removed", () => {
    const loop = newLoop();
    const future = loop.createFuture();
    const callbacks = Array.from({ length: 10_000 }, () => vi.fn());
    for (const callback of callbacks) future.addDoneCallback(callback);
    expect(future.removeDoneCallback(callbacks[5000] as () => void)).toBe(1);
    future.setResult();
    runOnce(loop);
    expect(callbacks.filter((callback) => callback.mock.calls.length === 1).length).toBe(9999);
    dispose(loop);
  });
});

describe("awaiting", () => {
  test("FUT-10 wakes the task exactly one iteration behind the result; a done one does not suspend", () => {
    const log = trace(function* (log, loop) {
      const future = loop.createFuture();
      loop.callSoon(() => {
        future.setResult();
        log.push(["set", iteration(loop)]);
      });
      yield* future;
      log.push(["woke", iteration(loop)]);
      const before = iteration(loop);
      yield* future;
      log.push(iteration(loop) - before);
    });
    expect(log).toEqual([["set", 2], ["woke", 3], 0]);
  });

  test("FUT-11 tasks and callbacks go on in the order in which they began to wait", () => {
    const log = trace(function* (log, loop) {
      const future = loop.createFuture<number>();
      function* waiter(name: string): Coroutine<void> {
        yield* future;
        log.push([name, iteration(loop)]);
      }
      const t1 = loop.createTask(waiter("t1"));
      yield* sleep(0);
      future.addDoneCallback(() => log.push(["callback", iteration(loop)]));
      const t2 = loop.createTask(waiter("t2"));
      yield* sleep(0);
      future.setResult(1);
      yield* t1;
      yield* t2;
    });
    expect(log).toEqual([
      ["t1", 4],
      ["callback", 4],
      ["t2", 4],
    ]);
  });

  test("FUT-16 an iterator that is resumed while the future is pending says so", () => {
    const loop = newLoop();
    const future = loop.createFuture();
    const iterator = future[Symbol.iterator]();
    const { done, value } = iterator.next();
    expect([done, value === (future as unknown)]).toEqual([false, true]);
    expect(() => iterator.next()).toThrow(RuntimeError);
    expect(() => iterator.next()).toThrow("yield* wasn't used with future");
    future.cancel();
    expect(() => iterator.next()).toThrow(CancelledError);
    expect(iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(() => iterator.throw?.(new RangeError("x"))).toThrow("x");
    dispose(loop);
  });
});

describe("its loop", () => {
  test("FUT-17 is the current one, and must exist", () => {
    setEventLoop(null);
    expect(() => new Future()).toThrow(RuntimeError);
    expect(() => new Future()).toThrow("There is no current event loop");
    const loop = newLoop();
    setEventLoop(loop);
    try {
      expect(new Future().getLoop()).toBe(loop);
    } finally {
      setEventLoop(null);
    }
    expect(new Future({ loop }).getLoop()).toBe(loop);
    dispose(loop);
  });

  test("FUT-22 is the one that createFuture was called on", () => {
    const loop = newLoop();
    expect(loop.createFuture().getLoop()).toBe(loop);
    dispose(loop);
  });

  test("a future takes a slot in the core only while something waits for it", () => {
    const loop = newLoop();
    const future = loop.createFuture();
    expect(slotCount(loop)).toBe(0);
    future.addDoneCallback(first);
    expect(slotCount(loop)).toBe(2);
    future.removeDoneCallback(first);
    future.cancel();
    expect(slotCount(loop)).toBe(0);
    dispose(loop);
  });
});

describe("text", () => {
  test("FUT-18 shows the state, the outcome, and the first and last of what waits", () => {
    const loop = newLoop();
    const make = (...callbacks: (() => void)[]): Future<unknown> => {
      const future = loop.createFuture<unknown>();
      for (const callback of callbacks) future.addDoneCallback(callback);
      return future;
    };
    const texts = [make(), make(first), make(first, second), make(first, second, second, second)].map((future) => {
      const text = String(future);
      future.cancel();
      return text;
    });
    const finished = make();
    finished.setResult(1);
    const failed = make();
    failed.setException(new RangeError());
    const cancelled = make();
    cancelled.cancel();
    expect([...texts, ...[finished, failed, cancelled].map(String)]).toEqual([
      "<Future pending>",
      "<Future pending cb=[first()]>",
      "<Future pending cb=[first(), second()]>",
      "<Future pending cb=[first(), <2 more>, second()]>",
      "<Future finished result=1>",
      "<Future finished exception=RangeError()>",
      "<Future cancelled>",
    ]);
    dispose(loop);
  });

  test("a subclass shows its own name", () => {
    class Reply extends Future<number> {}
    const loop = newLoop();
    expect(String(new Reply({ loop }))).toBe("<Reply pending>");
    dispose(loop);
  });
});

describe("isFuture", () => {
  test("FUT-19 goes by asyncio's mark, not by the class", () => {
    const loop = newLoop();
    const values = [
      loop.createFuture(),
      { _asyncioFutureBlocking: false },
      { _asyncioFutureBlocking: null },
      class {
        static _asyncioFutureBlocking = undefined;
      },
      Promise.resolve(),
      null,
      5,
    ];
    expect(values.map(isFuture)).toEqual([true, true, false, false, false, false, false]);
    dispose(loop);
  });
});

describe("as a promise", () => {
  test("await gives the result, whether it is there already or not", async () => {
    const { loop, host } = serve();
    const early = loop.createFuture<number>();
    early.setResult(1);
    const late = loop.createFuture<number>();
    const both = Promise.all([early, late]);
    loop.callSoon(() => late.setResult(2));
    host.turn();
    host.turn();
    expect(await both).toEqual([1, 2]);
    expect(slotCount(loop as never)).toBe(0);
  });

  test("await throws the error, and CancelledError for a cancelled one", async () => {
    const { loop, host } = serve();
    const error = new RangeError("x");
    const failed = loop.createFuture();
    const cancelled = loop.createFuture();
    const outcomes = Promise.allSettled([failed, cancelled]);
    failed.setException(error);
    cancelled.cancel("why");
    host.turn();
    const [left, right] = (await outcomes) as PromiseRejectedResult[];
    expect(left?.reason).toBe(error);
    expect(describeError(right?.reason)).toBe("CancelledError('why')");
    await expect(failed).rejects.toBe(error);
  });

  test("an error that is awaited counts as looked at; one that is not never becomes an unhandled rejection", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const { loop, host } = serve();
    const failed = loop.createFuture();
    failed.then(undefined, () => {});
    failed.setException(new RangeError("seen"));
    loop.createFuture().setException(new RangeError("unseen"));
    loop.createTask(
      (function* () {
        throw new RangeError("in a task");
      })(),
    );
    host.turn();
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    loop.stop();
    host.turn();
    loop.close();
    expect(host.reports.map(([, text]) => text.split("\n")[0])).toEqual([
      "Future exception was never retrieved",
      "Task exception was never retrieved",
    ]);
  });

  test("then takes what a promise's then takes", async () => {
    const { loop } = serve();
    const future = loop.createFuture<number>();
    future.setResult(20);
    expect(await future.then((value) => value + 1)).toBe(21);
    expect(await future.then(null, null)).toBe(20);
    expect(await future.then()).toBe(20);
    const failed = loop.createFuture();
    failed.setException(new RangeError("x"));
    expect(await failed.then(null, describeError)).toBe("RangeError('x')");
  });

  test("an async function sees a task that ends while it awaits", async () => {
    const { loop, host } = serve();
    const task = loop.createTask(giving("done"));
    const seen = (async () => `${await task}!`)();
    host.turn();
    expect(await seen).toBe("done!");
  });
});

describe("futures of subclasses and of other libraries", () => {
  test("CANCEL-28 one that refuses to be cancelled: the error comes when the task goes on", () => {
    class Stubborn extends Future<number> {
      override cancel(): boolean {
        return false;
      }
    }
    const log = trace(function* (log, loop) {
      const stubborn = new Stubborn({ loop });
      const task = loop.createTask(attemptAwait(stubborn));
      yield* sleep(0);
      log.push(task.cancel());
      stubborn.setResult(1);
      log.push(yield* task);
    });
    expect(log).toEqual([true, "CancelledError()"]);
  });

  class Duck {
    _asyncioFutureBlocking = false;
    outcome: { value?: unknown; error?: unknown } | null = null;
    cancels: unknown[] = [];
    #callback: ((future: unknown) => void) | null = null;
    #context: Context | undefined;
    readonly loop: EventLoop;

    constructor(loop: EventLoop) {
      this.loop = loop;
    }
    getLoop(): EventLoop {
      return this.loop;
    }
    addDoneCallback(callback: (future: unknown) => void, options: { context: Context }): void {
      this.#callback = callback;
      this.#context = options.context;
    }
    done(): boolean {
      return this.outcome !== null;
    }
    cancel(message?: string): boolean {
      this.cancels.push(message);
      return false;
    }
    result(): unknown {
      if (this.outcome?.error !== undefined) throw this.outcome.error;
      return this.outcome?.value;
    }
    settle(outcome: { value?: unknown; error?: unknown }): void {
      this.outcome = outcome;
      this.loop.callSoon(this.#callback as (future: unknown) => void, this, {
        context: this.#context as Context,
      });
    }
    *[Symbol.iterator](): Coroutine<unknown> {
      if (this.outcome === null) {
        this._asyncioFutureBlocking = true;
        yield this as never;
      }
      return this.result();
    }
  }

  test("TASK-32 one that only looks like a future can be awaited", () => {
    const log = trace(function* (log, loop) {
      const duck = new Duck(loop);
      loop.callLater(1, () => duck.settle({ value: "duck" }));
      log.push(yield* attemptAwait(duck as never));
    });
    expect(log).toEqual(["duck"]);
  });

  test("TASK-32 its error is thrown where the coroutine waits, and its cancel is asked", () => {
    const log = trace(function* (log, loop) {
      const duck = new Duck(loop);
      const task = loop.createTask(attemptAwait(duck as never));
      yield* sleep(0);
      duck.settle({ error: new RangeError("quack") });
      log.push(yield* task);

      const refusing = new Duck(loop);
      const cancelled = loop.createTask(attemptAwait(refusing as never));
      yield* sleep(0);
      log.push(cancelled.cancel("m"), refusing.cancels);
      refusing.settle({ value: 1 });
      log.push(yield* cancelled);
    });
    expect(log).toEqual(["RangeError('quack')", true, ["m"], "CancelledError('m')"]);
  });

  test("TASK-32 one that calls back at once is no problem", () => {
    const log = trace(function* (log, loop) {
      const duck = new Duck(loop);
      duck.addDoneCallback = (callback) => {
        duck.outcome = { value: "at once" };
        callback(duck);
      };
      log.push(yield* attemptAwait(duck as never));
    });
    expect(log).toEqual(["at once"]);
  });

  test("TASK-32 one without the methods of a future fails the coroutine, not the loop", () => {
    const log = trace(function* (log, loop) {
      const broken = { _asyncioFutureBlocking: true };
      function* coroutine(): Coroutine<unknown> {
        return yield broken as never;
      }
      log.push(yield* attemptAwait(loop.createTask(coroutine())));
    });
    expect(log).toEqual([expect.stringMatching(/^TypeError/)]);
  });

  test("a future of another loop can be looked at from anywhere, and awaited when it is done", () => {
    const other = newLoop();
    const log = trace(function* (log, loop) {
      const future = other.createFuture<number>();
      log.push(yield* attemptAwait(loop.createTask(awaiting(future))));
      future.setResult(3);
      log.push(yield* future);
    });
    expect(log).toEqual([expect.stringContaining("attached to a different loop"), 3]);
    dispose(other);
  });

  test("InvalidStateError is no RuntimeError", () => {
    expect(new InvalidStateError()).not.toBeInstanceOf(RuntimeError);
  });
});

/** A loop that runs on a host in the test's hands. */
function serve(): { loop: EventLoop; host: ManualHost } {
  const host = new ManualHost();
  const loop = new EventLoop(host);
  void loop.runForever();
  return { loop, host };
}

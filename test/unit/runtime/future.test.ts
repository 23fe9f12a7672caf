import { describe, expect, test, vi } from "vitest";
import {
  CancelledError,
  type Context,
  type Coroutine,
  EventLoop,
  Future,
  InvalidStateError,
  RuntimeError,
  isFuture,
  setEventLoop,
  sleep,
} from "wasyncio";
import { ManualHost } from "../../support/manual-host.ts";
import { awaiting, giving } from "../../support/coroutines.ts";
import { slotsInUse } from "../../support/counters.ts";
import { attempt, attemptAwait, describeError } from "../../support/outcomes.ts";
import { dispose, newLoop, runOnce, trace } from "../../support/stage.ts";

function first(): void {}

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

  test("the table names every operation in every state", () => {
    expect(table.length).toBe(Object.keys(states).length * Object.keys(operations).length);
  });

  test.each(table)("%s: %s gives %o and leaves it %s", (state, operation, expected, after) => {
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
  test("takes nothing but an error or a class of errors, and stays pending", () => {
    const loop = newLoop();
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

  test("a result is never unwrapped, be it a promise or a coroutine", () => {
    const log = trace(function* (log, loop) {
      for (const inner of [Promise.resolve(1), giving(1)]) {
        const outer = loop.createFuture<unknown>();
        outer.setResult(inner);
        log.push((yield* outer) === inner);
      }
    });
    expect(log).toEqual([true, true]);
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
  test("its iterator gives the future, throws what it ended with, and can be closed", () => {
    const loop = newLoop();
    const future = loop.createFuture();
    const iterator = future[Symbol.iterator]();
    const { done, value } = iterator.next();
    expect([done, value === (future as unknown)]).toEqual([false, true]);
    future.cancel();
    expect(() => iterator.next()).toThrow(CancelledError);
    expect(iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(() => iterator.throw?.(new RangeError("x"))).toThrow("x");
    dispose(loop);
  });
});

describe("its loop", () => {
  test("is the chosen one when none runs, or the one that is given", () => {
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

  test("a future takes a slot in the core only while something waits for it", () => {
    const loop = newLoop();
    const future = loop.createFuture();
    expect(slotsInUse(loop)).toBe(0);
    future.addDoneCallback(first);
    expect(slotsInUse(loop)).toBe(2);
    future.removeDoneCallback(first);
    future.cancel();
    expect(slotsInUse(loop)).toBe(0);
    dispose(loop);
  });
});

describe("text", () => {
  test("a subclass shows its own name", () => {
    class Reply extends Future<number> {}
    const loop = newLoop();
    expect(String(new Reply({ loop }))).toBe("<Reply pending>");
    dispose(loop);
  });
});

describe("isFuture", () => {
  test("goes by asyncio's mark: other values are none", () => {
    const values = [{ _asyncioFutureBlocking: undefined }, Promise.resolve(), null, 5];
    expect(values.map(isFuture)).toEqual([false, false, false, false]);
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
    expect(slotsInUse(loop as never)).toBe(0);
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
  test("one that refuses to be cancelled: the error comes when the task goes on", () => {
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

  test("a task that awaits one with an addDoneCallback of its own calls that", () => {
    class Counting<T> extends Future<T> {
      callbacks = 0;
      override addDoneCallback(callback: (future: this) => void, options?: { context?: Context }): void {
        this.callbacks++;
        super.addDoneCallback(callback, options);
      }
    }
    const log = trace(function* (log, loop) {
      const [good, bad, unset, done] = Array.from({ length: 4 }, () => new Counting<string>({ loop }));
      done.setResult("at once");
      const tasks = [good, bad, unset, done].map((future) => loop.createTask(attemptAwait(future)));
      yield* sleep(0);
      good.setResult("value");
      bad.setException(new RangeError("e"));
      tasks[2].cancel("m");
      for (const task of tasks) log.push(yield* task);
      log.push([good, bad, unset, done].map(({ callbacks }) => callbacks));
    });
    expect(log).toEqual(["value", "RangeError('e')", "CancelledError('m')", "at once", [1, 1, 1, 0]]);
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

  test("its error is thrown where the coroutine waits, and its cancel is asked", () => {
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

  test("one that calls back at once is no problem", () => {
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

  test("one without the methods of a future fails the coroutine, not the loop", () => {
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

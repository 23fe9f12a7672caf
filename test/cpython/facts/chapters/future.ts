// FUT: futures.

import { type Coroutine, Future, ensureFuture, gather, isFuture, setEventLoop, sleep, wrapFuture } from "wasyncio";
import { type Facts, differs, excused, reworded } from "../fact.ts";
import { giving, spin } from "../../../support/coroutines.ts";
import { iteration } from "../../../support/counters.ts";
import { attempt, describeError } from "../../../support/outcomes.ts";
import { dispose, newLoop, trace } from "../../../support/stage.ts";

class KeyError extends Error {
  override name = "KeyError";
}

class ZeroDivisionError extends Error {
  override name = "ZeroDivisionError";
}

/** The outside world's future. */
class OutsideFuture implements PromiseLike<number> {
  wasCancelled = false;
  #resolve: (value: number) => void = () => {};

  then(resolve: unknown): never {
    this.#resolve = resolve as (value: number) => void;
    return undefined as never;
  }

  setResult(value: number): void {
    this.#resolve(value);
  }

  cancel(): void {
    this.wasCancelled = true;
  }
}

export const facts: Facts = {
  "FUT-01": () => {
    const loop = newLoop();
    const future = loop.createFuture();
    const log = [attempt(() => future.result()), attempt(() => future.exception())];
    dispose(loop);
    return log;
  },

  "FUT-02": () => {
    const loop = newLoop();
    const finished = loop.createFuture<number>();
    finished.setResult(1);
    const cancelled = loop.createFuture<number>();
    cancelled.cancel();
    const log = [
      attempt(() => finished.setResult(2)),
      attempt(() => finished.setException(new RangeError())),
      attempt(() => cancelled.setResult(2)),
    ];
    dispose(loop);
    return log;
  },

  "FUT-03": () => {
    const loop = newLoop();
    const future = loop.createFuture();
    const log: unknown[] = [future.cancel("m"), future.cancelled(), future.done(), future.cancel()];
    log.push(attempt(() => future.result()));
    log.push(attempt(() => future.exception()));
    dispose(loop);
    return log;
  },

  "FUT-04": () =>
    trace(function* (log, loop) {
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
    }),

  "FUT-05": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture();
      future.setResult();
      future.addDoneCallback((...args) => log.push(args.length === 1 && args[0] === future));
      log.push("after");
      yield* sleep(0);
    }),

  "FUT-06": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture<number>();
      const callback = (): unknown => log.push("ran");
      const print = (): void => {};
      future.addDoneCallback(callback);
      future.addDoneCallback(print);
      future.addDoneCallback(callback);
      log.push(future.removeDoneCallback(callback));
      log.push(future.removeDoneCallback(callback));
      future.removeDoneCallback(print);
      future.addDoneCallback(callback);
      future.setResult(1);
      log.push(future.removeDoneCallback(callback));
      yield* sleep(0);
    }),

  "FUT-07": reworded(
    "a callback is shown by its name alone, for JavaScript does not say where a function stands",
    ["a", "a", ["EH", "Exception in callback bad()", "ZeroDivisionError('division by zero')"], "z"],
    () =>
      trace(function* (log, loop) {
        function a(): void {
          log.push("a");
        }
        function bad(): void {
          throw new ZeroDivisionError("division by zero");
        }
        const future = loop.createFuture<number>();
        future.addDoneCallback(a);
        future.addDoneCallback(a);
        future.addDoneCallback(bad);
        future.addDoneCallback(() => log.push("z"));
        future.setResult(1);
        yield* sleep(0);
      }),
  ),

  "FUT-08": () => {
    const loop = newLoop();
    const log: unknown[] = [];
    for (const error of [RangeError, new KeyError("k")]) {
      const future = loop.createFuture();
      future.setException(error);
      log.push(describeError(future.exception()));
    }
    const future = loop.createFuture();
    log.push(String(attempt(() => future.setException(5))).startsWith("TypeError"));
    future.cancel();
    dispose(loop);
    return log;
  },

  "FUT-09": excused("a generator of JavaScript ends with a result, not with a StopIteration"),

  "FUT-10": () =>
    trace(function* (log, loop) {
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
    }),

  "FUT-11": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture<number>();
      function* waiter(name: string): Coroutine<void> {
        yield* future;
        log.push([name, iteration(loop)]);
      }
      const t1 = loop.createTask(waiter("t1"));
      yield* sleep(0);
      future.addDoneCallback(() => log.push(["cb", iteration(loop)]));
      const t2 = loop.createTask(waiter("t2"));
      yield* sleep(0);
      future.setResult(1);
      yield* t1;
      yield* t2;
    }),

  // A host that does not tell of collections has the report when the loop is closed.
  "FUT-12": () => {
    const log: unknown[] = [];
    const loop = newLoop();
    loop.setExceptionHandler((_, context) =>
      log.push([context.message, describeError(context.exception), Object.keys(context).sort()]),
    );
    loop.createFuture().setException(new RangeError("v"));
    const uses: ((future: Future<void>) => unknown)[] = [
      (future) => attempt(() => future.result()),
      (future) => future.exception(),
      (future) => future.cancel(),
    ];
    for (const use of uses) {
      const future = loop.createFuture();
      future.setException(new RangeError("w"));
      use(future);
    }
    dispose(loop);
    return log;
  },

  "FUT-13": () => {
    const log: unknown[] = [];
    const loop = newLoop();
    loop.setExceptionHandler((_, context) => log.push(context.message));
    class Foo extends Future<void> {}
    new Foo({ loop }).setException(new RangeError());
    dispose(loop);
    return log;
  },

  "FUT-14": () =>
    trace(function* (log, loop) {
      const error = new RangeError("x");
      const future = loop.createFuture();
      future.setException(error);
      for (let i = 0; i < 2; i++) {
        try {
          yield* future;
        } catch (caught) {
          log.push(caught === error);
        }
      }
    }),

  "FUT-15": () => {
    const loop = newLoop();
    const future = loop.createFuture();
    future.cancel("m");
    const get = (): unknown => {
      try {
        return future.result();
      } catch (error) {
        return error;
      }
    };
    const [a, b] = [get(), get()];
    dispose(loop);
    return [a === b, describeError(a), describeError(b)];
  },

  "FUT-16": reworded(
    "the message says `yield*`, which is how JavaScript awaits",
    ["Future", "RuntimeError('yield* wasn't used with future')"],
    () => {
      const loop = newLoop();
      const future = loop.createFuture();
      const iterator = future[Symbol.iterator]();
      const log = [(iterator.next().value as object).constructor.name, attempt(() => iterator.next())];
      dispose(loop);
      return log;
    },
  ),

  "FUT-17": reworded(
    "the message names no thread, for those of JavaScript have no names",
    ["RuntimeError('There is no current event loop')"],
    () => {
      setEventLoop(null);
      return [attempt(() => new Future())];
    },
  ),

  "FUT-18": () => {
    const loop = newLoop();
    function print(): void {}
    function len(): void {}
    function str(): void {}
    function repr(): void {}
    const make = (...callbacks: (() => void)[]): Future<number> => {
      const future = loop.createFuture<number>();
      for (const callback of callbacks) future.addDoneCallback(callback);
      return future;
    };
    const pending = [make(), make(print), make(print, repr), make(print, len, str, repr)];
    const log = pending.map(String);
    let future = make();
    future.setResult(1);
    log.push(String(future));
    future = make();
    future.setException(new RangeError());
    log.push(String(future));
    future.exception();
    future = make();
    future.cancel();
    log.push(String(future));
    for (const each of pending) each.cancel(); // nothing else would free their callbacks
    dispose(loop);
    return log;
  },

  "FUT-19": () => {
    class D {
      static _asyncioFutureBlocking = false;
      _asyncioFutureBlocking = false;
    }
    class N {
      _asyncioFutureBlocking = null;
    }
    const loop = newLoop();
    const log = [isFuture(loop.createFuture()), isFuture(new D()), isFuture(new N()), isFuture(D)];
    dispose(loop);
    return log;
  },

  "FUT-20": differs(
    "the other awaitables are JavaScript's promises, which become plain futures, and the message says what it got",
    [true, "Task", "Future", "TypeError('A Future, a coroutine or an awaitable is required, got 3')"],
    () =>
      trace(function* (log, loop) {
        const awaitable = {
          then: (resolve: (value: number) => void) => loop.callSoon(() => resolve(5)),
        } as unknown as PromiseLike<number>;
        const future = loop.createFuture();
        log.push(ensureFuture(future) === future);
        const task = ensureFuture(giving(undefined));
        log.push(task.constructor.name);
        const wrapped = ensureFuture(awaitable);
        log.push(wrapped.constructor.name);
        yield* task;
        yield* wrapped;
        log.push(attempt(() => ensureFuture(3 as never)));
      }),
  ),

  "FUT-21": differs(
    "a promise cannot be cancelled (`abortable` is for what can), and what is no promise is a TypeError",
    [true, 7, false, "TypeError"],
    () =>
      trace(function* (log, loop) {
        const future = loop.createFuture();
        log.push((wrapFuture(future) as unknown) === future);
        const outside = new OutsideFuture();
        const wrapped = wrapFuture(outside);
        outside.setResult(7);
        log.push(yield* wrapped);
        const outside2 = new OutsideFuture();
        const wrapped2 = wrapFuture(outside2);
        wrapped2.cancel();
        yield* sleep(0);
        log.push(outside2.wasCancelled);
        log.push(String(attempt(() => wrapFuture(1 as never))).split("(")[0]);
      }),
  ),

  "FUT-22": () => {
    const loop = newLoop();
    const log = [loop.createFuture().getLoop() === loop];
    dispose(loop);
    return log;
  },

  "FUT-23": () =>
    trace(function* (log, loop) {
      const [f, g] = [loop.createFuture(), loop.createFuture()];
      f.addDoneCallback(() => {
        log.push("f1");
        g.setResult();
      });
      g.addDoneCallback(() => log.push("g1"));
      f.setResult();
      loop.callSoon(() => log.push("other"));
      yield* spin(3);
    }),

  "FUT-24": () =>
    trace(function* (_, loop) {
      const future = loop.createFuture();
      future.setException(new RangeError());
      yield* spin(3);
      future.exception();
    }),

  "FUT-25": () =>
    trace(function* (log, loop) {
      const [f, g] = [loop.createFuture<unknown>(), loop.createFuture()];
      f.setResult(g);
      log.push((yield* f) === g);
    }),

  "FUT-26": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture();
      log.push((yield* loop.createTask(giving(future))) === future);
    }),

  "FUT-27": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture();
      const error = new RangeError();
      function* waiter(): Coroutine<void> {
        try {
          yield* future;
        } catch (caught) {
          log.push(caught === error);
        }
      }
      const tasks = [loop.createTask(waiter()), loop.createTask(waiter())];
      yield* spin(1);
      future.setException(error);
      yield* gather(tasks);
    }),
};

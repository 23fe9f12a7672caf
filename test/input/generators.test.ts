// Coroutines that do not keep to the rules: by hand, shared, advanced from outside, deaf to cancellation.

import { describe, expect, test } from "vitest";
import {
  CancelledError,
  type Coroutine,
  Event,
  Future,
  Lock,
  Queue,
  Semaphore,
  type Task,
  TaskGroup,
  createTask,
  currentTask,
  gather,
  shield,
  sleep,
  timeout,
  wait,
  waitFor,
} from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { giving, spin, throwing, yielding } from "../support/coroutines.ts";
import { attempt, attemptAwait } from "../support/outcomes.ts";
import { endOf, handmade, revokedProxy, survive, wordsOf } from "./hostile.ts";

const giveWay = { done: false, value: undefined };

/** Makes a task, lets it take a step, cancels it, and tells how it ends. */
function* cancelled(coroutine: Coroutine<unknown>): Coroutine<unknown> {
  const task = createTask(coroutine);
  yield* sleep(0);
  task.cancel("stop");
  return yield* endOf(task);
}

describe("throw()", () => {
  test("that throws another error makes the task fail with that", () => {
    const log = survive(function* (log) {
      const refusing = handmade({
        next: () => giveWay,
        throw: () => {
          throw new RangeError("another");
        },
      });
      log.push(yield* cancelled(refusing));
    });
    expect(log).toEqual([["failed", "RangeError('another')"]]);
  });

  test("that returns a value ends the task with it", () => {
    const log = survive(function* (log) {
      log.push(yield* cancelled(handmade({ next: () => giveWay, throw: () => ({ done: true, value: "value" }) })));
    });
    expect(log).toEqual(["value"]);
  });

  test("that yields again keeps the task alive, cancellation after cancellation, until it ends", () => {
    const log = survive(function* (log) {
      let refusals = 0;
      const deaf = handmade({
        next: () => giveWay,
        throw: (error: unknown) => (++refusals < 100 ? giveWay : { done: true, value: wordsOf(error) }),
      });
      const task = createTask(deaf);
      for (let i = 0; i < 99; i++) {
        yield* sleep(0);
        task.cancel(`cancel ${i}`);
      }
      yield* sleep(0);
      log.push(task.done(), task.cancelling(), refusals);
      task.cancel("the last");
      log.push(yield* endOf(task));
    });
    expect(log).toEqual([false, 99, 99, "CancelledError('the last')"]);
  });

  test.each([
    ["is missing", undefined],
    ["is no function", 5],
  ])("that %s makes it no coroutine", (_, method) => {
    const log = survive(function* (log) {
      log.push(attempt(() => createTask(handmade({ throw: method }))));
    });
    expect(log).toEqual([expect.stringMatching(/^TypeError\('a coroutine was expected, got /)]);
  });

  test("that goes away while the task runs makes it fail when it is to be cancelled", () => {
    const log = survive(function* (log) {
      const forgetful = handmade({ next: () => giveWay });
      const task = createTask(forgetful);
      yield* sleep(0);
      (forgetful as Partial<Coroutine<unknown>>).throw = undefined as never;
      task.cancel("stop");
      log.push(yield* endOf(task), wordsOf((task.exception() as Error).cause));
    });
    expect(log).toEqual([
      ["failed", "TypeError('Cannot throw into a coroutine: its throw is gone')"],
      "CancelledError('stop')",
    ]);
  });

  test("that returns no iterator result makes the task fail, and says what it returned", () => {
    const results = [undefined, null, 5, "text", Symbol("s")];
    const log = survive(function* (log) {
      for (const result of results) log.push(yield* cancelled(handmade({ next: () => giveWay, throw: () => result })));
    });
    expect(log).toEqual(
      ["undefined", "null", "5", "'text'", "Symbol(s)"].map((text) => [
        "failed",
        `TypeError('Iterator result ${text} is not an object')`,
      ]),
    );
  });
});

describe("next()", () => {
  test("that returns no iterator result makes the task fail, and says what it returned", () => {
    const log = survive(function* (log) {
      for (const result of [undefined, null, 5, "text", 10n])
        log.push(yield* endOf(createTask(handmade({ next: () => result }))));
    });
    expect(log).toEqual(
      ["undefined", "null", "5", "'text'", "10n"].map((text) => [
        "failed",
        `TypeError('Iterator result ${text} is not an object')`,
      ]),
    );
  });

  test.each(["done", "value"])("whose result has a getter for %s that throws makes the task fail with that", (key) => {
    const log = survive(function* (log) {
      for (const isDone of [true, false]) {
        const result = { done: isDone, value: undefined };
        Object.defineProperty(result, key, {
          get() {
            throw new EvalError("getter");
          },
        });
        log.push(yield* endOf(createTask(handmade({ next: () => result }))));
      }
    });
    expect(log).toEqual([
      ["failed", "EvalError('getter')"],
      ["failed", "EvalError('getter')"],
    ]);
  });

  test("that gives a revoked proxy as its result, or in it, makes the task fail or ends it with that", () => {
    const log = survive(function* (log) {
      for (const result of [revokedProxy(), { done: false, value: revokedProxy() }])
        log.push(yield* endOf(createTask(handmade({ next: () => result }))));
      const task = createTask(handmade({ next: () => ({ done: true, value: revokedProxy() }) }));
      yield* spin(2);
      log.push(task.done(), String(task));
    });
    expect(log).toEqual([
      ["failed", expect.stringMatching(/revoked/)],
      ["failed", expect.stringMatching(/revoked/)],
      true,
      expect.stringContaining("result=[object]"),
    ]);
  });

  test("that is replaced while the task runs goes unnoticed: it is looked up once", () => {
    const log = survive(function* (log) {
      let steps = 0;
      const changing = handmade({ next: () => (++steps < 3 ? giveWay : { done: true, value: "its own" }) });
      const task = createTask(changing);
      yield* sleep(0);
      changing.next = () => ({ done: true, value: "another" });
      log.push(yield* endOf(task));
    });
    expect(log).toEqual(["its own"]);
  });

  test.each(["next", "throw", "return"])(
    "and a getter for %s that throws is found out when the task is made",
    (key) => {
      const log = survive(function* (log) {
        const coroutine = handmade({});
        Object.defineProperty(coroutine, key, {
          get() {
            throw new EvalError("getter");
          },
        });
        log.push(attempt(() => createTask(coroutine)));
      });
      expect(log).toEqual(["EvalError('getter')"]);
    },
  );
});

describe("what is thrown", () => {
  test("may be what no question can be put to: the task fails with it, and whoever awaits gets it", () => {
    const proxy = revokedProxy();
    const log = survive(function* (log) {
      const caught = (error: unknown): boolean => error === proxy;
      const awaits: (() => Coroutine<unknown>)[] = [
        () => createTask(throwing(proxy)) as never,
        () => gather(throwing(proxy)) as never,
        () => shield(createTask(throwing(proxy))) as never,
        () => waitFor(throwing(proxy), 1),
        () => waitFor(createTask(throwing(proxy)), 1),
        () => timeout(1).with(() => throwing(proxy)),
        () => new Lock().with(() => throwing(proxy)),
        () => new Semaphore().with(() => throwing(proxy)),
      ];
      for (const make of awaits) {
        try {
          yield* make();
          log.push("nothing thrown");
        } catch (error) {
          log.push(caught(error));
        }
      }
    });
    expect(log).toEqual(Array.from({ length: 8 }, () => true));
  });

  test("may be that in a group too: the others are cancelled and waited for, and then something is thrown", () => {
    const proxy = revokedProxy();
    const log = survive(function* (log) {
      for (const inBody of [false, true]) {
        const others: Task<unknown>[] = [];
        try {
          yield* new TaskGroup().with(function* (group) {
            others.push(group.createTask(sleep(60)));
            yield* sleep(0);
            if (inBody) throw proxy;
            group.createTask(throwing(proxy));
            yield* sleep(60);
          });
        } catch (error) {
          log.push(
            error instanceof AggregateError && error.errors[0] === proxy ? "in a group" : wordsOf(error),
            others.map((task) => task.cancelled()),
          );
        }
      }
    });
    expect(log).toEqual(["in a group", [true], expect.stringMatching(/^TypeError\('.*revoked/), [true]]);
  });

  test("may be that at a deadline: the block ends, by whichever error", () => {
    const log = survive(function* (log) {
      const scope = timeout(1);
      function* block(): Coroutine<void> {
        try {
          yield* sleep(60);
        } catch {
          throw revokedProxy(); // oxlint-disable-line no-throw-literal, typescript/only-throw-error
        }
      }
      const tasks = [createTask(scope.with(block)), createTask(waitFor(block(), 1))];
      yield* sleep(2);
      for (const task of tasks) log.push(yield* endOf(task));
      log.push(scope.expired());
    });
    const failed = ["failed", expect.stringMatching(/^TypeError\('.*revoked/)];
    expect(log).toEqual([failed, failed, true]);
  });

  test("may be that where a cancellation was due: the task fails, and its own clean-up has run", () => {
    const log = survive(function* (log, loop) {
      const future = loop.createFuture();
      function* waiter(): Coroutine<void> {
        try {
          yield* future;
        } finally {
          log.push("cleaned up");
        }
      }
      const task = createTask(waiter());
      yield* sleep(0);
      future.fail(revokedProxy());
      task.cancel();
      log.push(yield* endOf(task));
    });
    expect(log).toEqual(["cleaned up", "cancelled"]);
  });

  test("at a deadline may be frozen: it comes out as it is", () => {
    const log = survive(function* (log) {
      const scope = timeout(1);
      try {
        yield* scope.with(function* () {
          try {
            yield* sleep(60);
          } catch (cause) {
            throw Object.freeze(new RangeError("frozen", { cause }));
          }
        });
      } catch (error) {
        log.push(wordsOf(error), wordsOf((error as Error).cause), scope.expired(), currentTask()?.cancelling());
      }
    });
    expect(log).toEqual(["RangeError('frozen')", "CancelledError()", true, 0]);
  });
});

describe("a foreign value that is yielded", () => {
  test("comes back as an error that names it, and the coroutine may go on", () => {
    const log = survive(function* (log, loop) {
      const other = new VirtualEventLoop();
      const done = loop.createFuture();
      done.setResult();
      const fn = (): void => {};
      const values = [
        5,
        "x",
        true,
        Symbol("s"),
        10n,
        {},
        [],
        fn,
        giving(1),
        Promise.resolve(1),
        other.createFuture(),
        done,
        currentTask(),
        new Event(),
        loop,
      ];
      for (const value of values) {
        const task = createTask(
          (function* () {
            const first = yield* attemptAwait(yielding(value));
            yield* spin(2);
            return [first, "went on"];
          })(),
        );
        log.push(yield* endOf(task));
      }
    });
    const went = (text: RegExp): unknown => [expect.stringMatching(text), "went on"];
    expect(log).toEqual([
      went(/got bad yield: 5'/),
      went(/got bad yield: 'x''/),
      went(/got bad yield: true'/),
      went(/got bad yield: Symbol\(s\)'/),
      went(/got bad yield: 10n'/),
      went(/got bad yield: \[object Object\]'/),
      went(/got bad yield: \[\]'/),
      went(/got bad yield: <function fn>'/),
      went(/yield was used instead of yield\* for generator .* with \[object Generator\]'/),
      went(/got bad yield: \[object Promise\], a promise: write yield\* wrapFuture\(promise\)'/),
      went(/yield was used instead of yield\* .* with <Future pending>'/),
      went(/yield was used instead of yield\* .* with <Future finished result=undefined>'/),
      went(/yield was used instead of yield\* .* with <Task pending/),
      went(/got bad yield: <Event \[unset\]>'/),
      went(/got bad yield: <VirtualEventLoop running=true/),
    ]);
  });

  test("may be the coroutine itself", () => {
    const log = survive(function* (log) {
      function* yieldItself(): Coroutine<unknown> {
        return yield own as never;
      }
      const own: Coroutine<unknown> = yieldItself();
      log.push(yield* endOf(createTask(own)));
    });
    expect(log).toEqual([
      ["failed", expect.stringMatching(/^RuntimeError\('yield was used instead of yield\* for generator/)],
    ]);
  });

  test("again and again is an error again and again, with others running in between", () => {
    const log = survive(function* (log) {
      let refusals = 0;
      const stubborn = (function* (): Coroutine<string> {
        for (;;) {
          try {
            yield 5 as never;
          } catch {
            if (++refusals === 50) return "gave in";
          }
        }
      })();
      const task = createTask(stubborn);
      let turns = 0;
      while (!task.done()) {
        turns++;
        yield* sleep(0);
      }
      log.push(task.result(), turns);
    });
    expect(log).toEqual(["gave in", 51]);
  });

  test("is forgotten when a cancellation comes before its error", () => {
    const log = survive(function* (log) {
      const task = createTask(
        (function* (): Coroutine<string> {
          const first = yield* attemptAwait(yielding(5));
          yield* sleep(0);
          return `${String(first)}, then nothing`;
        })(),
      );
      yield* sleep(0);
      task.cancel("stop");
      log.push(yield* endOf(task));
    });
    expect(log).toEqual(["CancelledError('stop'), then nothing"]);
  });

  test("may be a future whose text cannot be made, or whose mark cannot be taken off", () => {
    const log = survive(function* (log, loop) {
      class Unshowable extends Future<void> {
        override toString(): string {
          throw new EvalError("no text");
        }
      }
      log.push(yield* attemptAwait(createTask(yielding(new Unshowable({ loop })))));
      log.push(yield* attemptAwait(createTask(yielding(Object.freeze({ _asyncioFutureBlocking: true })))));
    });
    expect(log).toEqual([
      expect.stringMatching(/^RuntimeError\('yield was used instead of yield\* .* with \[object Object\]'\)$/),
      expect.stringMatching(/^TypeError\('Cannot assign to read only property '_asyncioFutureBlocking'/),
    ]);
  });

  test("and a task whose text cannot be made is told its mistakes all the same", () => {
    const log = survive(function* (log) {
      log.push(yield* attemptAwait(createTask(yielding(giving(1)), { name: "\u0000" })));
    });
    expect(log).toEqual([expect.stringMatching(/^RuntimeError\('yield was used instead of yield\*/)]);
  });
});

describe("a coroutine that is deaf to cancellation", () => {
  /** Swallows a number of cancellations while it waits in a way. */
  function* deaf(times: number, waitOnce: () => Coroutine<unknown>): Coroutine<string> {
    for (let swallowed = 0; ;) {
      try {
        yield* waitOnce();
        return `waited behind ${swallowed}`;
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error;
        if (++swallowed > times) throw error;
      }
    }
  }

  const lock = new Lock();
  const waits: Record<string, () => Coroutine<unknown>> = {
    "a sleep": () => sleep(1),
    "a lock": () => lock.acquire(),
    "an event": () => new Event().wait(),
    "a queue": () => new Queue().get(),
    "a future": () => new Future() as never,
    "a task": () => createTask(sleep(1)) as never,
    "a timeout": () => timeout(5).with(() => sleep(1)),
    "a group": () => new TaskGroup().with((group) => group.createTask(sleep(1)) as never),
    waitFor: () => waitFor(sleep(1), 5),
    gather: () => gather(sleep(1), sleep(1)) as never,
    wait: () => wait([createTask(sleep(1))]),
  };

  test.each(Object.entries(waits))("in %s: each cancel is delivered once, the last one ends it", (_, waitOnce) => {
    if (!lock.locked()) lock.acquire().next();
    const log = survive(function* (log) {
      for (const times of [0, 1, 5]) {
        const task = createTask(deaf(times, waitOnce));
        for (let i = 0; i <= times; i++) {
          yield* spin(3);
          log.push(task.done());
          task.cancel(`${i}`);
        }
        log.push(yield* endOf(task), task.cancelling());
        // `wait` lets what it waits for go on; that ends in its time.
        yield* sleep(2);
      }
    });
    const alive = (count: number): boolean[] => Array.from({ length: count }, () => false);
    expect(log).toEqual([...alive(1), "cancelled", 1, ...alive(2), "cancelled", 2, ...alive(6), "cancelled", 6]);
  });

  test("at a deadline: the block ends as its body does, and the request to stop is taken back", () => {
    const log = survive(function* (log) {
      const scope = timeout(1);
      log.push(yield* scope.with(() => deaf(1, () => sleep(3))));
      log.push(scope.expired(), currentTask()?.cancelling());
    });
    expect(log).toEqual(["waited behind 1", true, 0]);
  });

  test("in a group that fails: the group waits for it, however long that takes", () => {
    const log = survive(function* (log, loop) {
      const ended = yield* attemptAwait(
        new TaskGroup().with(function* (group) {
          group.createTask(deaf(1, () => sleep(50)));
          yield* sleep(1);
          throw new RangeError("body");
        }),
      );
      log.push(ended, loop.time());
    });
    expect(log).toEqual([expect.stringMatching(/^ExceptionGroup\(.*RangeError\('body'\)/), 51]);
  });
});

describe("a generator that is used by others than its task", () => {
  test("and calls its own next, throw and return while it runs gets the engine's errors, and goes on", () => {
    const log = survive(function* (log) {
      const own: Coroutine<string> = (function* (): Coroutine<string> {
        const calls = [() => own.next(), () => own.throw(new Error("x")), () => own.return("early")];
        for (const call of calls) {
          log.push(String(attempt(call)).slice(0, 9));
          yield* sleep(0);
        }
        return "fine";
      })();
      log.push(yield* endOf(createTask(own)));
    });
    expect(log).toEqual(["TypeError", "TypeError", "TypeError", "fine"]);
  });

  test("and is made a task twice runs in the first one, and the second one fails", () => {
    const log = survive(function* (log) {
      const steps: unknown[] = [];
      const shared = (function* (): Coroutine<string> {
        for (let i = 0; i < 6; i++) {
          steps.push(currentTask()?.getName());
          yield* sleep(0);
        }
        return "result";
      })();
      const tasks = [createTask(shared, { name: "left" }), createTask(shared, { name: "right" })];
      for (const task of tasks) log.push(yield* endOf(task));
      log.push(steps.join(" "));
    });
    expect(log).toEqual([
      "result",
      ["failed", "RuntimeError('cannot reuse already awaited coroutine')"],
      "left left left left left left",
    ]);
  });

  const event = new Event();
  const queue = new Queue();
  test.each([
    ["sleeps", () => sleep(1)],
    ["waits for a lock", () => new Lock().with(() => sleep(1))],
    ["waits for an event", () => event.wait()],
    ["waits for a queue", () => queue.get()],
    ["waits for a future", () => new Future() as never],
  ] as [string, () => Coroutine<unknown>][])(
    "and is shared by two while it %s: both end, or can be cancelled",
    (_, waitOnce) => {
      survive(function* () {
        const shared = (function* (): Coroutine<void> {
          yield* waitOnce();
          yield* waitOnce();
        })();
        const tasks = [createTask(shared), createTask(shared)];
        yield* spin(3);
        for (const task of tasks) task.cancel();
        for (const task of tasks) yield* endOf(task);
        // The list of a primitive is closed by the last one that waits on it in the usual way.
        yield* attemptAwait(waitFor(waitOnce(), 2));
      });
    },
  );

  test("and is advanced by hand between its steps: who does it is told, and the task fails", () => {
    const log = survive(function* (log) {
      const own = (function* (): Coroutine<string> {
        for (let i = 0; i < 4; i++) yield* sleep(0);
        return "result";
      })();
      const task = createTask(own);
      yield* sleep(0);
      log.push(attempt(() => own.next()));
      log.push(yield* endOf(task));
      const finished = giving("gone");
      finished.next();
      log.push(yield* endOf(createTask(finished)));
    });
    const refusal = "RuntimeError('cannot reuse already awaited coroutine')";
    expect(log).toEqual([refusal, ["failed", refusal], undefined]);
  });

  test.each(["sleep", "event", "queue", "semaphore", "future", "task"])(
    "and is closed by hand while it waits for a %s: the task ends, and nothing of the wait is left",
    (kind) => {
      const log = survive(function* (log, loop) {
        const event = new Event();
        const queue = new Queue<number>();
        const semaphore = new Semaphore(0);
        const future = loop.createFuture<unknown>();
        const waits: Record<string, () => Coroutine<unknown>> = {
          sleep: () => sleep(1),
          event: () => event.wait(),
          queue: () => queue.get(),
          semaphore: () => semaphore.acquire(),
          future: () => future as never,
          task: () => createTask(sleep(1)) as never,
        };
        const own = (function* (): Coroutine<unknown> {
          try {
            return yield* waits[kind]();
          } finally {
            log.push("closed");
          }
        })();
        const task = createTask(own);
        yield* spin(2);
        log.push(own.return("by hand").done, task.done());
        event.set();
        queue.putNowait(1);
        semaphore.release();
        future.setResult(1);
        yield* sleep(2);
        log.push(task.done(), task.result(), queue.qsize());
        // The list of a primitive is closed by the last one that waits on it in the usual way.
        event.clear();
        yield* attemptAwait(waitFor(event.wait(), 1));
        while (!semaphore.locked()) yield* semaphore.acquire();
        yield* attemptAwait(waitFor(semaphore.acquire(), 1));
      });
      expect(log).toEqual(["closed", true, false, true, undefined, 1]);
    },
  );

  test("and whose wait is closed by hand fails, and harms nobody else", () => {
    const log = survive(function* (log) {
      const inner = sleep(5);
      const own = (function* (): Coroutine<string> {
        return (yield* inner) ?? "awake";
      })();
      const task = createTask(own);
      yield* sleep(0);
      inner.return(undefined);
      log.push(yield* attemptAwait(task));
    });
    expect(log).toEqual(["RuntimeError('cannot reuse already awaited coroutine')"]);
  });
});

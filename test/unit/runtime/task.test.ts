import { describe, expect, test, vi } from "vitest";
import {
  CancelledError,
  Context,
  type Coroutine,
  Event,
  EventLoop,
  Future,
  RuntimeError,
  Task,
  allTasks,
  createTask,
  currentTask,
  gather,
  getRunningLoop,
  sleep,
  waitFor,
} from "wasyncio";
import { GIVE_WAY } from "../../../src/runtime/suspension.ts";
import { ManualHost } from "../../support/manual-host.ts";
import { awaiting, giving, nothing, spin, throwing, yielding } from "../../support/coroutines.ts";
import { iteration, slotsInUse } from "../../support/counters.ts";
import { attempt, attemptAwait, describeError } from "../../support/outcomes.ts";
import { dispose, newLoop, runOnce, trace } from "../../support/stage.ts";

const names = (tasks: Set<Task<unknown>>): string[] => [...tasks].map((task) => task.getName());

describe("creation", () => {
  test("default names count up over all loops; an empty name is kept", () => {
    const other = newLoop();
    const log = trace(function* (log, loop) {
      const [a, b, c] = [loop.createTask(giving(1)), other.createTask(giving(1)), loop.createTask(giving(1))];
      const number = (task: Task<unknown>): number => Number(/^Task-(\d+)$/.exec(task.getName())?.[1]);
      log.push(number(b) - number(a), number(c) - number(b));
      log.push(loop.createTask(giving(1), { name: "" }).getName());
      yield* spin(1);
    });
    dispose(other);
    expect(log).toEqual([1, 1, ""]);
  });

  test("takes coroutines only", () => {
    const log = trace(function* (log, loop) {
      const slots = slotsInUse(loop);
      log.push(attempt(() => loop.createTask(5 as never)));
      async function* asyncGenerator(): AsyncGenerator<void> {}
      for (const bad of [loop.createFuture(), asyncGenerator(), giving, Promise.resolve(), null, undefined, [], {}]) {
        log.push(attempt(() => loop.createTask(bad as never)));
        log.push(attempt(() => new Task(bad as never, { loop })));
      }
      log.push(slotsInUse(loop) - slots);
      yield* sleep(0);
    });
    expect(log).toEqual([
      "TypeError('a coroutine was expected, got 5')",
      ...Array.from(
        { length: 16 },
        () => expect.stringMatching(/^TypeError\('a coroutine was expected, got /) as unknown,
      ),
      0,
    ]);
  });

  test("refuses a context that is none, and has made nothing then", () => {
    const loop = newLoop();
    for (const context of [5, null, {}, new Map()]) {
      expect(() => loop.createTask(giving(1), { context: context as never })).toThrow(TypeError);
      expect(() => new Task(giving(1), { loop, context: context as never })).toThrow("expected a Context, got");
    }
    expect([slotsInUse(loop), loop.pendingTasks().length]).toEqual([0, 0]);
    dispose(loop);
  });

  test("createTask without a running loop leaves the coroutine as it was", () => {
    const coroutine = giving(1);
    expect(() => createTask(coroutine)).toThrow(RuntimeError);
    expect(coroutine.next()).toEqual({ done: true, value: 1 });
  });
});

describe("outcome", () => {
  test.each([["text"], [undefined], [null], [0], [{ code: 1 }]])("whatever is thrown fails it: %o", (thrown) => {
    const log = trace(function* (log, loop) {
      const task = loop.createTask(throwing(thrown));
      try {
        yield* task;
        log.push("not reached");
      } catch (error) {
        log.push(error === thrown, task.cancelled(), task.exception() === thrown);
      }
    });
    expect(log).toEqual([true, false, true]);
  });
});

describe("which tasks there are", () => {
  test("are known in order of creation, to those who have a loop", () => {
    const log = trace(function* (log, loop) {
      currentTask()?.setName("main");
      const task = loop.createTask(giving(1), { name: "a" });
      const sleeping = loop.createTask(sleep(9), { name: "b" });
      log.push(names(allTasks()));
      yield* task;
      log.push(names(allTasks(loop)));
      sleeping.cancel();
      yield* spin(1);
      log.push(names(allTasks()));
    });
    expect(log).toEqual([["main", "a", "b"], ["main", "b"], ["main"]]);
    expect(attempt(() => allTasks())).toBe("RuntimeError('no running event loop')");
  });

  test("the order is that of creation also where later tasks have taken the places of earlier ones", () => {
    const log = trace(function* (log, loop) {
      for (const name of "ab") loop.createTask(giving(1), { name });
      yield* spin(2);
      for (const name of "cd") loop.createTask(spin(1), { name });
      log.push(names(allTasks()).slice(1));
    });
    expect(log).toEqual([["c", "d"]]);
  });
});

describe("what a coroutine may yield", () => {
  test("what is nothing to wait for is thrown back one iteration later", () => {
    const log = trace(function* (log, loop) {
      for (const value of ["text", {}, true, Symbol.iterator, [], () => {}]) {
        const before = iteration(loop);
        log.push(yield* attemptAwait(yielding(value)));
        log.push(iteration(loop) - before);
      }
    });
    expect(log).toEqual(
      [
        "RuntimeError('Task got bad yield: 'text'')",
        "RuntimeError('Task got bad yield: [object Object]')",
        "RuntimeError('Task got bad yield: true')",
        "RuntimeError('Task got bad yield: Symbol(Symbol.iterator)')",
        "RuntimeError('Task got bad yield: []')",
        "RuntimeError('Task got bad yield: <function (anonymous)>')",
      ].flatMap((text) => [text, 1]),
    );
  });

  test("a promise is no exception: it has to be wrapped", () => {
    const log = trace(function* (log) {
      log.push(yield* attemptAwait(yielding(Promise.resolve(1))));
    });
    expect(log).toEqual([
      "RuntimeError('Task got bad yield: [object Promise], a promise: write yield* wrapFuture(promise)')",
    ]);
  });

  test("in debug mode the error names the task, and where that was made", () => {
    const loop = newLoop();
    loop.setDebug(true);
    const task = loop.createTask(yielding(5), { name: "main" });
    expect(attempt(() => loop.runUntilCompleteSync(task))).toMatch(
      /bad yield: 5 in task <Task pending name='main' .* created at .*task\.test\.ts/,
    );
    dispose(loop);
  });

  test("in debug mode the error tells where what was yielded was made, or where the coroutine had waited before", () => {
    function* afterWait(value: unknown): Coroutine<unknown> {
      yield* sleep(0);
      return yield* yielding(value);
    }
    const messageOf = (make: () => unknown): unknown => {
      const loop = newLoop();
      loop.setDebug(true);
      function* main(): Coroutine<unknown> {
        return yield* afterWait(make());
      }
      const outcome = attempt(() => loop.runUntilCompleteSync(main()));
      dispose(loop);
      return outcome;
    };
    expect(messageOf(() => sleep(1))).toMatch(/ with <coroutine sleep> made at .*task\.test\.ts:\d+:\d+/);
    expect(messageOf(() => Promise.resolve())).toMatch(
      /write yield\* wrapFuture\(promise\) in task .*, after its wait at afterWait \(.*task\.test\.ts:\d+:\d+\)/,
    );
    expect(messageOf(() => giving(1))).toMatch(/yield\* for generator .*, after its wait at afterWait \(/);
  });

  test("yield in place of yield* is told for tasks too", () => {
    const log = trace(function* (log, loop) {
      log.push(yield* attemptAwait(yielding(loop.createTask(giving(1)))));
    });
    expect(log).toEqual([
      expect.stringMatching(/^RuntimeError\('yield was used instead of yield\* in task <Task.*> with <Task pending/),
    ]);
  });

  test("and for a future that another task awaits rightly", () => {
    const log = trace(function* (log, loop) {
      const future = loop.createFuture<number>();
      const right = loop.createTask(awaiting(future));
      yield* sleep(0);
      log.push(yield* attemptAwait(loop.createTask(yielding(future))));
      future.setResult(1);
      log.push(yield* right);
    });
    expect(log).toEqual([expect.stringContaining("yield was used instead of yield*"), 1]);
  });

  test("the error comes once: the coroutine may go on behind it", () => {
    const log = trace(function* (log) {
      log.push(yield* attemptAwait(yielding(5)));
      yield* spin(2);
      log.push("went on");
    });
    expect(log).toEqual(["RuntimeError('Task got bad yield: 5')", "went on"]);
  });

  test("a bare yield of null costs one iteration, as one of nothing does", () => {
    const log = trace(function* (log, loop) {
      function* custom(): Coroutine<number> {
        yield GIVE_WAY;
        yield null as never;
        yield GIVE_WAY;
        return 7;
      }
      const before = iteration(loop);
      log.push(yield* custom());
      log.push(iteration(loop) - before);
    });
    expect(log).toEqual([7, 3]);
  });

  /** Awaits by hand, and returns what the coroutine is resumed with. */
  function* awaitByHand(future: Future<unknown>): Coroutine<unknown> {
    future._asyncioFutureBlocking = true;
    return yield future as never;
  }

  test("a done future that is yielded by hand wakes the task in the next iteration", () => {
    const log = trace(function* (log, loop) {
      const future = loop.createFuture<number>();
      future.setResult(1);
      const before = iteration(loop);
      log.push(yield* attemptAwait(loop.createTask(awaitByHand(future))));
      log.push(iteration(loop) - before);
      const cancelled = loop.createFuture<number>();
      cancelled.cancel("m");
      log.push(yield* attemptAwait(loop.createTask(awaitByHand(cancelled))));
      function* cancelItself(): Coroutine<unknown> {
        currentTask()?.cancel("self");
        return yield* awaitByHand(future);
      }
      log.push(yield* attemptAwait(loop.createTask(cancelItself())));
    });
    expect(log).toEqual([undefined, 3, "CancelledError('m')", "CancelledError('self')"]);
  });
});

describe("coroutines that misbehave", () => {
  /** A coroutine by hand: any behaviour goes. */
  function handmade(methods: { next?: () => unknown; throw?: (error: unknown) => unknown }): Coroutine<unknown> {
    const coroutine = {
      next: () => ({ done: true, value: undefined }),
      throw: (error: unknown) => {
        throw error;
      },
      return: () => ({ done: true, value: undefined }),
      [Symbol.iterator]: () => coroutine,
      ...methods,
    };
    return coroutine as never;
  }

  const settle = (coroutine: Coroutine<unknown>): unknown =>
    trace(function* (log, loop) {
      log.push(yield* attemptAwait(loop.createTask(coroutine)));
    })[0];

  test.each([
    ["nothing", undefined],
    ["null", null],
    ["a number", 5],
  ])("a step that gives %s in place of a result fails the task", (_, result) => {
    expect(settle(handmade({ next: () => result }))).toMatch(/^TypeError/);
  });

  test("what done is is taken as true or false, as yield* takes it", () => {
    expect(settle(handmade({ next: () => ({ done: 1, value: "v" }) }))).toBe("v");
    let steps = 0;
    expect(settle(handmade({ next: () => ({ done: ++steps > 2 ? "yes" : 0, value: undefined }) }))).toBeUndefined();
    expect(steps).toBe(3);
  });

  test("one that catches the CancelledError and goes on waiting stays alive until it stops", () => {
    const log = trace(function* (log, loop) {
      let catches = 0;
      function* stubborn(): Coroutine<string> {
        for (;;) {
          try {
            yield* sleep(10);
            return "woke";
          } catch {
            if (++catches === 3) return "gave in";
          }
        }
      }
      const task = loop.createTask(stubborn());
      yield* sleep(0);
      for (let i = 0; i < 3; i++) {
        task.cancel();
        yield* sleep(0);
        log.push(task.done());
      }
      log.push(yield* task, task.cancelled(), task.cancelling());
    });
    expect(log).toEqual([false, false, true, "gave in", false, 3]);
  });

  test("one that answers a cancellation with another error fails", () => {
    expect(
      trace(function* (log, loop) {
        const task = loop.createTask(
          handmade({
            next: () => ({ done: false, value: undefined }),
            throw: () => {
              throw new RangeError("no");
            },
          }),
        );
        yield* sleep(0);
        task.cancel();
        log.push(yield* attemptAwait(task));
      }),
    ).toEqual(["RangeError('no')"]);
  });

  test("one that resumes itself inside its step gets the engine's error, and may go on", () => {
    const log = trace(function* (log, loop) {
      function* coroutine(): Coroutine<string> {
        log.push(attempt(() => own.next()));
        yield* sleep(0);
        return "fine";
      }
      const own = coroutine();
      log.push(yield* loop.createTask(own));
    });
    expect(log).toEqual([expect.stringMatching(/^TypeError\('Generator is already running'/), "fine"]);
  });

  test("one that is resumed by a callback fails with its task", () => {
    const log = trace(function* (log, loop) {
      function* coroutine(): Coroutine<string> {
        yield* sleep(1);
        log.push("first");
        yield* sleep(1);
        return "second";
      }
      const own = coroutine();
      const task = loop.createTask(own);
      loop.callLater(0.5, () => log.push(attempt(() => own.next())));
      log.push(yield* attemptAwait(task));
      log.push(task.done());
    });
    const refusal = "RuntimeError('cannot reuse already awaited coroutine')";
    expect(log).toEqual([refusal, refusal, true]);
  });

  test("one that another task awaits meanwhile: both are told", () => {
    const log = trace(function* (log, loop) {
      const future = loop.createFuture();
      const shared = awaiting(future);
      const [left, right] = [loop.createTask(shared), loop.createTask(awaiting(shared))];
      yield* spin(2);
      log.push(yield* attemptAwait(right));
      future.setResult();
      log.push(yield* attemptAwait(left));
    });
    const refusal = "RuntimeError('cannot reuse already awaited coroutine')";
    expect(log).toEqual([refusal, refusal]);
  });

  test("one that begins a wait without suspending on it ends all the same", () => {
    const log = trace(function* (log, loop) {
      function* coroutine(): Coroutine<string> {
        sleep(5).next(); // parks the task, but does not yield
        return "done";
      }
      function* twice(): Coroutine<string> {
        sleep(5).next();
        yield* sleep(1);
        return "not reached";
      }
      function* given(): Coroutine<string> {
        sleep(5).next();
        yield GIVE_WAY;
        return `goes on at ${loop.time()}`;
      }
      for (const make of [coroutine, twice, given]) log.push(yield* attemptAwait(loop.createTask(make())));
    });
    expect(log).toEqual([
      "done",
      "RuntimeError('Cannot wait: the task waits for something else already')",
      "goes on at 0",
    ]);
  });

  test("one that is very deep fails with the engine's error", () => {
    function* deep(): Coroutine<void> {
      yield* deep();
    }
    expect(settle(deep())).toMatch(/^RangeError\('Maximum call stack/);
  });

  test("one whose text cannot be shown fails with the message all the same", () => {
    const unshowable = Object.create(null, {
      toString: {
        get() {
          throw new Error("no text");
        },
      },
    }) as object;
    expect(settle(yielding(unshowable))).toBe("RuntimeError('Task got bad yield: [object Object]')");
  });
});

describe("state", () => {
  type State = "created" | "sleeping" | "awaiting" | "gave way" | "finished" | "failed" | "cancelled";

  /** A task in a state, in a loop of its own. */
  function inState(state: State): { task: Task<unknown>; loop: ReturnType<typeof newLoop> } {
    const loop = newLoop();
    const coroutines: Record<State, () => Coroutine<unknown>> = {
      created: () => sleep(1),
      sleeping: () => sleep(1),
      awaiting: () => awaiting(loop.createFuture()),
      "gave way": () => spin(5),
      finished: () => giving("result"),
      failed: () => throwing(new RangeError("failure")),
      cancelled: () => throwing(new CancelledError("why")),
    };
    const task: Task<unknown> = loop.createTask(coroutines[state](), { name: "n" });
    if (state !== "created") runOnce(loop);
    return { task, loop };
  }

  const pending: State[] = ["created", "sleeping", "awaiting", "gave way"];
  const done: State[] = ["finished", "failed", "cancelled"];

  test.each(pending)("%s: it is pending, can be cancelled, and has no result yet", (state) => {
    const { task, loop } = inState(state);
    expect([task.done(), task.cancelled(), task.cancelling(), task.uncancel()]).toEqual([false, false, 0, 0]);
    expect(attempt(() => task.result())).toBe("InvalidStateError('Result is not set.')");
    expect(attempt(() => task.exception())).toBe("InvalidStateError('Exception is not set.')");
    expect(String(task)).toMatch(/^<Task pending name='n' coro=<coroutine>/);
    expect(loop.pendingTasks()[0] === task).toBe(true);
    expect([task.cancel("m"), task.cancelled(), task.done(), task.cancelling()]).toEqual([true, false, false, 1]);
    expect(String(task)).toMatch(/^<Task cancelling name='n'/);
    expect(attempt(() => loop.runUntilCompleteSync(task))).toBe("CancelledError('m')");
    expect([task.cancelled(), task.done(), task.cancelling()]).toEqual([true, true, 1]);
    expect(String(task)).toBe("<Task cancelled name='n' coro=<coroutine>>");
    dispose(loop);
  });

  test.each(done)("%s: it is done for good", (state) => {
    const { task, loop } = inState(state);
    const outcome = attempt(() => task.result());
    expect(outcome).toBe(
      { finished: "result", failed: "RangeError('failure')", cancelled: "CancelledError('why')" }[state as string],
    );
    expect([task.done(), task.cancelled(), task.cancelling()]).toEqual([true, state === "cancelled", 0]);
    expect([task.cancel(), task.cancelling(), task.uncancel()]).toEqual([false, 0, 0]);
    expect([slotsInUse(loop), loop.pendingTasks().length, task.getStack()]).toEqual([0, 0, []]);
    const callback = vi.fn();
    task.addDoneCallback(callback);
    expect(callback).not.toHaveBeenCalled();
    runOnce(loop);
    expect(callback.mock.calls.map(([of]) => of === task)).toEqual([true]);
    expect(task.removeDoneCallback(callback)).toBe(0);
    dispose(loop);
  });

  test.each([...pending, ...done])("%s: it keeps its coroutine, context, loop and name", (state) => {
    const { task, loop } = inState(state);
    expect(typeof task.getCoro()?.next).toBe("function");
    expect(task.getContext()).toBeInstanceOf(Context);
    expect([task.getLoop() === loop, task.getName()]).toEqual([true, "n"]);
    dispose(loop);
  });
});

describe("text", () => {
  test("shows the coroutine's name in debug mode", () => {
    const log = trace(
      function* (log, loop) {
        const task = loop.createTask(awaiting(loop.createFuture()), { name: "n" });
        yield* sleep(0);
        log.push(String(task).replace(/ created at .*?(?=>)/g, ""));
        task.cancel();
        yield* sleep(0);
      },
      { debug: true },
    );
    expect(log[0]).toMatch(
      /^<Task pending name='n' coro=<awaiting> waitFor=<Future pending cb=\[Task.taskWakeup\(\)\]>/,
    );
  });

  test("shows callbacks and outcomes", () => {
    const loop = newLoop();
    const task = loop.createTask(giving([1, "two"]), { name: "n" });
    task.addDoneCallback(function callback() {});
    expect(String(task)).toBe("<Task pending name='n' coro=<coroutine> cb=[callback()]>");
    runOnce(loop);
    expect(String(task)).toBe("<Task finished name='n' coro=<coroutine> result=[1, 'two']>");
    dispose(loop);
  });

  test("shows a subclass by its name", () => {
    class Job<T> extends Task<T> {}
    const loop = newLoop();
    expect(String(new Job(giving(1), { loop, name: "n" }))).toBe("<Job pending name='n' coro=<coroutine>>");
    dispose(loop);
  });
});

describe("from outside the loop's turns", () => {
  test("making, cancelling and settling wake the loop", () => {
    const host = new ManualHost();
    const loop = new EventLoop(host);
    void loop.runForever();
    host.turn();
    const woken = (act: () => unknown): boolean => {
      host.turn();
      host.requests.length = 0;
      act();
      return host.requests.includes("soon");
    };
    const future = loop.createFuture<number>();
    let task = loop.createTask(sleep(1));
    const waiting = loop.createTask(awaiting(future));
    expect(woken(() => task.cancel())).toBe(true);
    expect(woken(() => future.setResult(1))).toBe(true);
    expect(woken(() => (task = loop.createTask(sleep(1))))).toBe(true);
    expect(woken(() => loop.callLater(1, () => {}))).toBe(true);
    expect(woken(() => loop.stop())).toBe(true);
    host.turn();
    expect([waiting.result(), task.done(), loop.isRunning()]).toEqual([1, false, false]);
  });

  test("an eager start is an ordinary one there", () => {
    const host = new ManualHost();
    const loop = new EventLoop(host);
    void loop.runForever();
    host.turn();
    const task = loop.createTask(giving(getRunningLoopOrNull()), { eagerStart: true });
    expect(task.done()).toBe(false);
    host.turn();
    expect(task.result()).toBeNull();
  });
});

test("a hundred thousand tasks that wait for each other end in order, and leave nothing", () => {
  const loop = newLoop();
  const order: number[] = [];
  function* link(i: number, inner: Task<unknown> | null): Coroutine<void> {
    if (inner !== null) yield* inner;
    order.push(i);
  }
  let last: Task<unknown> | null = null;
  for (let i = 0; i < 100_000; i++) last = loop.createTask(link(i, last));
  loop.runUntilCompleteSync(last as Task<unknown>);
  expect(order.every((value, i) => value === i)).toBe(true);
  dispose(loop);
});

function getRunningLoopOrNull(): EventLoop | null {
  try {
    return getRunningLoop();
  } catch (error) {
    expect(describeError(error)).toBe("RuntimeError('no running event loop')");
    return null;
  }
}

describe("settled past its coroutine, by a method of the base class", () => {
  const settles: Record<string, (task: Task<unknown>) => void> = {
    "Future.setResult": (task) => Future.prototype.setResult.call(task, "spam"),
    "Future.setException": (task) => Future.prototype.setException.call(task, new RangeError("x")),
    "Future.cancel": (task) => void Future.prototype.cancel.call(task),
  };
  const waits: Record<string, (event: Event) => Coroutine<unknown>> = {
    "its first step": () => nothing(),
    "a sleep": () => sleep(60),
    "an iteration": () => sleep(0),
    "an event": (event) => event.wait(),
    "a task": () => awaiting(createTask(sleep(1))),
    "a coroutine that waits in finally": function* (event) {
      try {
        yield* event.wait();
      } finally {
        yield* sleep(1);
      }
    },
  };

  test.each(Object.keys(waits))("while it waits for %s: that is reported, and all goes on", (wait) => {
    for (const settle of Object.values(settles)) {
      const log = trace(function* (log, loop) {
        const event = new Event();
        const task = createTask(waits[wait](event));
        if (wait !== "its first step") yield* sleep(0);
        const waiter = createTask(attemptAwait(task));
        const gathered = gather([task], { returnExceptions: true });
        settle(task);
        log.push(task.done(), loop.pendingTasks().includes(task));
        yield* gathered;
        log.push(describeEnd(yield* waiter));
        event.set();
        event.clear();
        log.push(yield* attemptAwait(waitFor(event.wait(), 1)));
      });
      const reported = expect.stringMatching(/^InvalidStateError\('__step\(\): already done: <Task /);
      expect(log).toContainEqual(["EH", "Exception in callback Task.step()", reported]);
      expect(log.filter((entry) => !Array.isArray(entry))).toEqual([true, false, true, "TimeoutError()"]);
    }
  });

  test("still says what its coroutine is", () => {
    trace(function* () {
      const coro = sleep(9);
      const task = createTask(coro);
      yield* sleep(0);
      Future.prototype.setResult.call(task, "spam");
      expect(task.getCoro()).toBe(coro);
    });
  });

  test("by itself: what it returns then comes too late", () => {
    const log = trace(function* (log) {
      const task = createTask(
        (function* () {
          Future.prototype.setResult.call(currentTask(), "spam");
          return "late";
        })(),
      );
      log.push(yield* attemptAwait(task));
    });
    expect(log.at(-1)).toBe("spam");
    expect(log[0]).toContain("Exception in callback Task.step()");
  });

  function describeEnd(outcome: unknown): boolean {
    return ["spam", "RangeError('x')", "CancelledError()"].includes(String(outcome));
  }
});

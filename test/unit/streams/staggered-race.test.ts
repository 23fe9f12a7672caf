import { describe, expect, test } from "vitest";
import {
  CancelledError,
  type Coroutine,
  type EventLoop,
  Future,
  captureCallGraph,
  createTask,
  eagerTaskFactory,
  sleep,
  timeout,
} from "wasyncio";
import { staggeredRace } from "wasyncio/streams";
import { VirtualEventLoop } from "wasyncio/testing";
import { giving, spin, throwing } from "../../support/coroutines.ts";
import { attempt, attemptAwait, describeError } from "../../support/outcomes.ts";
import { trace } from "../../support/stage.ts";

/** An attempt that notes when it starts and when it is cancelled, and succeeds with its name after some seconds. */
function after(log: unknown[], loop: EventLoop, name: string, seconds: number, error?: Error): () => Coroutine<string> {
  return function* () {
    log.push([name, loop.time()]);
    try {
      yield* sleep(seconds);
    } catch (interruption) {
      log.push([name, describeError(interruption)]);
      throw interruption;
    }
    if (error !== undefined) throw error;
    return name;
  };
}

const failure = (name: string) => new RangeError(name);

describe("a race", () => {
  test("of nobody has no winner", () => {
    trace(function* () {
      expect(yield* staggeredRace([], 1)).toEqual([null, null, []]);
      expect(yield* staggeredRace(new Set<() => Coroutine<number>>(), null)).toEqual([null, null, []]);
    });
  });

  test("is won by who succeeds first; the others get a cancellation", () => {
    const log = trace(function* (log, loop) {
      const [result, index, errors] = yield* staggeredRace(
        [after(log, loop, "a", 10), after(log, loop, "b", 10), after(log, loop, "c", 1), after(log, loop, "d", 1)],
        2,
      );
      log.push(
        result,
        index,
        errors.map((error) => error && describeError(error)),
        loop.time(),
      );
    });
    expect(log).toEqual([
      ["a", 0],
      ["b", 2],
      ["c", 4],
      ["a", "CancelledError()"],
      ["b", "CancelledError()"],
      "c",
      2,
      ["CancelledError()", "CancelledError()", null],
      5,
    ]);
  });

  test("starts the next at once when one has failed, and tells what all have thrown when none succeeds", () => {
    const log = trace(function* (log, loop) {
      const outcome = yield* staggeredRace(
        [after(log, loop, "a", 1, failure("a")), after(log, loop, "b", 9, failure("b")), () => throwing(failure("c"))],
        3,
      );
      log.push(outcome, loop.time());
    });
    expect(log).toEqual([["a", 0], ["b", 1], [null, null, [failure("a"), failure("b"), failure("c")]], 10]);
  });

  test("without a delay goes on only when one has failed", () => {
    const log = trace(function* (log, loop) {
      const racers = [after(log, loop, "a", 100, failure("a")), after(log, loop, "b", 100)];
      log.push(yield* staggeredRace(racers, null), loop.time());
    });
    expect(log).toEqual([["a", 0], ["b", 100], ["b", 1, [failure("a"), null]], 200]);
  });

  test("takes a duration, futures and promises for awaitables, and what is not awaitable for a failure", () => {
    trace(function* (_, loop) {
      const future = new Future<string>();
      loop.callLater(0.5, () => future.setResult("future"));
      const [result, index, errors] = yield* staggeredRace([() => 5 as never, () => future], { milliseconds: 100 });
      expect([result, index]).toEqual(["future", 1]);
      expect(errors.map((error) => (error as Error | null)?.name ?? null)).toEqual(["TypeError", null]);
    });
  });

  test("refuses a list of other things than functions at once; from other iterables they count as failed", () => {
    trace(function* () {
      expect(() => staggeredRace([() => giving("ok"), 3 as never], 1)).toThrow(
        new TypeError("Invalid attempt: expected a function, got 3"),
      );
      expect(() => staggeredRace(new Future<never>() as never, 1)).toThrow(/^Invalid coroFns/);
      const [result, index, [error]] = yield* staggeredRace(new Set([3 as never, () => giving("ok")]), 1);
      expect([result, index, error]).toEqual(["ok", 1, new TypeError("Invalid attempt: expected a function, got 3")]);
    });
  });

  test("counts an attempt that throws before it is a coroutine as failed", () => {
    trace(function* () {
      const broken = () => {
        throw failure("broken");
      };
      expect(yield* staggeredRace([broken, () => giving("ok")], 1)).toEqual(["ok", 1, [failure("broken"), null]]);
    });
  });

  test("takes the functions one by one, when their turn comes", () => {
    const log = trace(function* (log, loop) {
      function* racers() {
        log.push("first");
        yield () => throwing(failure("a"));
        log.push("second");
        yield () => giving("b");
        log.push("never");
      }
      log.push(yield* staggeredRace(racers(), 5), loop.time());
    });
    expect(log).toEqual(["first", "second", ["b", 1, [failure("a"), null]], 0]);
  });

  test("fails with a group when its list throws, or when one succeeds in spite of being cancelled", () => {
    trace(function* () {
      function* racers(): Generator<() => Coroutine<string>, void> {
        yield () => throwing(failure("a"));
        throw failure("list");
      }
      expect(yield* attemptAwait(staggeredRace(racers(), 1))).toBe(
        "ExceptionGroup('staggered race failed', [RangeError('list')])",
      );
      function* stubborn(): Coroutine<string> {
        try {
          yield* sleep(10);
        } catch {
          // a program's mistake
        }
        return "stubborn";
      }
      expect(yield* attemptAwait(staggeredRace([stubborn, () => giving("winner")], 1))).toBe(
        "ExceptionGroup('staggered race failed', [AssertionError()])",
      );
    });
  });

  test("goes as well with eager tasks", () => {
    const log = trace(
      function* (log, loop) {
        const racers = [after(log, loop, "a", 3), () => throwing(failure("b")), after(log, loop, "c", 1)];
        const [result, index] = yield* staggeredRace(racers, 1);
        log.push(result, index, loop.time());
      },
      { taskFactory: eagerTaskFactory },
    );
    expect(log).toEqual([["a", 0], ["c", 1], ["a", "CancelledError()"], "c", 2, 2]);
  });

  test("shows in the call graph who waits for the attempts", () => {
    trace(function* (_, loop) {
      const parent = createTask(staggeredRace([() => sleep(5)], 1));
      yield* spin(2);
      const attempts = loop.pendingTasks().filter((task) => task !== parent && task !== loop.currentTask);
      expect(attempts.length).toBeGreaterThan(0);
      for (const task of attempts) {
        expect(captureCallGraph(task)?.awaitedBy.map(({ future }) => future === parent)).toEqual([true]);
      }
    });
  });
});

describe("cancelled", () => {
  test("in any iteration and at any time, it cancels all attempts with the message, waits for them, and leaves nothing", () => {
    for (const at of [0, 0.5, 1, 1.5, 2, 2.5, 3]) {
      for (const steps of [0, 1, 2, 3, 4]) {
        const log = trace(function* (log) {
          const running = new Set<string>();
          const racer = (name: string) =>
            function* (): Coroutine<string> {
              running.add(name);
              try {
                yield* sleep(10);
                return name;
              } finally {
                yield* sleep(1); // cleaning up takes time
                running.delete(name);
              }
            };
          const task = createTask(staggeredRace(["a", "b", "c"].map(racer), 1));
          yield* sleep(at);
          yield* spin(steps);
          task.cancel("stop");
          log.push(yield* attemptAwait(task), running.size);
        });
        expect(log).toEqual(["CancelledError('stop')", 0]);
      }
    }
  });

  test("by a timeout, it ends in time", () => {
    trace(function* (log, loop) {
      const racing = timeout(2.5).with(() => staggeredRace([() => sleep(10), () => sleep(10)], 1));
      expect(yield* attemptAwait(racing)).toBe("TimeoutError()");
      expect(loop.time()).toBe(2.5);
      expect(log).toEqual([]);
    });
  });

  test("twice, it ends with the second message", () => {
    trace(function* () {
      function* slow(): Coroutine<void> {
        try {
          yield* sleep(10);
        } catch (error) {
          if (!(error instanceof CancelledError)) throw error;
          yield* sleep(10);
        }
      }
      const task = createTask(staggeredRace([slow], null));
      yield* spin(3);
      task.cancel("first");
      yield* spin(3);
      task.cancel("second");
      expect(yield* attemptAwait(task)).toBe("CancelledError('second')");
    });
  });
});

describe("its arguments", () => {
  test("are checked at the call", () => {
    for (const bad of [null, undefined, 5, {}])
      expect(() => staggeredRace(bad as never, 1)).toThrow(/^Invalid coroFns/);
    for (const bad of [NaN, "1", undefined, {}]) expect(() => staggeredRace([], bad as never)).toThrow(TypeError);
  });

  test("may name the loop, which is the running one otherwise", () => {
    const loop = new VirtualEventLoop();
    expect(loop.runUntilCompleteSync(staggeredRace([() => giving(1)], 0))).toEqual([1, 0, [null]]);
    expect(loop.runUntilCompleteSync(staggeredRace([() => giving(1)], 0, { loop }))).toEqual([1, 0, [null]]);
    loop.close();
    const outside = staggeredRace([() => giving(1)], 0);
    expect(attempt(() => outside.next())).toBe("RuntimeError('no running event loop')");
  });
});

import { describe, expect, test, vi } from "vitest";
import { CancelledError, DeadlockError, NotAvailableError, RuntimeError } from "../../src/errors.ts";
import { EventLoop } from "../../src/runtime/event-loop.ts";
import type { Future } from "../../src/runtime/future.ts";
import { getRunningLoop } from "../../src/runtime/running.ts";
import type { Coroutine } from "../../src/runtime/suspension.ts";
import { Task } from "../../src/runtime/task.ts";
import { sleep } from "../../src/tasks/sleep.ts";
import { VirtualEventLoop } from "../../src/testing/virtual-event-loop.ts";
import { ManualHost } from "../support/manual-host.ts";
import {
  type Trace,
  attempt,
  describeError,
  dispose,
  giving,
  iteration,
  newLoop,
  passTime,
  runOnce,
  slotCount,
  spin,
  throwing,
  trace,
} from "../support/programs.ts";

const nothing = (): void => {};

describe("iterations", () => {
  test("LOOP-01 runs callbacks first in, first out, all that were queued before in one iteration", () => {
    const log: Trace = [];
    const loop = newLoop(log);
    for (const name of "abc") loop.callSoon(() => log.push([name, iteration(loop)]));
    loop.callSoon(() => loop.stop());
    loop.runForeverSync();
    expect(log).toEqual([
      ["a", 1],
      ["b", 1],
      ["c", 1],
    ]);
    dispose(loop);
  });

  test("LOOP-02 runs a snapshot: what a callback schedules waits for the next iteration", () => {
    const log: Trace = [];
    const loop = newLoop(log);
    loop.callSoon(() => {
      log.push(["a", iteration(loop)]);
      loop.callSoon(() => {
        log.push(["a2", iteration(loop)]);
        loop.stop();
      });
    });
    loop.callSoon(() => log.push(["b", iteration(loop)]));
    loop.runForeverSync();
    expect(log).toEqual([
      ["a", 1],
      ["b", 1],
      ["a2", 2],
    ]);
    dispose(loop);
  });

  test("LOOP-03 runs what is ready, then what the host has brought, then due timers", () => {
    const log: Trace = [];
    const host = new ManualHost();
    const loop = new EventLoop(host);
    void loop.runForever();
    loop.callLater(0, () => log.push("timer"));
    loop.callSoon(() => log.push("ready"));
    loop.callSoonThreadsafe(() => log.push("io"));
    host.turn();
    expect(log).toEqual(["ready", "io", "timer"]);
    expect(loop.core.inspection.counters()[0]).toBe(1);
  });

  test("LOOP-04 skips a handle that an earlier callback of the iteration cancelled", () => {
    const log: Trace = [];
    const loop = newLoop(log);
    loop.callSoon(() => {
      log.push(["a", iteration(loop)]);
      second.cancel();
    });
    const second = loop.callSoon(() => log.push(["b", iteration(loop)]));
    loop.callSoon(() => {
      log.push(["c", iteration(loop)]);
      loop.callSoon(() => log.push(["d", iteration(loop)]));
      loop.callSoon(() => loop.stop());
    });
    loop.runForeverSync();
    expect(log).toEqual([
      ["a", 1],
      ["c", 1],
      ["d", 2],
    ]);
    dispose(loop);
  });

  test("LOOP-06 reports an error of a callback and goes on with the next one", () => {
    const log: Trace = [];
    const loop = newLoop();
    loop.setExceptionHandler((_, context) =>
      log.push([context.message, describeError(context.exception), Object.keys(context).sort()]),
    );
    function bad(): void {
      throw new RangeError("x");
    }
    loop.callSoon(bad);
    loop.callSoon(() => log.push("next"));
    runOnce(loop);
    expect(log).toEqual([
      ["Exception in callback bad()", "RangeError('x')", ["exception", "handle", "message"]],
      "next",
    ]);
    dispose(loop);
  });

  test("LOOP-08 a CancelledError of a callback is reported like any other error", () => {
    const log: Trace = [];
    const loop = newLoop(log);
    loop.callSoon(function bad() {
      throw new CancelledError();
    });
    runOnce(loop);
    expect(log).toEqual([["EH", "Exception in callback bad()", "CancelledError()"]]);
    dispose(loop);
  });

  test("LOOP-17 callSoonThreadsafe queues in the same order as callSoon", () => {
    const log: Trace = [];
    const loop = newLoop(log);
    loop.callSoon(() => log.push(1));
    loop.callSoonThreadsafe(() => log.push(2));
    loop.callSoon(() => log.push(3));
    runOnce(loop);
    expect(log).toEqual([1, 2, 3]);
    dispose(loop);
  });

  test("LOOP-26 keeps one queue for callbacks, steps, done-callbacks and wake-ups", () => {
    const log = trace(function* (log, loop) {
      const future = loop.createFuture();
      future.addDoneCallback(() => log.push("done callback"));
      loop.callSoon(() => log.push("callback 0"));
      loop.createTask(
        (function* (): Coroutine<void> {
          log.push("task step");
        })(),
      );
      future.setResult();
      loop.callSoon(() => log.push("callback 1"));
      yield* spin(2);
    });
    expect(log).toEqual(["callback 0", "task step", "done callback", "callback 1"]);
  });

  test("runs a million callbacks that schedule each other without growing the core", () => {
    const loop = newLoop();
    let count = 0;
    const again = (): void => {
      if (++count < 1_000_000) loop.callSoon(again);
      else loop.stop();
    };
    const [, , , slots] = loop.core.inspection.counters();
    loop.callSoon(again);
    loop.runForeverSync();
    expect(count).toBe(1_000_000);
    expect(loop.core.inspection.counters()[3]).toBe(slots);
    dispose(loop);
  });
});

describe("stop", () => {
  test("LOOP-09 stopping before a run makes it one iteration that waits for nothing", () => {
    const log: Trace = [];
    const loop = newLoop(log);
    loop.callSoon(() => log.push(["a", iteration(loop)]));
    loop.callLater(0, () => log.push(["due", iteration(loop)]));
    const late = loop.callLater(5, () => log.push("late"));
    loop.stop();
    loop.runForeverSync();
    expect(log).toEqual([
      ["a", 1],
      ["due", 1],
    ]);
    expect([loop.time(), iteration(loop)]).toEqual([0, 1]);
    late.cancel();
    loop.callSoon(() => loop.callSoon(() => loop.stop()));
    loop.runForeverSync(); // the request was used up by the first run
    expect(iteration(loop)).toBe(3);
    dispose(loop);
  });

  test("LOOP-10 ends behind the iteration: what was scheduled in it stays for the next run", () => {
    const log: Trace = [];
    const loop = newLoop(log);
    loop.callSoon(() => {
      log.push("a");
      loop.stop();
      loop.callSoon(() => log.push("a2"));
    });
    loop.callSoon(() => log.push("b"));
    loop.runForeverSync();
    log.push("run 2");
    runOnce(loop);
    expect(log).toEqual(["a", "b", "run 2", "a2"]);
    dispose(loop);
  });

  test("LOOP-23 is a flag: two requests in one iteration stop once, one without a run stops the next", () => {
    const loop = newLoop();
    loop.stop();
    loop.stop();
    loop.runForeverSync();
    expect(iteration(loop)).toBe(1);
    loop.callSoon(() => loop.callSoon(() => loop.stop()));
    loop.runForeverSync();
    expect(iteration(loop)).toBe(3);
    dispose(loop);
  });
});

describe("runUntilComplete", () => {
  test("LOOP-11 takes one iteration for a done future, two for a coroutine that never waits, one more for each sleep(0)", () => {
    const iterations = (main: (loop: VirtualEventLoop) => Future<unknown> | Coroutine<unknown>): number => {
      const loop = newLoop();
      loop.runUntilCompleteSync(main(loop));
      dispose(loop);
      return iteration(loop);
    };
    const done = (loop: VirtualEventLoop): Future<unknown> => {
      const future = loop.createFuture();
      future.setResult();
      return future;
    };
    expect([iterations(done), iterations(() => giving(1)), iterations(() => spin(3))]).toEqual([1, 2, 5]);
  });

  test("LOOP-12 runs what is behind the completion in its iteration, and nothing of the next one", () => {
    const log: Trace = [];
    const loop = newLoop(log);
    loop.runUntilCompleteSync(
      (function* () {
        const future = loop.createFuture();
        future.addDoneCallback(() => {
          log.push("same iteration");
          loop.callSoon(() => log.push("next iteration"));
        });
        future.setResult();
      })(),
    );
    expect(log).toEqual(["same iteration"]);
    dispose(loop);
  });

  test("LOOP-13 fails when the loop is stopped before, and leaves the future alone", () => {
    const loop = newLoop();
    const future = loop.createFuture();
    loop.callSoon(() => loop.stop());
    expect(attempt(() => loop.runUntilCompleteSync(future))).toBe(
      "RuntimeError('Event loop stopped before Future completed.')",
    );
    expect(future.done()).toBe(false);
    expect(String(future)).toBe("<Future pending>");
    future.cancel();
    dispose(loop);
  });

  test("LOOP-22 takes only what can be awaited, and only futures of this loop", () => {
    const loop = newLoop();
    const other = newLoop();
    expect(() => loop.runUntilCompleteSync(42 as never)).toThrow(TypeError);
    expect(() => loop.runUntilCompleteSync(42 as never)).toThrow("A Future, a coroutine or an awaitable is required");
    expect(() => loop.runUntilCompleteSync(other.createFuture())).toThrow(RangeError);
    expect(() => loop.runUntilCompleteSync(other.createFuture())).toThrow(
      "The future belongs to a different loop than the one specified as the loop argument",
    );
    expect(loop.isRunning()).toBe(false);
    dispose(loop);
    dispose(other);
  });

  test("LOOP-27 a further run goes on with the timers, tasks and callbacks of the one before", () => {
    const log: Trace = [];
    const loop = newLoop(log);
    loop.runUntilCompleteSync(
      (function* () {
        loop.createTask(
          (function* (): Coroutine<void> {
            yield* sleep(1);
            log.push(`background ${loop.time()}`);
          })(),
        );
        yield* sleep(0);
        log.push("first");
      })(),
    );
    loop.runUntilCompleteSync(
      (function* () {
        yield* sleep(2);
        log.push("second");
      })(),
    );
    expect(log).toEqual(["first", "background 1", "second"]);
    dispose(loop);
  });

  test("gives the coroutine's result, or throws its error", () => {
    const loop = newLoop();
    expect(loop.runUntilCompleteSync(giving(7))).toBe(7);
    const error = new RangeError("x");
    expect(() => loop.runUntilCompleteSync(throwing(error))).toThrow(error);
    expect(() => loop.runUntilCompleteSync(throwing(new CancelledError("m")))).toThrow(CancelledError);
    dispose(loop);
  });

  test("an error that it throws is not reported once more as never retrieved", () => {
    const log: Trace = [];
    const loop = newLoop(log);
    attempt(() => loop.runUntilCompleteSync(throwing(new RangeError("x"))));
    dispose(loop);
    expect(log).toEqual([]);
  });

  test("the promise forms of a virtual loop settle with the outcome", async () => {
    const loop = newLoop();
    await expect(loop.runUntilComplete(giving(7))).resolves.toBe(7);
    await expect(loop.runUntilComplete(throwing(new RangeError("x")))).rejects.toThrow(RangeError);
    await expect(loop.runUntilComplete(42 as never)).rejects.toThrow(TypeError);
    loop.callSoon(() => loop.stop());
    await expect(loop.runForever()).resolves.toBeUndefined();
    await expect(loop.runForever()).rejects.toThrow(DeadlockError);
    dispose(loop);
  });
});

describe("a loop that runs, or is closed", () => {
  test("LOOP-14 cannot be run again, nor can another loop be run inside it", () => {
    const log = trace(function* (log, loop) {
      log.push(attempt(() => loop.runForeverSync()));
      log.push(attempt(() => loop.runUntilCompleteSync(loop.createFuture())));
      const other = newLoop();
      log.push(attempt(() => other.runForeverSync()));
      log.push(other.isRunning(), loop.isRunning());
      other.close();
      yield* sleep(0);
      log.push(getRunningLoop() === loop);
    });
    expect(log).toEqual([
      "RuntimeError('This event loop is already running')",
      "RuntimeError('This event loop is already running')",
      "RuntimeError('Cannot run the event loop while another loop is running')",
      false,
      true,
      true,
    ]);
  });

  test("LOOP-14 the promise forms reject likewise", async () => {
    const host = new ManualHost();
    const loop = new EventLoop(host);
    const run = loop.runForever();
    await expect(loop.runForever()).rejects.toThrow("This event loop is already running");
    await expect(loop.runUntilComplete(giving(1))).rejects.toThrow(RuntimeError);
    loop.stop();
    host.turn();
    await run;
    expect(loop.core.inspection.counters()[2]).toBe(0);
  });

  test("LOOP-15 cannot be closed while it runs; closing discards what is scheduled, and is done once", () => {
    const log: Trace = [];
    const loop = newLoop(log);
    loop.callSoon(() => log.push(attempt(() => loop.close())));
    runOnce(loop);
    loop.callSoon(() => log.push("callback"));
    loop.callLater(1, () => log.push("timer"));
    expect([loop.close(), loop.close(), loop.isClosed()]).toEqual([undefined, undefined, true]);
    expect(log).toEqual(["RuntimeError('Cannot close a running event loop')"]);
  });

  test("LOOP-16 refuses work once it is closed, and still tells what it can", () => {
    const loop = newLoop();
    loop.close();
    const coroutine = giving(1);
    const refused = [
      () => loop.callSoon(nothing),
      () => loop.callLater(1, nothing),
      () => loop.callAt(1, nothing),
      () => loop.callSoonThreadsafe(nothing),
      () => loop.createTask(coroutine),
      () => new Task(coroutine, { loop }),
      () => loop.runForeverSync(),
      () => loop.runUntilCompleteSync(coroutine),
    ];
    for (const call of refused) expect(attempt(call)).toBe("RuntimeError('Event loop is closed')");
    expect(coroutine.next()).toEqual({ done: true, value: 1 }); // nobody has touched it
    expect([String(loop.createFuture()), loop.stop(), loop.time(), loop.getDebug(), slotCount(loop)]).toEqual([
      "<Future pending>",
      undefined,
      0,
      false,
      0,
    ]);
  });

  test("LOOP-16 what was made before can still be asked and cancelled when the loop is closed", () => {
    const loop = newLoop();
    const handle = loop.callSoon(nothing);
    const timer = loop.callLater(1, nothing);
    const future = loop.createFuture<number>();
    const callback = vi.fn();
    future.addDoneCallback(callback);
    const task = loop.createTask(spin(3));
    runOnce(loop);
    const waiting = loop.createTask(
      (function* () {
        yield* future;
      })(),
    );
    runOnce(loop);
    const late = loop.callSoon(nothing);
    loop.close();
    for (const each of [handle, timer, late]) each.cancel();
    expect([handle.cancelled(), timer.cancelled(), late.cancelled()]).toEqual([true, true, true]);
    expect([task.done(), task.cancel("m"), task.cancelling(), task.uncancel()]).toEqual([false, true, 1, 0]);
    expect(String(future)).toMatch(/^<Future pending/);
    expect(attempt(() => waiting.cancel())).toBe("RuntimeError('Event loop is closed')");
    expect(() => loop.createFuture<number>().setResult(1)).not.toThrow(); // nobody waits for it
    expect(loop.pendingTasks()).toEqual([]);
    expect(callback).not.toHaveBeenCalled();
  });

  test("LOOP-20 says whether it runs and is closed", () => {
    const loop = newLoop();
    const states = [String(loop)];
    const isRunning = loop.runUntilCompleteSync(
      (function* () {
        states.push(String(loop));
        return loop.isRunning() && getRunningLoop() === loop;
      })(),
    );
    expect(isRunning).toBe(true);
    expect(attempt(() => getRunningLoop())).toBe("RuntimeError('no running event loop')");
    dispose(loop);
    states.push(String(loop));
    expect(states).toEqual([
      "<VirtualEventLoop running=false closed=false debug=false>",
      "<VirtualEventLoop running=true closed=false debug=false>",
      "<VirtualEventLoop running=false closed=true debug=false>",
    ]);
  });

  test("does not offer executors yet", () => {
    const loop = newLoop();
    expect(() => loop.runInExecutor(null, nothing)).toThrow(NotAvailableError);
    expect(() => loop.setDefaultExecutor(null)).toThrow(NotAvailableError);
    expect(() => loop.shutdownDefaultExecutor()).toThrow(NotAvailableError);
    dispose(loop);
  });
});

describe("timers", () => {
  test("TIMER-01 due timers run behind what was ready, in order of deadline", () => {
    const log: Trace = [];
    const loop = newLoop(log);
    const note = (name: string) => (): void => void log.push([name, iteration(loop), loop.time()]);
    loop.callLater(1, () => {
      note("one")();
      loop.stop();
    });
    loop.callLater(0, note("zero"));
    loop.callLater(-5, note("negative"));
    loop.callSoon(note("soon"));
    loop.runForeverSync();
    expect(log).toEqual([
      ["soon", 1, 0],
      ["negative", 1, 0],
      ["zero", 1, 0],
      ["one", 2, 1],
    ]);
    dispose(loop);
  });

  test.each([3, 4, 5, 6, 50])(
    "TIMER-02 %i equal deadlines fire in the order of the calls, unlike asyncio's",
    (count) => {
      const log: Trace = [];
      const loop = newLoop(log);
      const order = Array.from({ length: count }, (_, i) => i);
      for (const i of order)
        loop.callAt(1, () => {
          log.push(i);
          loop.stop();
        });
      loop.runForeverSync();
      expect(log).toEqual(order);
      dispose(loop);
    },
  );

  test("TIMER-03 a timer is due when its deadline is less than the clock's resolution away", () => {
    const log: Trace = [];
    const host = new ManualHost();
    host.resolution = 0.5;
    const loop = new EventLoop(host);
    void loop.runForever();
    loop.callAt(0.49, () => log.push(["in", loop.time()]));
    loop.callAt(0.5, () => log.push(["edge", loop.time()]));
    host.turn();
    expect(log).toEqual([["in", 0]]);
    host.time = 0.01;
    host.turn();
    expect(log).toEqual([
      ["in", 0],
      ["edge", 0.01],
    ]);
  });

  test("TIMER-04 cancelled timers are dropped at the head, or all when they are more than half of over 100", () => {
    const left = (count: number, cancelled: number): unknown => {
      const loop = newLoop();
      const handles = Array.from({ length: count }, (_, i) => loop.callAt(100 + i, nothing));
      for (const handle of handles.slice(1, cancelled + 1)) handle.cancel();
      runOnce(loop);
      const scheduled = loop.core.inspection.counters()[5];
      for (const handle of handles) handle.cancel();
      dispose(loop);
      return scheduled;
    };
    expect([left(100, 60), left(101, 51), left(102, 51)]).toEqual([100, 50, 102]);
  });

  test("TIMER-05 a cancelled timer does not wake the loop", () => {
    const host = new ManualHost();
    const loop = new EventLoop(host);
    void loop.runForever();
    loop.callAt(3, nothing).cancel();
    loop.callAt(7, nothing);
    host.turn();
    expect(host.requests.at(-1)).toBe(7);
  });

  test("TIMER-06 a timer cancelled when it was due already, earlier in the iteration, does not run", () => {
    const log: Trace = [];
    const loop = newLoop(log);
    loop.callSoon(() => {
      log.push("a");
      timer.cancel();
    });
    const timer = loop.callLater(0, () => log.push("timer"));
    loop.callLater(1, () => loop.stop());
    loop.runForeverSync();
    expect(log).toEqual(["a"]);
    expect(loop.core.inspection.counters()[6]).toBe(0);
    dispose(loop);
  });

  test("TIMER-07 refuses what is not a time, and has scheduled nothing then", () => {
    const loop = newLoop();
    const bad: [unknown, string][] = [
      [null, "delay must not be null"],
      [undefined, "delay must not be null"],
      [NaN, "Invalid delay: NaN (not a number)"],
      ["1", "Invalid delay: expected seconds or a duration, got string"],
      [1n, "Invalid delay: expected seconds or a duration, got bigint"],
      [{}, "Invalid delay: expected seconds or one of"],
      [{ seconds: NaN }, "Invalid delay: seconds is NaN"],
    ];
    for (const [delay, message] of bad) {
      expect(() => loop.callLater(delay as number, nothing)).toThrow(TypeError);
      expect(() => loop.callLater(delay as number, nothing)).toThrow(message);
    }
    expect(() => loop.callAt(null as never, nothing)).toThrow("when cannot be null");
    for (const when of [null, undefined, NaN, "1", { seconds: 1 }])
      expect(() => loop.callAt(when as number, nothing)).toThrow(TypeError);
    expect(() => loop.callAt("1" as never, nothing)).toThrow("Invalid when: expected seconds, got '1'");
    expect(slotCount(loop)).toBe(0);
    dispose(loop);
  });

  test("TIMER-10 timers that are overdue run in the next iteration, in order of deadline", () => {
    const log: Trace = [];
    const loop = newLoop(log);
    const note = (name: string): unknown => log.push([name, iteration(loop), loop.time()]);
    loop.callAt(2, () => {
      note("t2");
      loop.stop();
    });
    loop.callAt(1, () => note("t1"));
    loop.callSoon(() => passTime(loop, 5));
    loop.runForeverSync();
    expect(log).toEqual([
      ["t1", 2, 5],
      ["t2", 2, 5],
    ]);
    dispose(loop);
  });

  test("TIMER-11 a timer without delay made by a timer runs in the next iteration", () => {
    const log: Trace = [];
    const loop = newLoop(log);
    loop.callLater(1, () => {
      log.push(["a", iteration(loop)]);
      loop.callLater(0, () => {
        log.push(["b", iteration(loop)]);
        loop.stop();
      });
    });
    loop.callSoon(nothing);
    loop.runForeverSync();
    expect(log).toEqual([
      ["a", 2],
      ["b", 3],
    ]);
    dispose(loop);
  });

  test("TIMER-12 a timer at infinity never fires", () => {
    const host = new ManualHost();
    const loop = new EventLoop(host);
    void loop.runForever();
    const fired = vi.fn();
    loop.callLater(Infinity, fired);
    loop.callAt(-Infinity, () => host.reports.push(["debug", "long due"]));
    host.turn();
    host.time = 1e300;
    host.turn();
    expect(fired).not.toHaveBeenCalled();
    expect(host.reports).toEqual([["debug", "long due"]]);
    expect(host.requests.at(-1)).toBe(Infinity);
  });

  test("takes durations as well as seconds", () => {
    const loop = newLoop();
    const timer = loop.callLater({ minutes: 1, milliseconds: 500 }, nothing);
    expect(timer.when()).toBe(60.5);
    timer.cancel();
    dispose(loop);
  });
});

describe("task factory", () => {
  test("TASK-21 gets the loop, the coroutine and the options as they were given", () => {
    const seen: unknown[] = [];
    const loop = newLoop();
    loop.setTaskFactory((factoryLoop, coro, options) => {
      seen.push([factoryLoop === loop, Object.keys(options).sort()]);
      return new Task(coro, { ...options, loop: factoryLoop });
    });
    loop.createTask(giving(1));
    loop.createTask(giving(1), { name: "n" });
    const named = loop.createTask(giving(1), { name: "n", eagerStart: false });
    expect(named.getName()).toBe("n");
    expect(seen).toEqual([
      [true, []],
      [true, ["name"]],
      [true, ["eagerStart", "name"]],
    ]);
    dispose(loop);
  });

  test("TASK-22 must be a function or null", () => {
    const loop = newLoop();
    expect(loop.getTaskFactory()).toBeNull();
    for (const bad of [1, "f", {}, undefined]) {
      expect(() => loop.setTaskFactory(bad as never)).toThrow(TypeError);
      expect(() => loop.setTaskFactory(bad as never)).toThrow("task factory must be a callable or null");
    }
    const factory = <T>(owner: EventLoop, coro: Coroutine<T>): Task<T> => new Task(coro, { loop: owner, name: "made" });
    loop.setTaskFactory(factory);
    expect(loop.getTaskFactory()).toBe(factory);
    expect(loop.createTask(giving(1)).getName()).toBe("made");
    loop.setTaskFactory(null);
    expect(loop.createTask(giving(1)).getName()).toMatch(/^Task-\d+$/);
    dispose(loop);
  });
});

describe("digest", () => {
  test("is equal for equal runs, and differs when the order differs", () => {
    const digest = (order: number[]): string => {
      const loop = new VirtualEventLoop();
      for (const delay of order) loop.createTask(sleep(delay));
      loop.runUntilCompleteSync(sleep(10));
      loop.close();
      return loop.digest();
    };
    expect(digest([1, 2, 3])).toMatch(/^[0-9a-f]{16}$/);
    expect(digest([1, 2, 3])).toBe(digest([1, 2, 3]));
    expect(digest([1, 2, 3])).not.toBe(digest([2, 1, 3]));
  });
});

/** Keeps a loop busy with callbacks that each schedule the next one. Returns what counts those since it was asked last. */

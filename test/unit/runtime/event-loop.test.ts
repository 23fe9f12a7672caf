import { describe, expect, test, vi } from "vitest";
import {
  CancelledError,
  type Coroutine,
  DeadlockError,
  EventLoop,
  Future,
  RuntimeError,
  Task,
  createTask,
  gather,
  getRunningLoop,
  shield,
  sleep,
} from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { ManualHost } from "../../support/manual-host.ts";
import { giving, spin, throwing } from "../../support/coroutines.ts";
import { counters, iteration, slotsInUse } from "../../support/counters.ts";
import { attempt } from "../../support/outcomes.ts";
import { type Trace, dispose, newLoop, runOnce, trace } from "../../support/stage.ts";

const nothing = (): void => {};

describe("iterations", () => {
  test("a handle that was cancelled uses up its place in the iteration", () => {
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

  test("runs a million callbacks that schedule each other without growing the core", () => {
    const loop = newLoop();
    let count = 0;
    const again = (): void => {
      if (++count < 1_000_000) loop.callSoon(again);
      else loop.stop();
    };
    const { slotCapacity } = counters(loop);
    loop.callSoon(again);
    loop.runForeverSync();
    expect(count).toBe(1_000_000);
    expect(counters(loop).slotCapacity).toBe(slotCapacity);
    dispose(loop);
  });
});

describe("stop", () => {
  test("stopping before a run lets it fire the timers that are due", () => {
    const log: Trace = [];
    const loop = newLoop(log);
    loop.callLater(0, () => log.push(["due", iteration(loop)]));
    const late = loop.callLater(5, () => log.push("late"));
    loop.stop();
    loop.runForeverSync();
    expect(log).toEqual([["due", 1]]);
    expect(loop.time()).toBe(0);
    late.cancel();
    dispose(loop);
  });
});

describe("runUntilComplete", () => {
  test("refuses what cannot be awaited, and can be run behind that", () => {
    const loop = newLoop();
    const other = newLoop();
    expect(() => loop.runUntilCompleteSync(42 as never)).toThrow(TypeError);
    expect(() => loop.runUntilCompleteSync(other.createFuture())).toThrow(RangeError);
    expect(loop.isRunning()).toBe(false);
    expect(loop.runUntilCompleteSync(giving(1))).toBe(1);
    dispose(loop);
    dispose(other);
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

describe("a future as a result", () => {
  const pending = /^The result is a future that is still pending, was yield\* forgotten\? </;

  test.each<[string, (loop: VirtualEventLoop) => unknown]>([
    ["a future", (loop) => loop.createFuture()],
    ["a task", () => createTask(sleep(1))],
    ["a gathering", () => gather(sleep(1))],
    ["a shield", () => shield(sleep(1))],
    ["a future in futures", (loop) => holding(loop, holding(loop, loop.createFuture()))],
  ])("that is pending, %s, rejects: the promise would never settle", async (_name, make) => {
    const loop = newLoop();
    const program = () =>
      (function* () {
        return make(loop);
      })();
    await expect(loop.runUntilComplete(program())).rejects.toThrow(pending);
    expect(loop.runUntilCompleteSync(program())).toBeInstanceOf(Future); // which is no promise
    dispose(loop);
  });

  test("that is done settles the promise as it is settled", async () => {
    const loop = newLoop();
    const failed = loop.createFuture();
    failed.setException(new RangeError("x"));
    await expect(loop.runUntilComplete(giving(holding(loop, holding(loop, 7))))).resolves.toBe(7);
    await expect(loop.runUntilComplete(giving(failed))).rejects.toThrow(RangeError);
    dispose(loop);
  });

  test("that holds itself rejects: a promise would unwrap it for ever", async () => {
    const loop = newLoop();
    const future = loop.createFuture<unknown>();
    future.setResult(holding(loop, future));
    await expect(loop.runUntilComplete(giving(future))).rejects.toThrow(/^Cannot await: the future holds itself/);
    await expect(future).rejects.toThrow(/^Cannot await: the future holds itself/);
    dispose(loop);
  });
});

/** A future that is done. */
function holding(loop: VirtualEventLoop, value: unknown): Future<unknown> {
  const future = loop.createFuture<unknown>();
  future.setResult(value);
  return future;
}

describe("a loop that runs, or is closed", () => {
  test("a run that is refused changes neither loop", () => {
    const log = trace(function* (log, loop) {
      attempt(() => loop.runForeverSync());
      const other = newLoop();
      attempt(() => other.runForeverSync());
      log.push(other.isRunning(), loop.isRunning());
      other.close();
      yield* sleep(0);
      log.push(getRunningLoop() === loop);
    });
    expect(log).toEqual([false, true, true]);
  });

  test("the promise forms reject while it runs", async () => {
    const host = new ManualHost();
    const loop = new EventLoop(host);
    const run = loop.runForever();
    await expect(loop.runForever()).rejects.toThrow("This event loop is already running");
    await expect(loop.runUntilComplete(giving(1))).rejects.toThrow(RuntimeError);
    loop.stop();
    host.turn();
    await run;
    expect(slotsInUse(loop)).toBe(0);
  });

  test("makes no task of a coroutine once it is closed, and leaves the coroutine untouched", () => {
    const loop = newLoop();
    loop.close();
    const coroutine = giving(1);
    expect(attempt(() => loop.createTask(coroutine))).toBe("RuntimeError('Event loop is closed')");
    expect(attempt(() => new Task(coroutine, { loop }))).toBe("RuntimeError('Event loop is closed')");
    expect(coroutine.next()).toEqual({ done: true, value: 1 });
    expect(slotsInUse(loop)).toBe(0);
  });

  test("what was made before can still be asked and cancelled when the loop is closed", () => {
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

  test("says that it is closed", () => {
    const loop = newLoop();
    dispose(loop);
    expect(loop.isClosed()).toBe(true);
    expect(String(loop)).toBe("<VirtualEventLoop running=false closed=true debug=false>");
  });
});

describe("timers", () => {
  test("fifty equal deadlines fire in the order of the calls", () => {
    const log: Trace = [];
    const loop = newLoop(log);
    const order = Array.from({ length: 50 }, (_, i) => i);
    for (const i of order) loop.callAt(1, () => log.push(i));
    loop.runUntilCompleteSync(sleep(2));
    expect(log).toEqual(order);
    dispose(loop);
  });

  test("a timer is not due yet when it is just the resolution of the clock away", () => {
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

  test("refuses what is not a time, and has scheduled nothing then", () => {
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
    expect(slotsInUse(loop)).toBe(0);
    dispose(loop);
  });

  test("a timer at infinity never fires, one at minus infinity at once", () => {
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
  test("a task factory gets the loop, the coroutine and the options as they were given", () => {
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

  test("a task factory must be a function or null", () => {
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

/**
 * Keeps a loop busy with callbacks that each schedule the next one. Returns what counts those since it was asked last.
 */

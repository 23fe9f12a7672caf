import { describe, expect, test, vi } from "vitest";
import { type Coroutine, EventLoop, RuntimeError, sleep } from "wasyncio";
import type { VirtualEventLoop } from "wasyncio/testing";
import { originOf } from "../../../src/support/origins.ts";
import { ManualHost } from "../../support/manual-host.ts";
import { awaiting, giving } from "../../support/coroutines.ts";
import { attempt, withoutPlaces } from "../../support/outcomes.ts";
import { type Trace, dispose, newLoop, passTime, runOnce, trace } from "../../support/stage.ts";
import { inspect } from "../../../src/core/inspection.ts";
import { iteration } from "../../support/counters.ts";

function newDebugLoop(log: Trace = []): VirtualEventLoop {
  const loop = newLoop(log);
  loop.setDebug(true);
  return loop;
}

const texts = (log: Trace): unknown[] =>
  (log as [string, string][]).map(([level, text]) => [level, withoutPlaces(text)]);

describe("switching", () => {
  test("is off unless WASYNCIO_DEBUG says otherwise, and can be changed", () => {
    const loop = newLoop();
    expect(loop.getDebug()).toBe(false);
    loop.setDebug(true);
    expect([loop.getDebug(), String(loop)]).toEqual([true, "<VirtualEventLoop running=false closed=false debug=true>"]);
    loop.setDebug(0 as never);
    expect(loop.getDebug()).toBe(false);
    dispose(loop);
    const byEnvironment = (value: string): boolean =>
      new EventLoop(new ManualHost({ WASYNCIO_DEBUG: value })).getDebug();
    expect(["1", "yes", "0", ""].map(byEnvironment)).toEqual([true, true, false, false]);
    expect(new EventLoop(new ManualHost()).getDebug()).toBe(false);
  });

  test("may be switched inside a callback", () => {
    const log: Trace = [];
    const loop = newLoop(log);
    loop.callSoon(() => loop.setDebug(true));
    loop.callSoon(function slow() {
      passTime(loop, 1);
    });
    loop.callSoon(() => loop.setDebug(false));
    loop.callSoon(() => passTime(loop, 1));
    runOnce(loop);
    expect(texts(log)).toEqual([["warning", "Executing <Handle slow()> took 1.000 seconds"]]);
    dispose(loop);
  });
});

describe("slow callbacks", () => {
  test("are told with the timer or the task, and the seconds", () => {
    const log: Trace = [];
    const loop = newDebugLoop(log);
    function slow(): void {
      passTime(loop, 0.2);
    }
    function* slowStep(): Coroutine<string> {
      passTime(loop, 0.5);
      return "v";
    }
    loop.callLater(0, slow);
    loop.callSoon(() => passTime(loop, 0.05));
    runOnce(loop);
    loop.createTask(slowStep(), { name: "T" });
    runOnce(loop);
    expect(texts(log)).toEqual([
      ["warning", "Executing <TimerHandle when=0 slow() created at PLACE> took 0.200 seconds"],
      ["warning", "Executing <Task finished name='T' coro=<coroutine> result='v' created at PLACE> took 0.500 seconds"],
    ]);
    dispose(loop);
  });

  test("begin at slowCallbackDuration, 0.1 seconds if nothing else is said", () => {
    const log: Trace = [];
    const loop = newDebugLoop(log);
    expect(loop.slowCallbackDuration).toBe(0.1);
    loop.slowCallbackDuration = 0.5;
    for (const seconds of [0.25, 0.5]) {
      loop.callSoon(function each() {
        passTime(loop, seconds);
      });
      runOnce(loop);
    }
    expect(texts(log)).toEqual([["warning", "Executing <Handle each() created at PLACE> took 0.500 seconds"]]);
    dispose(loop);
  });
});

describe("checks", () => {
  test("scheduling from outside the turns of the loop is refused, but for callSoonThreadsafe", () => {
    const host = new ManualHost();
    const loop = new EventLoop(host);
    loop.setDebug(true);
    loop.callSoon(() => {}); // a loop that does not run belongs to everybody
    void loop.runForever();
    host.turn();
    for (const schedule of [
      () => loop.callSoon(() => {}),
      () => loop.callLater(1, () => {}),
      () => loop.callAt(1, () => {}),
    ]) {
      expect(schedule).toThrow(RuntimeError);
      expect(schedule).toThrow("Non-thread-safe operation invoked on an event loop other than the current one");
    }
    const called = vi.fn();
    loop.callSoonThreadsafe(called);
    host.turn();
    expect(called).toHaveBeenCalledTimes(1);
    loop.setDebug(false);
    expect(() => loop.callSoon(() => {})).not.toThrow();
  });

  test("what comes from a promise or a listener settles futures and tasks all the same", () => {
    const host = new ManualHost();
    const loop = new EventLoop(host);
    loop.setDebug(true);
    void loop.runForever();
    host.turn();
    const future = loop.createFuture<number>();
    const task = loop.createTask(awaiting(future));
    host.turn();
    future.setResult(1);
    host.turn();
    expect(task.result()).toBe(1);
    expect(loop.createTask(sleep(1)).cancel()).toBe(true);
  });

  test("what is no callback is refused by every way to schedule it", () => {
    const loop = newDebugLoop();
    expect(attempt(() => loop.callSoon(giving(1) as never))).toBe(
      "TypeError('coroutines cannot be used with callSoon()')",
    );
    expect(attempt(() => loop.callAt(1, null as never))).toBe(
      "TypeError('a callable object was expected by callAt(), got null')",
    );
    expect(attempt(() => loop.callSoonThreadsafe(giving as never))).toBe(
      "TypeError('coroutines cannot be used with callSoonThreadsafe()')",
    );
    dispose(loop);
  });
});

describe("origins", () => {
  test("futures, tasks and handles tell where the program made them", () => {
    const log = trace(
      function* (log, loop) {
        for (const made of [
          loop.createFuture(),
          loop.createTask(giving(1)),
          loop.callSoon(() => {}),
          loop.callLater(0, () => {}),
        ]) {
          log.push(/created at .*event-loop-debug\.test\.ts:\d+:\d+/.test(String(made)));
          log.push((originOf(made) as string).split("\n").length <= 10);
        }
        yield* sleep(0);
      },
      { debug: true },
    );
    expect(log).toEqual(Array.from({ length: 8 }, () => true));
  });

  test("the report of an error that nobody looked at carries that of its future", () => {
    const loop = newDebugLoop();
    const keys: string[][] = [];
    loop.setExceptionHandler((_, context) => keys.push(Object.keys(context).sort()));
    loop.createFuture().setException(new RangeError());
    dispose(loop);
    expect(keys).toEqual([["exception", "future", "message", "sourceTraceback"]]);
  });

  test("the default report shows them, or else those of the callback that runs", () => {
    const log: Trace = [];
    const loop = newDebugLoop(log);
    loop.setExceptionHandler(null);
    loop.callSoon(function outer() {
      loop.callExceptionHandler({ message: "own report" });
    });
    loop.callSoon(function bad() {
      throw new RangeError();
    });
    runOnce(loop);
    loop.callExceptionHandler({ message: "behind" });
    const [own, bad, behind] = (log as [string, string][]).map(([, text]) => text);
    expect(own).toMatch(
      /^own report\nhandleTraceback: Handle created at \(most recent call first\):\n.*event-loop-debug\.test\.ts:/,
    );
    expect(bad).toMatch(
      /\nsourceTraceback: Object created at \(most recent call first\):\n.*event-loop-debug\.test\.ts:/,
    );
    expect(behind).toBe("behind");
    dispose(loop);
  });
});

test("a program runs the same way in debug mode", () => {
  const run = (debug: boolean): Trace =>
    trace(
      function* (log, loop) {
        function* worker(name: string, delay: number): Coroutine<void> {
          yield* sleep(delay);
          log.push([name, loop.time()]);
        }
        const tasks = [3, 1, 2].map((delay) => loop.createTask(worker(`w${delay}`, delay)));
        loop.callLater(1.5, () => tasks[0]?.cancel());
        yield* tasks[2];
        log.push(iteration(loop), inspect(loop.core).digestText());
      },
      { debug },
    );
  expect(run(true)).toEqual(run(false));
});

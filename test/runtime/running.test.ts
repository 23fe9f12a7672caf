import { afterEach, expect, test } from "vitest";
import { EventLoop } from "../../src/runtime/event-loop.ts";
import { getEventLoop, getRunningLoop, runningLoop } from "../../src/runtime/running.ts";
import { newEventLoop, setEventLoop } from "../../src/runners/event-loops.ts";
import { attempt, dispose, newLoop, trace } from "../support/programs.ts";

afterEach(() => setEventLoop(null));

test("POLICY-01 getEventLoop gives the running loop, else the chosen one, else fails", () => {
  expect(attempt(() => getEventLoop())).toBe("RuntimeError('There is no current event loop')");
  const chosen = newLoop();
  setEventLoop(chosen);
  expect(getEventLoop()).toBe(chosen);
  const log = trace(function* (log, loop) {
    log.push(getEventLoop() === loop, getRunningLoop() === loop, runningLoop() === loop);
    loop.callSoon(() => log.push(getEventLoop() === loop));
  });
  expect(log).toEqual([true, true, true, true]);
  expect(getEventLoop()).toBe(chosen);
  expect(runningLoop()).toBeNull();
  expect(attempt(() => getRunningLoop())).toBe("RuntimeError('no running event loop')");
  dispose(chosen);
});

test("POLICY-02 setEventLoop takes a loop or null", () => {
  const loop = newLoop();
  setEventLoop(loop);
  for (const bad of [5, "loop", {}, undefined])
    expect(() => setEventLoop(bad as never)).toThrow(/^loop must be an instance of EventLoop or null, not /);
  expect(() => setEventLoop(5 as never)).toThrow(TypeError);
  expect(getEventLoop()).toBe(loop);
  dispose(loop);
});

test("POLICY-07 newEventLoop chooses nothing", () => {
  const loop = newEventLoop();
  expect(loop).toBeInstanceOf(EventLoop);
  expect(attempt(() => getEventLoop())).toBe("RuntimeError('There is no current event loop')");
  loop.close();
});

test("LOOP-20 no loop is the running one behind a run, also when that failed", () => {
  const loop = newLoop();
  attempt(() =>
    loop.runUntilCompleteSync(
      (function* () {
        throw new RangeError();
      })(),
    ),
  );
  attempt(() => loop.runForeverSync()); // a deadlock
  expect(runningLoop()).toBeNull();
  dispose(loop);
});

import { afterEach, expect, test } from "vitest";
import { getEventLoop, getRunningLoop, setEventLoop } from "wasyncio";
import { runningLoop } from "../../../src/runtime/loop.ts";
import { attempt } from "../../support/outcomes.ts";
import { dispose, newLoop, trace } from "../../support/stage.ts";

afterEach(() => setEventLoop(null));

test("getEventLoop gives the running loop in callbacks too, and the chosen one again behind the run", () => {
  const chosen = newLoop();
  setEventLoop(chosen);
  const log = trace(function* (log, loop) {
    log.push(getEventLoop() === loop, getRunningLoop() === loop, runningLoop() === loop);
    loop.callSoon(() => log.push(getEventLoop() === loop));
  });
  expect(log).toEqual([true, true, true, true]);
  expect(getEventLoop()).toBe(chosen);
  expect(runningLoop()).toBeNull();
  dispose(chosen);
});

test("no loop is the running one behind a run that failed", () => {
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

import { expect, test } from "vitest";
import { EventLoop, getEventLoop, getRunningLoop, newEventLoop, setEventLoop } from "wasyncio";
import { giving } from "../../support/coroutines.ts";
import { attempt } from "../../support/outcomes.ts";
import { fullTrace } from "../../support/stage.ts";

test("newEventLoop makes a loop that does not become the current one", async () => {
  const loop = newEventLoop();
  expect(loop).toBeInstanceOf(EventLoop);
  expect(attempt(getEventLoop)).toBe("RuntimeError('There is no current event loop')");
  expect(await loop.runUntilComplete(giving(1))).toBe(1);
  loop.close();
});

test("setEventLoop chooses the loop for while none runs; the one that runs comes first", () => {
  const loop = newEventLoop();
  setEventLoop(loop);
  expect(getEventLoop()).toBe(loop);
  fullTrace(function* (_, running) {
    expect([getEventLoop(), getRunningLoop()]).toEqual([running, running]);
  });
  expect(getEventLoop()).toBe(loop);
  setEventLoop(null);
  expect(attempt(getEventLoop)).toBe("RuntimeError('There is no current event loop')");
  loop.close();
});

test("setEventLoop refuses what is no loop, and keeps the choice", () => {
  const loop = newEventLoop();
  setEventLoop(loop);
  for (const bad of [5, undefined, {}, EventLoop]) {
    expect(attempt(() => setEventLoop(bad as unknown as EventLoop))).toMatch(
      /^TypeError\('loop must be an instance of EventLoop or null, not /,
    );
  }
  expect(getEventLoop()).toBe(loop);
  setEventLoop(null);
  loop.close();
});

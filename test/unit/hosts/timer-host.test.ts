// What all real hosts have in common, over timers in the hands of the test: late ones, early ones, throttled ones.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EventLoop, type Host } from "wasyncio";
import { createHost as createBrowserHost } from "../../../src/hosts/browser/clock.ts";
import { createHost as createGenericHost } from "../../../src/hosts/generic/clock.ts";
import { createHost as createWorkerdHost } from "../../../src/hosts/workerd/clock.ts";
import { ProgramFolder } from "../../support/program-folder.ts";

const HOSTS: [name: string, create: () => Host][] = [
  ["browser", createBrowserHost],
  ["generic", createGenericHost],
  ["workerd", createWorkerdHost],
];

/** Lets messages through: they come between the immediates, which are real. */
const messagesPass = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
};

describe("late and early timers", () => {
  /** How many milliseconds a timer really takes. */
  let clamp: (ms: number) => number;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const { setTimeout: fake } = globalThis;
    vi.stubGlobal("setTimeout", (callback: () => void, ms: number) => fake(callback, clamp(ms)));
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  /** Runs callbacks at some deadlines. Returns them in their order, each with the time at which it was called. */
  async function fire(host: Host, milliseconds: readonly number[]): Promise<[deadline: number, at: number][]> {
    const loop = new EventLoop(host);
    const fired: [number, number][] = [];
    const start = loop.time();
    for (const ms of milliseconds) {
      loop.callAt(start + ms / 1000, () => {
        fired.push([ms, Math.round((loop.time() - start) * 1000)]);
        if (fired.length === milliseconds.length) loop.stop();
      });
    }
    const run = loop.runForever();
    for (let i = 0; i < 10 && loop.isRunning(); i++) {
      await messagesPass();
      await vi.advanceTimersByTimeAsync(2000);
    }
    await run;
    loop.close();
    return fired;
  }

  test.each(HOSTS)(
    "%s: throttled to a second, as in a background tab, they change when, not what first",
    async (_, create) => {
      clamp = (ms) => Math.ceil(Math.max(ms, 1) / 1000) * 1000;
      const fired = await fire(create(), [1500, 30, 10, 20, 10, 900]);
      expect(fired.map(([deadline]) => deadline)).toEqual([10, 10, 20, 30, 900, 1500]);
      for (const [deadline, at] of fired) expect(at).toBeGreaterThanOrEqual(deadline);
    },
  );

  test.each(HOSTS)("%s: clamped to 4 ms, they fire all the same", async (_, create) => {
    clamp = (ms) => Math.max(ms, 4);
    expect((await fire(create(), [3, 1, 2])).map(([deadline]) => deadline)).toEqual([1, 2, 3]);
  });

  test.each(HOSTS)(
    "%s: one that comes before its deadline, by a coarse clock, is waited for again",
    async (_, create) => {
      clamp = (ms) => Math.max(0, ms - 1) || 1;
      const fired = await fire(create(), [10, 5]);
      expect(fired.map(([deadline]) => deadline)).toEqual([5, 10]);
      for (const [deadline, at] of fired) expect(at).toBeGreaterThanOrEqual(deadline);
    },
  );
});

test.each(HOSTS)("%s: what is put in the place of timers and clock later is not for a loop", async (_, create) => {
  const loop = new EventLoop(create());
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
  try {
    loop.callLater(0.005, () => loop.stop());
    await loop.runForever();
  } finally {
    vi.useRealTimers();
    loop.close();
  }
});

describe("a host of which nothing is known", () => {
  test("needs no process, no immediates and no messages, and lets its process end", async () => {
    const folder = await ProgramFolder.create("unknown");
    const { end, stdout, stderr } = await folder.run(`
      import { writeSync } from "node:fs";
      globalThis.process = { env: {} };
      for (const name of ["setImmediate", "clearImmediate", "MessageChannel", "FinalizationRegistry"]) delete globalThis[name];
      const { run, sleep, gather, wrapFuture } = await import("./wasyncio.mjs");
      await run(function* () {
        function* busy() { for (let i = 0; i < 1000; i++) yield* sleep(0); }
        yield* gather(Array.from({ length: 20 }, busy));
        yield* sleep(0.02);
        writeSync(1, yield* wrapFuture(Promise.resolve("fine")));
      });
    `);
    folder.remove();
    expect([end, stdout, stderr]).toEqual([0, "fine", ""]);
  });

  test("ends Node's process, too, when it waits for what never comes: nobody is told", async () => {
    const folder = await ProgramFolder.create("unknown");
    const { end, stdout } = await folder.run(`
      import { run, getRunningLoop } from "./wasyncio.mjs";
      run(() => getRunningLoop().createFuture()).finally(() => console.log("never"));
    `);
    folder.remove();
    expect([end, stdout]).toEqual([0, ""]);
  });
});

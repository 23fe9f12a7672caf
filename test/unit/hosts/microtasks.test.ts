// Turns by microtasks: when they come, and that a loop which promises wake again and again lets all others through.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Coroutine, EventLoop, wrapFuture } from "wasyncio";
import { immediates } from "../../../src/hosts/parts/immediates.ts";
import type * as Microtasks from "../../../src/hosts/parts/microtasks.ts";
import { createTimerHost } from "../../../src/hosts/parts/timer-host.ts";

let microtasks: typeof Microtasks.microtasks;

beforeEach(async () => {
  vi.resetModules(); // turns are counted for all loops of a process
  ({ microtasks } = await import("../../../src/hosts/parts/microtasks.ts"));
});
afterEach(() => vi.restoreAllMocks());

const immediate = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe("a turn by a microtask", () => {
  test("comes behind the code that asks for it, and before the next immediate", async () => {
    const log: string[] = [];
    const turns = microtasks(() => log.push("turn"));
    setImmediate(() => log.push("immediate"));
    turns.request();
    log.push("asked");
    await immediate();
    expect(log).toEqual(["asked", "turn", "immediate"]);
  });

  test("comes until all have taken a slice together, and then one by an immediate", async () => {
    const log: string[] = [];
    const times = [0, 1, 1, 3.5, 10, 10, 10, 11]; // of the beginning and the end of each turn by a microtask
    vi.spyOn(performance, "now").mockImplementation(() => times.shift() ?? NaN);
    const turns = microtasks(() => log.push("turn"));
    const ask = async (): Promise<string[]> => {
      setImmediate(() => log.push("immediate"));
      turns.request();
      await immediate();
      return log.splice(0);
    };
    expect(await ask()).toEqual(["turn", "immediate"]); // 1 ms
    expect(await ask()).toEqual(["turn", "immediate"]); // 3.5
    expect(await ask()).toEqual(["turn", "immediate"]); // 3.5: it took no time
    expect(await ask()).toEqual(["turn", "immediate"]); // 4.5
    expect(await ask()).toEqual(["immediate", "turn"]);
    times.push(0, 0);
    expect(await ask()).toEqual(["turn", "immediate"]);
  });

  test("is counted with those of other loops: each of them may be made for one turn alone", async () => {
    let count = 0;
    for (let each = 0; each < 20; each++) {
      microtasks(() => count++).request();
      await Promise.resolve();
      await Promise.resolve();
    }
    expect(count).toBe(19);
    await immediate();
    expect(count).toBe(20);
  });

  test("is one of sixteen, of which the last comes by an immediate, however short they are", async () => {
    vi.spyOn(performance, "now").mockReturnValue(0);
    let count = 0;
    const turns = microtasks(() => count++);
    for (let round = 1; round <= 3; round++) {
      for (let each = 0; each < 16; each++) {
        turns.request();
        await Promise.resolve();
      }
      expect(count).toBe(16 * round - 1);
      await immediate();
      expect(count).toBe(16 * round);
    }
  });

  test("that is cancelled does not come, and one that is asked for then comes once", async () => {
    for (const spent of [0, 5]) {
      let count = 0;
      let now = 0;
      vi.spyOn(performance, "now").mockImplementation(() => (now += spent));
      const turns = microtasks(() => count++);
      turns.request();
      await immediate();
      expect(count).toBe(1);
      turns.request();
      turns.cancel();
      await immediate();
      expect(count).toBe(1);
      turns.request();
      turns.cancel();
      turns.request();
      await immediate();
      expect(count).toBe(2);
    }
  });
});

test("a loop that promises wake for ever lets immediates and timers through", async () => {
  const host = createTimerHost({ waking: microtasks, yielding: immediates });
  const loop = new EventLoop(host);
  let others = 0;
  let turns = 0;
  const isOver = (): boolean => others >= 20;
  const again = (): void => {
    others++;
    if (!isOver()) setImmediate(again);
  };
  setImmediate(again);
  let isTimerThrough = false;
  setTimeout(() => (isTimerThrough = true), 0);
  await loop.runUntilComplete(
    (function* (): Coroutine<void> {
      while (!isOver() || !isTimerThrough) {
        yield* wrapFuture(Promise.resolve());
        turns++;
      }
    })(),
  );
  loop.close();
  expect(turns).toBeGreaterThan(others);
});

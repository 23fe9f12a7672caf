// Turns by microtasks: when they come, and that a loop which promises wake again and again lets all others through.

import { describe, expect, test } from "vitest";
import { type Coroutine, EventLoop, wrapFuture } from "wasyncio";
import { immediates } from "../../../src/hosts/parts/immediates.ts";
import { microtasks } from "../../../src/hosts/parts/microtasks.ts";
import { createTimerHost } from "../../../src/hosts/parts/timer-host.ts";

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

  test("is one of sixteen, of which the last comes by an immediate", async () => {
    const log: string[] = [];
    const turns = microtasks(() => log.push("turn"));
    for (let round = 0; round < 3; round++) {
      for (let count = 0; count < 15; count++) {
        turns.request();
        await Promise.resolve();
      }
      turns.request();
      await Promise.resolve();
      await Promise.resolve();
      expect(log).toHaveLength(16 * round + 15);
      await immediate();
      expect(log).toHaveLength(16 * round + 16);
    }
  });

  test("that is cancelled does not come, and one that is asked for then comes once", async () => {
    for (const before of [0, 15]) {
      let count = 0;
      const turns = microtasks(() => count++);
      for (let each = 0; each < before; each++) {
        turns.request();
        await Promise.resolve();
      }
      count = 0;
      turns.request();
      turns.cancel();
      await immediate();
      expect(count).toBe(0);
      turns.request();
      turns.cancel();
      turns.request();
      await immediate();
      expect(count).toBe(1);
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
  expect(turns).toBeGreaterThan(15 * 19);
});

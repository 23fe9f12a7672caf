import { describe, expect, test } from "vitest";
import { DeadlockError, createTask, getEventLoop, getRunningLoop, run, sleep, wrapFuture } from "wasyncio";
import { VirtualEventLoop, runSync } from "wasyncio/testing";
import { attempt } from "../../support/outcomes.ts";

describe("runSync", () => {
  test("returns what the program returns, and an hour takes no time", () => {
    const [value, time] = runSync(function* () {
      yield* sleep(3600);
      return ["done", getRunningLoop().time()];
    });
    expect([value, time]).toEqual(["done", 3600]);
    expect(runSync(() => sleep(1, 5))).toBe(5);
  });

  test("throws what the program throws, and DeadlockError when nothing can run any more", () => {
    const failing = function* () {
      yield* sleep(1);
      throw new RangeError("x");
    };
    expect(() => runSync(failing)).toThrow(RangeError);
    expect(() => runSync(() => wrapFuture(Promise.resolve(1)))).toThrow(DeadlockError);
  });

  test("cancels what is left, waits for it, and leaves no loop behind", () => {
    const log: unknown[] = [];
    const loop = runSync(function* () {
      createTask(
        (function* () {
          try {
            yield* sleep(60);
          } finally {
            yield* sleep(1);
            log.push(getRunningLoop().time());
          }
        })(),
      );
      yield* sleep(1);
      return getRunningLoop();
    });
    expect(log).toEqual([2]);
    expect([loop instanceof VirtualEventLoop, loop.isClosed()]).toEqual([true, true]);
    expect(attempt(getEventLoop)).toBe("RuntimeError('There is no current event loop')");
  });

  test("has its loop in debug mode when asked", () => {
    const debug = () =>
      (function* () {
        return getRunningLoop().getDebug();
      })();
    expect([runSync(debug), runSync(debug, { debug: true })]).toEqual([false, true]);
  });

  test("is refused inside a running loop, and for an async function", async () => {
    expect(
      attempt(() =>
        runSync(async () => {
          await Promise.resolve();
        }),
      ),
    ).toMatch(/^TypeError\('Cannot run an async function/);
    const inside = await run(function* () {
      return attempt(() => runSync(() => sleep(1)));
    });
    expect(inside).toBe("RuntimeError('runSync() cannot be called from a running event loop')");
  });
});

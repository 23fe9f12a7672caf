import { describe, expect, test, vi } from "vitest";
import { Context, ContextVar, Handle, TimerHandle } from "wasyncio";
import { slotsInUse } from "../../support/counters.ts";
import { withoutPlaces } from "../../support/outcomes.ts";
import { dispose, newLoop, runOnce } from "../../support/stage.ts";

function work(..._args: unknown[]): void {}

describe("cancelling", () => {
  test("works in every state of a handle, and touches no other one", () => {
    const loop = newLoop();
    const callback = vi.fn();
    // A cancelled timer gives its slot to the next handle: cancelling it again must not reach that one.
    const timer = loop.callLater(1, work);
    timer.cancel();
    const successor = loop.callLater(2, callback);
    timer.cancel();
    expect(successor.cancelled()).toBe(false);
    const own = loop.callSoon(() => {
      own.cancel(); // while it runs
      loop.callSoon(callback);
    });
    runOnce(loop);
    own.cancel();
    runOnce(loop);
    expect(callback).toHaveBeenCalledTimes(1);
    successor.cancel();
    dispose(loop);
  });

  test("a handle that is cancelled and collected by the loop frees its slot", () => {
    const loop = newLoop();
    const handles = Array.from({ length: 100 }, (_, i) =>
      i % 2 === 0 ? loop.callSoon(work) : loop.callLater(i, work),
    );
    expect(slotsInUse(loop)).toBe(100);
    for (const handle of handles) handle.cancel();
    runOnce(loop);
    expect(slotsInUse(loop)).toBe(0);
    dispose(loop);
  });
});

describe("calling", () => {
  test("passes the arguments on", () => {
    const loop = newLoop();
    const callback = vi.fn();
    loop.callSoon(callback, 1, "two", null);
    loop.callLater(0, callback, { three: 3 });
    loop.callAt(0, callback);
    runOnce(loop);
    expect(callback.mock.calls).toEqual([[1, "two", null], [{ three: 3 }], []]);
    dispose(loop);
  });

  test("takes a context behind the arguments, and nothing else that looks like one", () => {
    const loop = newLoop();
    const variable = new ContextVar("variable", { default: "-" });
    const context = new Context();
    context.run(() => variable.set("given"));
    const callback = vi.fn((..._args: unknown[]) => variable.get());
    const handle = loop.callSoon(callback, 1, { context });
    loop.callSoon(callback, { context, more: 1 });
    loop.callSoon(callback, { context: 5 });
    runOnce(loop);
    expect(handle.getContext()).toBe(context);
    expect(callback.mock.calls).toEqual([[1], [{ context, more: 1 }], [{ context: 5 }]]);
    expect(callback.mock.results.map(({ value }) => value as unknown)).toEqual(["given", "-", "-"]);
    dispose(loop);
  });
});

describe("timer handles", () => {
  test("know their deadline", () => {
    const loop = newLoop();
    const timers = [loop.callLater(1.5, work), loop.callAt(7, work), loop.callLater({ seconds: 2 }, work)];
    expect(timers.map((timer) => timer.when())).toEqual([1.5, 7, 2]);
    for (const timer of timers) {
      expect(timer).toBeInstanceOf(TimerHandle);
      expect(timer).toBeInstanceOf(Handle);
      timer.cancel();
    }
    expect(timers[0]?.when()).toBe(1.5);
    dispose(loop);
  });
});

describe("a callback that cancels its own handle and throws", () => {
  test.each([false, true])("is reported as null, as CPython's None; debug mode: %s", (debug) => {
    const log: unknown[] = [];
    const loop = newLoop(log);
    loop.setDebug(debug);
    const fail = (): never => {
      handle.cancel();
      throw new RangeError("x");
    };
    let handle = loop.callSoon(fail);
    runOnce(loop);
    handle = loop.callLater<unknown[]>(0, fail, 1, 2);
    runOnce(loop);
    dispose(loop);
    const report = ["EH", "Exception in callback null()", "RangeError('x')"];
    expect(log.filter((entry) => (entry as string[])[0] === "EH")).toEqual([report, report]);
  });
});

describe("text", () => {
  test("shows the arguments in debug mode, and where it was made", () => {
    const loop = newLoop();
    loop.setDebug(true);
    const handle = loop.callSoon(work, 1, "two");
    expect(withoutPlaces(String(handle))).toBe("<Handle work(1, 'two') created at PLACE>");
    expect(String(handle)).toContain("handle.test.ts");
    handle.cancel();
    expect(withoutPlaces(String(handle))).toBe("<Handle cancelled work(1, 'two') created at PLACE>");
    dispose(loop);
  });
});

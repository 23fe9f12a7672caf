import { describe, expect, test } from "vitest";
import { type Awaitable, type Coroutine, EventLoop, Task, createTask, shield, sleep } from "wasyncio";
import { giving, nothing, spin, throwing } from "../../support/coroutines.ts";
import { iteration } from "../../support/counters.ts";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { fullTrace } from "../../support/stage.ts";

describe("shield", () => {
  test("makes a task at the call", () => {
    const log = fullTrace(function* (log, loop) {
      const before = loop.pendingTasks().length;
      const outer = shield(spin(1));
      log.push(outer instanceof Task, loop.pendingTasks().length - before);
      yield* outer;
    });
    expect(log).toEqual([false, 1]);
  });

  test("ends its awaiter in the next iteration when that is cancelled", () => {
    const log = fullTrace(function* (log, loop) {
      const inner = createTask(sleep(1));
      const awaiter = createTask(shieldInside(inner));
      yield* spin(2);
      awaiter.cancel();
      const start = iteration(loop);
      log.push(yield* attemptAwait(awaiter), iteration(loop) - start);
    });
    // The awaiter ends in the next iteration, who awaits it wakes in the one after.
    expect(log).toEqual(["CancelledError()", 2]);
  });

  test("takes its callback off what it shields when it is cancelled", () => {
    const log = fullTrace(function* (log) {
      const inner = createTask(sleep(5));
      const outer = shield(inner);
      log.push(String(inner).includes("cb="));
      outer.cancel();
      yield* sleep(0);
      log.push(String(inner).includes("cb="));
    });
    expect(log).toEqual([true, false]);
  });

  test("keeps what it shields alive without any other reference to it", () => {
    const log = fullTrace(function* (log) {
      function* inner() {
        yield* sleep(5);
        log.push("finished");
      }
      shield(inner()).cancel();
      yield* sleep(9);
    });
    expect(log).toEqual(["finished"]);
  });

  test("passes result and error on", () => {
    const log = fullTrace(function* (log) {
      log.push(yield* shield(sleep(1, "r")));
      log.push(yield* attemptAwait(shield(throwing(new RangeError("e")))));
      log.push(yield* attemptAwait(shield(throwing("text"))));
    });
    expect(log).toEqual(["r", "RangeError('e')", "not an error: text"]);
  });

  test("keeps an outcome that the program has given the outer future itself, and reports the inner's", () => {
    const log = fullTrace(function* (log, loop) {
      for (const inner of [giving("inner"), throwing(new RangeError("inner"))]) {
        const outer = shield<unknown>(inner);
        loop.callSoon(() => outer.setResult("own")); // in the very iteration in which the inner ends
        yield* spin(3);
        log.push(outer.result());
      }
    });
    const report = ["EH", "Exception in callback onInnerDone()", "InvalidStateError('invalid state')"];
    expect(log).toEqual([report, "own", report, "own"]);
  });

  test("refuses what cannot be awaited", () => {
    const log = fullTrace(function* (log) {
      for (const bad of [5, null, nothing]) log.push(attempt(() => shield(bad as unknown as Awaitable<void>)));
    });
    expect(log).toEqual([
      "TypeError('A Future, a coroutine or an awaitable is required, got 5')",
      "TypeError('A Future, a coroutine or an awaitable is required, got null')",
      "TypeError('A Future, a coroutine or an awaitable is required, got <function nothing>')",
    ]);
    expect(attempt(() => shield(nothing()))).toBe("RuntimeError('There is no current event loop')");
  });

  test("takes a promise", async () => {
    const loop = new EventLoop();
    expect(await loop.runUntilComplete(shieldInside(Promise.resolve("p")))).toBe("p");
    loop.close();
  });
});

function* shieldInside<T>(awaitable: Awaitable<T>): Coroutine<T> {
  return yield* shield(awaitable);
}

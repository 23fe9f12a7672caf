import { describe, expect, test } from "vitest";
import { type Awaitable, type Coroutine, EventLoop, Future, Task, createTask, shield, sleep } from "wasyncio";
import {
  attempt,
  attemptAwait,
  fail,
  give,
  iteration,
  nothing,
  runProgram,
  spin,
} from "../support/virtual-programs.ts";

describe("shield", () => {
  test("makes a task at the call and gives a new plain future, or the future itself when it is done (SHIELD-01)", () => {
    const log = runProgram(function* (log, loop) {
      const before = loop.pendingTasks().length;
      const outer = shield(spin(1));
      log.push(outer instanceof Future, outer instanceof Task, loop.pendingTasks().length - before);
      const done = loop.createFuture<number>();
      done.setResult(1);
      log.push(shield(done) === done);
      yield* outer;
    });
    expect(log).toEqual([true, false, 1, true]);
  });

  test("lets what it shields run on when its awaiter is cancelled (SHIELD-02)", () => {
    const log = runProgram(function* (log, loop) {
      function* work() {
        yield* sleep(1);
        log.push("inner done");
      }
      const inner = createTask(work());
      function* main(): Coroutine<void> {
        yield* shield(inner);
      }
      const awaiter = createTask(main());
      yield* spin(2);
      awaiter.cancel();
      const start = iteration(loop);
      log.push(yield* attemptAwait(awaiter), iteration(loop) - start, inner.done());
      yield* inner;
    });
    // The awaiter ends in the next iteration, who awaits it wakes in the one after.
    expect(log).toEqual(["CancelledError()", 2, false, "inner done"]);
  });

  test("is cancelled when what it shields is, without the message (SHIELD-03)", () => {
    const log = runProgram(function* (log) {
      const inner = createTask(spin(9));
      const outer = shield(inner);
      yield* sleep(0);
      inner.cancel("m");
      log.push(yield* attemptAwait(outer), outer.cancelled());
    });
    expect(log).toEqual(["CancelledError()", true]);
  });

  test("is done one iteration after what it shields, and wakes its awaiter in the next (SHIELD-04)", () => {
    const log = runProgram(function* (log, loop) {
      function* inner() {
        log.push(["inner", iteration(loop)]);
      }
      yield* shield(inner());
      log.push(iteration(loop));
    });
    expect(log).toEqual([["inner", 2], 4]);
  });

  test("leaves an error that comes after the outer was cancelled to the report at the end (SHIELD-05)", () => {
    const log = runProgram(function* (log) {
      function* inner() {
        yield* sleep(1);
        throw new RangeError("late");
      }
      function* awaiter() {
        yield* shield(inner());
      }
      const task = createTask(awaiter());
      yield* spin(2);
      task.cancel();
      log.push(yield* attemptAwait(task));
      yield* sleep(2);
    });
    expect(log).toEqual(["CancelledError()", ["reported", "Task exception was never retrieved", "RangeError('late')"]]);
  });

  test("takes its callback off what it shields when it is cancelled", () => {
    const log = runProgram(function* (log) {
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
    const log = runProgram(function* (log) {
      function* inner() {
        yield* sleep(5);
        log.push("finished");
      }
      shield(inner()).cancel();
      yield* sleep(9);
    });
    expect(log).toEqual(["finished"]);
  });

  test("may be nested: only a cancel of the inner itself reaches it (SHIELD-07)", () => {
    const log = runProgram(function* (log) {
      const inner = createTask(spin(20));
      const outer = shield(shield(inner));
      yield* sleep(0);
      outer.cancel();
      yield* attemptAwait(outer);
      yield* spin(2);
      log.push(inner.done());
      inner.cancel();
      yield* attemptAwait(inner);
      log.push(inner.cancelled());
    });
    expect(log).toEqual([false, true]);
  });

  test("passes result and error on", () => {
    const log = runProgram(function* (log) {
      log.push(yield* shield(sleep(1, "r")));
      log.push(yield* attemptAwait(shield(fail(new RangeError("e")))));
      log.push(yield* attemptAwait(shield(fail("text"))));
    });
    expect(log).toEqual(["r", "RangeError('e')", "not an error: text"]);
  });

  test("keeps an outcome that the program has given the outer future itself, and reports the inner's", () => {
    const log = runProgram(function* (log, loop) {
      for (const inner of [give("inner"), fail(new RangeError("inner"))]) {
        const outer = shield<unknown>(inner);
        loop.callSoon(() => outer.setResult("own")); // in the very iteration in which the inner ends
        yield* spin(3);
        log.push(outer.result());
      }
    });
    const report = ["reported", "Exception in callback onInnerDone()", "InvalidStateError('invalid state')"];
    expect(log).toEqual([report, "own", report, "own"]);
  });

  test("refuses what cannot be awaited", () => {
    const log = runProgram(function* (log) {
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

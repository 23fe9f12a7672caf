import { describe, expect, test } from "vitest";
import { CancelledError, abortable, createTask, currentTask, timeout, wrapFuture } from "wasyncio";
import { spin } from "../../support/coroutines.ts";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import type { Trace } from "../../support/stage.ts";
import { runOnHost } from "./on-host.ts";

/** A request as `fetch` makes them: rejects with the signal's reason when that is aborted. */
function request(log: Trace): (signal: AbortSignal) => Promise<string> {
  return (signal) =>
    new Promise((_, reject) => {
      log.push("requested");
      signal.addEventListener("abort", () => {
        log.push("aborted", signal.reason);
        reject(signal.reason as Error);
      });
    });
}

describe("abortable", () => {
  test("gives what the promise gives, and throws what it rejects with, without aborting", async () => {
    const signals: AbortSignal[] = [];
    const log = await runOnHost(function* (log) {
      log.push(
        yield* abortable((signal) => {
          signals.push(signal);
          return Promise.resolve("value");
        }),
      );
      log.push(
        yield* attemptAwait(
          abortable((signal) => {
            signals.push(signal);
            return Promise.reject(new RangeError("rejected"));
          }),
        ),
      );
    });
    expect(log).toEqual(["value", "RangeError('rejected')"]);
    expect(signals.map((signal) => signal.aborted)).toEqual([false, false]);
  });

  test("aborts the signal when its task is cancelled, with the CancelledError as the reason", async () => {
    const log = await runOnHost(function* (log) {
      let caught: unknown;
      function* work() {
        try {
          yield* abortable(request(log));
        } catch (error) {
          caught = error;
          throw error;
        }
      }
      const task = createTask(work());
      yield* spin(2);
      task.cancel("because");
      log.push(yield* attemptAwait(task));
      log.push(caught === log[2], caught instanceof CancelledError);
    });
    expect(log).toEqual(["requested", "aborted", expect.any(CancelledError), "CancelledError('because')", true, true]);
  });

  test("aborts at a deadline", async () => {
    const log = await runOnHost(function* (log) {
      log.push(yield* attemptAwait(timeout(0).with(() => abortable(request(log)))), currentTask()?.cancelling());
    });
    expect(log).toEqual(["requested", "aborted", expect.any(CancelledError), "TimeoutError()", 0]);
  });

  test("aborts when its task had been cancelled before it came to wait", async () => {
    const log = await runOnHost(function* (log) {
      function* work() {
        currentTask()?.cancel();
        yield* abortable(request(log));
      }
      log.push(yield* attemptAwait(createTask(work())));
    });
    expect(log).toEqual(["requested", "aborted", expect.any(CancelledError), "CancelledError()"]);
  });

  test("of a task that is cancelled before its first step requests nothing", async () => {
    const log = await runOnHost(function* (log) {
      const task = createTask(abortable(request(log)));
      task.cancel();
      log.push(yield* attemptAwait(task));
    });
    expect(log).toEqual(["CancelledError()"]);
  });

  test("does not abort what has come already when the cancel comes", async () => {
    const log = await runOnHost(function* (log, loop) {
      const future = loop.createFuture<string>();
      let signal: AbortSignal | undefined;
      const task = createTask(
        abortable((given) => {
          signal = given;
          return future;
        }),
      );
      yield* spin(2);
      future.setResult("v");
      task.cancel();
      log.push(yield* attemptAwait(task), signal?.aborted);
    });
    expect(log).toEqual(["CancelledError()", false]);
  });

  test("goes on unwinding at once, whatever the promise does later", async () => {
    let resolve: (value: string) => void = () => {};
    let reject: (error: unknown) => void = () => {};
    const log = await runOnHost(function* (log) {
      for (const end of [() => resolve("late"), () => reject(new RangeError("late"))]) {
        const task = createTask(
          abortable(
            () =>
              new Promise<string>((...settle) => {
                [resolve, reject] = settle;
              }),
          ),
        );
        yield* spin(2);
        task.cancel();
        log.push(yield* attemptAwait(task));
        end();
        for (let i = 0; i < 3; i++) yield* wrapFuture(Promise.resolve());
      }
    });
    expect(log).toEqual(["CancelledError()", "CancelledError()"]);
  });

  test("takes the first answer of a thenable that answers twice", async () => {
    const thenable = {
      then(resolve: (value: number) => void, reject: (error: unknown) => void) {
        resolve(1);
        resolve(2);
        reject(new Error("no"));
      },
    } as PromiseLike<number>;
    const log = await runOnHost(function* (log) {
      log.push(yield* abortable(() => thenable));
    });
    expect(log).toEqual([1]);
  });

  test("refuses what is no function at the call, and one that gives no promise when it is awaited", async () => {
    for (const bad of [5, null, Promise.resolve()]) {
      expect(attempt(() => abortable(bad as unknown as () => Promise<void>))).toMatch(
        /^TypeError\('Cannot call abortable: expected a function, got /,
      );
    }
    const log = await runOnHost(function* (log) {
      log.push(yield* attemptAwait(abortable(() => 5 as unknown as Promise<void>)));
      log.push(
        yield* attemptAwait(
          abortable(() => {
            throw new RangeError("at once");
          }),
        ),
      );
    });
    expect(log).toEqual(["TypeError('Cannot wrap future: expected a promise, got 5')", "RangeError('at once')"]);
  });

  test("works with fetch itself, and its body", async () => {
    const log = await runOnHost(function* (log) {
      log.push(yield* abortable(async (signal) => (await fetch("data:text/plain,hello", { signal })).text()));
    });
    expect(log).toEqual(["hello"]);
  });
});

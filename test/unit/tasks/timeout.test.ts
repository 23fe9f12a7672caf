import { describe, expect, test } from "vitest";
import {
  type Awaitable,
  CancelledError,
  type Coroutine,
  type Delay,
  ExceptionGroup,
  Timeout,
  asCompleted,
  createTask,
  currentTask,
  gather,
  getRunningLoop,
  sleep,
  timeout,
  timeoutAt,
  waitFor,
} from "wasyncio";
import { giving, nothing, throwing } from "../../support/coroutines.ts";
import { timers } from "../../support/counters.ts";
import { attempt, attemptAwait, describeError } from "../../support/outcomes.ts";
import { type Trace, fullTrace } from "../../support/stage.ts";

describe("timeout", () => {
  test("timeoutAt(null) never fires, and can be armed later", () => {
    const log = fullTrace(function* (log, loop) {
      const scope = timeoutAt(null);
      const block = scope.with(function* () {
        log.push(scope.when());
        scope.reschedule(3);
        yield* sleep(9);
      });
      log.push(yield* attemptAwait(block), loop.time());
    });
    expect(log).toEqual([null, "TimeoutError()", 3]);
  });

  test("says its deadline in milliseconds' precision", () => {
    const log = fullTrace(function* (log) {
      for (const delay of [1.00049, null]) {
        yield* timeout(delay).with(function* (scope) {
          log.push(String(scope));
        });
      }
    });
    expect(log).toEqual(["<Timeout [active] when=1>", "<Timeout [active] when=null>"]);
  });

  test("is not entered twice by with, nor moved when it has expired", () => {
    const log = fullTrace(function* (log) {
      const scope = timeout(1);
      log.push(yield* attemptAwait(scope.with(() => sleep(5))));
      log.push(yield* attemptAwait(scope.with(nothing)));
      log.push(attempt(() => scope.reschedule(9)));
    });
    expect(log).toEqual([
      "TimeoutError()",
      "RuntimeError('Timeout has already been entered')",
      "RuntimeError('Cannot change state of expired Timeout')",
    ]);
  });

  test("gives what its body returns, although it swallowed the cancellation", () => {
    const log = fullTrace(function* (log) {
      const block = timeout(1).with(function* () {
        try {
          yield* sleep(9);
        } catch {
          return "swallowed";
        }
        return "not cancelled";
      });
      log.push(yield* block);
    });
    expect(log).toEqual(["swallowed"]);
  });

  test("says which deadline has passed, in the chain of causes, too", () => {
    const messages: Trace = [];
    const note = (error: unknown): void => {
      messages.push((error as Error).message);
    };
    fullTrace(function* (_, loop) {
      const waits = [
        () => timeout(0.05).with(() => sleep(9)),
        () => timeout({ milliseconds: 250 }).with(() => sleep(9)),
        () => timeoutAt(loop.time() + 1.5).with(() => sleep(9)),
        () =>
          timeout(1).with(function* (scope) {
            scope.reschedule(loop.time() + 0.5);
            yield* sleep(9);
          }),
        () => waitFor(sleep(9), 2),
        () => waitFor(sleep(9), -1),
        ...asCompleted([sleep(9)], { timeout: 0.5 }),
      ];
      for (const wait of waits) {
        try {
          yield* typeof wait === "function" ? wait() : wait;
        } catch (error) {
          note(error);
        }
      }
      try {
        yield* timeout(3).with(function* () {
          try {
            yield* sleep(9);
          } catch (error) {
            throw new Error("instead", { cause: error });
          }
        });
      } catch (error) {
        note((error as Error).cause);
      }
    });
    expect(messages).toEqual([
      "timed out after 0.05 s",
      "timed out after 0.25 s",
      "timed out at 1.8 s",
      "timed out at 2.3 s",
      "timed out after 2 s",
      "timed out after 0 s",
      "timed out after 0.5 s",
      "timed out after 3 s",
    ]);
  });

  test("says its deadline without the rest of binary fractions", () => {
    const log = fullTrace(function* (log) {
      const block = timeout(0.1 + 0.2).with(() => sleep(9));
      try {
        yield* block;
      } catch (error) {
        log.push((error as Error).message);
      }
    });
    expect(log).toEqual(["timed out after 0.3 s"]);
  });

  test("puts a TimeoutError into the chain of causes of what the body throws instead, as deep as it is", () => {
    const log = fullTrace(function* (log) {
      function* instead(make: (cause: unknown) => unknown): Coroutine<void> {
        yield* timeout(1).with(function* () {
          try {
            yield* sleep(9);
          } catch (error) {
            throw make(error);
          }
        });
      }
      const chain = (error: unknown): string[] =>
        error instanceof Error ? [describeError(error), ...chain(error.cause)] : [];
      const makers: ((cause: unknown) => unknown)[] = [
        (cause) => new Error("a", { cause: new Error("b", { cause }) }),
        () => new Error("no cause"),
        () => "no error",
      ];
      for (const make of makers) {
        try {
          yield* instead(make);
        } catch (error) {
          log.push(chain(error));
        }
      }
      try {
        yield* instead((cause) => new ExceptionGroup("g", [new Error("m", { cause }), new Error("n")]));
      } catch (error) {
        log.push((error as ExceptionGroup).exceptions.map(chain));
      }
    });
    expect(log).toEqual([
      ["Error('a')", "Error('b')", "TimeoutError()", "CancelledError()"],
      ["Error('no cause')"],
      [],
      [["Error('m')", "TimeoutError()", "CancelledError()"], ["Error('n')"]],
    ]);
  });

  test("ends also when the causes of what the body throws go round in a circle", () => {
    const log = fullTrace(function* (log) {
      const [a, b] = [new Error("a"), new Error("b")];
      a.cause = b;
      b.cause = a;
      function* work() {
        yield* timeout(1).with(function* () {
          try {
            yield* sleep(9);
          } catch {
            throw a;
          }
        });
      }
      log.push(yield* attemptAwait(work()));
    });
    expect(log).toEqual(["Error('a')"]);
  });

  test("moves its deadline, and leaves no timer behind", () => {
    const log = fullTrace(function* (log, loop) {
      for (const when of [-1, null, 9]) {
        const block = timeout(1).with(function* (scope) {
          scope.reschedule(when);
          log.push(scope.when());
          yield* sleep(5);
        });
        yield* attemptAwait(block);
      }
      log.push(loop.time(), timers(loop).all - timers(loop).cancelled);
    });
    expect(log).toEqual([-1, null, 9, 9, 0]);
  });

  test("timeoutAt is called outside a loop too", () => {
    const scope = timeoutAt(4);
    const log = fullTrace(function* (log, loop) {
      yield* sleep(3);
      log.push(scope.when(), yield* attemptAwait(scope.with(() => sleep(9))), loop.time());
    });
    expect(log).toEqual([4, "TimeoutError()", 4]);
  });

  test("passes a CancelledError of the body's own on, with its message, and has not expired", () => {
    const log = fullTrace(function* (log) {
      for (const error of [new CancelledError(), new CancelledError("m")]) {
        const scope = timeout(5);
        log.push(yield* attemptAwait(scope.with(() => throwing(error))), scope.expired());
      }
    });
    expect(log).toEqual(["CancelledError()", false, "CancelledError('m')", false]);
  });

  test("is a manager: aenter gives the scope, aexit turns the error", () => {
    const log = fullTrace(function* (log, loop) {
      const scope = timeout({ seconds: 2 });
      log.push((yield* scope.aenter()) === scope, scope.when());
      yield* scope.aexit(undefined, false);
      log.push(scope.expired(), timers(loop).all - timers(loop).cancelled);
      const late = timeout(1);
      yield* late.aenter();
      try {
        yield* sleep(9);
      } catch (error) {
        log.push(yield* attemptAwait(late.aexit(error, true)));
      }
      log.push(yield* timeout(1).with(() => giving("result")));
    });
    expect(log).toEqual([true, 2, false, 0, "TimeoutError()", "result"]);
  });

  test("refuses what is no delay or deadline, and a body that is no function, before anything is armed", () => {
    const log = fullTrace(function* (log, loop) {
      for (const bad of [NaN, "1", undefined, {}]) log.push(attempt(() => timeout(bad as Delay)));
      for (const bad of [NaN, "1", undefined, { seconds: 1 }]) log.push(attempt(() => timeoutAt(bad as number)));
      log.push(attempt(() => new Timeout(NaN)));
      const scope = timeout(1);
      log.push(yield* attemptAwait(bodyOf(scope, 5)), String(scope));
      yield* scope.with(function* () {
        log.push(
          attempt(() => scope.reschedule(NaN)),
          scope.when(),
        );
      });
      log.push(timers(loop).all - timers(loop).cancelled);
    });
    expect(log).toEqual([
      "TypeError('Invalid delay: NaN (not a number)')",
      "TypeError('Invalid delay: expected seconds or a duration, got string')",
      "TypeError('Invalid delay: expected seconds or a duration, got undefined')",
      expect.stringContaining("TypeError('Invalid delay: expected seconds or one of"),
      "TypeError('Invalid deadline: expected seconds or null, got NaN')",
      "TypeError('Invalid deadline: expected seconds or null, got '1'')",
      "TypeError('Invalid deadline: expected seconds or null, got undefined')",
      `TypeError('Invalid deadline: expected seconds or null, got {"seconds":1}')`,
      "TypeError('Invalid deadline: expected seconds or null, got NaN')",
      "TypeError('Cannot enter: expected a function for the body, got 5')",
      "<Timeout [created]>",
      "TypeError('Invalid deadline: expected seconds or null, got NaN')",
      1,
      0,
    ]);
  });

  describe("entered with a request to stop that is still to be thrown", () => {
    const bodies: Record<string, (scope: Timeout) => Awaitable<unknown>> = {
      "a sleep": () => sleep(5),
      "a future": () => getRunningLoop().createFuture(),
      "children, which are cancelled first": () => gather(sleep(5), gather(sleep(5))),
      "nothing, and moved into the past": (scope) => {
        scope.reschedule(-1);
        return sleep(5);
      },
    };

    test.each([1, 0, -1].flatMap((delay) => Object.keys(bodies).map((name) => [delay, name] as const)))(
      "%d s, around %s: that comes out",
      (delay, name) => {
        const log = fullTrace(function* (log, loop) {
          const task = createTask(
            (function* () {
              currentTask()?.cancel("earlier");
              yield* timeout(delay).with(bodies[name]);
            })(),
          );
          log.push(String(yield* attemptAwait(task)).slice(0, 14), task.cancelled(), task.cancelling());
          log.push(loop.time());
        });
        expect(log).toEqual(["CancelledError", true, 1, 0]);
      },
    );

    test("expires all the same when the block swallows it and waits on", () => {
      const log = fullTrace(function* (log, loop) {
        const scope = timeout(1);
        currentTask()?.cancel("earlier");
        const block = scope.with(function* () {
          log.push(yield* attemptAwait(sleep(5)));
          yield* sleep(5);
        });
        log.push(yield* attemptAwait(block), loop.time(), currentTask()?.uncancel());
      });
      expect(log).toEqual(["CancelledError('earlier')", "TimeoutError()", 1, 0]);
    });

    test("leaves one that was thrown before the block alone", () => {
      const log = fullTrace(function* (log) {
        currentTask()?.cancel("earlier");
        log.push(yield* attemptAwait(sleep(5)));
        log.push(yield* attemptAwait(timeout(0).with(() => sleep(5))), currentTask()?.uncancel());
      });
      expect(log).toEqual(["CancelledError('earlier')", "TimeoutError()", 0]);
    });
  });

  test("of Infinity never expires", () => {
    const log = fullTrace(function* (log, loop) {
      log.push(yield* timeout(Infinity).with(() => sleep(1e9, "done")), loop.time());
    });
    expect(log).toEqual(["done", 1e9]);
  });
});

function* bodyOf(scope: Timeout, body: unknown): Coroutine<unknown> {
  return yield* scope.with(body as () => Coroutine<void>);
}

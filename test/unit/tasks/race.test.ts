import { describe, expect, test } from "vitest";
import { type Coroutine, createTask, currentTask, getRunningLoop, race, sleep, timeout } from "wasyncio";
import { giving, spin, throwing } from "../../support/coroutines.ts";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { type Trace, fullTrace, newLoop } from "../../support/stage.ts";

/** Works for some seconds, and takes half a second to end when it is stopped. */
function* work(log: Trace, name: string, seconds: number): Coroutine<string> {
  let isDone = false;
  try {
    yield* sleep(seconds);
    isDone = true;
    return name;
  } finally {
    if (!isDone) {
      yield* sleep(0.5);
      log.push(`${name} ends at ${getRunningLoop().time()}`);
    }
  }
}

function* failingCleanUp(): Coroutine<never> {
  try {
    yield* sleep(9);
  } finally {
    yield* throwing(new RangeError("clean-up"));
  }
  throw new Error("not reached");
}

describe("race", () => {
  test("gives the first result, when the others have been cancelled and have ended", () => {
    const log = fullTrace(function* (log, loop) {
      log.push(yield* race(work(log, "a", 3), work(log, "b", 1), work(log, "c", 2)), loop.time());
      log.push(currentTask()?.cancelling());
    });
    expect(log).toEqual(["a ends at 1.5", "c ends at 1.5", "b", 1.5, 0]);
  });

  test("throws the first error", () => {
    const log = fullTrace(function* (log, loop) {
      log.push(yield* attemptAwait(race(work(log, "a", 3), throwing(new RangeError("e")))), loop.time());
    });
    expect(log).toEqual(["a ends at 0.5", "RangeError('e')", 0.5]);
  });

  test("takes futures, tasks and promises, and the first argument of those that are done", () => {
    const log = fullTrace(function* (log, loop) {
      const [pending, first, second] = [0, 1, 2].map(() => loop.createFuture<string>());
      first?.setResult("first");
      second?.setResult("second");
      const never = new Promise<never>(() => {});
      log.push(yield* race(never, pending as never, first as never, second as never), pending?.cancelled());
      const task = createTask(sleep(1, "task"));
      log.push(yield* race(task, task, never), loop.time());
    });
    expect(log).toEqual(["first", true, "task", 1]);
  });

  test("starts nothing before it is awaited, and ends what never began", () => {
    const log = fullTrace(function* (log, loop) {
      const done = createTask(giving("done"));
      const before = loop.pendingTasks().length;
      const coroutine = race(done, work(log, "never begun", 1));
      log.push(loop.pendingTasks().length - before);
      yield* spin(2);
      log.push(yield* coroutine, loop.time());
    });
    expect(log).toEqual([0, "done", 0]);
  });

  test("with one racer is that one", () => {
    const log = fullTrace(function* (log) {
      log.push(yield* race(sleep(1, "alone")));
      log.push(yield* attemptAwait(race(throwing(new RangeError("e")))));
    });
    expect(log).toEqual(["alone", "RangeError('e')"]);
  });

  test("tells the exception handler what losers throw", () => {
    const log = fullTrace(function* (log) {
      log.push(yield* race(failingCleanUp(), sleep(1, "winner")));
    });
    expect(log).toEqual([["EH", "unhandled exception of a loser of race()", "RangeError('clean-up')"], "winner"]);
  });

  test("of two that end in one iteration takes the first, and tells of the other one's error", () => {
    const log = fullTrace(function* (log) {
      log.push(yield* race(sleep(1, "a"), sleep(1, "b")));
      log.push(yield* attemptAwait(race(throwing(new RangeError("a")), throwing(new RangeError("b")))));
    });
    const told = ["EH", "unhandled exception of a loser of race()", "RangeError('b')"];
    expect(log).toEqual(["a", told, "RangeError('a')"]);
  });

  test("counts the end of one that somebody cancels", () => {
    const log = fullTrace(function* (log, loop) {
      const task = createTask(sleep(9));
      loop.callLater(1, () => task.cancel("m"));
      log.push(yield* attemptAwait(race(task, work(log, "other", 2))), currentTask()?.cancelling());
    });
    expect(log).toEqual(["other ends at 1.5", "CancelledError('m')", 0]);
  });

  test("that is cancelled cancels all, and ends when they have", () => {
    const log = fullTrace(function* (log, loop) {
      const task = createTask(race(work(log, "a", 9), work(log, "b", 9), failingCleanUp()));
      yield* sleep(1);
      task.cancel("m");
      yield* sleep(0.2);
      task.cancel("again"); // changes nothing
      log.push(yield* attemptAwait(task), loop.time());
    });
    const told = ["EH", "unhandled exception of a loser of race()", "RangeError('clean-up')"];
    expect(log).toEqual(["a ends at 1.5", "b ends at 1.5", told, "CancelledError('m')", 1.5]);
  });

  test("is cancelled also while the losers end", () => {
    const log = fullTrace(function* (log, loop) {
      const block = timeout(1.2).with(() => race(work(log, "a", 9), sleep(1, "winner")));
      log.push(yield* attemptAwait(block), loop.time());
    });
    expect(log).toEqual(["a ends at 1.5", "TimeoutError()", 1.5]);
  });

  test("refuses nothing, and what cannot be awaited, at the call", () => {
    expect(attempt(() => race())).toBe("RangeError('Cannot race: there is nothing to wait for')");
    expect(attempt(() => race(5 as never))).toBe(
      "TypeError('A Future, a coroutine or an awaitable is required, got 5')",
    );
    const log = fullTrace(function* (log) {
      const other = newLoop();
      log.push(yield* attemptAwait(race(work(log, "never begun", 1), other.createFuture())));
      other.close();
    });
    expect(log).toEqual([
      "RangeError('The future belongs to a different loop than the one specified as the loop argument')",
    ]);
  });

  test("ends what it has started when the next task cannot be made", () => {
    const log = fullTrace(function* (log, loop) {
      let made = 0;
      loop.setTaskFactory((_, coro, options) => {
        if (made++ === 1) throw new RangeError("no more tasks");
        loop.setTaskFactory(null);
        const task = loop.createTask(coro, options);
        loop.setTaskFactory(() => {
          throw new RangeError("no more tasks");
        });
        return task;
      });
      const coroutine = race(work(log, "a", 9), work(log, "b", 9));
      log.push(yield* attemptAwait(coroutine), loop.pendingTasks().length);
      loop.setTaskFactory(null);
    });
    expect(log).toEqual(["RangeError('no more tasks')", 1]);
  });
});

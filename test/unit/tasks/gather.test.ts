import { describe, expect, test } from "vitest";
import {
  type Awaitable,
  EventLoop,
  ExceptionGroup,
  type GatherOptions,
  createTask,
  eagerTaskFactory,
  gather,
  sleep,
} from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { giving, nothing, spin, throwing } from "../../support/coroutines.ts";
import { iteration } from "../../support/counters.ts";
import { attempt, attemptAwait, describeError } from "../../support/outcomes.ts";
import { fullTrace } from "../../support/stage.ts";

describe("gather", () => {
  test("gives the result of a task that is passed twice at both places", () => {
    const log = fullTrace(function* (log) {
      const task = createTask(giving("t"));
      log.push(yield* gather(task, sleep(1, "s"), task));
    });
    expect(log).toEqual([["t", "s", "t"]]);
  });

  test("of an empty list is done at once", () => {
    const log = fullTrace(function* (log) {
      const empty = gather([]);
      log.push(empty.done(), yield* empty);
    });
    expect(log).toEqual([true, []]);
  });

  test("with returnExceptions forgets the message with which a task was cancelled", () => {
    const log = fullTrace(function* (log, loop) {
      const task = createTask(spin(5));
      loop.callSoon(() => task.cancel("m"));
      const [error] = yield* gather([task], { returnExceptions: true });
      log.push(describeError(error));
    });
    expect(log).toEqual(["CancelledError()"]);
  });

  test("with returnExceptions keeps the message with which a plain future was cancelled", () => {
    const log = fullTrace(function* (log, loop) {
      const future = loop.createFuture();
      future.cancel("m");
      const [error] = yield* gather([future], { returnExceptions: true });
      log.push(describeError(error), error === (yield* gather([future], { returnExceptions: true }))[0]);
    });
    expect(log).toEqual(["CancelledError('m')", false]);
  });

  test("with returnExceptions gives what was thrown as it is, an error or not", () => {
    const log = fullTrace(function* (log) {
      log.push(yield* gather([throwing("text"), throwing(undefined), giving("ok")], { returnExceptions: true }));
    });
    expect(log).toEqual([["text", undefined, "ok"]]);
  });

  test("that was cancelled has failed, and does not count as cancelled", () => {
    const log = fullTrace(function* (log) {
      const gathered = gather([spin(9), spin(9)], { returnExceptions: true });
      yield* sleep(0);
      gathered.cancel();
      log.push(yield* attemptAwait(gathered), gathered.cancelled());
    });
    expect(log).toEqual(["CancelledError()", false]);
  });

  test("takes the CancelledError of its last argument, not of the child that ended last", () => {
    const log = fullTrace(function* (log, loop) {
      function* swallow() {
        try {
          yield* loop.createFuture();
        } catch {
          return;
        }
      }
      function* slow() {
        try {
          yield* loop.createFuture();
        } finally {
          yield* sleep(1);
        }
      }
      for (const order of [
        [slow(), swallow()],
        [swallow(), slow()],
      ]) {
        const gathered = gather(order, { returnExceptions: true });
        yield* sleep(0);
        gathered.cancel("m");
        log.push(yield* attemptAwait(gathered));
      }
    });
    expect(log).toEqual(["CancelledError()", "CancelledError('m')"]);
  });

  test("refuses what cannot be awaited, and futures of another loop; coroutines before it run on", () => {
    const log = fullTrace(function* (log) {
      const other = new VirtualEventLoop();
      const foreign = other.createFuture();
      let ran = 0;
      function* count() {
        ran++;
      }
      for (const bad of [5, "text", null, undefined, {}, () => nothing()]) {
        log.push(attempt(() => gather(count(), bad as Awaitable<void>)));
      }
      log.push(attempt(() => gather(foreign)));
      log.push(attempt(() => gather([count()], 5 as unknown as GatherOptions)));
      log.push(attempt(() => gather([count()], count() as unknown as GatherOptions)));
      yield* spin(2);
      log.push(ran);
      other.close();
    });
    const required = "A Future, a coroutine or an awaitable is required";
    expect(log).toEqual([
      `TypeError('${required}, got 5')`,
      `TypeError('${required}, got 'text'')`,
      `TypeError('${required}, got null')`,
      `TypeError('${required}, got undefined')`,
      `TypeError('${required}, got [object Object]')`,
      `TypeError('${required}, got <function (anonymous)>')`,
      "RangeError('The future belongs to a different loop than the one specified as the loop argument')",
      "TypeError('Cannot gather: expected options behind the list, got 5')",
      "TypeError('Cannot gather: expected options behind the list, got [object Generator]')",
      6,
    ]);
  });

  test("says where options go, before any child has begun", () => {
    const log = fullTrace(function* (log, loop) {
      const misplaced = [giving(1), giving(2), { returnExceptions: true }] as unknown as Awaitable<number>[];
      log.push(
        attempt(() => gather(...misplaced)),
        loop.pendingTasks().length,
      );
    });
    expect(log).toEqual([
      "TypeError('Cannot gather: options go behind a list, as in gather([a(), b()], { returnExceptions: true })')",
      1,
    ]);
  });

  test("is done at the call when every child finished eagerly", () => {
    const log = fullTrace(
      function* (log, loop) {
        const start = iteration(loop);
        const gathered = gather(giving(1), giving(2));
        log.push(gathered.done(), yield* gathered, iteration(loop) - start);
        const failed = gather(giving(1), throwing(new RangeError("e")), giving(2));
        log.push(failed.done(), yield* attemptAwait(failed));
      },
      { taskFactory: eagerTaskFactory },
    );
    expect(log).toEqual([true, [1, 2], 0, true, "RangeError('e')"]);
  });

  test("outside a loop takes the loop of its futures", () => {
    const loop = new VirtualEventLoop();
    const task = loop.createTask(sleep(1, "t"));
    const gathered = gather(task, loop.createTask(giving("u")));
    expect(gathered.getLoop()).toBe(loop);
    expect(loop.runUntilCompleteSync(gathered)).toEqual(["t", "u"]);
    expect(attempt(() => gather(nothing()))).toBe("RuntimeError('There is no current event loop')");
  });

  test("reports the error of a gather that nobody awaits, once", () => {
    const log = fullTrace(function* () {
      gather(throwing(new RangeError("lost")), throwing(new RangeError("second")));
      yield* spin(4);
    });
    expect(log).toEqual([["EH", "_GatheringFuture exception was never retrieved", "RangeError('lost')"]]);
  });

  test("takes a thousand children and gives the error of a group as it is", () => {
    const log = fullTrace(function* (log) {
      const all = yield* gather(Array.from({ length: 1000 }, (_, index) => sleep(1000 - index, index)));
      log.push(all.every((value, index) => value === index));
      log.push(yield* attemptAwait(gather(throwing(new ExceptionGroup("g", [new Error("a"), new RangeError("b")])))));
    });
    expect(log).toEqual([true, "ExceptionGroup('g', [Error('a'), RangeError('b')])"]);
  });

  test("takes promises, and their late rejections are silent", async () => {
    const loop = new EventLoop();
    const reports: unknown[] = [];
    loop.setExceptionHandler((_, context) => reports.push(context));
    const { promise, reject } = withResolvers();
    function* main() {
      const results = yield* gather([Promise.resolve(1), Promise.reject(new Error("p"))], { returnExceptions: true });
      const failed = yield* attemptAwait(gather(Promise.reject(new RangeError("first")), promise));
      return [results, failed];
    }
    expect(await loop.runUntilComplete(main())).toEqual([[1, new Error("p")], "RangeError('first')"]);
    reject(new Error("late"));
    await loop.runUntilComplete(spin(3));
    loop.close();
    expect(reports).toEqual([]);
  });
});

function withResolvers(): { promise: Promise<never>; reject: (error: unknown) => void } {
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<never>((_, throwing) => (reject = throwing));
  return { promise, reject };
}

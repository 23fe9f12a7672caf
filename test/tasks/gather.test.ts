import { describe, expect, test } from "vitest";
import {
  type Awaitable,
  type Coroutine,
  EventLoop,
  ExceptionGroup,
  type GatherOptions,
  Task,
  allTasks,
  createTask,
  eagerTaskFactory,
  gather,
  sleep,
} from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import {
  attempt,
  attemptAwait,
  describeError,
  fail,
  give,
  iteration,
  nothing,
  runProgram,
  spin,
} from "../support/virtual-programs.ts";

function* failLater(delay: number, error: Error): Coroutine<never> {
  yield* sleep(delay);
  throw error;
}

describe("gather", () => {
  test("makes tasks of coroutines in argument order at the call, and returns a future that is no task (GATHER-01)", () => {
    const log = runProgram(function* (log) {
      const before = allTasks();
      const gathered = gather(spin(1), spin(2));
      const made = [...allTasks()].filter((task) => !before.has(task));
      log.push(gathered instanceof Task, made.length, gathered.done());
      yield* gathered;
      log.push(made.map((task) => task.done()));
    });
    expect(log).toEqual([false, 2, false, [true, true]]);
  });

  test("gives results in argument order, whatever the order of completion (GATHER-02)", () => {
    const log = runProgram(function* (log) {
      log.push(yield* gather(sleep(2, "slow"), sleep(1, "fast")));
      log.push(yield* gather([sleep(2, "slow"), sleep(1, "fast")]));
    });
    expect(log).toEqual([
      ["slow", "fast"],
      ["slow", "fast"],
    ]);
  });

  test("runs what is passed twice once, and gives its result at both places (GATHER-03)", () => {
    const log = runProgram(function* (log) {
      let runs = 0;
      function* work() {
        runs++;
        return "r";
      }
      const coroutine = work();
      log.push(yield* gather(coroutine, coroutine), runs);
      const task = createTask(give("t"));
      log.push(yield* gather(task, sleep(1, "s"), task));
    });
    expect(log).toEqual([["r", "r"], 1, ["t", "s", "t"]]);
  });

  test("of nothing is done at once, and needs a loop (GATHER-04)", () => {
    const log = runProgram(function* (log) {
      const [none, empty] = [gather(), gather([])];
      log.push(none.done(), yield* none, empty.done(), yield* empty);
    });
    expect(log).toEqual([true, [], true, []]);
    expect(attempt(() => gather())).toBe("RuntimeError('There is no current event loop')");
  });

  test("is done one iteration after its last child, and wakes its task in the one after that (GATHER-05)", () => {
    const log = runProgram(function* (log, loop) {
      function* child() {
        log.push(["child", iteration(loop)]);
      }
      const task = createTask(child());
      task.addDoneCallback(() => log.push(["callback", iteration(loop)]));
      yield* gather(task);
      log.push(["woke", iteration(loop)]);
    });
    expect(log).toEqual([
      ["child", 2],
      ["callback", 3],
      ["woke", 4],
    ]);
  });

  test("of nothing but done futures is done at the call (GATHER-06)", () => {
    const log = runProgram(function* (log, loop) {
      const [a, b] = [loop.createFuture<number>(), loop.createFuture<number>()];
      a.setResult(1);
      b.setResult(2);
      const gathered = gather(a, b);
      log.push(gathered.done(), yield* gathered);
    });
    expect(log).toEqual([true, [1, 2]]);
  });

  test("fails with the first failure; the others run on, and their errors count as looked at (GATHER-07)", () => {
    const log = runProgram(function* (log) {
      function* sibling() {
        yield* sleep(2);
        log.push("sibling finished");
      }
      const a = createTask(failLater(1, new RangeError("first")));
      const b = createTask(sibling());
      const c = createTask(failLater(1.5, new TypeError("second")));
      log.push(yield* attemptAwait(gather(a, b, c)));
      log.push([b.done(), c.done()]);
      yield* b;
    });
    expect(log).toEqual(["RangeError('first')", [false, false], "sibling finished"]);
  });

  test("with returnExceptions puts errors into the list, a new CancelledError for a cancelled child (GATHER-08)", () => {
    const log = runProgram(function* (log, loop) {
      const task = createTask(spin(5));
      loop.callSoon(() => task.cancel("m"));
      const all = yield* gather([give(1), fail(new RangeError("v")), task], { returnExceptions: true });
      log.push(all.map((value) => (value instanceof Error ? describeError(value) : value)));
    });
    expect(log).toEqual([[1, "RangeError('v')", "CancelledError()"]]);
  });

  test("with returnExceptions keeps the message with which a plain future was cancelled", () => {
    const log = runProgram(function* (log, loop) {
      const future = loop.createFuture();
      future.cancel("m");
      const [error] = yield* gather([future], { returnExceptions: true });
      log.push(describeError(error), error === (yield* gather([future], { returnExceptions: true }))[0]);
    });
    expect(log).toEqual(["CancelledError('m')", false]);
  });

  test("with returnExceptions gives what was thrown as it is, an error or not", () => {
    const log = runProgram(function* (log) {
      log.push(yield* gather([fail("text"), fail(undefined), give("ok")], { returnExceptions: true }));
    });
    expect(log).toEqual([["text", undefined, "ok"]]);
  });

  test("fails with the CancelledError of a child that was cancelled, but is not cancelled itself (GATHER-09)", () => {
    const log = runProgram(function* (log, loop) {
      const task = createTask(spin(5));
      const gathered = gather(task, spin(9));
      loop.callSoon(() => task.cancel());
      log.push(
        yield* attemptAwait(gathered),
        gathered.cancelled(),
        gathered.done(),
        describeError(gathered.exception()),
      );
    });
    expect(log).toEqual(["CancelledError()", false, true, "CancelledError()"]);
  });

  test("passes a cancel on to every child that is not done, and is not done at once (GATHER-10)", () => {
    const log = runProgram(function* (log) {
      const [a, b] = [createTask(spin(9)), createTask(spin(9))];
      const gathered = gather(a, b);
      yield* sleep(0);
      log.push(gathered.cancel(), gathered.done());
      log.push(yield* attemptAwait(gathered));
      yield* spin(2);
      log.push([a.cancelled(), b.cancelled()]);
    });
    expect(log).toEqual([true, false, "CancelledError()", [true, true]]);
  });

  test("with returnExceptions throws CancelledError when it was cancelled itself, not a list (GATHER-11)", () => {
    const log = runProgram(function* (log) {
      const gathered = gather([spin(9), spin(9)], { returnExceptions: true });
      yield* sleep(0);
      gathered.cancel();
      log.push(yield* attemptAwait(gathered), gathered.cancelled());
    });
    expect(log).toEqual(["CancelledError()", false]);
  });

  test("throws CancelledError after a cancel that every child swallowed (GATHER-12)", () => {
    const log = runProgram(function* (log, loop) {
      function* swallow(value: string) {
        try {
          yield* loop.createFuture();
        } catch {
          return value;
        }
        return "not cancelled";
      }
      const [a, b] = [createTask(swallow("s1")), createTask(swallow("s2"))];
      const gathered = gather(a, b);
      yield* sleep(0);
      gathered.cancel();
      log.push(yield* attemptAwait(gathered), [a.result(), b.result()]);
    });
    expect(log).toEqual(["CancelledError()", ["s1", "s2"]]);
  });

  test("takes the CancelledError of its last argument, not of the child that ended last", () => {
    const log = runProgram(function* (log, loop) {
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

  test("is cancelled with the task that awaits it, message and all (GATHER-13)", () => {
    const log = runProgram(function* (log, loop) {
      function* child() {
        try {
          yield* loop.createFuture();
        } catch (error) {
          log.push(describeError(error));
          throw error;
        }
      }
      function* parent() {
        yield* gather(child());
      }
      const task = createTask(parent());
      yield* spin(2);
      task.cancel("m");
      log.push(yield* attemptAwait(task));
    });
    expect(log).toEqual(["CancelledError('m')", "CancelledError('m')"]);
  });

  test("cannot be cancelled once it is done, and then leaves children alone (GATHER-14)", () => {
    const log = runProgram(function* (log) {
      const task = createTask(spin(9));
      const gathered = gather(fail(new RangeError()), task);
      yield* attemptAwait(gathered);
      log.push(gathered.cancel(), task.done());
      yield* task;
      log.push(task.cancelled());
    });
    expect(log).toEqual([false, false, false]);
  });

  test("refuses what cannot be awaited, and futures of another loop; coroutines before it run on (GATHER-15)", () => {
    const log = runProgram(function* (log) {
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

  test("that was cancelled is done at the first child that ends cancelled (GATHER-17)", () => {
    const log = runProgram(function* (log, loop) {
      function* slow() {
        try {
          yield* loop.createFuture();
        } finally {
          yield* sleep(1);
        }
      }
      const a = createTask(sleep(99));
      const b = createTask(slow());
      const gathered = gather(a, b);
      yield* sleep(0);
      gathered.cancel();
      log.push(yield* attemptAwait(gathered), a.done(), b.done());
      yield* attemptAwait(b);
    });
    expect(log).toEqual(["CancelledError()", true, false]);
  });

  test("with a future that failed already fails at the call, and the coroutines beside it run (GATHER-18)", () => {
    const log = runProgram(function* (log, loop) {
      const failed = loop.createFuture();
      failed.setException(new RangeError("x"));
      function* other() {
        log.push("other ran");
      }
      const gathered = gather(failed, other());
      log.push(gathered.done(), yield* attemptAwait(gathered));
      yield* spin(2);
    });
    expect(log).toEqual([true, "RangeError('x')", "other ran"]);
  });

  test("is done at the call when every child finished eagerly", () => {
    const log = runProgram(
      function* (log, loop) {
        const start = iteration(loop);
        const gathered = gather(give(1), give(2));
        log.push(gathered.done(), yield* gathered, iteration(loop) - start);
        const failed = gather(give(1), fail(new RangeError("e")), give(2));
        log.push(failed.done(), yield* attemptAwait(failed));
      },
      { taskFactory: eagerTaskFactory },
    );
    expect(log).toEqual([true, [1, 2], 0, true, "RangeError('e')"]);
  });

  test("outside a loop takes the loop of its futures", () => {
    const loop = new VirtualEventLoop();
    const task = loop.createTask(sleep(1, "t"));
    const gathered = gather(task, loop.createTask(give("u")));
    expect(gathered.getLoop()).toBe(loop);
    expect(loop.runUntilCompleteSync(gathered)).toEqual(["t", "u"]);
    expect(attempt(() => gather(nothing()))).toBe("RuntimeError('There is no current event loop')");
  });

  test("reports the error of a gather that nobody awaits, once", () => {
    const log = runProgram(function* () {
      gather(fail(new RangeError("lost")), fail(new RangeError("second")));
      yield* spin(4);
    });
    expect(log).toEqual([["reported", "GatheringFuture exception was never retrieved", "RangeError('lost')"]]);
  });

  test("takes a thousand children and gives the error of a group as it is", () => {
    const log = runProgram(function* (log) {
      const all = yield* gather(Array.from({ length: 1000 }, (_, index) => sleep(1000 - index, index)));
      log.push(all.every((value, index) => value === index));
      log.push(yield* attemptAwait(gather(fail(new ExceptionGroup("g", [new Error("a"), new RangeError("b")])))));
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
  const promise = new Promise<never>((_, fail) => (reject = fail));
  return { promise, reject };
}
